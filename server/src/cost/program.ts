import { byProducer, type Edges, findEdges } from './dependencies.ts';
import { fusedPairs } from './fusion.ts';
import type { BoundInsn, CoreModel, InsnRecord, MachineMode, OwnBehavior, OwnRow } from './model.ts';
import { earliestWrite, hasResult, noUses, type Position, positionOf } from './positions.ts';
import { type PreparedCore, planOf, prepareCore, type ResourcePlan } from './preparedCore.ts';

/** One instruction of a stream, with what the path says of it. */
export interface StreamInsn {
  readonly insn: BoundInsn;
  /** It is a branch and the path takes it. */
  readonly taken: boolean;
}

/** The lower or the upper end of every interval. */
export type Bound = 'lo' | 'hi';

export interface ProgramOptions {
  readonly mode: MachineMode;
  /** Which bound our own rows and the assumed front end get; of no effect in `llvm` mode. */
  readonly bound: Bound;
  /** Bounds of single instructions where they differ from `bound`, by index. */
  readonly rowBounds?: readonly Bound[];
  /** Cycles that a call takes: 100 in llvm-mca, 0 where callees are boundaries. */
  readonly callLatencyCycles: number;
  /** Pairs of the core's list are fused; of no effect in `llvm` mode. */
  readonly fusion?: boolean;
}

/** How an instruction orders others. */
export const orderKinds = {
  none: 0,
  /** Memory instructions before and behind it. */
  memory: 1,
  /** Memory instructions before it, everything behind it. */
  drain: 2,
  /** Everything before and behind it. */
  serialize: 3,
  /** Nothing before it, everything behind it. */
  hold: 4,
} as const;
/** Bits of `Program.memory`. */
export const memoryBits = { load: 1, store: 2 } as const;

/**
 * A stream ready for a machine: per position the record's numbers, and the register dependencies between positions.
 * An edge goes from a producer to one read of a consumer, in the same iteration (`delta` 0) or the next one (1).
 */
export interface Program {
  readonly core: PreparedCore;
  readonly length: number;
  readonly options: ProgramOptions;
  readonly uops: readonly number[];
  readonly latency: readonly number[];
  /** Cycles to the earliest write; in-order write-back. */
  readonly firstWrite: readonly number[];
  readonly plans: readonly ResourcePlan[];
  /** `memoryBits`; 0 for an instruction that no memory order concerns. */
  readonly memory: readonly number[];
  readonly order: readonly number[];
  /** For ordering instructions: `memoryBits` of the older instructions waited for. */
  readonly waitsFor: readonly number[];
  /** `flagBits`. */
  readonly flags: readonly number[];
  /** Longest latency or edge. */
  readonly maxDelay: number;
  /** Edges by producer: those of position p are outStart[p] .. outStart[p + 1]. */
  readonly outStart: readonly number[];
  readonly outConsumer: readonly number[];
  readonly outDelta: readonly number[];
  readonly outDelay: readonly number[];
  /** Edges by consumer. */
  readonly inStart: readonly number[];
  readonly inProducer: readonly number[];
  readonly inDelta: readonly number[];
  readonly inDelay: readonly number[];
}

/** Bits of `Program.flags`. */
export const flagBits = {
  beginGroup: 1,
  endGroup: 2,
  retireOutOfOrder: 4,
  /** Finishes in the cycle of dispatch when its sources are ready. */
  immediate: 8,
  taken: 16,
  /** Second of a fused pair: dispatched with the first, whatever slots are left. */
  fused: 32,
} as const;

/**
 * Prepares a stream for a core. An instruction without LLVM's record gets one micro-op and one cycle. A fused pair is
 * the first instruction's micro-ops and units; the second one has neither, issues with the first, keeps its own latency
 * and its entry of the reorder buffer, and writes back no sooner than the first.
 */
export function compileProgram(model: CoreModel, stream: readonly StreamInsn[], options: ProgramOptions): Program {
  const core = prepareCore(model);
  const positions: Position[] = [];
  const plans: ResourcePlan[] = [];
  const waitsFor: number[] = [];
  const flags: number[] = [];
  const memory: number[] = [];
  const order: number[] = [];
  const firstWrite: number[] = [];
  const isFused = options.mode === 'kernel' && options.fusion === true;
  const pairs = isFused
    ? fusedPairs(
        model,
        stream.map(({ insn }) => insn),
      )
    : noPairs;
  let maxDelay = 1;
  for (let p = 0; p < stream.length; p++) {
    const item = stream[p];
    if (item === undefined) continue;
    const fused = pairs.has(p);
    const plain = positionOf(item.insn, p, options);
    const position = fused ? { ...plain, uops: 0 } : plain;
    const { own, record, latency } = position;
    positions.push(position);
    maxDelay = Math.max(maxDelay, latency);
    const plan = planOf(core, fused || position.registers === null || item.insn.record === null ? noUses : record);
    plans.push(plan);
    const kind = own === null ? orderKinds.none : orderKindOf(own, item.insn, options.rowBounds?.[p] ?? options.bound);
    order.push(kind);
    waitsFor.push(own === null ? 0 : waitedFor[own.orders]);
    memory.push(kind !== orderKinds.none ? 0 : memoryOf(record, own));
    const isSlot = position.registers === null;
    const immediate = (latency === 0 && plan.free) || record.mustIssueImmediately;
    const hasNoResult = own !== null && !hasResult(item.insn);
    const plainFlags = isSlot
      ? slotFlags
      : flagsOf(record, item.taken, immediate) | (hasNoResult ? flagBits.retireOutOfOrder : 0);
    flags.push(fused ? (plainFlags & ~flagBits.beginGroup) | flagBits.fused : plainFlags);
    const before = fused ? (positions[p - 1]?.latency ?? 0) : 0;
    firstWrite.push(Math.max(before, earliestWrite(position)));
  }
  const edges = findEdges(positions);
  for (const second of pairs.keys()) joinPair(edges, second);
  for (const delay of edges.delay) maxDelay = Math.max(maxDelay, delay);
  return {
    core,
    length: positions.length,
    options,
    uops: positions.map((position) => position.uops),
    latency: positions.map((position) => position.latency),
    firstWrite,
    plans,
    memory,
    order,
    waitsFor,
    flags,
    maxDelay,
    inStart: edges.start,
    inProducer: edges.producer,
    inDelta: edges.delta,
    inDelay: edges.delay,
    ...byProducer(edges, positions.length),
  };
}

const noPairs: ReadonlyMap<number, unknown> = new Map();

/** What the second of a pair gets from the first takes no time: they are one micro-op. */
function joinPair(edges: Edges, second: number): void {
  const end = edges.start[second + 1] ?? 0;
  for (let edge = edges.start[second] ?? 0; edge < end; edge++)
    if (edges.producer[edge] === second - 1 && edges.delta[edge] === 0) edges.delay[edge] = 0;
}

const orderOf: Readonly<Record<OwnBehavior, number>> = {
  slot: orderKinds.none,
  point: orderKinds.none,
  'order-memory': orderKinds.memory,
  'drain-memory': orderKinds.drain,
  serialize: orderKinds.serialize,
};

/**
 * A range says how long the following code waits. Its lower bound is a latency; at the upper bound the wait is real
 * even where no register carries it: behind an atomic other memory instructions wait, behind a row without a result
 * everything does.
 */
function orderKindOf(own: OwnRow, insn: BoundInsn, bound: Bound): number {
  const isPlainRange = own.behavior === 'point' && own.kind === 'range' && own.hiCycles !== own.loCycles;
  if (bound === 'lo' || !isPlainRange) return orderOf[own.behavior];
  if (!hasResult(insn)) return orderKinds.hold;
  return own.mayLoad && own.mayStore ? orderKinds.memory : orderKinds.none;
}

const waitedFor: Readonly<Record<OwnRow['orders'], number>> = {
  loads: memoryBits.load,
  stores: memoryBits.store,
  all: memoryBits.load | memoryBits.store,
};

function memoryOf(record: InsnRecord, own: OwnRow | null): number {
  const { mayLoad, mayStore } = own === null || own.relative ? record : own;
  return (mayLoad ? memoryBits.load : 0) | (mayStore ? memoryBits.store : 0);
}

/** A slot has no result whose order could matter. */
const slotFlags = flagBits.retireOutOfOrder | flagBits.immediate;

function flagsOf(record: InsnRecord, taken: boolean, immediate: boolean): number {
  return (
    (record.beginGroup ? flagBits.beginGroup : 0) |
    (record.endGroup ? flagBits.endGroup : 0) |
    (record.retireOutOfOrder ? flagBits.retireOutOfOrder : 0) |
    (immediate ? flagBits.immediate : 0) |
    (taken ? flagBits.taken : 0)
  );
}
