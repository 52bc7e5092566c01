import { PeriodFinder } from './periodFinder.ts';
import { flagBits, memoryBits, orderKinds, type Program } from './program.ts';
import { ResourcePool } from './resourcePool.ts';
import { reasonKinds, Trace } from './trace.ts';

const noTrace = new Trace(0);

/**
 * The in-order machine on one program. An instruction issues in the first cycle in which its sources, its units, its
 * write-back order and the issue slots allow it; while it waits, nothing else issues. So each instruction's cycle
 * follows from those before it, and no cycle has to be visited.
 * Source: llvm/lib/MCA/Stages/InOrderIssueStage.cpp, LLVM 19.1.7.
 */
export class InOrderMachine {
  #program: Program;
  readonly pool: ResourcePool;
  trace: Trace = noTrace;
  #period: PeriodFinder | null = null;
  #total = 0;
  #skippedCycles = 0;
  /** The steady state, once found. */
  period: { readonly iterations: number; readonly cycles: number } | null = null;
  #next = 0;
  #position = 0;
  #cycle = 0;
  #slots = 0;
  #issuedUops = 0;
  /** Micro-ops of a wide instruction that take slots of following cycles. */
  #carriedUops = 0;
  #carryEndsGroup = false;
  /** Cycle of the pending write-back that later ones must not overtake. */
  #writeBack = 0;
  #writeBackFrom = -1;
  #lastCycle = -1;
  /** Issue cycle of the last instance of each position, or -1. */
  #issuedAt: Int32Array = new Int32Array(0);
  /** Cycle from which memory instructions, stores, and all instructions may issue. */
  #memoryFrom = 0;
  #storesFrom = 0;
  #allFrom = 0;
  #orderFrom = -1;
  #orderReason: number = reasonKinds.serialize;
  #valueFrom = -1;
  /** Instruction that finishes last so far. */
  #doneFrom = -1;
  #loadsDone = 0;
  #storesDone = 0;
  #allDone = 0;
  readonly #unitUser: Int32Array;

  constructor(program: Program) {
    this.#program = program;
    this.pool = new ResourcePool(program.core);
    this.#unitUser = new Int32Array(program.core.unitCount);
  }

  /** Prepares a run of a program of the machine's core; what the last one left is forgotten. */
  start(program: Program, iterations: number, traced: number, findPeriod: boolean): void {
    this.#program = program;
    this.#total = program.length * iterations;
    this.#skippedCycles = 0;
    this.period = null;
    this.#next = 0;
    this.#position = 0;
    this.#cycle = 0;
    this.#slots = program.core.model.widthUops;
    this.#issuedUops = 0;
    this.#carriedUops = 0;
    this.#carryEndsGroup = false;
    this.#writeBack = 0;
    this.#writeBackFrom = -1;
    this.#lastCycle = -1;
    if (this.#issuedAt.length < program.length) this.#issuedAt = new Int32Array(program.length * 2);
    this.#issuedAt.fill(-1, 0, program.length);
    this.#memoryFrom = 0;
    this.#storesFrom = 0;
    this.#allFrom = 0;
    this.#orderFrom = -1;
    this.#doneFrom = -1;
    this.#loadsDone = 0;
    this.#storesDone = 0;
    this.#allDone = 0;
    this.#unitUser.fill(-1);
    this.pool.reset();
    this.trace = traced > 0 ? new Trace(Math.min(traced, iterations) * program.length) : noTrace;
    this.#period = findPeriod ? new PeriodFinder(program.length + this.pool.stateLength + 16) : null;
  }

  get totalCycles(): number {
    return this.#lastCycle + 1 + this.#skippedCycles;
  }

  /** Issues up to `visits` instructions. `done`, `more`, or `stuck`: an instruction that can never issue. */
  run(visits: number): 'done' | 'more' | 'stuck' {
    for (let left = visits; left > 0; left--) {
      if (this.#next >= this.#total) {
        this.#finish();
        return 'done';
      }
      if (!this.#issueNext()) return 'stuck';
      if (this.#position === 0) this.#lookForPeriod();
    }
    return 'more';
  }

  /** Slots that a wide last instruction still takes count as work. */
  #finish(): void {
    while (this.#carriedUops > 0) this.#startCycle(this.#cycle + 1);
    this.#lastCycle = Math.max(this.#lastCycle, this.#cycle);
  }

  #issueNext(): boolean {
    const program = this.#program;
    const { model } = program.core;
    const position = this.#position;
    const uops = program.uops[position] ?? 0;
    const index = this.#next;
    this.#reason(index, reasonKinds.width, index - 1);
    if (index === 0) this.#reason(index, reasonKinds.start, -1);
    while (this.#carriedUops > 0) this.#startCycle(this.#cycle + 1);
    const isWide = uops > model.widthUops;
    if (!isWide && this.#slots < uops) this.#startCycle(this.#cycle + 1);
    if (((program.flags[position] ?? 0) & flagBits.beginGroup) !== 0 && this.#issuedUops !== 0) {
      this.#startCycle(this.#cycle + 1);
      this.#reason(index, reasonKinds.group, index - 1);
    }
    if (!this.#waitUntilFree(position, index)) return false;
    this.#issue(position, index, uops);
    return true;
  }

  /** Moves on to the first cycle in which nothing holds the instruction. */
  #waitUntilFree(position: number, index: number): boolean {
    const program = this.#program;
    const plan = program.plans[position];
    const values = this.#valuesAt(position, index);
    const order = this.#orderAt(position);
    const writeBack = this.#writeBackAt(position);
    const wanted = Math.max(values, order, writeBack);
    if (wanted > this.#cycle) {
      if (wanted === values) this.#reason(index, reasonKinds.value, this.#valueFrom);
      else if (wanted === order) this.#reason(index, this.#orderReason, this.#orderFrom);
      else this.#reason(index, reasonKinds.writeBack, this.#writeBackFrom);
      this.#startCycle(wanted);
    }
    for (;;) {
      this.pool.advanceTo(this.#cycle);
      if (plan === undefined || plan.free || this.pool.isAvailable(plan)) return true;
      const release = this.pool.nextRelease();
      if (release === Number.POSITIVE_INFINITY) return false;
      this.#startCycle(release);
      this.#reason(index, reasonKinds.unit, -1);
    }
  }

  #valuesAt(position: number, index: number): number {
    const { inProducer, inDelta, inDelay, inStart } = this.#program;
    const end = inStart[position + 1] ?? 0;
    let latest = 0;
    for (let edge = inStart[position] ?? 0; edge < end; edge++) {
      const producer = inProducer[edge] ?? 0;
      const issued = this.#issuedAt[producer] ?? -1;
      if (issued < 0) continue;
      const at = issued + (inDelay[edge] ?? 0);
      if (at <= latest) continue;
      latest = at;
      this.#valueFrom = index - position + producer - (inDelta[edge] ?? 0) * this.#program.length;
    }
    return latest;
  }

  #writeBackAt(position: number): number {
    if (((this.#program.flags[position] ?? 0) & flagBits.retireOutOfOrder) !== 0) return 0;
    return this.#writeBack - (this.#program.firstWrite[position] ?? 0);
  }

  /** Barriers and taken branches of `kernel` mode. */
  #orderAt(position: number): number {
    const program = this.#program;
    let at = this.#allFrom;
    const memory = program.memory[position] ?? 0;
    if (memory !== 0) at = Math.max(at, this.#memoryFrom);
    if ((memory & memoryBits.store) !== 0) at = Math.max(at, this.#storesFrom);
    const order = program.order[position] ?? 0;
    if (order === orderKinds.none || order === orderKinds.hold) return at;
    const waitsFor = program.waitsFor[position] ?? 0;
    let done = order === orderKinds.serialize ? this.#allDone : 0;
    if ((waitsFor & memoryBits.load) !== 0) done = Math.max(done, this.#loadsDone);
    if ((waitsFor & memoryBits.store) !== 0) done = Math.max(done, this.#storesDone);
    if (done > at) {
      this.#orderFrom = this.#doneFrom;
      this.#orderReason = reasonKinds.memory;
    }
    return Math.max(at, done);
  }

  #issue(position: number, index: number, uops: number): void {
    const program = this.#program;
    const cycle = this.#cycle;
    const latency = program.latency[position] ?? 0;
    const plan = program.plans[position];
    if (plan !== undefined && !plan.free) {
      this.pool.use(plan, cycle);
      this.#traceUnit(index, this.pool.lastUnit);
    }
    this.#issuedAt[position] = cycle;
    const finish = cycle + latency;
    if (index < this.trace.count) {
      this.trace.dispatched[index] = cycle;
      this.trace.issued[index] = cycle;
      this.trace.executed[index] = finish;
      this.trace.retired[index] = finish;
    }
    this.#lastCycle = Math.max(this.#lastCycle, finish);
    if (latency > 0 && ((program.flags[position] ?? 0) & flagBits.retireOutOfOrder) === 0) {
      this.#writeBack = finish;
      this.#writeBackFrom = index;
    }
    this.#takeSlots(uops, ((program.flags[position] ?? 0) & flagBits.endGroup) !== 0);
    this.#noteOrder(position, index, finish);
    if (program.options.mode === 'kernel' && ((program.flags[position] ?? 0) & flagBits.taken) !== 0) {
      this.#allFrom = Math.max(
        this.#allFrom,
        cycle + 1 + (program.options.bound === 'hi' ? takenBranchBubbleHiCycles : 0),
      );
      this.#orderFrom = index;
      this.#orderReason = reasonKinds.frontEnd;
    }
    this.#next++;
    this.#position = position + 1 === program.length ? 0 : position + 1;
  }

  #takeSlots(uops: number, endsGroup: boolean): void {
    if (uops > this.#slots) {
      this.#carriedUops = uops - this.#slots;
      this.#carryEndsGroup = endsGroup;
      this.#slots = 0;
      return;
    }
    this.#issuedUops += uops;
    this.#slots = endsGroup ? 0 : this.#slots - uops;
  }

  #noteOrder(position: number, index: number, finish: number): void {
    const memory = this.#program.memory[position] ?? 0;
    if (finish > this.#allDone) {
      this.#allDone = finish;
      this.#doneFrom = index;
    }
    if ((memory & memoryBits.load) !== 0) this.#loadsDone = Math.max(this.#loadsDone, finish);
    if ((memory & memoryBits.store) !== 0) this.#storesDone = Math.max(this.#storesDone, finish);
    const order = this.#program.order[position] ?? 0;
    if (order === orderKinds.none) return;
    this.#orderFrom = index;
    this.#orderReason = reasonKinds.serialize;
    if (order !== orderKinds.memory) this.#allFrom = finish;
    else if (this.#program.waitsFor[position] === memoryBits.store) this.#storesFrom = finish;
    else this.#memoryFrom = finish;
    // A later barrier waits for this one as well.
    this.#loadsDone = Math.max(this.#loadsDone, finish);
    this.#storesDone = Math.max(this.#storesDone, finish);
  }

  /** Goes to a later cycle, with slots for whoever comes first there. */
  #startCycle(cycle: number): void {
    const { widthUops } = this.#program.core.model;
    while (this.#carriedUops > 0 && this.#cycle < cycle) {
      this.#cycle++;
      this.#slots = Math.max(0, widthUops - this.#carriedUops);
      this.#carriedUops = Math.max(0, this.#carriedUops - widthUops);
      if (this.#carriedUops === 0 && this.#carryEndsGroup) this.#slots = 0;
      this.#issuedUops = 0;
    }
    if (this.#cycle === cycle) return;
    this.#cycle = cycle;
    this.#slots = widthUops;
    this.#issuedUops = 0;
  }

  #lookForPeriod(): void {
    const period = this.#period;
    const length = this.#program.length;
    if (period === null || this.#total - this.#next < length || !period.wants(this.#next / length, this.#slots)) return;
    const cycle = this.#cycle;
    this.pool.advanceTo(cycle);
    const state = period.buffer;
    let at = 0;
    state[at++] = this.#slots;
    state[at++] = this.#issuedUops;
    state[at++] = this.#carriedUops;
    state[at++] = this.#carryEndsGroup ? 1 : 0;
    for (const time of [this.#writeBack, this.#memoryFrom, this.#storesFrom, this.#allFrom])
      state[at++] = Math.max(0, time - cycle);
    for (const time of [this.#loadsDone, this.#storesDone, this.#allDone]) state[at++] = Math.max(0, time - cycle);
    const oldest = -this.#program.maxDelay;
    for (let p = 0; p < length; p++) state[at++] = Math.max(oldest, (this.#issuedAt[p] ?? 0) - cycle);
    at = this.pool.writeState(state, at, cycle);
    const found = period.see(at, cycle, this.#next, this.pool.usedCycles);
    if (found === null) return;
    const times = Math.floor((this.#total - this.#next) / found.insns);
    this.#total -= times * found.insns;
    this.#skippedCycles += times * found.cycles;
    found.used.forEach((used, unit) => {
      this.pool.usedCycles[unit] = (this.pool.usedCycles[unit] ?? 0) + used * times;
    });
    this.period = { iterations: found.insns / this.#program.length, cycles: found.cycles };
    period.stop();
  }

  #reason(index: number, reason: number, from: number): void {
    this.trace.setReason(index, reason, from);
  }

  #traceUnit(index: number, unit: number): void {
    if (index >= this.trace.count) return;
    if (this.trace.reason[index] === reasonKinds.unit) {
      this.trace.setReason(index, reasonKinds.unit, this.#unitUser[unit] ?? -1, unit);
    }
    this.#unitUser[unit] = index;
  }
}

/** ASSUMPTION: cycles without issue behind a taken branch are 0 to 1 (docs/simulator.md). */
const takenBranchBubbleHiCycles = 1;
