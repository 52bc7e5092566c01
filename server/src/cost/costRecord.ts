import { type AddedOptions, addedCycles, windowInsns } from './addedCycles.ts';
import type { CriticalStep } from './criticalPath.ts';
import { type EstimateOptions, estimateStream, type StreamCost, type TimelineRow } from './estimate.ts';
import type { CoreModel, Interval } from './model.ts';
import type { StreamInsn } from './program.ts';

/** `[low, high]`, high null: no bound known. A number in `llvm` mode, null where nothing is known. */
export type RecordCycles = readonly [low: number, high: number | null] | number | null;

/** The object that `patchpoint cost` gives per block and core. */
export interface CostRecord {
  readonly name: string;
  readonly core: string;
  /** Core whose tables were used: its own name where it has a model of its own. */
  readonly modelledAs: string;
  readonly mode: EstimateOptions['mode'];
  readonly instructions: number;
  readonly bytes: number;
  readonly takenBranches: number;
  readonly uops: number | null;
  readonly cyclesOnce: RecordCycles;
  readonly cycles100: RecordCycles;
  /** Cycles per pass in the long run; left out when it is not asked for. */
  readonly looped?: RecordCycles;
  readonly blockRThroughput: number | null;
  /** Cycles that the marked site adds in the middle of its block; null with `addedReason`. */
  readonly added: RecordCycles;
  readonly addedReason: string | null;
  readonly criticalPath: readonly { readonly index: number; readonly cause: string }[];
  readonly pressure?: Readonly<Record<string, number>>;
  readonly timeline?: readonly TimelineRow[];
  readonly unmodelled: readonly {
    readonly index: number;
    readonly text: string;
    readonly reason: string;
    readonly cycles: readonly [number, number | null];
  }[];
  readonly causes: readonly {
    readonly index: number | null;
    readonly text: string;
    readonly reason: string;
    readonly cycles: readonly [number, number | null];
    readonly assumed: boolean;
    readonly sources: readonly string[];
  }[];
  /** Mnemonics that llvm-mca refuses. */
  readonly refused: readonly string[];
  readonly failure: string | null;
}

export interface RecordRequest {
  readonly name: string;
  /** The core as the user named it. */
  readonly core: string;
  readonly modelledAs: string;
  readonly model: CoreModel;
  readonly stream: readonly StreamInsn[];
  /** Half-open range of instructions whose added cycles are asked for. */
  readonly site: { readonly start: number; readonly end: number } | null;
  readonly options: EstimateOptions;
}

/** Cost of one block as the command line's contract has it. Throws `CancelledError` alone. */
export function costRecord(request: RecordRequest): CostRecord {
  const { stream, model, options } = request;
  const cost = estimateStream(model, stream, options);
  const added = addedOf(request, cost);
  const shown = (cycles: Interval | null): RecordCycles => recordCycles(cycles, options.mode);
  return {
    name: request.name,
    core: request.core,
    modelledAs: request.modelledAs,
    mode: options.mode,
    instructions: cost.instructions,
    bytes: cost.bytes,
    takenBranches: cost.takenBranches,
    uops: cost.refused.length > 0 ? null : cost.uops,
    cyclesOnce: shown(cost.cyclesOnce),
    cycles100: shown(cost.cycles100),
    ...(options.looped === false ? {} : { looped: shown(cost.looped) }),
    blockRThroughput: cost.blockRThroughput,
    added: shown(added.cycles),
    addedReason: added.reason,
    criticalPath: cost.criticalPath.map((step) => ({ index: step.index, cause: causeText(step) })),
    ...(options.timeline ? { pressure: Object.fromEntries(cost.pressure), timeline: cost.timeline } : {}),
    unmodelled: cost.unmodelled.map((one) => ({ ...one, cycles: [one.cycles.lo, one.cycles.hi] as const })),
    causes: cost.causes.map((one) => ({ ...one, cycles: [one.cycles.lo, one.cycles.hi] as const })),
    refused: cost.refused,
    failure: cost.failure,
  };
}

/** One step of a critical path for people: `value from 3, 4 cycles later`. */
export function causeText({ reason, from, unit, cycles }: CriticalStep): string {
  const later = cycles === 1 ? '1 cycle later' : `${cycles} cycles later`;
  const after = cycles === 0 ? 'in the same cycle' : later;
  switch (reason) {
    case 'start':
      return 'first';
    case 'value':
      return `value from ${from ?? 'before'}, ${after}`;
    case 'unit':
      return `${unit ?? 'a unit'} busy${from === null ? '' : ` with ${from}`}, ${after}`;
    default:
      return from === null ? `${reason}, cycle ${cycles}` : `${reason} behind ${from}, ${after}`;
  }
}

function addedOf(
  request: RecordRequest,
  cost: StreamCost,
): { readonly cycles: Interval | null; readonly reason: string | null } {
  const { site, stream, model, options } = request;
  if (cost.refused.length > 0) return { cycles: null, reason: 'llvm-mca refuses the block' };
  if (site === null) return { cycles: null, reason: 'the block marks no site: PATCHPOINT-SITE-BEGIN and -END' };
  const window = {
    before: stream.slice(Math.max(0, site.start - windowInsns), site.start),
    site: stream.slice(site.start, site.end),
    after: stream.slice(site.end, site.end + windowInsns),
  };
  const added: AddedOptions = {
    mode: options.mode,
    fusion: options.fusion === true,
    ...(options.callLatencyCycles === undefined ? {} : { callLatencyCycles: options.callLatencyCycles }),
    ...(options.cancellation === undefined ? {} : { cancellation: options.cancellation }),
  };
  const cycles = addedCycles(model, window, added);
  return { cycles, reason: cycles === null ? 'the simulation failed' : null };
}

function recordCycles(cycles: Interval | null, mode: EstimateOptions['mode']): RecordCycles {
  if (cycles === null) return null;
  return mode === 'llvm' ? cycles.lo : [cycles.lo, cycles.hi];
}
