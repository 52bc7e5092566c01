import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { memoryByteSource } from '../../server/src/image/byteSource.ts';
import { symbolic } from '../../server/src/image/imagePlace.ts';
import { type KernelImage, openImage } from '../../server/src/image/kernelImage.ts';
import { buildElf, wordBytes } from '../support/elfBuilder.ts';
import { smallKernel, smallObject } from '../support/smallImages.ts';

async function opened(bytes: Uint8Array, systemMap?: string): Promise<KernelImage> {
  const { value, issues } = await openImage(memoryByteSource('demo', bytes), { systemMap });
  expect(issues).toEqual([]);
  return value!;
}

async function problems(bytes: Uint8Array, systemMap?: string): Promise<string> {
  const { issues } = await openImage(memoryByteSource('demo', bytes), { systemMap });
  return issues.map(({ message }) => message).join('\n');
}

/** The small kernel with a byte changed. */
function changed(offset: number, ...values: readonly number[]): Uint8Array {
  const bytes = smallKernel();
  bytes.set(values, offset);
  return bytes;
}

describe('a linked kernel', () => {
  it('says what it is', async () => {
    const image = await opened(smallKernel());
    expect(image.kind).toBe('vmlinux');
    expect(image.facts).toMatchObject({ release: '6.12.0-demo', compiler: 'gcc 12.2.0', config: null, buildId: null });
  });

  it('has its relocations applied in data', async () => {
    const image = await opened(smallKernel());
    const table = image.symbols.addressOf('__start_mcount_loc')!;
    expect(image.pointer(table)).toBe(0n);
    expect(image.pointer(table + 8n)).toBe(image.symbols.addressOf('_text'));
    // Type 0 is no relocation.
    expect(image.facts.banner).toMatch(/^Linux version/);
  });

  it('names places', async () => {
    const image = await opened(smallKernel());
    const demo = image.symbols.addressOf('demo')!;
    expect(symbolic(image, demo)).toBe('demo');
    expect(symbolic(image, demo + 4n)).toBe('demo+0x4');
    expect(image.symbols.functionAt(demo + 0x1cn)?.name).toBe('demo');
    // The replacement after the function is no part of it.
    expect(image.symbols.functionAt(demo + 0x20n)).toBeNull();
    expect(image.symbols.at(image.symbols.addressOf('alt_cb_patch_nops')!)[0]?.name).toBe('alt_cb_patch_nops');
    expect(image.symbols.addressOf('nothing')).toBeNull();
  });

  it('reads zeros from .bss and nothing from outside', async () => {
    const image = await opened(smallKernel());
    const key = image.symbols.addressOf('key_off')!;
    expect(image.s32(key)).toBe(0);
    expect(image.word(0n)).toBeNull();
    expect(image.word(key + 0x10_0000n)).toBeNull();
    expect(image.bytes(key, 1 << 30)).toBeNull();
  });

  it('takes its symbols from a System.map when it was stripped', async () => {
    const map = 'ffff800080010000 T _text\nffff800080010008 T demo\nffff800080060010 b key_off\n';
    const image = await opened(smallKernel({ noSymbols: true }), map);
    expect([image.kind, symbolic(image, 0xffff_8000_8001_000cn)]).toEqual(['vmlinux', 'demo+0x4']);
  });

  it('is the same out of a gzip file', async () => {
    const image = await opened(new Uint8Array(gzipSync(smallKernel())));
    expect(image.symbols.addressOf('demo')).toBe(0xffff_8000_8001_0008n);
  });
});

describe('an object', () => {
  it('keeps code as it is and knows what the linker will put in', async () => {
    const image = await opened(smallObject());
    expect(image.kind).toBe('object');
    const code = image.section('.text')!;
    expect([...image.words(code)].slice(0, 2)).toEqual([0xd503201f, 0x94000000]);
    expect(image.relocationAt(code.address + 4n)).toMatchObject({ type: 283, symbol: 'printk', addend: 0n });
    const jump = image.relocationAt(code.address + 16n)!;
    expect(jump.symbol).toBe('.noinstr.text');
    expect(symbolic(image, jump.target)).toBe('second+0x4');
    expect(image.relocationAt(code.address)).toBeNull();
  });
});

describe('a raw Image', () => {
  const base = 0xffff_8000_8000_0000n;
  const bytes = new Uint8Array(0x3000);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(16, 0x4000n, true);
  view.setUint32(56, 0x644d5241, true);
  bytes.set(wordBytes([0xd65f03c0]), 0x1000);
  view.setBigUint64(0x2800, base + 0x2000n, true);
  view.setUint32(0x2808, 1027, true);
  view.setBigUint64(0x2810, base + 0x1000n, true);
  const map = [
    'ffff800080000000 T _text',
    'ffff800080001000 T _stext',
    'ffff800080001000 T demo',
    'ffff800080002000 D _etext',
    'ffff800080002000 d pointer',
    'ffff800080002800 r __pi_rela_start',
    'ffff800080002818 r __pi_rela_end',
    'ffff800080004000 B _end',
    '0000000000000000 A absolute',
  ].join('\n');

  it('is cut into parts by its System.map', async () => {
    const image = await opened(bytes, map);
    expect(image.kind).toBe('raw-image');
    expect(image.sections.map(({ name, sizeBytes }) => `${name} ${sizeBytes.toString(16)}`)).toEqual([
      '.head.text 1000',
      '.text 1000',
      '.data 1000',
      '.bss 1000',
    ]);
    expect(image.word(image.symbols.addressOf('demo')!)).toBe(0xd65f03c0);
    expect(image.pointer(image.symbols.addressOf('pointer')!)).toBe(base + 0x1000n);
    expect(image.symbols.addressOf('absolute')).toBeNull();
  });

  it('has the trampoline, and the addresses behind it, as code', async () => {
    const lines = [
      'ffff800080002000 T __entry_tramp_text_start',
      'ffff800080002100 T __entry_tramp_text_end',
      'ffff800080002110 T __idmap_text_start',
      'ffff800080002200 T __idmap_text_end',
      'ffff800080002400 T idmap_pg_dir',
    ];
    const { sections } = await opened(bytes, `${map}\n${lines.join('\n')}`);
    const code = sections.filter(({ executable }) => executable);
    expect(code.map(({ name, address, sizeBytes }) => [name, address - base, sizeBytes])).toEqual([
      ['.head.text', 0n, 0x1000],
      ['.text', 0x1000n, 0x1000],
      ['.rodata.text', 0x2000n, 0x400],
    ]);
  });

  it('needs the map, and the right one', async () => {
    expect(await problems(bytes)).toBe('demo: a raw Image has no symbols; give its System.map as well');
    expect(await problems(bytes, 'ffffffffffffffff B The real System.map is in the package')).toContain('has no _text');
    expect(await problems(bytes, map.replace('ffff800080004000', 'ffff800080005000'))).toContain(
      'not of the same build',
    );
  });
});

describe('a file that cannot be read says what is wrong and where', () => {
  const cases: readonly (readonly [string, Uint8Array, RegExp])[] = [
    ['empty', new Uint8Array(0), /^demo: the file is empty$/],
    ['no ELF', new TextEncoder().encode('#!/bin/sh\nexit 0\n'), /does not begin with 7f 45 4c 46/],
    ['cut in the header', smallKernel().slice(0, 40), /truncated: an ELF header has 64 bytes, the file 40/],
    [
      'cut in the middle',
      smallKernel().slice(0, 900),
      /truncated: .* section headers at 0x\w+ end at 0x\w+, the file at 0x384/,
    ],
    ['32-bit', changed(4, 1), /32-bit ELF file/],
    ['big-endian', changed(5, 2), /big-endian file/],
    ['x86', changed(18, 62, 0), /made for x86-64, not for AArch64 \(e_machine 62 at offset 0x12/],
    ['a core dump', changed(16, 4), /a core dump/],
    ['no section headers', changed(40, 0, 0, 0, 0, 0, 0, 0, 0), /no section headers/],
    ['headers of another size', changed(58, 40), /section headers of 40 bytes/],
    ['section names that are none', changed(62, 1), /section 1 \(e_shstrndx\) should hold the section names/],
    ['stripped', smallKernel({ noSymbols: true }), /stripped: no symbol table/],
    ['xz', Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0), /unpack it first: xz -dk FILE/],
    ['zstd', Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd), /zstd -dk FILE/],
    ['an archive', new TextEncoder().encode('!<arch>\n'), /ar x FILE/],
    ['the boot image of a PC', new TextEncoder().encode(`MZ${' '.repeat(80)}`), /boot image of another architecture/],
    ['damaged gzip', Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2, 3), /damaged gzip data/],
  ];
  it.each(cases)('%s', async (_name, bytes, message) => {
    expect(await problems(bytes)).toMatch(message);
  });

  it('a huge number of sections', async () => {
    const bytes = smallKernel();
    const view = new DataView(bytes.buffer);
    view.setUint16(60, 0, true);
    // The count is then the size of section 0.
    const headers = Number(view.getBigUint64(40, true));
    view.setBigUint64(headers + 32, 0xffff_ffff_ffff_ffffn, true);
    expect(await problems(bytes)).toMatch(/section headers; more than 1000000 are not believed/);
  });

  it('sections that share bytes of the file', async () => {
    const code = { flags: 6, bytes: wordBytes([0]) };
    const bytes = buildElf({
      type: 3,
      sections: [
        { name: '.text', address: 0x1000n, ...code },
        { name: '.init.text', address: 0x2000n, ...code },
      ],
      symbols: [],
    });
    const view = new DataView(bytes.buffer);
    const headers = Number(view.getBigUint64(40, true));
    view.setBigUint64(headers + 2 * 64 + 24, view.getBigUint64(headers + 64 + 24, true), true);
    expect(await problems(bytes)).toMatch(
      /section 2 \(\.init\.text\) at 0x40 overlaps section 1 \(\.text\) in the file/,
    );
  });

  it('sections that overlap in memory, and one that is far away', async () => {
    const bytes = buildElf({
      type: 3,
      sections: [
        { name: '.text', flags: 6, address: 0x1000n, bytes: new Uint8Array(0x100) },
        { name: '.data', flags: 3, address: 0x1080n, bytes: new Uint8Array(0x100) },
        { name: '.bss', type: 8, flags: 3, address: 0x2000n, size: Number.MAX_SAFE_INTEGER },
      ],
      symbols: [],
    });
    const text = await problems(bytes);
    expect(text).toMatch(/section 2 \(\.data\) at 0x1080 overlaps section 1 \(\.text\); it is left out/);
    expect(text).toMatch(/section 3 \(\.bss\): 0x1f{13} bytes at 0x2000 lie more than 1 TB/);
  });

  it('a symbol table that takes its names from itself', async () => {
    const bytes = smallKernel();
    const view = new DataView(bytes.buffer);
    const headers = Number(view.getBigUint64(40, true));
    const count = view.getUint16(60, true);
    for (let index = 1; index < count; index++) {
      if (view.getUint32(headers + index * 64 + 4, true) === 2) view.setUint32(headers + index * 64 + 40, index, true);
    }
    expect(await problems(bytes)).toMatch(/takes its names from itself \(sh_link\), which is no string table/);
  });
});
