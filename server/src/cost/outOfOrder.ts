// The machine's whole state is one invariant, so its steps stay in one file above the usual length.
import { PeriodFinder } from './periodFinder.ts';
import { flagBits, memoryBits, orderKinds, type Program } from './program.ts';
import { ReadySet } from './readySet.ts';
import { ResourcePool } from './resourcePool.ts';
import { reasonKinds, Trace } from './trace.ts';

const never = Number.POSITIVE_INFINITY;
const noTrace = new Trace(0);

/**
 * The out-of-order machine on one program: retire, free, issue, dispatch, as llvm-mca's default pipeline does it.
 * Instructions are numbered through all iterations; those in flight live in a ring. Times are absolute cycles, and
 * cycles in which nothing can happen are not visited.
 * Source: llvm/lib/MCA/Stages/{DispatchStage,ExecuteStage,RetireStage}.cpp and HardwareUnits/{Scheduler,LSUnit,
 * RetireControlUnit}.cpp, LLVM 19.1.7.
 */
export class OutOfOrderMachine {
  #program: Program;
  readonly pool: ResourcePool;
  trace: Trace = noTrace;
  #period: PeriodFinder | null = null;
  #idlePeriod: PeriodFinder | null = null;
  /** Instructions to run; a period that was found shortens it, and `#skippedCycles` makes up for it. */
  #total = 0;
  #skippedCycles = 0;
  /** The steady state, once found. */
  period: { readonly iterations: number; readonly cycles: number } | null = null;
  #cycle = 0;
  /** Oldest instruction that has not retired; next one to dispatch. */
  #head = 0;
  #tail = 0;
  /** Position of `#tail` in the stream. */
  #tailPosition = 0;
  #lastRetireCycle = -1;
  #freeEntries = 0;
  readonly #freeBuffers: Int32Array;
  #carriedUops = 0;
  /** Dispatch continues at this cycle at the earliest; `never` while an instruction serializes. */
  #dispatchFrom = 0;
  #stopReason: number = reasonKinds.start;
  #stopFrom = -1;
  /** Why the first instruction of this cycle was not dispatched before. */
  #heldReason: number = reasonKinds.start;
  #heldFrom = -1;
  #epochFrom = -1;

  // Ring of instructions in flight.
  readonly #mask: number;
  readonly #position: Int32Array;
  /** Cycle of issue, or -1. */
  readonly #issuedAt: Int32Array;
  readonly #waitCount: Int32Array;
  readonly #readyAt: Int32Array;
  readonly #lastSource: Int32Array;
  readonly #ready: ReadySet;

  // Load groups and stores that wait.
  readonly #group: Int32Array;
  readonly #groupLeft: Int32Array;
  readonly #groupWaiter: Int32Array;
  #groupCount = 0;
  #openGroup = -1;
  readonly #storeWaiter: Int32Array;
  #lastStore = -1;
  /** Ordering instructions in flight, oldest first. */
  #barriers: number[] = [];
  readonly #unitUser: Int32Array;

  constructor(program: Program) {
    const { core } = program;
    this.#program = program;
    this.#freeBuffers = new Int32Array(core.bufferEntries.length);
    this.pool = new ResourcePool(core);
    let size = 4;
    while (size < core.model.bufferUops + 1) size *= 2;
    this.#mask = size - 1;
    const ring = new Int32Array(size * 9);
    const part = (k: number): Int32Array => ring.subarray(size * k, size * (k + 1));
    this.#position = part(0);
    this.#issuedAt = part(1);
    this.#waitCount = part(2);
    this.#readyAt = part(3);
    this.#lastSource = part(4);
    this.#group = part(5);
    this.#groupLeft = part(6);
    this.#groupWaiter = part(7);
    this.#storeWaiter = part(8);
    this.#ready = new ReadySet(size);
    this.#unitUser = new Int32Array(core.unitCount);
  }

  /** Prepares a run of a program of the machine's core; what the last one left is forgotten. */
  start(program: Program, iterations: number, traced: number, findPeriod: boolean): void {
    const { core } = program;
    this.#program = program;
    this.#total = program.length * iterations;
    this.#skippedCycles = 0;
    this.period = null;
    this.#cycle = 0;
    this.#head = 0;
    this.#tail = 0;
    this.#tailPosition = 0;
    this.#lastRetireCycle = -1;
    this.#freeEntries = core.model.bufferUops;
    this.#freeBuffers.set(core.bufferEntries);
    this.#carriedUops = 0;
    this.#dispatchFrom = 0;
    this.#stop(reasonKinds.start, -1);
    this.#heldReason = reasonKinds.start;
    this.#heldFrom = -1;
    this.#epochFrom = -1;
    this.#groupCount = 0;
    this.#openGroup = -1;
    this.#lastStore = -1;
    this.#barriers = [];
    this.#unitUser.fill(-1);
    this.pool.reset();
    this.#ready.reset(core.plansByKey.size, program.maxDelay);
    this.trace = traced > 0 ? new Trace(Math.min(traced, iterations) * program.length) : noTrace;
    if (findPeriod) {
      this.#idlePeriod ??= new PeriodFinder((this.#mask + 1) * 4 + this.pool.stateLength + 16);
      this.#idlePeriod.reset();
    }
    this.#period = findPeriod ? this.#idlePeriod : null;
  }

  /** Cycles so far: of the whole run once `run` gave `true`. */
  get totalCycles(): number {
    return this.#lastRetireCycle + 1 + this.#skippedCycles;
  }

  /** Visits up to `visits` cycles. `done`, `more`, or `stuck`: an instruction that can never issue. */
  run(visits: number): 'done' | 'more' | 'stuck' {
    for (let left = visits; left > 0; left--) {
      const cycle = this.#cycle;
      this.#retire(cycle);
      if (this.#head >= this.#total) return 'done';
      this.pool.advanceTo(cycle);
      this.#ready.advanceTo(cycle);
      if (!this.#ready.isEmpty) this.#issueAll(cycle);
      if (this.#tail < this.#total) this.#dispatchAll(cycle);
      const next = this.#nextCycle(cycle);
      if (next === never) return 'stuck';
      this.#cycle = next;
    }
    return 'more';
  }

  #retire(cycle: number): void {
    const { latency, uops, core } = this.#program;
    const limit = core.model.bufferUops;
    while (this.#head < this.#tail) {
      const slot = this.#head & this.#mask;
      const issued = this.#issuedAt[slot] ?? -1;
      if (issued < 0) return;
      const position = this.#position[slot] ?? 0;
      const finished = issued + (latency[position] ?? 0);
      if (finished >= cycle) return;
      this.#lastRetireCycle = Math.max(this.#lastRetireCycle, finished + 1);
      if (this.#head < this.trace.count) this.trace.retired[this.#head] = this.#lastRetireCycle;
      this.#freeEntries += Math.max(1, Math.min(uops[position] ?? 0, limit));
      this.#head++;
    }
  }

  #issueAll(cycle: number): void {
    const { plans } = this.#program;
    for (;;) {
      const index = this.#ready.take(this.pool, plans, this.#position, this.#mask);
      if (index < 0) return;
      this.#issue(index, cycle);
    }
  }

  #issue(index: number, cycle: number): void {
    const program = this.#program;
    const slot = index & this.#mask;
    const position = this.#position[slot] ?? 0;
    const plan = program.plans[position];
    this.#issuedAt[slot] = cycle;
    if (plan !== undefined) {
      if (!plan.free) this.pool.use(plan, cycle);
      for (let i = 0; i < plan.buffers.length; i++) {
        const buffer = plan.buffers[i] ?? 0;
        this.#freeBuffers[buffer] = (this.#freeBuffers[buffer] ?? 0) + 1;
      }
    }
    if (index < this.trace.count) this.#traceIssue(index, slot, cycle, position);
    const { outConsumer, outDelta, outDelay, length } = program;
    const end = program.outStart[position + 1] ?? 0;
    for (let edge = program.outStart[position] ?? 0; edge < end; edge++) {
      const consumer = index - position + (outConsumer[edge] ?? 0) + (outDelta[edge] ?? 0) * length;
      if (consumer < this.#tail) this.#release(consumer, cycle + (outDelay[edge] ?? 0), cycle, index, false);
    }
    const memory = program.memory[position] ?? 0;
    if (memory !== 0) this.#memoryIssued(index, slot, memory, cycle);
    if (this.#barriers.length > 0) this.#orderIssued(index, position, cycle);
  }

  /** One thing that `index` waited for is settled; its value is there at `at`. */
  #release(index: number, at: number, cycle: number, from: number, isOrder: boolean): void {
    const slot = index & this.#mask;
    if (at >= (this.#readyAt[slot] ?? 0)) {
      this.#readyAt[slot] = at;
      this.#lastSource[slot] = isOrder ? -2 - from : from;
    }
    const left = (this.#waitCount[slot] ?? 0) - 1;
    this.#waitCount[slot] = left;
    if (left === 0) this.#becomeReady(index, slot, cycle);
  }

  #becomeReady(index: number, slot: number, cycle: number): void {
    const plan = this.#program.plans[this.#position[slot] ?? 0];
    this.#ready.add(index, plan?.id ?? 0, this.#readyAt[slot] ?? 0, cycle);
  }

  #dispatchAll(cycle: number): void {
    const program = this.#program;
    const { model } = program.core;
    const width = model.widthUops;
    let slots = width;
    if (this.#carriedUops > 0) {
      slots = Math.max(0, width - this.#carriedUops);
      this.#carriedUops -= width - slots;
    }
    if (this.#dispatchFrom > cycle) return;
    let insns = program.options.mode === 'kernel' ? (model.decodeLimitInsns ?? never) : never;
    this.#heldReason = this.#stopReason;
    this.#heldFrom = this.#stopFrom;
    // Limited by width alone, an instruction is late because of what last held dispatch up.
    if (this.#heldReason !== reasonKinds.width) this.#epochFrom = this.#heldFrom;
    this.#stop(reasonKinds.width, this.#epochFrom);
    while (this.#tail < this.#total) {
      const position = this.#tailPosition;
      const fused = ((program.flags[position] ?? 0) & flagBits.fused) !== 0;
      if (!fused && (slots <= 0 || insns <= 0)) break;
      const uops = program.uops[position] ?? 0;
      if (Math.min(uops, width) > slots) break;
      if (((program.flags[position] ?? 0) & flagBits.beginGroup) !== 0 && slots !== width) break;
      const entries = Math.max(1, Math.min(uops, model.bufferUops));
      if (entries > this.#freeEntries) {
        this.#stop(reasonKinds.buffer, this.#head);
        break;
      }
      if (!this.#hasBuffers(position)) {
        this.#stop(reasonKinds.scheduler, -1);
        break;
      }
      this.#freeEntries -= entries;
      if (!fused) insns--;
      if (uops > width) {
        this.#carriedUops = uops - width;
        slots = 0;
      } else slots -= uops;
      if (((program.flags[position] ?? 0) & flagBits.endGroup) !== 0) slots = 0;
      this.#dispatch(cycle, position);
      if (this.#dispatchFrom > cycle) return;
    }
    // Whatever ended it, width can be tried again in the next cycle; a full buffer waits for its event.
    if (this.#stopReason === reasonKinds.width) this.#dispatchFrom = cycle + 1;
  }

  #stop(reason: number, from: number): void {
    this.#stopReason = reason;
    this.#stopFrom = from;
  }

  #hasBuffers(position: number): boolean {
    const buffers = this.#program.plans[position]?.buffers;
    if (buffers === undefined) return true;
    for (let i = 0; i < buffers.length; i++) if ((this.#freeBuffers[buffers[i] ?? 0] ?? 0) === 0) return false;
    return true;
  }

  #dispatch(cycle: number, position: number): void {
    const program = this.#program;
    const index = this.#tail++;
    this.#tailPosition = position + 1 === program.length ? 0 : position + 1;
    const slot = index & this.#mask;
    this.#position[slot] = position;
    this.#issuedAt[slot] = -1;
    this.#readyAt[slot] = 0;
    this.#lastSource[slot] = -1;
    this.#ready.clearUsers(slot);
    const buffers = program.plans[position]?.buffers;
    if (buffers !== undefined) {
      for (let i = 0; i < buffers.length; i++) {
        const buffer = buffers[i] ?? 0;
        this.#freeBuffers[buffer] = (this.#freeBuffers[buffer] ?? 0) - 1;
      }
    }
    if (index < this.trace.count) this.#traceDispatch(index, cycle);
    let waits = this.#waitForValues(index, slot, position);
    const memory = program.memory[position] ?? 0;
    if (memory !== 0) waits += this.#joinMemory(index, slot, memory);
    const order = program.order[position] ?? 0;
    if (order !== orderKinds.none) waits += this.#addBarrier(index, slot, position, order);
    this.#waitCount[slot] = waits;
    if (waits === 0) {
      if (((program.flags[position] ?? 0) & flagBits.immediate) !== 0 && (this.#readyAt[slot] ?? 0) <= cycle)
        this.#issue(index, cycle);
      // Even a ready one issues in the next cycle at the earliest.
      else
        this.#ready.add(index, program.plans[position]?.id ?? 0, Math.max(this.#readyAt[slot] ?? 0, cycle + 1), cycle);
    }
    if (order > orderKinds.memory) this.#holdDispatch(index, slot, cycle, position);
    else if (((program.flags[position] ?? 0) & flagBits.taken) !== 0 && program.options.mode === 'kernel') {
      this.#dispatchFrom = cycle + 1 + (program.options.bound === 'hi' ? takenBranchBubbleHiCycles : 0);
      this.#stop(reasonKinds.frontEnd, index);
    }
  }

  /** Number of producers in flight that have not issued; notes when the others' values are there. */
  #waitForValues(index: number, slot: number, position: number): number {
    const { inProducer, inDelta, inDelay, inStart, length } = this.#program;
    const end = inStart[position + 1] ?? 0;
    let waits = 0;
    for (let edge = inStart[position] ?? 0; edge < end; edge++) {
      const producer = index - position + (inProducer[edge] ?? 0) - (inDelta[edge] ?? 0) * length;
      // What has retired has its values in the register file; before the first iteration there is nothing.
      if (producer < this.#head) continue;
      const issued = this.#issuedAt[producer & this.#mask] ?? -1;
      if (issued < 0) {
        waits++;
        this.#ready.addUser(producer, this.#program.plans[this.#position[producer & this.#mask] ?? 0]?.id ?? 0);
      } else if (issued + (inDelay[edge] ?? 0) >= (this.#readyAt[slot] ?? 0)) {
        this.#readyAt[slot] = issued + (inDelay[edge] ?? 0);
        this.#lastSource[slot] = producer;
      }
    }
    return waits;
  }

  #isUnissued(index: number): boolean {
    return index >= this.#head && (this.#issuedAt[index & this.#mask] ?? 0) < 0;
  }

  /** Memory order of a new instruction; gives the number of groups it waits for. */
  #joinMemory(index: number, slot: number, memory: number): number {
    let waits = 0;
    if ((memory & memoryBits.store) !== 0) {
      // A group that the previous store waits for is settled once that store has issued.
      if (this.#lastStore >= 0 && this.#isUnissued(this.#lastStore)) {
        this.#storeWaiter[this.#lastStore & this.#mask] = index;
        waits++;
      }
      if (this.#openGroup >= 0) {
        const group = this.#openGroup & this.#mask;
        if ((this.#groupLeft[group] ?? 0) > 0) {
          this.#groupWaiter[group] = index;
          waits++;
        }
      }
      this.#openGroup = -1;
      this.#lastStore = index;
      this.#storeWaiter[slot] = -1;
    } else {
      const open = this.#openGroup & this.#mask;
      if (this.#openGroup < 0 || this.#groupLeft[open] === 0) {
        this.#openGroup = this.#groupCount++;
        const group = this.#openGroup & this.#mask;
        this.#groupLeft[group] = 1;
        this.#groupWaiter[group] = -1;
      } else this.#groupLeft[open] = (this.#groupLeft[open] ?? 0) + 1;
      this.#group[slot] = this.#openGroup;
    }
    for (let i = this.#barriers.length - 1; i >= 0; i--) {
      const barrier = this.#barriers[i] ?? 0;
      waits += this.#waitForBarrier(barrier, slot, memory);
      if (this.#isFullBarrier(barrier)) break;
    }
    return waits;
  }

  #memoryIssued(index: number, slot: number, memory: number, cycle: number): void {
    let waiter = -1;
    if ((memory & memoryBits.store) !== 0) waiter = this.#storeWaiter[slot] ?? -1;
    else {
      const group = (this.#group[slot] ?? 0) & this.#mask;
      const left = (this.#groupLeft[group] ?? 0) - 1;
      this.#groupLeft[group] = left;
      if (left === 0) waiter = this.#groupWaiter[group] ?? -1;
    }
    if (waiter >= 0) this.#release(waiter, cycle, cycle, index, true);
  }

  #finishOf(index: number): number {
    const slot = index & this.#mask;
    return (this.#issuedAt[slot] ?? 0) + (this.#program.latency[this.#position[slot] ?? 0] ?? 0);
  }

  /** Whether an ordering instruction at a position waits for an older instruction. */
  #ordersAfter(barrierPosition: number, olderPosition: number): boolean {
    const order = this.#program.order[barrierPosition];
    if (order === orderKinds.serialize) return true;
    if (order === orderKinds.hold) return false;
    if (this.#program.order[olderPosition] !== orderKinds.none) return true;
    return ((this.#program.memory[olderPosition] ?? 0) & (this.#program.waitsFor[barrierPosition] ?? 0)) !== 0;
  }

  /**
   * A barrier that waits for all older memory instructions and holds all younger ones: nothing behind it needs to look
   * at what stands before it.
   */
  #isFullBarrier(index: number): boolean {
    const position = this.#position[index & this.#mask] ?? 0;
    const { order, waitsFor } = this.#program;
    return order[position] === orderKinds.memory && waitsFor[position] === (memoryBits.load | memoryBits.store);
  }

  #addBarrier(index: number, slot: number, position: number, order: number): number {
    let waits = 0;
    for (let older = index - 1; older >= this.#head; older--) {
      const olderSlot = older & this.#mask;
      if (!this.#ordersAfter(position, this.#position[olderSlot] ?? 0)) continue;
      if ((this.#issuedAt[olderSlot] ?? -1) < 0) waits++;
      else if (this.#finishOf(older) >= (this.#readyAt[slot] ?? 0)) {
        this.#readyAt[slot] = this.#finishOf(older);
        this.#lastSource[slot] = -2 - older;
      }
      if (order === orderKinds.memory && this.#isFullBarrier(older)) break;
    }
    this.#barriers = this.#barriers.filter((barrier) => barrier >= this.#head);
    this.#barriers.push(index);
    // Nothing younger is there while these two run.
    if (order !== orderKinds.memory) this.#dispatchFrom = never;
    return waits;
  }

  #waitForBarrier(barrier: number, slot: number, memory: number): number {
    if (barrier < this.#head) return 0;
    const barrierSlot = barrier & this.#mask;
    if (!this.#holdsYounger(this.#position[barrierSlot] ?? 0, memory)) return 0;
    if ((this.#issuedAt[barrierSlot] ?? -1) < 0) return 1;
    const finish = this.#finishOf(barrier);
    if (finish >= (this.#readyAt[slot] ?? 0)) {
      this.#readyAt[slot] = finish;
      this.#lastSource[slot] = -2 - barrier;
    }
    return 0;
  }

  /** A barrier for stores alone holds younger stores alone; every other one holds all memory instructions. */
  #holdsYounger(barrierPosition: number, memory: number): boolean {
    return this.#program.waitsFor[barrierPosition] !== memoryBits.store || (memory & memoryBits.store) !== 0;
  }

  /** Settles the order between an instruction that issues and the ordering instructions in flight. */
  #orderIssued(index: number, position: number, cycle: number): void {
    const finish = this.#finishOf(index);
    let isCovered = false;
    for (const barrier of this.#barriers) {
      if (barrier <= index || !this.#isUnissued(barrier)) continue;
      const at = this.#position[barrier & this.#mask] ?? 0;
      if (isCovered && this.#program.order[at] === orderKinds.memory) continue;
      if (this.#ordersAfter(at, position)) this.#release(barrier, finish, cycle, index, true);
      isCovered ||= this.#isFullBarrier(barrier);
    }
    const order = this.#program.order[position] ?? 0;
    if (order === orderKinds.none) return;
    if (order !== orderKinds.memory) {
      this.#dispatchFrom = Math.max(finish, cycle);
      this.#stop(reasonKinds.serialize, index);
      return;
    }
    for (let younger = index + 1; younger < this.#tail && !this.#isFullBarrier(younger); younger++) {
      const memory = this.#program.memory[this.#position[younger & this.#mask] ?? 0] ?? 0;
      if (memory !== 0 && this.#holdsYounger(position, memory)) this.#release(younger, finish, cycle, index, true);
    }
  }

  #holdDispatch(index: number, slot: number, cycle: number, position: number): void {
    const issued = this.#issuedAt[slot] ?? -1;
    this.#dispatchFrom = issued < 0 ? never : Math.max(cycle + 1, issued + (this.#program.latency[position] ?? 0));
    this.#stop(reasonKinds.serialize, index);
  }

  /** The next cycle in which anything can happen. */
  #nextCycle(cycle: number): number {
    let next = this.#ready.nextTime(cycle);
    if (!this.#ready.isEmpty) next = Math.min(next, this.pool.nextRelease());
    const mayDispatch = this.#tail < this.#total;
    if (this.#carriedUops > 0 || (mayDispatch && this.#dispatchFrom > cycle)) {
      next = Math.min(next, this.#carriedUops > 0 ? cycle + 1 : this.#dispatchFrom);
    }
    const isFull = mayDispatch && this.#stopReason === reasonKinds.buffer;
    if (this.#head < this.#tail && (isFull || !mayDispatch)) {
      const issued = this.#issuedAt[this.#head & this.#mask] ?? -1;
      if (issued >= 0) next = Math.min(next, this.#finishOf(this.#head) + 1);
    }
    const justIssued = mayDispatch && this.#stopReason === reasonKinds.scheduler;
    if (justIssued && next === never && this.#head === this.#tail) return cycle + 1;
    if (this.#period !== null && mayDispatch) this.#lookForPeriod(cycle);
    return Math.max(next, cycle + 1);
  }

  #lookForPeriod(cycle: number): void {
    const period = this.#period;
    if (period === null || this.#total - this.#tail < this.#program.length) return;
    const iteration = Math.floor(this.#tail / this.#program.length);
    if (!period.wants(iteration, (this.#tail - this.#head) * this.#program.length + this.#tailPosition)) return;
    const state = period.buffer;
    let at = 0;
    state[at++] = this.#tailPosition;
    state[at++] = this.#tail - this.#head;
    state[at++] = this.#carriedUops;
    state[at++] = this.#dispatchFrom === never ? -1 : Math.max(0, this.#dispatchFrom - cycle);
    state[at++] = this.#stopReason;
    state[at++] = this.#barriers.length === 0 ? -1 : this.#tail - (this.#barriers.at(-1) ?? 0);
    const oldest = -this.#program.maxDelay;
    for (let index = this.#head; index < this.#tail; index++) {
      const slot = index & this.#mask;
      const issued = this.#issuedAt[slot] ?? -1;
      if (issued >= 0) {
        state[at++] = Math.max(oldest, issued - cycle);
        continue;
      }
      // Past every relative issue time, so that the two cannot be mixed up.
      state[at++] = 1 + (this.#waitCount[slot] ?? 0);
      state[at++] = Math.max(0, (this.#readyAt[slot] ?? 0) - cycle);
      const memory = this.#program.memory[this.#position[slot] ?? 0] ?? 0;
      state[at++] = memory === memoryBits.load ? this.#groupCount - (this.#group[slot] ?? 0) : 0;
      state[at++] = this.#ready.usersOf(slot);
    }
    at = this.pool.writeState(state, at, cycle);
    const found = period.see(at, cycle, this.#tail, this.pool.usedCycles);
    if (found === null) return;
    const times = Math.floor((this.#total - this.#tail) / found.insns);
    if (times === 0) return;
    this.#total -= times * found.insns;
    this.#skippedCycles += times * found.cycles;
    found.used.forEach((used, unit) => {
      this.pool.usedCycles[unit] = (this.pool.usedCycles[unit] ?? 0) + used * times;
    });
    this.period = { iterations: found.insns / this.#program.length, cycles: found.cycles };
    period.stop();
  }

  #traceDispatch(index: number, cycle: number): void {
    this.trace.dispatched[index] = cycle;
    const isFirst = index === 0 || this.trace.dispatched[index - 1] !== cycle;
    if (isFirst) this.trace.setReason(index, index === 0 ? reasonKinds.start : this.#heldReason, this.#heldFrom);
    else this.trace.setReason(index, this.trace.reason[index - 1] ?? 0, this.trace.from[index - 1] ?? -1);
  }

  #traceIssue(index: number, slot: number, cycle: number, position: number): void {
    const { trace } = this;
    const dispatched = trace.dispatched[index] ?? 0;
    const readyAt = this.#readyAt[slot] ?? 0;
    trace.issued[index] = cycle;
    trace.executed[index] = cycle + (this.#program.latency[position] ?? 0);
    const unit = this.#program.plans[position]?.free === false ? this.pool.lastUnit : -1;
    if (cycle > Math.max(readyAt, dispatched + 1)) {
      trace.setReason(index, reasonKinds.unit, unit < 0 ? -1 : (this.#unitUser[unit] ?? -1), unit);
    } else if (readyAt > dispatched && cycle === readyAt) {
      const source = this.#lastSource[slot] ?? -1;
      if (source >= 0) trace.setReason(index, reasonKinds.value, source);
      else if (source < -1) trace.setReason(index, reasonKinds.memory, -2 - source);
    }
    if (unit >= 0) this.#unitUser[unit] = index;
  }
}

/** ASSUMPTION: cycles without dispatch behind a taken branch are 0 to 1 (docs/simulator.md). */
const takenBranchBubbleHiCycles = 1;
