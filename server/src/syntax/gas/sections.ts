import type { Bucket, GasStatement } from './model.ts';

interface MutableBucket extends Bucket {
  readonly statements: GasStatement[];
  part: number;
  offsetBytes: number;
  /** Literals loaded since the last pool; a pool after them has a size that source cannot tell. */
  pendingLiterals: number;
}

interface SectionState {
  readonly current: MutableBucket;
  readonly previous: MutableBucket;
}

/**
 * Which bucket is being filled: `.section`, `.subsection`, `.previous` and the push/pop stack
 * (binutils 2.40, gas/config/obj-elf.c). Invariant: `previous` is what `.previous` goes back to.
 */
export class SectionTracker {
  readonly #buckets = new Map<string, MutableBucket>();
  readonly #stack: SectionState[] = [];
  #current: MutableBucket;
  #previous: MutableBucket;

  constructor() {
    this.#current = this.#bucket('.text', 0);
    this.#previous = this.#current;
  }

  get current(): MutableBucket {
    return this.#current;
  }

  get buckets(): readonly Bucket[] {
    return [...this.#buckets.values()];
  }

  switchTo(section: string, subsection: number): void {
    this.#previous = this.#current;
    this.#current = this.#bucket(section, subsection);
  }

  push(section: string, subsection: number): void {
    this.#stack.push({ current: this.#current, previous: this.#previous });
    this.switchTo(section, subsection);
  }

  /** `false` when there is nothing to go back to. */
  pop(): boolean {
    const state = this.#stack.pop();
    if (state === undefined) return false;
    this.#current = state.current;
    this.#previous = state.previous;
    return true;
  }

  swapWithPrevious(): void {
    const current = this.#current;
    this.#current = this.#previous;
    this.#previous = current;
  }

  #bucket(section: string, subsection: number): MutableBucket {
    const key = `${section}\0${subsection}`;
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      bucket = { section, subsection, statements: [], part: 0, offsetBytes: 0, pendingLiterals: 0 };
      this.#buckets.set(key, bucket);
    }
    return bucket;
  }
}
