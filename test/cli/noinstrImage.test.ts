import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { buildElf, wordBytes } from '../support/elfBuilder.ts';
import { patchpoint } from '../support/runCli.ts';
import { smallKernel } from '../support/smallImages.ts';

const folder = mkdtempSync(join(tmpdir(), 'patchpoint-noinstr-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

const ret = 0xd65f03c0;
const object = file(
  'demo.o',
  buildElf({
    type: 1,
    sections: [
      { name: '.text', flags: 6, bytes: wordBytes([ret]) },
      { name: '.noinstr.text', flags: 6, bytes: wordBytes([0x94000000, 0xd63f0020, 0x94000000, ret]) },
    ],
    symbols: [
      { name: '.text', value: 0n, section: '.text', type: 'section', binding: 'local' },
      { name: 'guarded', value: 0n, size: 16, section: '.noinstr.text', type: 'func' },
      { name: 'guarded.part.0', value: 0n, size: 4, section: '.text', type: 'func', binding: 'local' },
      { name: 'elsewhere', value: 0n },
    ],
    relocations: {
      '.noinstr.text': [
        { offset: 0n, type: 283, symbol: '.text' },
        { offset: 8n, type: 283, symbol: 'elsewhere' },
      ],
    },
  }),
);

describe('patchpoint noinstr on a file without its source', () => {
  it('lists what leaves, with what may instrument it, and claims nothing', async () => {
    const { status, out, err } = await patchpoint(['noinstr', object]);
    expect(out).toMatchInlineSnapshot(`
      "unverified (3)
        guarded
            bl   guarded.part.0  no-source    kprobes  .noinstr.text+0x0
            blr  a pointer       no-source             .noinstr.text+0x4
            bl   elsewhere       no-source             .noinstr.text+0x8

      3 transfers out of 1 noinstr function: 0 violations, 3 unverified, 0 allowed
        3  no-source  no source, or no line, was found for the place; nothing is claimed
      "
    `);
    expect(status).toBe(0);
    expect(err.replaceAll(folder, '')).toMatchInlineSnapshot(`
      "patchpoint: no kernel tree, so there are no verdicts; name the one it was built from with --kernel DIR
      patchpoint: /demo.o: guarded.part.0: a part of a noinstr function that is not in noinstr text
      "
    `);
  });

  it('lists keys and callbacks of a kernel', async () => {
    const vmlinux = file('vmlinux', smallKernel());
    expect((await patchpoint(['noinstr', vmlinux, '--list', 'callbacks'])).out).toMatchInlineSnapshot(`
      "callbacks of alternatives (1)
        1  alt_cb_patch_nops  noinstr
      "
    `);
    expect((await patchpoint(['noinstr', vmlinux, '--list', 'callbacks', '--format', 'jsonl'])).out).toBe(
      '{"name":"alt_cb_patch_nops","placed":"noinstr","uses":1}\n',
    );
    expect((await patchpoint(['noinstr', vmlinux, '--list', 'keys', '--format', 'json'])).out).toBe('[]\n');
  });

  it('has a record for each transfer', async () => {
    const { out } = await patchpoint(['noinstr', object, '--format', 'jsonl']);
    const records = out
      .trim()
      .split('\n')
      .map((line): Record<string, unknown> => JSON.parse(line));
    expect(records.map(({ from, to, via, state, verdict, reason }) => [from, to, via, state, verdict, reason])).toEqual(
      [
        ['guarded', 'guarded.part.0', 'bl', 'always', 'unverified', 'no-source'],
        ['guarded', null, 'blr', 'always', 'unverified', 'no-source'],
        ['guarded', 'elsewhere', 'bl', 'always', 'unverified', 'no-source'],
      ],
    );
  });

  it('fails where nothing can be said', async () => {
    const stripped = file('stripped', smallKernel({ noSymbols: true }));
    expect((await patchpoint(['noinstr', stripped])).status).toBe(2);
    expect((await patchpoint(['noinstr', file('cut', smallKernel().slice(0, 200))])).status).toBe(2);
    expect((await patchpoint(['noinstr', file('empty', '')])).status).toBe(2);
    expect((await patchpoint(['noinstr', join(folder, 'absent')])).status).toBe(2);
    expect((await patchpoint(['noinstr', object, '--system-map', join(folder, 'absent')])).status).toBe(2);
  });
});
