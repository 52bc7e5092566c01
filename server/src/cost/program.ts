import {
  anyWriteClass,
  type BoundInsn,
  type CoreModel,
  callLatency,
  type InsnRecord,
  type MachineMode,
  type OwnBehavior,
  type OwnRow,
  type ReadRecord,
  registerCount,
  registerIds,
} from './model.ts';
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
} as const;

/** Prepares a stream for a core. An instruction without LLVM's record gets one micro-op and one cycle. */
export function compileProgram(model: CoreModel, stream: readonly StreamInsn[], options: ProgramOptions): Program {
  const core = prepareCore(model);
  const positions: Position[] = [];
  const plans: ResourcePlan[] = [];
  const waitsFor: number[] = [];
  const flags: number[] = [];
  const memory: number[] = [];
  const order: number[] = [];
  const firstWrite: number[] = [];
  let maxDelay = 1;
  for (let p = 0; p < stream.length; p++) {
    const item = stream[p];
    if (item === undefined) continue;
    const position = positionOf(item.insn, p, options);
    const { own, record, latency } = position;
    positions.push(position);
    maxDelay = Math.max(maxDelay, latency);
    const plan = planOf(core, position.registers === null || item.insn.record === null ? noUses : record);
    plans.push(plan);
    const kind = own === null ? orderKinds.none : orderKindOf(own, item.insn, options.rowBounds?.[p] ?? options.bound);
    order.push(kind);
    waitsFor.push(own === null ? 0 : waitedFor[own.orders]);
    memory.push(kind !== orderKinds.none ? 0 : memoryOf(record, own));
    const isSlot = position.registers === null;
    const immediate = (latency === 0 && plan.free) || record.mustIssueImmediately;
    const hasNoResult = own !== null && !hasResult(item.insn);
    flags.push(
      isSlot ? slotFlags : flagsOf(record, item.taken, immediate) | (hasNoResult ? flagBits.retireOutOfOrder : 0),
    );
    firstWrite.push(earliestWrite(position));
  }
  const edges = findEdges(positions);
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

const noUses: InsnRecord = {
  uops: 1,
  latencyCycles: 1,
  writes: [],
  reads: [],
  uses: [],
  buffers: [],
  groups: [],
  partlyOverlappingGroups: false,
  mayLoad: false,
  mayStore: false,
  beginGroup: false,
  endGroup: false,
  retireOutOfOrder: false,
  mustIssueImmediately: false,
};

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

function hasResult(insn: BoundInsn): boolean {
  const leavesFlags = leavesFlagsAlone(insn);
  return insn.writes.some(({ registers }) => registers.some((one) => one !== registerIds.nzcv || !leavesFlags));
}

/** LLVM has every MRS and MSR write the flags, because MSR NZCV does. */
function leavesFlagsAlone({ mnemonic, text }: BoundInsn): boolean {
  return (mnemonic === 'mrs' || mnemonic === 'msr') && !/nzcv/i.test(text);
}

const waitedFor: Readonly<Record<OwnRow['orders'], number>> = {
  loads: memoryBits.load,
  stores: memoryBits.store,
  all: memoryBits.load | memoryBits.store,
};

/** One instruction with the figures that count in this mode at this bound. */
interface Position {
  readonly own: OwnRow | null;
  readonly record: InsnRecord;
  readonly uops: number;
  readonly latency: number;
  /** Null when it neither reads nor writes: a slot. */
  readonly registers: BoundInsn | null;
  /** Cycles of our row, or -1 without one. */
  readonly figure: number;
  readonly callLatencyCycles: number;
}

function positionOf(insn: BoundInsn, p: number, options: ProgramOptions): Position {
  const { callLatencyCycles } = options;
  const record = insn.record ?? noUses;
  const own = options.mode === 'kernel' ? insn.own : null;
  if (own === null) {
    const latency = cyclesOf(record.latencyCycles, callLatencyCycles);
    return { own, record, uops: record.uops, latency, registers: insn, figure: -1, callLatencyCycles };
  }
  if (own.behavior === 'slot')
    return { own, record, uops: 1, latency: 0, registers: null, figure: 0, callLatencyCycles };
  const figure = figureOf(own, options.rowBounds?.[p] ?? options.bound);
  const latency = own.relative ? cyclesOf(record.latencyCycles, callLatencyCycles) + figure : figure;
  const uops = insn.record === null ? own.uops : record.uops;
  return { own, record, uops, latency, registers: insn, figure, callLatencyCycles };
}

/** Cycles of a row at one bound; an unknown upper bound counts as the lower one, and the report says it is open. */
function figureOf(own: OwnRow, bound: Bound): number {
  return bound === 'hi' && own.hiCycles !== null ? Math.max(own.hiCycles, own.loCycles) : own.loCycles;
}

function cyclesOf(latencyCycles: number, callLatencyCycles: number): number {
  return latencyCycles === callLatency ? callLatencyCycles : latencyCycles;
}

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

/** Cycles until a write's value is there; an absolute figure of our own counts for all writes. */
function writeLatency(position: Position, write: number): number {
  const { own, record, figure, callLatencyCycles } = position;
  if (own !== null && !own.relative) return figure;
  const known = record.writes[write]?.latencyCycles;
  const table = known === undefined ? position.latency : cyclesOf(known, callLatencyCycles);
  return own === null || known === undefined ? table : table + figure;
}

function earliestWrite(position: Position): number {
  let first = position.latency;
  const writes = position.registers?.writes.length ?? 0;
  for (let w = 0; w < writes; w++) first = Math.min(first, writeLatency(position, w));
  return first;
}

interface Edges {
  /** First edge of each consumer, and the number of all edges. */
  readonly start: number[];
  readonly producer: number[];
  readonly delta: number[];
  readonly delay: number[];
}

/** Writes of one instruction that can be told apart. */
const writesPerInsn = 8;

/** Used within one call of `findEdges`. */
const lastWrites = new Int32Array(registerCount);

/** Two rounds over the stream: the second one sees what the first one wrote last. */
function findEdges(positions: readonly Position[]): Edges {
  const n = positions.length;
  const edges: Edges = { start: [], producer: [], delta: [], delay: [] };
  // Last write of each register: instruction of both rounds * writesPerInsn + number of the write; -1: none yet.
  const lastWrite = lastWrites.fill(-1);
  for (let at = 0; at < n * 2; at++) {
    const position = positions[at < n ? at : at - n];
    if (at >= n) edges.start.push(edges.producer.length);
    if (position === undefined || position.registers === null) continue;
    if (at >= n) addReads(position, position.registers, positions, lastWrite, edges);
    noteWrites(position, position.registers, at * writesPerInsn, lastWrite);
  }
  edges.start.push(edges.producer.length);
  return edges;
}

function noteWrites(position: Position, insn: BoundInsn, base: number, lastWrite: Int32Array): void {
  const { writes } = insn;
  const leavesFlags = position.own !== null && leavesFlagsAlone(insn);
  for (let w = 0; w < writes.length; w++) {
    const registers = writes[w]?.registers;
    if (registers === undefined) continue;
    for (let i = 0; i < registers.length; i++) {
      const register = registers[i] ?? 0;
      if (leavesFlags && register === registerIds.nzcv) continue;
      const before = lastWrite[register] ?? -1;
      // An instruction that writes a register twice counts the slower one.
      if (before >= base && writeLatency(position, before - base) > writeLatency(position, w)) continue;
      lastWrite[register] = base + w;
    }
  }
}

function addReads(
  position: Position,
  insn: BoundInsn,
  positions: readonly Position[],
  lastWrite: Int32Array,
  edges: Edges,
): void {
  const n = positions.length;
  const { reads } = insn;
  for (let r = 0; r < reads.length; r++) {
    const registers = reads[r]?.registers;
    if (registers === undefined) continue;
    for (let i = 0; i < registers.length; i++) {
      const source = lastWrite[registers[i] ?? 0] ?? -1;
      if (source < 0 || (i > 0 && seenBefore(registers, i, source, lastWrite))) continue;
      const at = Math.floor(source / writesPerInsn);
      const producer = at >= n ? at - n : at;
      const from = positions[producer];
      if (from === undefined) continue;
      const write = source % writesPerInsn;
      const advance = advanceOf(position.record.reads[r], writeClassOf(from, write));
      edges.producer.push(producer);
      edges.delta.push(at >= n ? 0 : 1);
      edges.delay.push(Math.max(0, writeLatency(from, write) - advance));
    }
  }
}

/** A read that covers several registers depends on each write once. */
function seenBefore(registers: readonly number[], upTo: number, source: number, lastWrite: Int32Array): boolean {
  for (let i = 0; i < upTo; i++) if (lastWrite[registers[i] ?? 0] === source) return true;
  return false;
}

/** A figure of our own comes from no bypass that LLVM's tables know. */
function writeClassOf({ own, record }: Position, write: number): number {
  return own === null || own.relative ? (record.writes[write]?.writeClass ?? anyWriteClass) : anyWriteClass;
}

function advanceOf(read: ReadRecord | undefined, writeClass: number): number {
  if (read === undefined) return 0;
  const { advances } = read;
  for (let i = 0; i < advances.length; i++) {
    const advance = advances[i];
    if (advance === undefined) continue;
    if (advance.writeClass === anyWriteClass || advance.writeClass === writeClass) return advance.cycles;
  }
  return 0;
}

/** The edges sorted by producer. */
function byProducer(edges: Edges, n: number): Pick<Program, 'outStart' | 'outConsumer' | 'outDelta' | 'outDelay'> {
  const { start, producer, delta, delay } = edges;
  const count = producer.length;
  const outStart = zeros(n + 1);
  const outConsumer = zeros(count);
  const outDelta = zeros(count);
  const outDelay = zeros(count);
  for (let edge = 0; edge < count; edge++) {
    const from = producer[edge] ?? 0;
    outStart[from] = (outStart[from] ?? 0) + 1;
  }
  for (let p = 1; p <= n; p++) outStart[p] = (outStart[p] ?? 0) + (outStart[p - 1] ?? 0);
  // Filled from behind, so that each start comes to lie on its first edge.
  for (let consumer = n - 1; consumer >= 0; consumer--) {
    for (let edge = (start[consumer + 1] ?? 0) - 1; edge >= (start[consumer] ?? 0); edge--) {
      const from = producer[edge] ?? 0;
      const at = (outStart[from] ?? 0) - 1;
      outStart[from] = at;
      outConsumer[at] = consumer;
      outDelta[at] = delta[edge] ?? 0;
      outDelay[at] = delay[edge] ?? 0;
    }
  }
  return { outStart, outConsumer, outDelta, outDelay };
}

/** Plain arrays: streams are short, and small typed arrays cost more to make than to use. */
function zeros(length: number): number[] {
  const made: number[] = [];
  for (let i = 0; i < length; i++) made.push(0);
  return made;
}
