/** How far apart two equal states are. */
export interface Period {
  readonly insns: number;
  readonly cycles: number;
  /** Cycles of use per unit within one period. */
  readonly used: Float64Array;
}

/** States seen before the first one is kept. */
const firstKept = 4;

/**
 * Finds a repeat of the complete machine state. Only that proves a period: equal differences between iterations do
 * not. One old state is kept and compared with each new one; it is replaced at growing distances (R. P. Brent, "An
 * improved Monte Carlo factorization algorithm", 1980, section 2).
 */
export class PeriodFinder {
  /** The caller writes the present state here, relative to cycle and iteration. */
  readonly buffer: Int32Array;
  readonly #kept: Int32Array;
  #keptLength = -1;
  #keptGlance = -1;
  #keptCycle = 0;
  #keptInsn = 0;
  #keptUsed: Float64Array = new Float64Array(0);
  #glance = 0;
  #seen = 0;
  #renewAt = firstKept;
  #lastIteration = 0;
  #isStopped = false;

  constructor(places: number) {
    this.buffer = new Int32Array(places);
    this.#kept = new Int32Array(places);
  }

  /** Forgets everything, for another run. */
  reset(): void {
    this.#keptLength = -1;
    this.#keptGlance = -1;
    this.#seen = 0;
    this.#renewAt = firstKept;
    this.#lastIteration = 0;
    this.#isStopped = false;
  }

  /**
   * Whether a state is worth writing: the run is in another iteration than at the last one, and either this state is
   * to be kept or its `glance`, any number that equal states share, is the kept one's.
   */
  wants(iteration: number, glance: number): boolean {
    if (this.#isStopped || iteration === this.#lastIteration) return false;
    this.#lastIteration = iteration;
    this.#glance = glance;
    this.#seen++;
    return glance === this.#keptGlance || this.#seen > this.#renewAt;
  }

  /** Compares the state in `buffer` (its first `length` places) with the one kept; may keep it instead. */
  see(length: number, cycle: number, insn: number, used: Float64Array): Period | null {
    if (this.#isKept(length)) {
      const before = this.#keptUsed;
      return {
        insns: insn - this.#keptInsn,
        cycles: cycle - this.#keptCycle,
        used: used.map((cycles, unit) => cycles - (before[unit] ?? 0)),
      };
    }
    if (this.#seen > this.#renewAt) {
      this.#renewAt = this.#seen * 2;
      this.#kept.set(this.buffer.subarray(0, length));
      this.#keptLength = length;
      this.#keptGlance = this.#glance;
      this.#keptCycle = cycle;
      this.#keptInsn = insn;
      this.#keptUsed = used.slice();
    }
    return null;
  }

  stop(): void {
    this.#isStopped = true;
  }

  #isKept(length: number): boolean {
    if (length !== this.#keptLength) return false;
    for (let i = 0; i < length; i++) if (this.buffer[i] !== this.#kept[i]) return false;
    return true;
  }
}
