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

/** The words that are not as in the file, by address; made into objects one at a time, for there are 200,000. */
export interface PredictedWords extends Iterable<PredictedWord> {
  readonly count: number;
  /** The change at an address, null where the word is as in the file. */
  at(address: bigint): PredictedWord | null;
}

/** A stretch of text that can change; `words` are those of the file. Stretches do not overlap. */
export interface TextPart {
  readonly start: bigint;
  readonly words: Uint32Array;
}

interface Part extends TextPart {
  readonly end: bigint;
  /** Number of each word's change plus 1; 0: as in the file. */
  readonly slots: Uint32Array;
}

interface Change {
  /** Null: not known, see `reason`. */
  readonly word: number | null;
  readonly why: Why;
  readonly reason: string | null;
}

/** Shared by all words of one patch site. */
interface Why {
  readonly cause: ChangeCause;
  readonly detail: string;
}

/**
 * Kernel text while it is being patched: the file's words under the changes made so far, as the kernel's own patchers
 * find them one after the other. Writes outside the parts are dropped and counted.
 */
export class TextChanges {
  readonly #parts: readonly Part[];
  readonly #changes: Change[] = [];
  #last: Part | undefined;
  #outside = 0;

  constructor(parts: readonly TextPart[]) {
    this.#parts = parts
      .map(({ start, words }) => ({
        start,
        words,
        end: start + BigInt(4 * words.length),
        slots: new Uint32Array(words.length),
      }))
      .sort((a, b) => (a.start < b.start ? -1 : 1));
  }

  /** Number of writes to addresses that are no text of the image. */
  get outside(): number {
    return this.#outside;
  }

  /** The word as it is now: a number, or why it is not known. */
  read(address: bigint): number | { readonly reason: string } {
    const part = this.#partAt(address);
    if (part === undefined) return { reason: 'not in the text of the image' };
    const index = Number(address - part.start) >>> 2;
    const change = this.#changes[(part.slots[index] ?? 0) - 1];
    if (change === undefined) return part.words[index] ?? 0;
    return change.word ?? { reason: change.reason ?? 'not known' };
  }

  write(address: bigint, word: number, cause: ChangeCause, detail: string): void {
    this.#put(address, { word, why: { cause, detail }, reason: null });
  }

  /** The word may be anything from here on. */
  writeUnknown(address: bigint, cause: ChangeCause, detail: string, reason: string): void {
    this.#put(address, { word: null, why: { cause, detail }, reason });
  }
