import { type Cancellation, neverCancelled } from '../base/cancellation.ts';
import { isOpen, isRange } from './estimate.ts';
import type { CoreModel } from './model.ts';
import { type Bound, compileProgram, type StreamInsn } from './program.ts';
import { defaultSimulation, simulate } from './simulate.ts';

/** A difference of cycles; null: no bound known on that side. */
export interface Difference {
  readonly lo: number | null;
  readonly hi: number | null;
}

export interface StreamDifference {
  /** Second stream minus first. */
  readonly instructions: number;
  readonly takenBranches: number;
  /** One isolated pass. */
  readonly cyclesOnce: Difference;
  /** Per pass, over one hundred passes. */
  readonly cyclesLooped: Difference;
  /** Unknown or ranged instructions that both have at the same place of the path, and so cancel. */
  readonly equalInBoth: readonly string[];
  /** Unknown instructions that only one has: they open the difference on one side. */
  readonly onlyFirst: readonly string[];
  readonly onlySecond: readonly string[];
}

const passes = 100;

/**
 * What the second stream costs more than the first, in `kernel` mode on one core. What both hold at the same place of
 * the path moves in step and drops out when it is unknown. Null when a run fails. Throws `CancelledError` alone.
 */
export function compareStreams(
  model: CoreModel,
  first: readonly StreamInsn[],
  second: readonly StreamInsn[],
  cancellation: Cancellation = neverCancelled,
): StreamDifference | null {
  const shared = matchRanges(first, second);
  const sharedFirst = new Set(shared.map(([a]) => a));
  const sharedSecond = new Set(shared.map(([, b]) => b));
  const openIn = (stream: readonly StreamInsn[], matched: ReadonlySet<number>): readonly string[] =>
    stream.flatMap(({ insn }, index) => (isOpen(insn) && !matched.has(index) ? [insn.text] : []));
  const onlyFirst = openIn(first, sharedFirst);
  const onlySecond = openIn(second, sharedSecond);
  const settings = { ...defaultSimulation, cancellation };
  const once: number[] = [];
  const looped: number[] = [];
  for (const common of ['lo', 'hi'] as const) {
    for (const [firstOwn, secondOwn] of [
      ['hi', 'lo'],
      ['lo', 'hi'],
    ] as const) {
      const a = totals(model, first, boundsOf(first, sharedFirst, common, firstOwn), common, settings);
      const b = totals(model, second, boundsOf(second, sharedSecond, common, secondOwn), common, settings);
      if (a === null || b === null) return null;
      once.push(b.once - a.once);
      looped.push(b.looped - a.looped);
    }
  }
  const difference = (values: readonly number[]): Difference => ({
    lo: onlyFirst.length > 0 ? null : Math.min(...values),
    hi: onlySecond.length > 0 ? null : Math.max(...values),
  });
  const taken = (stream: readonly StreamInsn[]): number => stream.filter((item) => item.taken).length;
  return {
    instructions: second.length - first.length,
    takenBranches: taken(second) - taken(first),
    cyclesOnce: difference(once),
    cyclesLooped: difference(looped),
    equalInBoth: shared.flatMap(([index]) => first[index]?.insn.text ?? []),
    onlyFirst,
    onlySecond,
  };
}

/** `3..5`, `>= 3`, `<= 5`, `any` for people; `0` where both ends are. */
export function differenceText({ lo, hi }: Difference, digits = 1): string {
  const shown = (value: number): string => String(Number(value.toFixed(digits)));
  if (lo === null) return hi === null ? 'any' : `<= ${shown(hi)}`;
  if (hi === null) return `>= ${shown(lo)}`;
  return shown(lo) === shown(hi) ? shown(lo) : `${shown(lo)}..${shown(hi)}`;
}

function totals(
  model: CoreModel,
  stream: readonly StreamInsn[],
  rowBounds: readonly Bound[],
  bound: Bound,
  settings: typeof defaultSimulation,
): { readonly once: number; readonly looped: number } | null {
  const program = compileProgram(model, stream, { mode: 'kernel', bound, rowBounds, callLatencyCycles: 0 });
  const once = simulate(program, 1, settings);
  const many = simulate(program, passes, settings);
  if (once.kind === 'failed' || many.kind === 'failed') return null;
  return { once: once.totalCycles, looped: many.totalCycles / passes };
}

function boundsOf(
  stream: readonly StreamInsn[],
  shared: ReadonlySet<number>,
  common: Bound,
  own: Bound,
): readonly Bound[] {
  return stream.map((_, index) => (shared.has(index) ? common : own));
}

/** Beyond this nothing is matched, which only widens the difference. */
const mostPairs = 4_000_000;

/**
 * Ranged instructions and calls that both streams hold in the same order, as index pairs: the longest common
 * subsequence of their texts.
 */
function matchRanges(
  first: readonly StreamInsn[],
  second: readonly StreamInsn[],
): readonly (readonly [number, number])[] {
  const pick = (stream: readonly StreamInsn[]): readonly number[] =>
    stream.flatMap(({ insn }, index) => (isRange(insn) || insn.branch === 'call' ? [index] : []));
  const a = pick(first);
  const b = pick(second);
  const same = (i: number, j: number): boolean => first[a[i] ?? -1]?.insn.text === second[b[j] ?? -1]?.insn.text;
  if (a.length * b.length > mostPairs) return [];
  const width = b.length + 1;
  const length = new Int32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const skipped = Math.max(length[(i + 1) * width + j] ?? 0, length[i * width + j + 1] ?? 0);
      length[i * width + j] = same(i, j) ? (length[(i + 1) * width + j + 1] ?? 0) + 1 : skipped;
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (same(i, j)) pairs.push([a[i++] ?? 0, b[j++] ?? 0]);
    else if ((length[(i + 1) * width + j] ?? 0) >= (length[i * width + j + 1] ?? 0)) i++;
    else j++;
  }
  return pairs;
}
