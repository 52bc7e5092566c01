import {
  anyWriteClass,
  type BoundInsn,
  type CoreModel,
  callLatency,
  type InsnRecord,
  type MachineMode,
  type OwnRow,
  type ReadRecord,
  registerCount,
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
export const orderKinds = { none: 0, memory: 1, drain: 2, serialize: 3 } as const;
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
  readonly uops: Int32Array;
  readonly latency: Int32Array;
  /** Cycles to the earliest write; in-order write-back. */
  readonly firstWrite: Int32Array;
  readonly plans: readonly ResourcePlan[];
  /** `memoryBits`; 0 for an instruction that no memory order concerns. */
  readonly memory: Int32Array;
  readonly order: Int32Array;
  /** For ordering instructions: `memoryBits` of the older instructions waited for. */
  readonly waitsFor: Int32Array;
  readonly beginGroup: Uint8Array;
  readonly endGroup: Uint8Array;
  readonly retireOutOfOrder: Uint8Array;
  /** Finishes in the cycle of dispatch when its sources are ready. */
  readonly immediate: Uint8Array;
  readonly taken: Uint8Array;
  /** Longest latency or edge. */
  readonly maxDelay: number;
  /** Edges by producer: those of position p are outStart[p] .. outStart[p + 1]. */
  readonly outStart: Int32Array;
  readonly outConsumer: Int32Array;
  readonly outDelta: Int32Array;
  readonly outDelay: Int32Array;
  /** Edges by consumer. */
  readonly inStart: Int32Array;
  readonly inProducer: Int32Array;
  readonly inDelta: Int32Array;
  readonly inDelay: Int32Array;
}

/** Prepares a stream for a core. `llvm` mode takes LLVM's record alone; an instruction without one must not be there. */
export function compileProgram(model: CoreModel, stream: readonly StreamInsn[], options: ProgramOptions): Program {
  const core = prepareCore(model);
  const n = stream.length;
  const builder = new ProgramBuilder(n);
  const plans: ResourcePlan[] = [];
  for (let p = 0; p < n; p++) {
    const item = stream[p];
    if (item === undefined) continue;
    plans.push(builder.add(core, item, p, options));
  }
  return builder.finish(core, plans, options);
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

class ProgramBuilder {
  readonly #n: number;
  readonly #uops: Int32Array;
  readonly #latency: Int32Array;
  readonly #firstWrite: Int32Array;
  readonly #memory: Int32Array;
  readonly #order: Int32Array;
  readonly #waitsFor: Int32Array;
  readonly #flags: Uint8Array;
  readonly #bound: BoundPosition[] = [];

  constructor(n: number) {
    this.#n = n;
    const ints = new Int32Array(n * 6);
    this.#uops = ints.subarray(0, n);
    this.#latency = ints.subarray(n, n * 2);
    this.#firstWrite = ints.subarray(n * 2, n * 3);
    this.#memory = ints.subarray(n * 3, n * 4);
    this.#order = ints.subarray(n * 4, n * 5);
    this.#waitsFor = ints.subarray(n * 5);
    this.#flags = new Uint8Array(n * 5);
  }

  add(core: PreparedCore, item: StreamInsn, p: number, options: ProgramOptions): ResourcePlan {
    const { insn } = item;
    const own = options.mode === 'kernel' ? insn.own : null;
    const record = insn.record ?? noUses;
    const figure = own === null ? null : figureOf(own, options.rowBounds?.[p] ?? options.bound);
    const slotOnly = own !== null && own.behavior === 'slot';
    const latency = slotOnly ? 0 : latencyOf(record, figure, own, options.callLatencyCycles);
    this.#uops[p] = insn.record === null ? (own?.uops ?? 1) : slotOnly ? 1 : record.uops;
    this.#latency[p] = latency;
    const mayLoad = own === null ? record.mayLoad : own.mayLoad;
    const mayStore = own === null ? record.mayStore : own.mayStore;
    this.#memory[p] = (mayLoad ? memoryBits.load : 0) | (mayStore ? memoryBits.store : 0);
    if (own !== null) this.#addOrder(own, p);
    this.#addFlags(record, item.taken, p);
    const plan = planOf(core, slotOnly || insn.record === null ? noUses : record);
    if ((latency === 0 && plan.free) || record.mustIssueImmediately) this.#flags[this.#n * 3 + p] = 1;
    const position = boundPosition(insn, record, figure, own, slotOnly, latency, options.callLatencyCycles);
    let first = latency;
    for (const write of position.writes) first = Math.min(first, write.latency);
    this.#firstWrite[p] = first;
    this.#bound.push(position);
    return plan;
  }

  finish(core: PreparedCore, plans: readonly ResourcePlan[], options: ProgramOptions): Program {
    const n = this.#n;
    const edges = new EdgeList();
    let maxDelay = 1;
    for (let p = 0; p < n; p++) maxDelay = Math.max(maxDelay, this.#latency[p] ?? 0);
    findEdges(this.#bound, edges);
    for (const delay of edges.delay) maxDelay = Math.max(maxDelay, delay);
    const byConsumer = edges.grouped(n, edges.consumer);
    const byProducer = edges.grouped(n, edges.producer);
    return {
      core,
      length: n,
      options,
      uops: this.#uops,
      latency: this.#latency,
      firstWrite: this.#firstWrite,
      plans,
      memory: this.#memory,
      order: this.#order,
      waitsFor: this.#waitsFor,
      beginGroup: this.#flags.subarray(0, n),
      endGroup: this.#flags.subarray(n, n * 2),
      retireOutOfOrder: this.#flags.subarray(n * 2, n * 3),
      immediate: this.#flags.subarray(n * 3, n * 4),
      taken: this.#flags.subarray(n * 4),
      maxDelay,
      outStart: byProducer.start,
      outConsumer: edges.pick(edges.consumer, byProducer.order),
      outDelta: edges.pick(edges.delta, byProducer.order),
      outDelay: edges.pick(edges.delay, byProducer.order),
      inStart: byConsumer.start,
      inProducer: edges.pick(edges.producer, byConsumer.order),
      inDelta: edges.pick(edges.delta, byConsumer.order),
      inDelay: edges.pick(edges.delay, byConsumer.order),
    };
  }

  #addOrder(own: OwnRow, p: number): void {
    const { behavior } = own;
    if (behavior !== 'order-memory' && behavior !== 'drain-memory' && behavior !== 'serialize') return;
    this.#order[p] =
      behavior === 'order-memory'
        ? orderKinds.memory
        : behavior === 'drain-memory'
          ? orderKinds.drain
          : orderKinds.serialize;
    this.#waitsFor[p] =
      own.orders === 'loads'
        ? memoryBits.load
        : own.orders === 'stores'
          ? memoryBits.store
          : memoryBits.load | memoryBits.store;
    // The ordering itself is modelled; LLVM's "loads and stores" for barriers would order twice.
    this.#memory[p] = 0;
  }

  #addFlags(record: InsnRecord, taken: boolean, p: number): void {
    const n = this.#n;
    if (record.beginGroup) this.#flags[p] = 1;
    if (record.endGroup) this.#flags[n + p] = 1;
    if (record.retireOutOfOrder) this.#flags[n * 2 + p] = 1;
    if (taken) this.#flags[n * 4 + p] = 1;
  }
}

interface BoundPosition {
  readonly writes: readonly {
    readonly registers: readonly number[];
    readonly latency: number;
    readonly writeClass: number;
  }[];
  readonly reads: readonly { readonly registers: readonly number[]; readonly record: ReadRecord | null }[];
}

/** Cycles of a row at one bound; an unknown upper bound counts as the lower one, and the report says it is open. */
function figureOf(own: OwnRow, bound: Bound): number {
  return bound === 'hi' && own.hiCycles !== null ? Math.max(own.hiCycles, own.loCycles) : own.loCycles;
}

function latencyOf(record: InsnRecord, figure: number | null, own: OwnRow | null, callLatencyCycles: number): number {
  const table = record.latencyCycles === callLatency ? callLatencyCycles : record.latencyCycles;
  if (figure === null || own === null) return table;
  return own.relative ? table + figure : figure;
}

function boundPosition(
  insn: BoundInsn,
  record: InsnRecord,
  figure: number | null,
  own: OwnRow | null,
  slotOnly: boolean,
  latency: number,
  callLatencyCycles: number,
): BoundPosition {
  if (slotOnly) return noRegisters;
  const writes = insn.writes.map(({ registers }, index) => {
    const write = record.writes[index];
    const known = write?.latencyCycles ?? latency;
    const table = known === callLatency ? callLatencyCycles : known;
    const isOwn = figure !== null && own !== null;
    return {
      registers,
      latency: isOwn ? (own.relative ? table + figure : figure) : table,
      writeClass: isOwn ? anyWriteClass : (write?.writeClass ?? anyWriteClass),
    };
  });
  const reads = insn.reads.map(({ registers }, index) => ({ registers, record: record.reads[index] ?? null }));
  return { writes, reads };
}

const noRegisters: BoundPosition = { writes: [], reads: [] };

class EdgeList {
  readonly producer: number[] = [];
  readonly consumer: number[] = [];
  readonly delta: number[] = [];
  readonly delay: number[] = [];

  add(producer: number, consumer: number, delta: number, delay: number): void {
    this.producer.push(producer);
    this.consumer.push(consumer);
    this.delta.push(delta);
    this.delay.push(delay);
  }

  /** Edge numbers sorted by a key in 0..n-1, and where each key's edges start. */
  grouped(n: number, keys: readonly number[]): { readonly start: Int32Array; readonly order: Int32Array } {
    const start = new Int32Array(n + 1);
    for (const key of keys) start[key + 1] = (start[key + 1] ?? 0) + 1;
    for (let i = 0; i < n; i++) start[i + 1] = (start[i + 1] ?? 0) + (start[i] ?? 0);
    const next = start.slice();
    const order = new Int32Array(keys.length);
    for (let edge = 0; edge < keys.length; edge++) {
      const key = keys[edge] ?? 0;
      const at = next[key] ?? 0;
      order[at] = edge;
      next[key] = at + 1;
    }
    return { start, order };
  }

  pick(values: readonly number[], order: Int32Array): Int32Array {
    const out = new Int32Array(order.length);
    for (let i = 0; i < order.length; i++) out[i] = values[order[i] ?? 0] ?? 0;
    return out;
  }
}

/** Two rounds over the stream: the second one sees what the first one wrote last. */
function findEdges(positions: readonly BoundPosition[], edges: EdgeList): void {
  const n = positions.length;
  // Last write of each register: position * 8 + number of the write, plus n * 8 per round; -1: none yet.
  const lastWrite = new Int32Array(registerCount).fill(-1);
  for (let round = 0; round < 2; round++) {
    for (let p = 0; p < n; p++) {
      const position = positions[p];
      if (position === undefined) continue;
      if (round === 1) addReads(position, p, n, positions, lastWrite, edges);
      noteWrites(position, (round * n + p) * 8, lastWrite);
    }
  }
}

function noteWrites(position: BoundPosition, base: number, lastWrite: Int32Array): void {
  const { writes } = position;
  for (let w = 0; w < writes.length; w++) {
    const write = writes[w];
    if (write === undefined) continue;
    for (const register of write.registers) {
      const before = lastWrite[register] ?? -1;
      // An instruction that writes a register twice counts the slower one.
      if (before >= base && (writes[before - base]?.latency ?? 0) > write.latency) continue;
      lastWrite[register] = base + w;
    }
  }
}

function addReads(
  position: BoundPosition,
  p: number,
  n: number,
  positions: readonly BoundPosition[],
  lastWrite: Int32Array,
  edges: EdgeList,
): void {
  for (const read of position.reads) {
    const { registers } = read;
    for (let i = 0; i < registers.length; i++) {
      const source = lastWrite[registers[i] ?? 0] ?? -1;
      if (source < 0 || seenBefore(registers, i, source, lastWrite)) continue;
      const index = source >> 3;
      const producer = index >= n ? index - n : index;
      const write = positions[producer]?.writes[source & 7];
      if (write === undefined) continue;
      const delay = Math.max(0, write.latency - advanceOf(read.record, write.writeClass));
      edges.add(producer, p, index >= n ? 0 : 1, delay);
    }
  }
}

/** A read that covers several registers depends on each write once. */
function seenBefore(registers: readonly number[], upTo: number, source: number, lastWrite: Int32Array): boolean {
  for (let i = 0; i < upTo; i++) if (lastWrite[registers[i] ?? 0] === source) return true;
  return false;
}

function advanceOf(read: ReadRecord | null, writeClass: number): number {
  if (read === null) return 0;
  for (const advance of read.advances) {
    if (advance.writeClass === anyWriteClass || advance.writeClass === writeClass) return advance.cycles;
  }
  return 0;
}
