import { type Cancellation, neverCancelled } from '../base/cancellation.ts';
import { type CriticalStep, criticalPath } from './criticalPath.ts';
import { fusedPairs, fusionCause } from './fusion.ts';
import type { BoundInsn, Cause, CoreModel, Interval, MachineMode, OwnRow } from './model.ts';
import { type Bound, compileProgram, type Program, type StreamInsn } from './program.ts';
import {
  defaultSimulation,
  finish,
  type SimulationOptions,
  type SimulationResult,
  simulation,
  steadyCycles,
  type Work,
} from './simulate.ts';
import { blockReciprocalThroughput, totalUops, unitPressure } from './throughput.ts';
import { Trace } from './trace.ts';

export interface EstimateOptions {
  readonly mode: MachineMode;
  /** Default: 100 in `llvm` mode as llvm-mca has it, 0 in `kernel` mode, where a callee is a boundary. */
  readonly callLatencyCycles?: number;
  /** Cycles of every instruction in the first pass. */
  readonly timeline: boolean;
  /** False: `looped` is not asked for and stays null, which saves a long run on some streams. */
  readonly looped?: boolean;
  /** Pairs of the core's list count as one micro-op (`fusion.ts`); default: no. Of no effect in `llvm` mode. */
  readonly fusion?: boolean;
  readonly cancellation?: Cancellation;
}

/** Cycles at which an instruction was dispatched, issued, executed (its result is there) and retired; from 0. */
export type TimelineRow = readonly [dispatched: number, issued: number, executed: number, retired: number];

/** What LLVM's tables don't know on this core, with the cycles that count instead. */
export interface Unmodelled {
  readonly index: number;
  readonly text: string;
  readonly reason: string;
  readonly cycles: Interval;
}

/** What one stream costs on one core. Cycles are the model's, never measured. */
export interface StreamCost {
  readonly mode: MachineMode;
  readonly instructions: number;
  readonly bytes: number;
  readonly takenBranches: number;
  readonly uops: number;
  /** Empty machine to last retirement; null when `llvm` mode refuses the stream. */
  readonly cyclesOnce: Interval | null;
  /** Total of one hundred passes back to back. */
  readonly cycles100: Interval | null;
  /** Cycles per pass in the long run. */
  readonly looped: Interval | null;
  /** Upper ends when what is unknown counts as its lower bound: for comparisons that cancel equal unknowns. */
  readonly knownHi: { readonly cyclesOnce: number; readonly cycles100: number; readonly looped: number } | null;
  readonly blockRThroughput: number | null;
  readonly criticalPath: readonly CriticalStep[];
  /** Unit name to cycles per iteration, over one hundred passes. */
  readonly pressure: ReadonlyMap<string, number>;
  readonly timeline: readonly TimelineRow[];
  readonly unmodelled: readonly Unmodelled[];
  /** What widened the intervals, unknowns first. */
  readonly causes: readonly Cause[];
  /** Mnemonics for which llvm-mca refuses the stream; empty in `kernel` mode. */
  readonly refused: readonly string[];
  /** Why there are no cycles although nothing was refused, or null. */
  readonly failure: string | null;
  /** Mispredict penalties of a pass whose branches have never run; not in any figure. */
  readonly coldPenaltyCycles: number;
}

type SimulationDone = Extract<SimulationResult, { kind: 'done' }>;

const passes = 100;
/** Within these a steady state is found on all but a few streams. */
const longPasses = 2000;
const longInsns = 200_000;
/** Longer streams are no patch site's business, and would keep an editor busy. */
export const longestStream = 20_000;
export const llvmCallLatencyCycles = 100;

/**
 * Cost of a stream on a core. `llvm` mode: points that equal llvm-mca's, or `refused`. `kernel` mode: intervals from
 * two runs, with all lower and with all upper figures; an upper end that is unknown is `null`. Throws
 * `CancelledError` alone.
 */
export function estimateStream(model: CoreModel, stream: readonly StreamInsn[], options: EstimateOptions): StreamCost {
  return finish(estimation(model, stream, options));
}

/** The same in pieces of a few milliseconds, for long streams: see `finishAsync`. */
export function* estimation(
  model: CoreModel,
  stream: readonly StreamInsn[],
  options: EstimateOptions,
): Work<StreamCost> {
  const { mode } = options;
  const fusion = options.fusion === true;
  const refused =
    mode === 'llvm'
      ? [...new Set(stream.filter(({ insn }) => insn.record === null).map(({ insn }) => insn.mnemonic))]
      : [];
  const unmodelled = stream.flatMap(({ insn }, index) => unmodelledOf(insn, index));
  const base = {
    mode,
    instructions: stream.length,
    bytes: stream.length * 4,
    takenBranches: stream.filter(({ taken }) => taken).length,
    unmodelled,
    causes: mode === 'llvm' ? [] : [...causesOf(stream), ...(fusion ? fusionCauses(model, stream) : [])],
    refused,
    coldPenaltyCycles: model.mispredictPenaltyCycles * stream.filter(({ insn }) => insn.branch !== null).length,
  };
  const callLatencyCycles = options.callLatencyCycles ?? (mode === 'llvm' ? llvmCallLatencyCycles : 0);
  const programAt = (bound: Bound): Program =>
    compileProgram(model, stream, { mode, bound, callLatencyCycles, fusion });
  const low = programAt('lo');
  const noCycles = { ...emptyFigures, ...base, uops: totalUops(low) };
  if (refused.length > 0) return noCycles;
  if (stream.length > longestStream) {
    return { ...noCycles, failure: `streams of more than ${longestStream} instructions are not simulated` };
  }
  const cancellation = options.cancellation ?? neverCancelled;
  const wantsLooped = options.looped !== false;
  const lo = yield* runOf(low, wantsLooped, cancellation);
  if (lo.failure !== null) return { ...noCycles, failure: lo.failure };
  const isPoint = mode === 'llvm' || base.causes.length === 0;
  const hi = isPoint ? lo : yield* runOf(programAt('hi'), wantsLooped, cancellation);
  if (hi.failure !== null) return { ...noCycles, failure: hi.failure };
  const open = mode === 'kernel' && stream.some(({ insn }) => isOpen(insn));
  const interval = (pick: (run: Run) => number): Interval => ({
    lo: pick(lo),
    hi: open ? null : Math.max(pick(lo), pick(hi)),
  });
  const known = (pick: (run: Run) => number): number => Math.max(pick(lo), pick(hi));
  const once = (run: Run): number => run.cyclesOnce;
  const hundred = (run: Run): number => run.cycles100;
  const looped = (run: Run): number => run.looped;
  return {
    ...base,
    uops: totalUops(low),
    cyclesOnce: interval(once),
    cycles100: interval(hundred),
    looped: wantsLooped ? interval(looped) : null,
    knownHi: { cyclesOnce: known(once), cycles100: known(hundred), looped: known(looped) },
    blockRThroughput: reciprocalThroughput(low, base.takenBranches),
    criticalPath: criticalPath(low, lo.trace),
    pressure: lo.pressure,
    timeline: options.timeline ? timelineOf(lo) : [],
    failure: null,
  };
}

/** Whether an instruction has no upper bound in `kernel` mode. */
export function isOpen(insn: BoundInsn): boolean {
  return insn.own === null ? insn.record === null : insn.own.hiCycles === null;
}

/** Whether an instruction's cycles are an interval in `kernel` mode. */
export function isRange(insn: BoundInsn): boolean {
  return isOpen(insn) || (insn.own !== null && insn.own.hiCycles !== insn.own.loCycles);
}

const emptyFigures = {
  cyclesOnce: null,
  cycles100: null,
  looped: null,
  knownHi: null,
  blockRThroughput: null,
  criticalPath: [],
  pressure: new Map<string, number>(),
  timeline: [],
  failure: null,
} as const;

interface Run {
  readonly cyclesOnce: number;
  readonly cycles100: number;
  readonly looped: number;
  readonly pressure: ReadonlyMap<string, number>;
  readonly trace: Trace;
  readonly failure: string | null;
}

function* runOf(program: Program, wantsLooped: boolean, cancellation: Cancellation): Work<Run> {
  const settings = { tracedIterations: 0, cancellation, stepLimit: defaultSimulation.stepLimit };
  const once = yield* simulation(program, 1, { ...settings, tracedIterations: 1 });
  const many = yield* simulation(program, passes, settings);
  if (once.kind === 'failed' || many.kind === 'failed') {
    const reason = once.kind === 'failed' ? once.reason : many.kind === 'failed' ? many.reason : null;
    return { cyclesOnce: 0, cycles100: 0, looped: 0, pressure: new Map(), trace: new Trace(0), failure: reason };
  }
  return {
    cyclesOnce: once.totalCycles,
    cycles100: many.totalCycles,
    looped: wantsLooped ? yield* loopedCycles(program, many, settings) : 0,
    pressure: unitPressure(program, many.usedCycles, passes),
    trace: once.trace,
    failure: null,
  };
}

function* loopedCycles(program: Program, many: SimulationDone, settings: SimulationOptions): Work<number> {
  if (many.period !== null) return many.period.cycles / many.period.iterations;
  const iterations = Math.max(passes * 2, Math.min(longPasses, Math.floor(longInsns / program.length)));
  return (yield* steadyCycles(program, iterations, settings)) ?? many.totalCycles / passes;
}

/** Counting bound; in `kernel` mode a taken branch takes a cycle of the front end. */
function reciprocalThroughput(program: Program, takenBranches: number): number {
  const counted = blockReciprocalThroughput(program);
  return program.options.mode === 'kernel' ? Math.max(counted, takenBranches) : counted;
}

function timelineOf({ trace }: Run): readonly TimelineRow[] {
  return Array.from(
    { length: trace.count },
    (_, index): TimelineRow => [
      trace.dispatched[index] ?? 0,
      trace.issued[index] ?? 0,
      trace.executed[index] ?? 0,
      trace.retired[index] ?? 0,
    ],
  );
}

function unmodelledOf(insn: BoundInsn, index: number): readonly Unmodelled[] {
  const { text, own } = insn;
  if (insn.record !== null && (own === null || own.kind !== 'unknown')) return [];
  if (own === null) {
    return [{ index, text, reason: insn.unknownReason ?? 'no figure is known', cycles: { lo: 1, hi: null } }];
  }
  const refused = insn.record === null ? 'LLVM has no record for it on this core' : '';
  const reason = [refused, own.note].filter((part) => part !== '').join('; ');
  return [
    {
      index,
      text,
      reason: reason === '' ? 'no figure is known' : reason,
      cycles: shownCycles(own),
    },
  ];
}

/** Cycles of a row as reports show them: what is unknown takes a slot at least, so it is never 0. */
function shownCycles(own: OwnRow): Interval {
  return own.hiCycles === null ? { lo: Math.max(1, own.loCycles), hi: null } : { lo: own.loCycles, hi: own.hiCycles };
}

/** What makes intervals of the figures in `kernel` mode, open ends first. */
function causesOf(stream: readonly StreamInsn[]): readonly Cause[] {
  const causes: Cause[] = [];
  stream.forEach(({ insn }, index) => {
    const { text, own } = insn;
    if (!isRange(insn)) {
      if (own === null || (!own.assumed && insn.record !== null)) return;
    }
    if (own === null) {
      const reason = insn.unknownReason ?? 'no figure is known';
      causes.push({ index, text, reason, cycles: { lo: 1, hi: null }, assumed: false, sources: [] });
      return;
    }
    const cycles = shownCycles(own);
    causes.push({ index, text, reason: own.note, cycles, assumed: own.assumed, sources: own.sources });
  });
  const taken = stream.filter((item) => item.taken).length;
  if (taken > 0) causes.push(takenBranchCause(taken));
  return causes.sort((a, b) => Number(a.cycles.hi !== null) - Number(b.cycles.hi !== null));
}

function fusionCauses(model: CoreModel, stream: readonly StreamInsn[]): readonly Cause[] {
  const insns = stream.map(({ insn }) => insn);
  const cause = fusionCause(insns, fusedPairs(model, insns));
  return cause === null ? [] : [cause];
}

function takenBranchCause(taken: number): Cause {
  return {
    index: null,
    text: taken === 1 ? 'a taken branch' : `${taken} taken branches`,
    reason: 'front-end cost of a taken branch: assumed 0..1',
    cycles: { lo: 0, hi: taken },
    assumed: true,
    sources: ['J'],
  };
}
