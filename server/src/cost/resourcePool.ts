import type { PreparedCore, ResourcePlan } from './preparedCore.ts';

/**
 * Which units are free, and which one serves the next request. The choice follows llvm-mca exactly, because it
 * decides later conflicts. Times are absolute cycles.
 * Source: llvm/lib/MCA/HardwareUnits/ResourceManager.cpp (DefaultResourceStrategy, ResourceManager), LLVM 19.1.7.
 */
export class ResourcePool {
  readonly #core: PreparedCore;
  /** Per resource: free units, or free members of a group. */
  readonly #ready: Int32Array;
  readonly #round: Int32Array;
  readonly #skipped: Int32Array;
  /** Per group: cycle from which it is no longer reserved. */
  readonly #reservedUntil: Int32Array;
  #reservations = 0;
  /** Per unit: cycle from which it is free. */
  readonly #busyUntil: Int32Array;
  readonly #busyUnits: Int32Array;
  #busyCount = 0;
  readonly #resourceOfUnit: Int32Array;
  /** Cycles of use so far, per unit. */
  readonly usedCycles: Float64Array;
  /** Unit that the last `use` took last, or -1. */
  lastUnit = -1;

  constructor(core: PreparedCore) {
    this.#core = core;
    const kinds = core.fullMask.length;
    this.#ready = new Int32Array(kinds);
    this.#round = new Int32Array(kinds);
    this.#skipped = new Int32Array(kinds);
    this.#reservedUntil = new Int32Array(kinds);
    this.#busyUntil = new Int32Array(core.unitCount);
    this.#busyUnits = new Int32Array(core.unitCount);
    this.#resourceOfUnit = new Int32Array(core.unitCount);
    this.usedCycles = new Float64Array(core.unitCount);
    for (let bit = 0; bit < core.resourceOfBit.length; bit++) {
      const resource = core.resourceOfBit[bit] ?? 0;
      const base = core.unitBase[resource] ?? 0;
      this.#resourceOfUnit.fill(resource, base, base + (core.capacity[resource] ?? 0));
    }
    this.reset();
  }

  /** Makes everything free, as at the first cycle. */
  reset(): void {
    this.#ready.set(this.#core.fullMask);
    this.#round.set(this.#core.fullMask);
    this.#skipped.fill(0);
    this.#reservedUntil.fill(0);
    this.#busyUntil.fill(0);
    this.usedCycles.fill(0);
    this.#busyCount = 0;
    this.#reservations = 0;
    this.lastUnit = -1;
  }

  /** Frees the units whose occupation ends at `cycle` or before. */
  advanceTo(cycle: number): void {
    const busy = this.#busyUnits;
    let kept = 0;
    for (let i = 0; i < this.#busyCount; i++) {
      const unit = busy[i] ?? 0;
      if ((this.#busyUntil[unit] ?? 0) > cycle) busy[kept++] = unit;
      else this.#release(unit);
    }
    this.#busyCount = kept;
    if (this.#reservations > 0) this.#endReservations(cycle);
  }

  /** First cycle after the present one in which a unit becomes free, or Infinity. */
  nextRelease(): number {
    let next = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#busyCount; i++) {
      const until = this.#busyUntil[this.#busyUnits[i] ?? 0] ?? 0;
      if (until < next) next = until;
    }
    if (this.#reservations > 0) {
      for (const until of this.#reservedUntil) if (until > 0 && until < next) next = until;
    }
    return next;
  }

  /** Whether every request of a plan can be served now. */
  isAvailable(plan: ResourcePlan): boolean {
    const { resource, units } = plan;
    for (let i = 0; i < resource.length; i++) {
      const index = resource[i] ?? 0;
      const ready = this.#ready[index] ?? 0;
      const wanted = units[i] ?? 0;
      if (wanted === 1 ? ready === 0 : bitCount(ready) < wanted) return false;
      if (this.#reservations > 0 && (this.#reservedUntil[index] ?? 0) > 0) return false;
    }
    if (this.#reservations > 0) {
      for (const group of plan.groups) if ((this.#reservedUntil[group] ?? 0) > 0) return false;
    }
    return plan.partlyOverlapping ? this.#canServeAll(plan) : true;
  }

  /** Takes what a plan asks for, from `cycle` on. The plan must be available. */
  use(plan: ResourcePlan, cycle: number): void {
    const { resource, cycles, reserved } = plan;
    for (let i = 0; i < resource.length; i++) {
      let index = resource[i] ?? 0;
      const length = cycles[i] ?? 0;
      if (reserved[i] === 1) {
        this.#reservedUntil[index] = cycle + length;
        this.#reservations++;
        continue;
      }
      if (this.#core.isGroup[index] === 1) {
        index = this.#core.resourceOfBit[31 - Math.clz32(this.#select(index))] ?? 0;
      }
      const ready = this.#ready[index] ?? 0;
      const chosen = this.#core.fullMask[index] === 1 ? ready : this.#select(index);
      this.#occupy(index, chosen, cycle, length);
    }
  }

  /** Appends what decides the future, relative to `cycle`, for period detection. Returns the next free place. */
  writeState(into: Int32Array, at: number, cycle: number): number {
    let place = at;
    for (const until of this.#busyUntil) into[place++] = until > cycle ? until - cycle : 0;
    for (const until of this.#reservedUntil) into[place++] = until > cycle ? until - cycle : 0;
    into.set(this.#round, place);
    into.set(this.#skipped, place + this.#round.length);
    return place + this.#round.length * 2;
  }

  /** Places that `writeState` takes. */
  get stateLength(): number {
    return this.#busyUntil.length + this.#round.length * 3;
  }

  #occupy(index: number, chosen: number, cycle: number, length: number): void {
    const unit = (this.#core.unitBase[index] ?? 0) + 31 - Math.clz32(chosen);
    this.lastUnit = unit;
    this.#busyUntil[unit] = cycle + length;
    this.#busyUnits[this.#busyCount++] = unit;
    this.usedCycles[unit] = (this.usedCycles[unit] ?? 0) + length;
    const left = (this.#ready[index] ?? 0) & ~chosen;
    this.#ready[index] = left;
    if (this.#core.fullMask[index] !== 1) this.#taken(index, chosen);
    if (left !== 0) return;
    const bit = 1 << (this.#core.bitOf[index] ?? 0);
    const groups = this.#core.groupsOf[index];
    if (groups === undefined) return;
    for (let i = 0; i < groups.length; i++) {
      const group = groups[i] ?? 0;
      this.#ready[group] = (this.#ready[group] ?? 0) & ~bit;
      this.#taken(group, bit);
    }
  }

  #release(unit: number): void {
    const index = this.#resourceOfUnit[unit] ?? 0;
    const before = this.#ready[index] ?? 0;
    this.#ready[index] = before | (1 << (unit - (this.#core.unitBase[index] ?? 0)));
    if (before !== 0) return;
    const bit = 1 << (this.#core.bitOf[index] ?? 0);
    const groups = this.#core.groupsOf[index];
    if (groups === undefined) return;
    for (let i = 0; i < groups.length; i++) {
      const group = groups[i] ?? 0;
      this.#ready[group] = (this.#ready[group] ?? 0) | bit;
    }
  }

  #endReservations(cycle: number): void {
    for (let i = 0; i < this.#reservedUntil.length; i++) {
      const until = this.#reservedUntil[i] ?? 0;
      if (until === 0 || until > cycle) continue;
      this.#reservedUntil[i] = 0;
      this.#reservations--;
    }
  }

  /** One free member or unit, as a mask, by rounds: everyone once, highest number first. */
  #select(index: number): number {
    const ready = this.#ready[index] ?? 0;
    const full = this.#core.fullMask[index] ?? 0;
    let candidates = ready & (this.#round[index] ?? 0);
    if (candidates === 0) {
      this.#round[index] = full ^ (this.#skipped[index] ?? 0);
      this.#skipped[index] = 0;
      candidates = ready & (this.#round[index] ?? 0);
      if (candidates === 0) {
        this.#round[index] = full;
        candidates = ready;
      }
    }
    const chosen = 1 << (31 - Math.clz32(candidates));
    this.#round[index] = (this.#round[index] ?? 0) & (chosen | (chosen - 1));
    return chosen;
  }

  /** Tells a resource's choice that one of its members or units is fully busy now. */
  #taken(index: number, mask: number): void {
    const round = this.#round[index] ?? 0;
    if (mask > round) {
      this.#skipped[index] = (this.#skipped[index] ?? 0) | mask;
      return;
    }
    const left = round & ~mask;
    if (left !== 0) {
      this.#round[index] = left;
      return;
    }
    this.#round[index] = (this.#core.fullMask[index] ?? 0) ^ (this.#skipped[index] ?? 0);
    this.#skipped[index] = 0;
  }

  /** For groups that overlap partly: a different member for every request, in the order of the requests. */
  #canServeAll(plan: ResourcePlan): boolean {
    const { resource, units, reserved } = plan;
    let consumed = 0;
    const freeUnits = new Map<number, number>();
    for (let i = 0; i < resource.length; i++) {
      const index = resource[i] ?? 0;
      if (this.#core.isGroup[index] === 1) continue;
      const left = bitCount(this.#ready[index] ?? 0) - (units[i] ?? 0);
      freeUnits.set(index, left);
      if (left === 0) consumed |= 1 << (this.#core.bitOf[index] ?? 0);
    }
    for (let i = 0; i < resource.length; i++) {
      const index = resource[i] ?? 0;
      if (this.#core.isGroup[index] === 0 || reserved[i] === 1) continue;
      const open = (this.#ready[index] ?? 0) & ~consumed;
      if (open === 0) return false;
      const bit = 31 - Math.clz32(open);
      const member = this.#core.resourceOfBit[bit] ?? 0;
      const left = freeUnits.get(member) ?? bitCount(this.#ready[member] ?? 0);
      if (left === 0) return false;
      freeUnits.set(member, left - 1);
      if (left === 1) consumed |= 1 << bit;
    }
    return true;
  }
}

function bitCount(mask: number): number {
  let bits = mask;
  let count = 0;
  for (; bits !== 0; bits &= bits - 1) count++;
  return count;
}
