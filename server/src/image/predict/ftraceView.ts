import { branchOffset } from '../../isa/branchWords.ts';
import { classifyWord } from '../../isa/classify.ts';
import { hexWord } from '../../isa/hexWord.ts';
import type { FtraceSite, FtraceTable } from '../ftraceTable.ts';
import { symbolic } from '../imagePlace.ts';
import type { KernelImage } from '../kernelImage.ts';
import { type FtraceWord, ftraceWords } from './applyFtrace.ts';
import type { RuntimeValues } from './runtimeValues.ts';

/** What the text around one ftrace site is: as compiled, while nobody traces it, and while somebody does. */
export interface FtraceStreams {
  readonly site: FtraceSite;
  readonly compiled: readonly FtraceWord[];
  readonly untraced: readonly FtraceWord[];
  readonly traced: readonly FtraceWord[];
  /** Where the traced site calls; null in an image without the common trampoline. */
  readonly trampoline: FtraceTrampoline | null;
  /** Address of the ops literal that the trampoline reads for this site, by its own instructions; null without one. */
  readonly literalRead: bigint | null;
}

/** A stretch of text that only ftrace runs. */
export interface FtraceTrampoline {
  readonly name: string;
  readonly start: bigint;
  readonly end: bigint;
  /** What it is for, one clause. */
  readonly purpose: string;
}

const purposes: Readonly<Record<string, string>> = {
  ftrace_caller: 'the common trampoline: saves the arguments, calls the tracer, returns into the function',
  ftrace_regs_caller: 'the common trampoline for tracers that want all registers',
  ftrace_common: 'the half that both trampolines share',
  ftrace_stub_direct_tramp: 'returns to a function whose direct trampoline is gone',
  ftrace_stub: 'does nothing: what is called while nobody traces',
  ftrace_stub_graph: 'does nothing: the graph tracer while it is off',
  ftrace_graph_caller: 'the graph tracer of kernels with mcount',
  return_to_handler: 'where a function returns to while the graph tracer follows it',
  _mcount: 'what compiled calls of mcount reach',
};

/**
 * Trampoline text of an image, by address. This is all there is: arm64 makes no trampoline of its own for an ops, so
 * that none is ever freed; modules have slots (`.text.ftrace_trampoline`) that jump here, and direct trampolines (BPF)
 * are outside the image. Source: arch/arm64/kernel/entry-ftrace.S and ftrace.c, v6.1 and v6.12.
 */
export function ftraceTrampolines(image: KernelImage): readonly FtraceTrampoline[] {
  const found: FtraceTrampoline[] = [];
  for (const [name, purpose] of Object.entries(purposes)) {
    for (const { address, sizeBytes, defined } of image.symbols.named(name)) {
      if (!defined || image.sectionAt(address)?.executable !== true) continue;
      found.push({ name, start: address, end: address + BigInt(sizeBytes), purpose });
    }
  }
  for (const { name, address, sizeBytes } of image.sections) {
    if (!name.endsWith('.ftrace_trampoline')) continue;
    const purpose = 'slots of this module that reach the trampoline of the kernel';
    found.push({ name, start: address, end: address + BigInt(sizeBytes), purpose });
  }
  return found.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
}

/** The trampoline that an address is in, or null. */
export function trampolineAt(trampolines: readonly FtraceTrampoline[], address: bigint): FtraceTrampoline | null {
  return trampolines.find(({ start, end }) => address >= start && address < end) ?? null;
}

/** All streams of one site. Words that the state does not settle are null with the reason. Never throws. */
export function ftraceStreams(
  image: KernelImage,
  table: FtraceTable,
  site: FtraceSite,
  runtime: RuntimeValues,
): FtraceStreams {
  const kernel = { layout: table.layout, addressOf: (name: string) => image.symbols.addressOf(name), runtime };
  const untraced = ftraceWords(kernel, site, false);
  const compiled = untraced.map(({ address }) => {
    const word = image.word(address);
    return { address, word, reason: word === null ? 'not in the image' : null };
  });
  const trampolines = ftraceTrampolines(image);
  const trampoline = trampolines.find(({ name }) => name === 'ftrace_caller') ?? null;
  const literalRead = trampoline === null ? null : literalAddress(image, trampoline, site);
  return { site, compiled, untraced, traced: ftraceWords(kernel, site, true), trampoline, literalRead };
}

/** Mask and value of `bic/and Xd, x30, #~7` (immediate) and of `ldr Xt, [Xn, #-imm]` (unscaled). */
const alignReturn = { mask: 0xffffffe0, value: 0x927df3c0 };
const loadUnscaled = { mask: 0xffe00c00, value: 0xf8400000 };
const maxInsns = 8;

/**
 * Where the trampoline's first instructions find the ops literal: the return address, which is behind the site's call,
 * rounded down to 8 and less a constant. Both are read from the instructions, so that a kernel with another layout is
 * not explained wrongly. Source: arch/arm64/kernel/entry-ftrace.S:ftrace_caller, v6.12.
 */
function literalAddress(image: KernelImage, trampoline: FtraceTrampoline, site: FtraceSite): bigint | null {
  let aligned: number | null = null;
  for (let index = 0; index < maxInsns; index++) {
    const word = image.word(trampoline.start + BigInt(4 * index));
    if (word === null) return null;
    if ((word & alignReturn.mask) >>> 0 === alignReturn.value) aligned = word & 0x1f;
    else if (
      aligned !== null &&
      (word & loadUnscaled.mask) >>> 0 === loadUnscaled.value &&
      ((word >>> 5) & 0x1f) === aligned
    ) {
      const offset = (word << 11) >> 23;
      return ((site.patch + 4n) & ~7n) + BigInt(offset);
    }
  }
  return null;
}

/** A word of a site for people: its address, and what a branch in it reaches. */
export function ftraceWordText(image: KernelImage, { address, word, reason }: FtraceWord): string {
  const place = `0x${address.toString(16)}`;
  if (word === null) return `${place}  ????????  ${reason ?? 'not known'}`;
  const offset = classifyWord(word) === 'bl' ? branchOffset(word) : null;
  const target = offset === null ? '' : `  bl ${symbolic(image, BigInt.asUintN(64, address + offset))}`;
  return `${place}  ${hexWord(word)}${target}`;
}
