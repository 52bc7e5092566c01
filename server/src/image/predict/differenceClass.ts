import { branchOffset } from '../../isa/branchWords.ts';
import { classifyWord } from '../../isa/classify.ts';
import { patchReplacement } from '../../patch/fixup.ts';
import type { AlternativeRecord } from '../alternativeTable.ts';
import { symbolic } from '../imagePlace.ts';
import type { ImageSites } from '../imageSites.ts';
import type { JumpEntry } from '../jumpTable.ts';
import type { KernelImage } from '../kernelImage.ts';
import { jumpWord } from './applyJumps.ts';
import { brX0Word, hvcWord, movX9LrWord, nopWord, smcWord } from './insnWords.ts';
import type { MemoryDump } from './memoryDump.ts';
import type { PredictedWord } from './textChanges.ts';

/** What a word that is not as predicted looks like. */
export type DifferenceClass =
  | 'kprobe'
  | 'kgdb'
  | 'ftrace'
  /** A static key's site in its other legal form. */
  | 'static-key'
  /** An alternative in its other form: the machine has a cpucap that the state lacks, or the reverse. */
  | 'alternative'
  /** A word that the prediction left open, or a place that boot writes a value of the machine to. */
  | 'machine-value'
  | 'unexplained';

export interface Explanation {
  readonly class: DifferenceClass;
  readonly reason: string;
}

// Source: arch/arm64/include/asm/brk-imm.h, v6.1 and v6.12.
const brkKprobe = 0xd4200080;
const brkKprobeStep = 0xd42000c0;
const brkKgdb = 0xd4208000;
const brkKgdbCompiled = 0xd4208020;

/** Ranges that kprobes refuse. Source: arch/arm64/kernel/probes/kprobes.c:arch_populate_kprobe_blacklist, v6.12. */
const withoutKprobes: ReadonlySet<string> = new Set([
  'noinstr',
  'entry',
  'irqentry',
  'kprobes',
  'idmap',
  'hyp',
  'hyp-idmap',
]);

/**
 * Explains words in memory that differ from the prediction. What no patcher of the kernel writes at that place is
 * unexplained, also when it looks like one of theirs: a call at an ftrace site that goes to other kernel code, a static
 * key's site against the key's own count, a kprobe's `brk` where kprobes are refused.
 */
export function differenceClassifier(
  image: KernelImage,
  sites: ImageSites,
  dump: MemoryDump,
): (address: bigint, found: number, predicted: PredictedWord | null) => Explanation {
  let places: Places | null = null;
  return (address, found, predicted) => {
    if (found === brkKprobe) return kprobe(sites, address);
    if (found === brkKgdb) return { class: 'kgdb', reason: 'brk #0x400: a breakpoint of kgdb' };
    const reserved = reservedBrk(found);
    if (reserved !== null) return { class: 'unexplained', reason: reserved };
    places ??= readPlaces(image, sites);
    const ftrace = places.ftrace.get(address);
    if (ftrace !== undefined) return ftraceWord(image, ftrace, address, found, dump);
    const jump = places.jumps.get(address);
    if (jump !== undefined) return jumpSite(image, sites, jump, found, dump);
    const record = places.alternatives.get(address);
    if (record !== undefined && !record.isCallback) return alternativeWord(image, record, address, found);
    if (predicted?.new === null) return { class: 'machine-value', reason: predicted.reason ?? 'not predicted' };
    if (record?.isCallback === true || predicted?.cause === 'runtime-constant') {
      const isShape = sameShape(found, image.word(address) ?? 0, predicted?.new ?? null);
      if (isShape || isCallbackWord(record?.callback ?? null, found)) {
        return {
          class: 'machine-value',
          reason: `another value of ${predicted?.detail ?? record?.callback ?? 'a callback'}`,
        };
      }
    }
    if (predicted?.cause === 'relocation' || predicted?.cause === 'hyp-relocation') {
      return { class: 'machine-value', reason: `another address of ${predicted.detail}` };
    }
    return { class: 'unexplained', reason: 'no patcher of the kernel writes this here' };
  };
}

function kprobe(sites: ImageSites, address: bigint): Explanation {
  const range = sites.ranges.find(
    ({ name, start, end }) => withoutKprobes.has(name) && address >= start && address < end,
  );
  if (range)
    return { class: 'unexplained', reason: `brk #4 of a kprobe, but kprobes are refused in ${range.name} text` };
  return { class: 'kprobe', reason: 'brk #4: a kprobe' };
}

function reservedBrk(found: number): string | null {
  if (found === brkKprobeStep) return 'brk #6 belongs into the slot of a kprobe, not into the text';
  return found === brkKgdbCompiled ? 'brk #0x401 is compiled in, never patched in' : null;
}

interface Places {
  readonly jumps: ReadonlyMap<bigint, JumpEntry>;
  readonly alternatives: ReadonlyMap<bigint, AlternativeRecord>;
  readonly ftrace: ReadonlyMap<bigint, FtracePlace>;
}

/** A word that ftrace writes; `entry` is the function, or the trampoline. */
interface FtracePlace {
  readonly kind: 'literal' | 'entry' | 'call' | 'trampoline';
  readonly entry: bigint;
}

function readPlaces(image: KernelImage, sites: ImageSites): Places {
  const alternatives = new Map<bigint, AlternativeRecord>();
  for (const record of [...sites.alternatives, ...(sites.vdso?.alternatives ?? [])]) {
    for (let at = 0; at < record.originalBytes; at += 4) alternatives.set(record.original + BigInt(at), record);
  }
  const ftrace = new Map<bigint, FtracePlace>();
  for (const { literal, patch, entry } of sites.ftrace?.sites ?? []) {
    if (literal !== null) ftrace.set(literal, { kind: 'literal', entry }).set(literal + 4n, { kind: 'literal', entry });
    if (sites.ftrace?.layout !== 'mcount') ftrace.set(patch - 4n, { kind: 'entry', entry });
    ftrace.set(patch, { kind: 'call', entry });
  }
  // Without ops literals the common trampoline has the one call that tracing swaps.
  for (const label of sites.ftrace && sites.ftrace.layout !== 'call-ops' ? ['ftrace_call', 'ftrace_regs_call'] : []) {
    const address = image.symbols.addressOf(label);
    if (address !== null) ftrace.set(address, { kind: 'trampoline', entry: address });
  }
  return { jumps: new Map(sites.jumps.map((jump) => [jump.code, jump])), alternatives, ftrace };
}

function ftraceWord(
  image: KernelImage,
  place: FtracePlace,
  address: bigint,
  found: number,
  dump: MemoryDump,
): Explanation {
  if (place.kind === 'literal') {
    return { class: 'ftrace', reason: `the ftrace_ops of ${symbolic(image, place.entry)}, which is traced` };
  }
  if (place.kind === 'trampoline') return { class: 'ftrace', reason: 'the tracer that the common trampoline calls' };
  if (found === nopWord) return { class: 'ftrace', reason: 'ftrace has not prepared or has released this site' };
  if (place.kind === 'entry') {
    if (found === movX9LrWord) return { class: 'ftrace', reason: 'mov x9, x30: prepared by ftrace' };
    return { class: 'unexplained', reason: 'the first word of an ftrace site is neither nop nor mov x9, x30' };
  }
  const offset = classifyWord(found) === 'bl' ? branchOffset(found) : null;
  if (offset === null) return { class: 'unexplained', reason: 'the word of an ftrace site is neither nop nor bl' };
  const target = BigInt.asUintN(64, address + offset);
  const called = image.symbols.at(target).map((symbol) => symbol.name);
  if (called.some((name) => name === 'ftrace_caller' || name === 'ftrace_regs_caller' || name === '_mcount')) {
    return { class: 'ftrace', reason: `traced: bl ${called[0]}` };
  }
  if (image.sectionAt(target)?.executable === true) {
    return {
      class: 'unexplained',
      reason: `an ftrace site calls ${symbolic(image, target)}, which is no trampoline of ftrace`,
    };
  }
  const link = target.toString(16);
  const slide = dump.slide === null || dump.slide === 0n ? '' : ' (link address)';
  return {
    class: 'ftrace',
    reason: `a direct call to 0x${link}${slide}, outside the kernel image: a BPF or other direct trampoline`,
  };
}

function jumpSite(
  image: KernelImage,
  sites: ImageSites,
  jump: JumpEntry,
  found: number,
  dump: MemoryDump,
): Explanation {
  const key = sites.keys.get(jump.key)?.name ?? symbolic(image, jump.key);
  const on = [true, false].find((value) => jumpWord(jump, value) === found);
  if (on === undefined)
    return { class: 'unexplained', reason: `neither the nop nor the branch of the static key ${key}` };
  const count = dump.word(jump.key);
  if (count !== null && (count !== 0) !== on) {
    return { class: 'unexplained', reason: `the site says ${key} is ${on ? 'on' : 'off'}, its count is ${count | 0}` };
  }
  return { class: 'static-key', reason: `${key} is ${on ? 'on' : 'off'}` };
}

function alternativeWord(image: KernelImage, record: AlternativeRecord, address: bigint, found: number): Explanation {
  if (found === image.word(address)) return { class: 'alternative', reason: 'not patched' };
  const words: number[] = [];
  for (let at = 0; at < record.replacementBytes; at += 4) words.push(image.word(record.replacement + BigInt(at)) ?? 0);
  const patched = patchReplacement(words, record.original, record.replacement);
  const index = Number(address - record.original) / 4;
  if (patched.words?.[index] === found) return { class: 'alternative', reason: 'patched' };
  return { class: 'unexplained', reason: 'neither half of the alternative' };
}

/** The same instruction with other immediates, a nop, or as it was linked: what a callback may leave. */
function sameShape(found: number, old: number, predicted: number | null): boolean {
  if (found === nopWord || found === old) return true;
  const shape = (word: number): number => word & 0x7f800000;
  return shape(found) === shape(old) || (predicted !== null && shape(found) === shape(predicted));
}

/** Words that a callback puts where something else was linked. */
function isCallbackWord(callback: string | null, found: number): boolean {
  if (callback === 'smccc_patch_fw_mitigation_conduit') return found === hvcWord || found === smcWord;
  if (callback !== 'kvm_patch_vector_branch') return false;
  // movz or movk to x0, and br x0.
  return found === brX0Word || (found & 0x9f80001f) >>> 0 === 0x92800000;
}
