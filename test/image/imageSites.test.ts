import { describe, expect, it } from 'vitest';
import { memoryByteSource } from '../../server/src/image/byteSource.ts';
import { cpucapNames } from '../../server/src/image/cpucapNames.ts';
import { economics } from '../../server/src/image/economics.ts';
import { symbolic } from '../../server/src/image/imagePlace.ts';
import { type ImageSites, readSites } from '../../server/src/image/imageSites.ts';
import { imageSummary } from '../../server/src/image/imageSummary.ts';
import { type KernelImage, openImage } from '../../server/src/image/kernelImage.ts';
import { buildElf, wordBytes } from '../support/elfBuilder.ts';
import { alternativeRecord, joined, smallKernel, smallObject } from '../support/smallImages.ts';

async function sitesOf(bytes: Uint8Array): Promise<{ image: KernelImage; sites: ImageSites }> {
  const { value } = await openImage(memoryByteSource('demo', bytes));
  return { image: value!, sites: await readSites(value!) };
}

/** Sites as lines. */
function listed({ image, sites }: { image: KernelImage; sites: ImageSites }): string {
  const at = (address: bigint): string => symbolic(image, address);
  const lines: string[] = [];
  for (const one of sites.alternatives) {
    const what = one.isCallback ? `callback ${one.callback}` : `replacement ${at(one.replacement)}`;
    lines.push(`alternative ${at(one.original)} ${one.originalBytes} bytes, cpucap ${one.cpucap}, ${what}`);
  }
  for (const { code, target, key, branch } of sites.jumps) {
    const known = sites.keys.get(key);
    lines.push(`jump ${at(code)} to ${at(target)}, key ${known?.name} (${known?.initial}), branch ${branch}`);
  }
  for (const { entry, patch } of sites.ftrace?.sites ?? []) {
    lines.push(`ftrace ${at(entry)}, patched at ${at(patch)}, ${sites.ftrace?.layout}`);
  }
  for (const { name, targetName } of sites.staticCalls) lines.push(`static call ${name} to ${targetName}`);
  for (const { message } of sites.issues) lines.push(message);
  return lines.join('\n');
}

describe('tables of a kernel', () => {
  it('are read with names', async () => {
    expect(listed(await sitesOf(smallKernel()))).toMatchInlineSnapshot(`
      "alternative demo+0x8 4 bytes, cpucap 51, replacement .text+0x28
      alternative demo+0xc 4 bytes, cpucap 37, callback alt_cb_patch_nops
      jump demo+0x10 to demo+0x1c, key key_on (true), branch 1
      jump demo+0x18 to demo+0x14, key key_off (false), branch 0
      ftrace demo, patched at demo+0x4, call-ops
      static call demo_call to demo"
    `);
  });

  it('name their cpucaps without a source tree', async () => {
    const { image, sites } = await sitesOf(smallKernel());
    const names = cpucapNames(image, sites);
    expect([names.name(51), names.evidence(51), names.scope(51)]).toEqual(['HAS_VIRT_HOST_EXTN', 'image', 'boot']);
    expect([names.name(37), names.number('ARM64_HAS_VIRT_HOST_EXTN'), names.number('HAS_SB')]).toEqual([
      null,
      51,
      null,
    ]);
    expect(imageSummary(image, sites, names)).toMatchObject({
      alternatives: {
        entries: 2,
        byCpucap: { HAS_VIRT_HOST_EXTN: 1, 37: 1 },
        callbacks: { alt_cb_patch_nops: 1 },
        bytes: { entries: 24, replacements: 4, originals: 8 },
      },
      jumps: { entries: 2, keys: 2, bytes: 32, byKey: { key_on: 1, key_off: 1 } },
      ftrace: { sites: 1, skipped: 1 },
      noinstr: { start: '0xffff80008001002c', end: '0xffff800080010038', functions: 2 },
    });
  });

  it('have a price', async () => {
    const { image, sites } = await sitesOf(smallKernel());
    const { mechanisms, nopCallback } = economics(image, sites, cpucapNames(image, sites));
    const rows = mechanisms.map(({ name, count, file, afterInit }) => `${name}: ${count}, ${file} -> ${afterInit}`);
    expect(rows.slice(0, 4)).toEqual([
      'alternatives: records: 2, 24 -> 0',
      'alternatives: replacements: 1, 4 -> 4',
      'static keys: jump entries: 2, 32 -> 32',
      // The key that is off lies in .bss.
      'static keys: keys: 2, 16 -> 32',
    ]);
    expect(nopCallback.used).toEqual({ records: 1, savedBytes: 4 });
  });
});

describe('tables of an object', () => {
  it('are read through their relocations, the branch bit out of the addend', async () => {
    expect(listed(await sitesOf(smallObject()))).toMatchInlineSnapshot(`
      "alternative first 4 bytes, cpucap 5, replacement .text+0x10
      jump first+0x8 to first+0xc, key .bss+0x10 (false), branch 1
      jump second to second+0x4, key __tracepoint_demo+0x8 (null), branch 0"
    `);
  });
});

it('code that the assembler does not mark as such is code all the same', async () => {
  // .idmap.text of a kernel object has no flag for it.
  const bytes = buildElf({
    type: 1,
    sections: [
      { name: '.idmap.text', flags: 2, bytes: wordBytes([0xd503201f, 0xd503201f]) },
      { name: '.altinstructions', flags: 2, bytes: new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, 50, 0, 4, 4]) },
    ],
    symbols: [{ name: '.idmap.text', value: 0n, section: '.idmap.text', type: 'section', binding: 'local' }],
    relocations: {
      '.altinstructions': [
        { offset: 0n, type: 261, symbol: '.idmap.text' },
        { offset: 4n, type: 261, symbol: '.idmap.text', addend: 4n },
      ],
    },
  });
  expect(listed(await sitesOf(bytes))).toBe('alternative .idmap.text 4 bytes, cpucap 50, replacement .idmap.text+0x4');
});

it('a kernel without its tables is told', async () => {
  const code = { name: '.head.text', flags: 6, address: 0x1000n, bytes: wordBytes([0xd65f03c0]) };
  const { sites } = await sitesOf(buildElf({ type: 3, sections: [code], symbols: [] }));
  expect(sites.issues.map(({ message }) => message).sort()).toEqual([
    'demo: no .altinstructions, and no __alt_instructions: every arm64 kernel has them; were sections removed?',
    'demo: no __start___jump_table: built without CONFIG_JUMP_LABEL, or without its symbols',
  ]);
});

describe('records that cannot be', () => {
  const table = 0xffff_8000_8002_0000n;
  const text = 0xffff_8000_8001_0000n;
  const problems = async (...records: readonly Uint8Array[]): Promise<string> =>
    (await sitesOf(smallKernel({ alternatives: joined(...records) }))).sites.issues
      .map((one) => one.message)
      .join('\n');

  it.each([
    [
      'lengths that differ',
      [text + 0x10n, text + 0x28n, 51, [4, 8]],
      /record 0 at 0x\w+: original of 4 and replacement of 8 bytes/,
    ],
    ['half an instruction', [text + 0x10n, text + 0x28n, 51, [6, 6]], /are no whole number of instructions/],
    ['an original in data', [table, text + 0x28n, 51, [4, 4]], /the original at 0xffff800080020000 is not code/],
    [
      'a replacement outside',
      [text + 0x10n, 0xffff_8000_a000_0000n, 51, [4, 4]],
      /the replacement at 0x\w+ is not code/,
    ],
    [
      'a callback with a length',
      [text + 0x10n, text + 0x2cn, 0x8001, [4, 4]],
      /a callback alternative with a replacement/,
    ],
  ] as const)('%s', async (_name, [original, replacement, cpucap, lengths], message) => {
    expect(await problems(alternativeRecord(table, original, replacement, cpucap, lengths))).toMatch(message);
  });

  it('two for the same code', async () => {
    const record = (at: bigint): Uint8Array => alternativeRecord(at, text + 0x10n, text + 0x28n, 51, [4, 4]);
    expect(await problems(record(table), record(table + 12n))).toMatch(
      /records 0 and 1 patch the same code at demo\+0x8/,
    );
  });

  it('half a record at the end', async () => {
    const record = alternativeRecord(table, text + 0x10n, text + 0x28n, 51, [4, 4]);
    expect(await problems(record, new Uint8Array(5))).toMatch(/0x11 bytes are no whole number of entries of 12/);
  });
});
