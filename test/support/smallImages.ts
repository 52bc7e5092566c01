import { type BuildRelocation, type BuildSymbol, buildElf, wordBytes } from './elfBuilder.ts';

const nop = 0xd503201f;
const text = 0xffff_8000_8001_0000n;
const altTable = 0xffff_8000_8002_0000n;
const jumpTable = 0xffff_8000_8003_0000n;
const data = 0xffff_8000_8004_0000n;
const mcount = 0xffff_8000_8005_0000n;
const bss = 0xffff_8000_8006_0000n;

/** `b` over a number of instructions. */
const b = (insns: number): number => (0x14000000 | (insns & 0x3ffffff)) >>> 0;

/**
 * Code of the small kernel. demo() is traced (CALL_OPS) and has: an alternative at 0x10, a callback alternative at
 * 0x14, a jump at 0x18. Its replacement follows at 0x28.
 */
const words = [
  nop, // 0x00 literal
  nop, // 0x04
  nop, // 0x08 demo
  nop, // 0x0c
  0xd538d080, // 0x10 mrs x0, tpidr_el1
  b(4), // 0x14 b 0x24
  nop, // 0x18
  0xd2800000, // 0x1c mov x0, #0
  nop, // 0x20
  0xd65f03c0, // 0x24 ret
  0xd53cd040, // 0x28 mrs x0, tpidr_el2
  nop, // 0x2c alt_cb_patch_nops
  0xd65f03c0, // 0x30
  0xd65f03c0, // 0x34 runs_at_el2
];

/** One `struct alt_instr` at `at`. */
export function alternativeRecord(
  at: bigint,
  original: bigint,
  replacement: bigint,
  cpucap: number,
  lengths: readonly [number, number],
): Uint8Array {
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, Number(original - at), true);
  view.setInt32(4, Number(replacement - (at + 4n)), true);
  view.setUint16(8, cpucap, true);
  bytes.set(lengths, 10);
  return bytes;
}

/** One `struct jump_entry` at `at`. */
export function jumpEntry(at: bigint, code: bigint, target: bigint, key: bigint, branch: 0 | 1): Uint8Array {
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  view.setInt32(0, Number(code - at), true);
  view.setInt32(4, Number(target - (at + 4n)), true);
  view.setBigInt64(8, key - (at + 8n) + BigInt(branch), true);
  return bytes;
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** A kernel of a few instructions that has one of everything; with its `.rela.dyn`. */
export function smallKernel(
  changes: { readonly alternatives?: Uint8Array; readonly noSymbols?: boolean } = {},
): Uint8Array {
  const alternatives =
    changes.alternatives ??
    joined(
      alternativeRecord(altTable, text + 0x10n, text + 0x28n, 51, [4, 4]),
      alternativeRecord(altTable + 12n, text + 0x14n, text + 0x2cn, 0x8000 | 37, [4, 0]),
    );
  const banner = 'Linux version 6.12.0-demo (me@here) (gcc 12.2.0) #1 SMP\n\0';
  const dataBytes = new Uint8Array(0x200);
  dataBytes.set(new TextEncoder().encode(banner), 0);
  dataBytes.set(new TextEncoder().encode('Virtualization Host Extensions\0'), 0x80);
  // A key that is on: { 1, pad, 1 }.
  dataBytes.set([1], 0x100);
  dataBytes.set([1], 0x108);
  // arm64_features: one entry of 64 bytes and the last one.
  dataBytes.set([51, 0, 4, 0], 0x148);
  const symbols: readonly BuildSymbol[] = [
    { name: '_text', value: text, section: '.text' },
    { name: '_stext', value: text, section: '.text' },
    { name: '_etext', value: text + 0x38n, section: '.text' },
    { name: '__noinstr_text_start', value: text + 0x2cn, section: '.text' },
    { name: '__noinstr_text_end', value: text + 0x38n, section: '.text' },
    { name: 'demo', value: text + 8n, size: 0x20, section: '.text', type: 'func' },
    { name: 'alt_cb_patch_nops', value: text + 0x2cn, size: 8, section: '.text', type: 'func' },
    { name: '__kvm_nvhe_alt_cb_patch_nops', value: text + 0x2cn, section: '.text' },
    { name: 'runs_at_el2', value: text + 0x34n, size: 4, section: '.text', type: 'func' },
    { name: '__alt_instructions', value: altTable, section: '.altinstructions' },
    { name: '__alt_instructions_end', value: altTable + BigInt(alternatives.length), section: '.altinstructions' },
    { name: '__start___jump_table', value: jumpTable, section: '.rodata' },
    { name: '__stop___jump_table', value: jumpTable + 32n, section: '.rodata' },
    { name: '__start_mcount_loc', value: mcount, section: '.init.data' },
    { name: '__stop_mcount_loc', value: mcount + 16n, section: '.init.data' },
    { name: 'linux_banner', value: data, size: banner.length, section: '.data', type: 'object' },
    { name: 'key_on', value: data + 0x100n, size: 16, section: '.data', type: 'object' },
    { name: 'key_off', value: bss + 0x10n, size: 16, section: '.bss', type: 'object' },
    { name: 'arm64_features', value: data + 0x140n, size: 128, section: '.data', type: 'object' },
    { name: '__SCK__demo_call', value: data + 0x1d0n, size: 8, section: '.data', type: 'object' },
  ];
  const relocations: readonly BuildRelocation[] = [
    { offset: mcount, type: 1027, addend: 0n },
    { offset: mcount + 8n, type: 1027, addend: text },
    { offset: data + 0x140n, type: 1027, addend: data + 0x80n },
    { offset: data + 0x150n, type: 1027, addend: text + 0x34n },
    { offset: data + 0x1d0n, type: 1027, addend: text + 8n },
    { offset: data, type: 0, addend: 7n },
  ];
  return buildElf({
    type: 3,
    sections: [
      { name: '.text', flags: 6, address: text, bytes: wordBytes(words) },
      { name: '.altinstructions', flags: 2, address: altTable, bytes: alternatives },
      {
        name: '.rodata',
        flags: 3,
        address: jumpTable,
        bytes: joined(
          jumpEntry(jumpTable, text + 0x18n, text + 0x24n, data + 0x100n, 1),
          jumpEntry(jumpTable + 16n, text + 0x20n, text + 0x1cn, bss + 0x10n, 0),
        ),
      },
      { name: '.data', flags: 3, address: data, bytes: dataBytes },
      { name: '.init.data', flags: 3, address: mcount, bytes: new Uint8Array(16) },
      { name: '.bss', type: 8, flags: 3, address: bss, size: 0x1000 },
    ],
    ...(changes.noSymbols ? {} : { symbols }),
    relocations: { '': relocations },
  });
}

/** An object as the assembler writes it: zeros in its tables, relocations beside them. */
export function smallObject(): Uint8Array {
  return buildElf({
    type: 1,
    sections: [
      // b .; bl; nop (jump); ret; replacement: b
      { name: '.text', flags: 6, bytes: wordBytes([nop, 0x94000000, nop, 0xd65f03c0, 0x14000000]) },
      { name: '.noinstr.text', flags: 6, bytes: wordBytes([nop, 0xd65f03c0]) },
      { name: '.altinstructions', flags: 2, bytes: joined(new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 4, 4])) },
      { name: '__jump_table', flags: 3, bytes: new Uint8Array(32) },
      { name: '.bss', type: 8, flags: 3, size: 0x40 },
      { name: '__patchable_function_entries', flags: 3, bytes: new Uint8Array(8) },
      { name: '__patchable_function_entries', flags: 3, bytes: new Uint8Array(8) },
    ],
    symbols: [
      { name: '.text', value: 0n, section: '.text', type: 'section', binding: 'local' },
      { name: '.noinstr.text', value: 0n, section: '.noinstr.text', type: 'section', binding: 'local' },
      { name: '.bss', value: 0n, section: '.bss', type: 'section', binding: 'local' },
      { name: 'first', value: 0n, size: 16, section: '.text', type: 'func' },
      { name: 'second', value: 0n, size: 8, section: '.noinstr.text', type: 'func' },
      { name: 'printk', value: 0n },
      { name: '__tracepoint_demo', value: 0n },
    ],
    relocations: {
      '.text': [
        { offset: 4n, type: 283, symbol: 'printk' },
        { offset: 16n, type: 282, symbol: '.noinstr.text', addend: 4n },
      ],
      '.altinstructions': [
        { offset: 0n, type: 261, symbol: '.text' },
        { offset: 4n, type: 261, symbol: '.text', addend: 16n },
      ],
      __jump_table: [
        { offset: 0n, type: 261, symbol: '.text', addend: 8n },
        { offset: 4n, type: 261, symbol: '.text', addend: 12n },
        { offset: 8n, type: 260, symbol: '.bss', addend: 0x11n },
        { offset: 16n, type: 261, symbol: '.noinstr.text' },
        { offset: 20n, type: 261, symbol: '.noinstr.text', addend: 4n },
        { offset: 24n, type: 260, symbol: '__tracepoint_demo', addend: 8n },
      ],
    },
  });
}
