import type { ResourcePlan } from './preparedCore.ts';
import type { ResourcePool } from './resourcePool.ts';

const dirty = -2;
const none = -1;

/**
 * Instructions whose sources are ready, and a calendar of those that will be. Instructions with one resource plan
 * share a list, because they are available or not together; the best of each list is kept.
 * The best has the smallest program index minus number of reads that wait for its results, then the smallest index.
 * Source: llvm/lib/MCA/HardwareUnits/Scheduler.cpp (DefaultSchedulerStrategy::compare), LLVM 19.1.7.
 */
export class ReadySet {
  readonly #mask: number;
  /** Instruction in a slot, next slot of its list or bucket, reads that wait for it. */
  readonly #index: Int32Array;
  readonly #next: Int32Array;
  readonly #users: Int32Array;
  /** 1 while a slot is in a list. */
  readonly #isListed: Uint8Array;
  readonly #planOf: Int32Array;
  /** Per plan: first slot of its list or -1, and the best instruction, `dirty` or `none`. */
  #first: Int32Array = new Int32Array(0);
  #best: Int32Array = new Int32Array(0);
  #active: Int32Array = new Int32Array(0);
  #activeCount = 0;
  /** Calendar: first slot of each cycle's bucket or -1. */
  #bucket: Int32Array = new Int32Array(0);
  #bucketMask = 0;
  #waiting = 0;
  #now = 0;

  constructor(size: number) {
    this.#mask = size - 1;
    const ints = new Int32Array(size * 4);
    this.#index = ints.subarray(0, size);
    this.#next = ints.subarray(size, size * 2);
    this.#users = ints.subarray(size * 2, size * 3);
    this.#planOf = ints.subarray(size * 3);
    this.#isListed = new Uint8Array(size);
  }

  /** Empties the set for a run with this many resource plans and delays. */
  reset(plans: number, maxDelay: number): void {
    if (this.#first.length < plans) {
      const room = plans + 32;
      this.#first = new Int32Array(room);
      this.#best = new Int32Array(room);
      this.#active = new Int32Array(room);
    }
    let buckets = 32;
    while (buckets < maxDelay + 2) buckets *= 2;
    if (this.#bucket.length < buckets) this.#bucket = new Int32Array(buckets);
    this.#bucketMask = this.#bucket.length - 1;
    this.#first.fill(none);
    this.#best.fill(none);
    this.#bucket.fill(none);
    this.#isListed.fill(0);
    this.#activeCount = 0;
    this.#waiting = 0;
    this.#now = 0;
  }

  /** No instruction is ready now. */
  get isEmpty(): boolean {
    return this.#activeCount === 0;
  }

  clearUsers(slot: number): void {
    this.#users[slot] = 0;
  }

  usersOf(slot: number): number {
    return this.#users[slot] ?? 0;
  }

  /** One more read waits for an instruction that has not issued. */
  addUser(index: number, plan: number): void {
    const slot = index & this.#mask;
    this.#users[slot] = (this.#users[slot] ?? 0) + 1;
    if (this.#isListed[slot] === 1) this.#offer(index, plan);
  }

  /** Adds an instruction whose sources are there from cycle `at` on; `now` is the present cycle. */
  add(index: number, plan: number, at: number, now: number): void {
    const slot = index & this.#mask;
    this.#index[slot] = index;
    this.#planOf[slot] = plan;
    if (at <= now) {
      this.#list(index, slot, plan);
      return;
    }
    const bucket = at & this.#bucketMask;
    this.#next[slot] = this.#bucket[bucket] ?? none;
    this.#bucket[bucket] = slot;
    this.#waiting++;
  }

  /** Moves what becomes ready up to `cycle` into the lists. */
  advanceTo(cycle: number): void {
    if (this.#waiting === 0) {
      this.#now = cycle;
      return;
    }
    for (let at = this.#now + 1; at <= cycle; at++) {
      const bucket = at & this.#bucketMask;
      let slot = this.#bucket[bucket] ?? none;
      if (slot < 0) continue;
      this.#bucket[bucket] = none;
      while (slot >= 0) {
        const next = this.#next[slot] ?? none;
        this.#list(this.#index[slot] ?? 0, slot, this.#planOf[slot] ?? 0);
        this.#waiting--;
        slot = next;
      }
    }
    this.#now = cycle;
  }

  /** First cycle after `cycle` in which an instruction becomes ready, or Infinity. */
  nextTime(cycle: number): number {
    if (this.#waiting === 0) return Number.POSITIVE_INFINITY;
    for (let at = cycle + 1; at <= cycle + this.#bucketMask + 1; at++) {
      if ((this.#bucket[at & this.#bucketMask] ?? none) >= 0) return at;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** Takes out the best instruction whose units are free, or gives -1. */
  take(pool: ResourcePool, plans: readonly ResourcePlan[], position: Int32Array, mask: number): number {
    let winner = none;
    let winnerRank = 0;
    let winnerPlan = 0;
    for (let i = 0; i < this.#activeCount; i++) {
      const plan = this.#active[i] ?? 0;
      let best = this.#best[plan] ?? none;
      if (best === dirty) best = this.#findBest(plan);
      const rank = best - (this.#users[best & this.#mask] ?? 0);
      if (winner >= 0 && (rank > winnerRank || (rank === winnerRank && best > winner))) continue;
      const resources = plans[position[best & mask] ?? 0];
      if (resources !== undefined && !resources.free && !pool.isAvailable(resources)) continue;
      winner = best;
      winnerRank = rank;
      winnerPlan = plan;
    }
    if (winner >= 0) this.#remove(winner, winnerPlan);
    return winner;
  }

  #list(index: number, slot: number, plan: number): void {
    const first = this.#first[plan] ?? none;
    if (first < 0) {
      this.#active[this.#activeCount++] = plan;
      this.#best[plan] = none;
    }
    this.#next[slot] = first;
    this.#first[plan] = slot;
    this.#isListed[slot] = 1;
    this.#offer(index, plan);
  }

  #offer(index: number, plan: number): void {
    const best = this.#best[plan] ?? none;
    if (best === dirty || best === index) return;
    if (best === none || this.#isBetter(index, best)) this.#best[plan] = index;
  }

  #isBetter(left: number, right: number): boolean {
    const leftRank = left - (this.#users[left & this.#mask] ?? 0);
    const rightRank = right - (this.#users[right & this.#mask] ?? 0);
    return leftRank < rightRank || (leftRank === rightRank && left < right);
  }

  #findBest(plan: number): number {
    let best = none;
    for (let slot = this.#first[plan] ?? none; slot >= 0; slot = this.#next[slot] ?? none) {
      const index = this.#index[slot] ?? 0;
      if (best === none || this.#isBetter(index, best)) best = index;
    }
    this.#best[plan] = best;
    return best;
  }

  #remove(index: number, plan: number): void {
    const slot = index & this.#mask;
    this.#isListed[slot] = 0;
    let at = this.#first[plan] ?? none;
    if (at === slot) this.#first[plan] = this.#next[slot] ?? none;
    else {
      while ((this.#next[at] ?? none) !== slot) at = this.#next[at] ?? none;
      this.#next[at] = this.#next[slot] ?? none;
    }
    this.#best[plan] = dirty;
    if ((this.#first[plan] ?? none) >= 0) return;
    this.#best[plan] = none;
    for (let i = 0; i < this.#activeCount; i++) {
      if (this.#active[i] !== plan) continue;
      this.#active[i] = this.#active[--this.#activeCount] ?? 0;
      return;
    }
  }
}
