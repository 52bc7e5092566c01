/** What made a word change. */
export type ChangeCause =
  | 'alternative'
  | 'callback'
  | 'jump'
  | 'ftrace'
  | 'relocation'
  | 'hyp-relocation'
  | 'runtime-constant'
  | 'shadow-call-stack';

/** One word of kernel text that is not as in the file. */
export interface PredictedWord {
  /** Link address. */
  readonly address: bigint;
  /** Word in the file. */
  readonly old: number;
  /** Word in the running kernel; `null` when it depends on what is not known. */
  readonly new: number | null;
  /** The last patcher that wrote it. */
  readonly cause: ChangeCause;
  /** What that patcher looked at, for people: a cpucap, a key, a symbol. */
  readonly detail: string;
  /** Why `new` is null. */
  readonly reason: string | null;
}

/** Reads the words of the file. */
export interface WordReader {
  word(address: bigint): number | null;
}

interface Change {
  word: number | null;
  cause: ChangeCause;
  detail: string;
  reason: string | null;
}

/**
 * Kernel text while it is being patched: the file's words under the changes made so far, as the kernel's own patchers
 * find them one after the other. Writes outside the image are dropped and counted.
 */
export class TextChanges {
  readonly #file: WordReader;
  readonly #changes = new Map<bigint, Change>();
  #outside = 0;

  constructor(file: WordReader) {
    this.#file = file;
  }

  /** Number of writes to addresses that the image does not have. */
  get outside(): number {
    return this.#outside;
  }

  /** The word as it is now: a number, or why it is not known. */
  read(address: bigint): number | { readonly reason: string } {
    const change = this.#changes.get(address);
    if (change) return change.word ?? { reason: change.reason ?? 'not known' };
    return this.#file.word(address) ?? { reason: 'outside the image' };
  }

  write(address: bigint, word: number, cause: ChangeCause, detail: string): void {
    this.#put(address, { word, cause, detail, reason: null });
  }

  /** The word may be anything from here on. */
  writeUnknown(address: bigint, cause: ChangeCause, detail: string, reason: string): void {
    this.#put(address, { word: null, cause, detail, reason });
  }

  #put(address: bigint, change: Change): void {
    if (this.#file.word(address) === null) this.#outside += 1;
    else this.#changes.set(address, change);
  }

  /** Words that differ from the file, by address. */
  changed(): readonly PredictedWord[] {
    const words: PredictedWord[] = [];
    for (const [address, { word, cause, detail, reason }] of this.#changes) {
      const old = this.#file.word(address);
      if (old === null || old === word) continue;
      words.push({ address, old, new: word, cause, detail, reason });
    }
    return words.sort((a, b) => (a.address < b.address ? -1 : 1));
  }
}
