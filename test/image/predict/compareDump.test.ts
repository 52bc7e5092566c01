import { expect, it } from 'vitest';
import { memoryByteSource } from '../../../server/src/image/byteSource.ts';
import { symbolic } from '../../../server/src/image/imagePlace.ts';
import type { ImageSites } from '../../../server/src/image/imageSites.ts';
import type { KernelImage } from '../../../server/src/image/kernelImage.ts';
import { compareDump } from '../../../server/src/image/predict/compareDump.ts';
import { stateFromDump } from '../../../server/src/image/predict/dumpState.ts';
import { openMemoryDump } from '../../../server/src/image/predict/memoryDump.ts';
import { predictText } from '../../../server/src/image/predict/predictText.ts';
import { base, record, smallImage, smallNames, smallSites } from './smallKernel.ts';

const nop = 0xd503201f;
const textWords = 16;

/** Memory of a small kernel from `_text` to `_end`: the file's words with some changed, by distance from `base`. */
function memoryOf(image: KernelImage, changed: Readonly<Record<number, number>>): Uint8Array {
  const memory = new Uint8Array(0x20000);
  for (const { address, bytes } of image.sections) memory.set(bytes, Number(address - base));
  const view = new DataView(memory.buffer);
  for (const [at, word] of Object.entries(changed)) view.setUint32(Number(at), word, true);
  return memory;
}

const jumpKey = base + 0x18000n;
const kernel = {
  text: [nop, nop, nop, nop, nop, nop, 0xd500419f, nop, ...Array.from({ length: textWords - 8 }, () => nop)],
  init: [nop, nop, nop, nop],
  symbols: { ftrace_caller: 0x2c, ftrace_nop_ops: 0x8000, function: 8, victim: 0x30, sneaky: 0x34 },
};
const sites: Partial<ImageSites> = {
  ftrace: {
    layout: 'call-ops',
    sites: [{ table: base, literal: base, entry: base + 8n, patch: base + 12n, bti: false }],
    skipped: 0,
  },
  alternatives: [record(2, 0x10, 4, 0x18), record(1, 0x1c, 4, 'alt_cb_patch_nops')],
  jumps: [{ index: 0, entry: base, code: base + 0x14n, target: base + 0x1cn, key: jumpKey, branch: 0 }],
  keys: new Map([
    [jumpKey, { address: jumpKey, name: 'key', kind: 'ordinary', initial: false, enabled: 0, entries: 1 }],
  ]),
  ranges: [{ name: 'noinstr', start: base + 0x38n, end: base + 0x3cn }],
};
/** What ftrace and the state leave. */
const asPredicted = { 0: 0x80008000, 4: 0xffff8000, 8: 0xaa1e03e9, 16: 0xd500419f };
const state = {
  name: 't',
  core: null,
  cpucaps: ['ALWAYS_BOOT', 'ALWAYS_SYSTEM', 'HAS_PAN'],
  runtime: { kaslr_slide: '0x0' },
};

async function compared(changed: Readonly<Record<number, number>>, bytes?: Uint8Array): Promise<string> {
  const image = smallImage(kernel);
  const all = smallSites(sites);
  const memory = bytes ?? memoryOf(image, { ...asPredicted, ...changed });
  const { value: dump, issues } = await openMemoryDump(memoryByteSource('dump', memory), image);
  if (dump === null) return issues.map((issue) => issue.message).join('\n');
  const { differences, skipped, nWords, nExpectedPatches } = compareDump(
    image,
    all,
    predictText(image, all, smallNames, state),
    dump,
  );
  const lines = differences.map(
    (one) => `+${(one.address - base).toString(16)} ${one.found.toString(16)} ${one.class}: ${one.reason}`,
  );
  return [
    ...issues.map(({ message }) => message),
    ...lines,
    ...skipped,
    `${nWords} words, ${nExpectedPatches} patched`,
  ].join('\n');
}

it('memory that is as predicted has no differences', async () => {
  expect(await compared({})).toBe('20 words, 4 patched');
});

it('breakpoints: kprobe, kgdb, and a kprobe where there can be none', async () => {
  expect(await compared({ 32: 0xd4200080, 36: 0xd4208000, 56: 0xd4200080, 40: 0xd42000c0 })).toMatchInlineSnapshot(`
    "+20 d4200080 kprobe: brk #4: a kprobe
    +24 d4208000 kgdb: brk #0x400: a breakpoint of kgdb
    +28 d42000c0 unexplained: brk #6 belongs into the slot of a kprobe, not into the text
    +38 d4200080 unexplained: brk #4 of a kprobe, but kprobes are refused in noinstr text
    20 words, 4 patched"
  `);
});

it('a traced function, a direct trampoline, and a call that is none of them', async () => {
  expect(await compared({ 0: 0x80009000, 12: 0x94000008 })).toMatchInlineSnapshot(`
    "+0 80009000 ftrace: the ftrace_ops of 0xffff800080000008, which is traced
    +c 94000008 ftrace: traced: bl ftrace_caller
    20 words, 3 patched"
  `);
  expect(await compared({ 12: 0x94400000 })).toContain(
    '+c 94400000 ftrace: a direct call to 0xffff80008100000c, outside the kernel image: a BPF or other direct trampoline',
  );
  expect(await compared({ 12: 0x9400000a })).toContain(
    '+c 9400000a unexplained: an ftrace site calls 0xffff800080000034',
  );
  expect(await compared({ 12: 0x14000003 })).toContain('unexplained: the word of an ftrace site is neither nop nor bl');
});

it('static keys and alternatives in their other form', async () => {
  expect(await compared({ 20: 0x14000002, 98304: 1 })).toContain('+14 14000002 static-key: key is on');
  // The site was changed, the key was not.
  expect(await compared({ 20: 0x14000002 })).toContain(
    '+14 14000002 unexplained: the site says key is on, its count is 0',
  );
  expect(await compared({ 20: 0x14000004 })).toContain(
    'unexplained: neither the nop nor the branch of the static key key',
  );
  expect(await compared({ 16: nop })).toContain('+10 d503201f alternative: not patched');
  expect(await compared({ 16: 0xd500409f })).toContain('+10 d500409f unexplained: neither half of the alternative');
});

it('what no patcher writes is not explained', async () => {
  expect(await compared({ 48: 0x14000001 })).toContain(
    '+30 14000001 unexplained: no patcher of the kernel writes this here',
  );
});

it('init text that is freed is skipped; a short dump is told', async () => {
  expect(await compared({ 65536: 1, 65540: 2, 65544: 3, 65548: 4 })).toMatchInlineSnapshot(`
    ".init.text: freed after boot (4 of 4 words are others)
    16 words, 4 patched"
  `);
  const short = memoryOf(smallImage(kernel), asPredicted).slice(0, 0x1000);
  expect(await compared({}, short)).toMatchInlineSnapshot(`
    "dump: ends 0x1000 bytes after _text, before _end
    .init.text: not in the dump
    16 words, 4 patched"
  `);
});

/** An ELF core with one segment of memory and a VMCOREINFO note. */
function coreOf(memory: Uint8Array, address: bigint, info: string): Uint8Array {
  const note = new TextEncoder().encode(info);
  const noteBytes = 12 + 12 + Math.ceil(note.length / 4) * 4;
  const file = new Uint8Array(0x200 + noteBytes + memory.length);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 4, true);
  view.setUint16(18, 183, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 2, true);
  const segment = (at: number, type: number, offset: number, virtual: bigint, size: number): void => {
    view.setUint32(at, type, true);
    view.setBigUint64(at + 8, BigInt(offset), true);
    view.setBigUint64(at + 16, virtual, true);
    view.setBigUint64(at + 24, 0x40200000n, true);
    view.setBigUint64(at + 32, BigInt(size), true);
  };
  segment(64, 4, 0x200, 0n, noteBytes);
  segment(120, 1, 0x200 + noteBytes, address, memory.length);
  view.setUint32(0x200, 11, true);
  view.setUint32(0x204, note.length, true);
  file.set(new TextEncoder().encode('VMCOREINFO\0'), 0x20c);
  file.set(note, 0x218);
  file.set(memory, 0x200 + noteBytes);
  return file;
}

it('an ELF core is placed by its slide, or by physical addresses', async () => {
  const image = smallImage(kernel);
  const memory = memoryOf(image, { ...asPredicted, 32: 0xd4200080 });
  const slid = coreOf(memory, base + 0x400000n, 'KERNELOFFSET=400000\n');
  expect(await compared({}, slid)).toContain('+20 d4200080 kprobe: brk #4: a kprobe');
  const physical = coreOf(memory, 0n, 'NUMBER(kimage_voffset)=0xffff80003fe00000\n');
  expect(await compared({}, physical)).toContain('+20 d4200080 kprobe: brk #4: a kprobe');
  expect(await compared({}, coreOf(memory, 0n, ''))).toContain("dump: has no memory of this kernel's image");
});

it('finds the kernel in the memory of a whole machine by its banner', async () => {
  const banner = new TextEncoder().encode('Linux version 6.12.0-small (me@home) (gcc 12.2.0) #1 SMP for fun');
  const image = smallImage({ ...kernel, data: banner, symbols: { ...kernel.symbols, linux_banner: 0x14000 } });
  const memory = memoryOf(image, { ...asPredicted, 32: 0xd4200080 });
  const machine = new Uint8Array(0x250000);
  machine.set(memory, 0x210000);
  for (const bytes of [machine, coreOf(machine, 0n, '')]) {
    const { value: dump } = await openMemoryDump(memoryByteSource('dump', bytes), image);
    expect(dump?.word(base + 0x20n)?.toString(16)).toBe('d4200080');
  }
  const { value: none, issues } = await openMemoryDump(
    memoryByteSource('dump', coreOf(machine.fill(0), 0n, '')),
    image,
  );
  expect(none).toBeNull();
  expect(issues[0]?.message).toContain('no linux_banner of small in it');
});

it('any cut or changed core is refused or read, and never throws', async () => {
  const image = smallImage(kernel);
  const core = coreOf(memoryOf(image, asPredicted), base, 'KERNELOFFSET=0\n');
  for (let length = 0; length < 0x240; length += 7) await compared({}, core.slice(0, length));
  for (let at = 0; at < 0x120; at++) {
    const broken = core.slice();
    broken[at] = 0xff;
    await compared({}, broken);
  }
});

it('makes the state from what the memory holds', async () => {
  const symbols = { system_cpucaps: 0x18100, boot_cpucaps: 0x18108, kimage_voffset: 0x18110, max_bhb_k: 0x18118 };
  const image = smallImage({ ...kernel, symbols: { ...kernel.symbols, ...symbols } });
  const memory = memoryOf(image, { 98560: 0b111, 98568: 1, 98576: 0x3fe00000, 98580: 0xffff8000, 98584: 8, 98304: 1 });
  const { value: dump } = await openMemoryDump(memoryByteSource('dump', memory), image);
  if (dump === null) throw new Error('no dump');
  const { state: found, notes } = stateFromDump(image, smallSites(sites), smallNames, dump);
  expect(notes).toEqual([]);
  expect(found.cpucaps.join(' ')).toBe('ALWAYS_BOOT ALWAYS_SYSTEM HAS_PAN');
  expect(found.bootCpucaps?.join(' ')).toBe('ALWAYS_BOOT');
  expect(found.keys).toEqual({ [`0x${jumpKey.toString(16)}`]: 1 });
  expect(found.runtime).toEqual({ kimage_voffset: '0xffff80003fe00000', max_bhb_k: '0x8' });
  expect(symbolic(image, base)).toBe('0xffff800080000000');
});
