import { type Cancellation, neverCancelled } from '../base/cancellation.ts';
import { isOpen, isRange, llvmCallLatencyCycles } from './estimate.ts';
import type { CoreModel, Interval, MachineMode } from './model.ts';
import { type Bound, compileProgram, type StreamInsn } from './program.ts';
import { defaultSimulation, simulate } from './simulate.ts';

/** A site between the code that runs before and after it on one path. */
export interface SiteWindow {
  readonly before: readonly StreamInsn[];
  readonly site: readonly StreamInsn[];
  readonly after: readonly StreamInsn[];
}

export interface AddedOptions {
  readonly mode: MachineMode;
  readonly callLatencyCycles?: number;
  /** As in `EstimateOptions`. */
  readonly fusion?: boolean;
  readonly cancellation?: Cancellation;
}

/** Instructions of surrounding code on either side. */
export const windowInsns = 24;
const copies = 32;
const zeroBelow = 0.05;

/**
 * Cycles that a site adds in the middle of its surrounding code: (W(2R) - W(R) - O(2R) + O(R)) / R, where W is the
 * total of R chained copies of the window with the site and O the one without it, R = 32. 0 when it hides in free
 * slots (within 0.05); slightly negative is possible, the units are chosen differently then. `hi` is null when the
 * site holds an unknown; unknowns of the surrounding code are in both totals and cancel. Null when a run fails.
 */
export function addedCycles(model: CoreModel, window: SiteWindow, options: AddedOptions): Interval | null {
  const { before, site, after } = window;
  if (site.length === 0) return { lo: 0, hi: 0 };
  const withSite = [...before, ...site, ...after];
  const without = [...before, ...after];
  const difference = (bound: Bound): number | null => {
    const w = growth(model, withSite, bound, options);
    const o = growth(model, without, bound, options);
    return w === null || o === null ? null : (w - o) / copies;
  };
  const lo = difference('lo');
  if (lo === null) return null;
  const isKernel = options.mode === 'kernel';
  if (!isKernel || !withSite.some(({ insn, taken }) => taken || isRange(insn)))
    return { lo: rounded(lo), hi: rounded(lo) };
  const hi = difference('hi');
  if (hi === null) return null;
  const isUnbounded = site.some(({ insn }) => isOpen(insn));
  return { lo: rounded(Math.min(lo, hi)), hi: isUnbounded ? null : rounded(Math.max(lo, hi)) };
}

/** W(2R) - W(R) in cycles. */
function growth(model: CoreModel, stream: readonly StreamInsn[], bound: Bound, options: AddedOptions): number | null {
  if (stream.length === 0) return 0;
  const { mode } = options;
  if (mode === 'llvm' && stream.some(({ insn }) => insn.record === null)) return null;
  const program = compileProgram(model, stream, {
    mode,
    bound,
    fusion: options.fusion === true,
    callLatencyCycles: options.callLatencyCycles ?? (mode === 'llvm' ? llvmCallLatencyCycles : 0),
  });
  const settings = { ...defaultSimulation, cancellation: options.cancellation ?? neverCancelled };
  const long = simulate(program, copies * 2, settings);
  const short = simulate(program, copies, settings);
  return long.kind === 'done' && short.kind === 'done' ? long.totalCycles - short.totalCycles : null;
}

function rounded(cycles: number): number {
  return Math.abs(cycles) <= zeroBelow ? 0 : cycles;
}
