/** Why an instruction issued in the cycle it did, and not before. */
export const reasonKinds = {
  /** Nothing held it: it came first. */
  start: 0,
  /** A source value, from instruction `from`. */
  value: 1,
  /** A unit was busy with instruction `from`. */
  unit: 2,
  /** Dispatch width of the cycles before. */
  width: 3,
  /** Reorder buffer full until instruction `from` retired. */
  buffer: 4,
  /** A finite scheduler was full until instruction `from` issued. */
  scheduler: 5,
  /** Memory order after instruction `from`. */
  memory: 6,
  /** Instruction `from` lets nothing younger start before it is done. */
  serialize: 7,
  /** Front end behind the taken branch `from`. */
  frontEnd: 8,
  /** In-order write-back behind instruction `from`. */
  writeBack: 9,
  /** It must begin, or its predecessor ended, an issue group. */
  group: 10,
} as const;

/** Cycles of the first `count` instructions of a run, and the reasons of their issue cycles; -1 where not reached. */
export class Trace {
  readonly count: number;
  readonly dispatched: Int32Array;
  readonly issued: Int32Array;
  readonly executed: Int32Array;
  readonly retired: Int32Array;
  /** `reasonKinds`. */
  readonly reason: Int32Array;
  /** Instruction of the reason, or -1. */
  readonly from: Int32Array;
  /** Unit number for `unit`, or -1. */
  readonly unit: Int32Array;

  constructor(count: number) {
    this.count = count;
    const all = new Int32Array(count * 7).fill(-1);
    const part = (k: number): Int32Array => all.subarray(count * k, count * (k + 1));
    this.dispatched = part(0);
    this.issued = part(1);
    this.executed = part(2);
    this.retired = part(3);
    this.reason = part(4);
    this.from = part(5);
    this.unit = part(6);
  }

  setReason(index: number, reason: number, from: number, unit = -1): void {
    if (index >= this.count) return;
    this.reason[index] = reason;
    this.from[index] = from;
    this.unit[index] = unit;
  }
}
