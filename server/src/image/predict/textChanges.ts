import { firstNotBefore } from '../../base/search.ts';
import type { ImageMemory } from '../imageMemory.ts';

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
  /** Those from `start` up to `end`, which must not be in another section. */
  between(start: bigint, end: bigint): Iterable<PredictedWord>;
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

/** Shared by all words of one patch site. */
interface Why {
  readonly cause: ChangeCause;
  readonly detail: string;
}

/** The image's executable sections, and `others`: stretches of code inside its data, such as the vDSO. */
export function textParts(
  image: ImageMemory,
  others: readonly { readonly start: bigint; readonly sizeBytes: number }[],
): readonly TextPart[] {
  const parts: TextPart[] = [];
  const add = (start: bigint, sizeBytes: number): void => {
    const bytes = image.bytes(start, sizeBytes & ~3);
    if (bytes !== null) parts.push({ start, words: littleEndianWords(bytes) });
  };
  for (const { address, sizeBytes, executable, noBits } of image.sections) {
    if (executable && !noBits) add(address, sizeBytes);
  }
  for (const { start, sizeBytes } of others) if (image.sectionAt(start)?.executable !== true) add(start, sizeBytes);
  return parts;
}

/** The bytes' 32-bit words; a view of them where that is possible. */
export function littleEndianWords(bytes: Uint8Array): Uint32Array {
  const count = bytes.length >>> 2;
  if (bytes.byteOffset % 4 === 0 && hostIsLittleEndian) return new Uint32Array(bytes.buffer, bytes.byteOffset, count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = new Uint32Array(count);
  for (let index = 0; index < count; index++) words[index] = view.getUint32(4 * index, true);
  return words;
}

const hostIsLittleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

/** Numbers that are appended one by one. */
interface Column {
  values: Uint32Array;
}

function put(column: Column, index: number, value: number): void {
  if (index >= column.values.length) {
    const larger = new Uint32Array(2 * column.values.length);
    larger.set(column.values);
    column.values = larger;
  }
  column.values[index] = value;
}

const firstCapacity = 1024;

/**
 * Kernel text while it is being patched: the file's words under the changes made so far, as the kernel's own patchers
 * find them one after the other. Writes outside the parts are dropped and counted.
 */
export class TextChanges {
  readonly #parts: readonly Part[];
  // Columns by number of change.
  readonly #word: Column = { values: new Uint32Array(firstCapacity) };
  readonly #why: Column = { values: new Uint32Array(firstCapacity) };
  /** 0: the word is known; else one more than the place in `#reasonTexts`. */
  readonly #reason: Column = { values: new Uint32Array(firstCapacity) };
  #count = 0;
  readonly #whys: Why[] = [];
  readonly #reasonTexts: string[] = [];
  readonly #reasonNumbers = new Map<string, number>();
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
    const index = indexIn(part, address);
    const slot = part.slots[index] ?? 0;
    if (slot === 0) return part.words[index] ?? 0;
    const reason = this.#reason.values[slot - 1] ?? 0;
    if (reason > 0) return { reason: this.#reasonTexts[reason - 1] ?? '' };
    return this.#word.values[slot - 1] ?? 0;
  }

  write(address: bigint, word: number, cause: ChangeCause, detail: string): void {
    this.#put(address, word, cause, detail, 0);
  }

  /** The word may be anything from here on. */
  writeUnknown(address: bigint, cause: ChangeCause, detail: string, reason: string): void {
    let number = this.#reasonNumbers.get(reason);
    if (number === undefined) {
      number = this.#reasonTexts.push(reason);
      this.#reasonNumbers.set(reason, number);
    }
    this.#put(address, 0, cause, detail, number);
  }

  /** The words that differ from the file; later writes do not belong to them. */
  changed(): PredictedWords {
    let count = 0;
    for (const part of this.#parts) {
      for (let index = 0; index < part.slots.length; index++) if (this.#differs(part, index)) count += 1;
    }
    return {
      count,
      at: (address) => {
        const part = this.#partAt(address);
        if (part === undefined) return null;
        const index = indexIn(part, address);
        return this.#differs(part, index) ? this.#wordOf(part, index) : null;
      },
      between: (start, end) => {
        const part = this.#partAt(start);
        if (part === undefined || end <= start) return [];
        const stop = end < part.end ? indexIn(part, end) : part.words.length;
        return this.#wordsOf(part, indexIn(part, start), stop);
      },
      [Symbol.iterator]: () => this.#allWords(),
    };
  }

  *#allWords(): Generator<PredictedWord> {
    for (const part of this.#parts) yield* this.#wordsOf(part, 0, part.words.length);
  }

  *#wordsOf(part: Part, from: number, to: number): Generator<PredictedWord> {
    for (let index = from; index < to; index++) if (this.#differs(part, index)) yield this.#wordOf(part, index);
  }

  #differs(part: Part, index: number): boolean {
    const slot = part.slots[index] ?? 0;
    if (slot === 0) return false;
    return this.#reason.values[slot - 1] !== 0 || this.#word.values[slot - 1] !== part.words[index];
  }

  #wordOf(part: Part, index: number): PredictedWord {
    const change = (part.slots[index] ?? 0) - 1;
    const { cause, detail } = this.#whys[this.#why.values[change] ?? 0] ?? { cause: 'alternative', detail: '' };
    const reason = this.#reason.values[change] ?? 0;
    return {
      address: part.start + BigInt(4 * index),
      old: part.words[index] ?? 0,
      new: reason > 0 ? null : (this.#word.values[change] ?? 0),
      cause,
      detail,
      reason: reason > 0 ? (this.#reasonTexts[reason - 1] ?? '') : null,
    };
  }

  #put(address: bigint, word: number, cause: ChangeCause, detail: string, reason: number): void {
    const part = this.#partAt(address);
    if (part === undefined) {
      this.#outside += 1;
      return;
    }
    const index = indexIn(part, address);
    let change = (part.slots[index] ?? 0) - 1;
    if (change < 0) {
      change = this.#count;
      this.#count += 1;
      part.slots[index] = this.#count;
    }
    put(this.#word, change, word);
    put(this.#why, change, this.#whyNumber(cause, detail));
    put(this.#reason, change, reason);
  }

  /** The words of a site come one after the other and have the same cause. */
  #whyNumber(cause: ChangeCause, detail: string): number {
    const last = this.#whys[this.#whys.length - 1];
    if (last?.cause === cause && last.detail === detail) return this.#whys.length - 1;
    return this.#whys.push({ cause, detail }) - 1;
  }

  #partAt(address: bigint): Part | undefined {
    const last = this.#last;
    if (last !== undefined && address >= last.start && address < last.end) return last;
    const part = this.#parts[firstNotBefore(this.#parts, ({ start }) => start <= address) - 1];
    if (part === undefined || address >= part.end) return undefined;
    this.#last = part;
    return part;
  }
}

function indexIn(part: Part, address: bigint): number {
  return Number(address - part.start) >>> 2;
}
