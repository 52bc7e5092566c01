/** What a definition is. `made`: an argument of a macro at file scope, which may define it, declare it or only use it. */
export const definitionKinds = [
  'function',
  'inline-function',
  'macro',
  'variable',
  'type',
  'enumerator',
  'asm-symbol',
  'asm-macro',
  'made',
] as const;

export type StoredKind = (typeof definitionKinds)[number];

export const kindCode = Object.fromEntries(definitionKinds.map((kind, code) => [kind, code])) as Readonly<
  Record<StoredKind, number>
>;

/** Bits of a definition's kind: below the flags its code. */
export const kindMask = 0x3f;
/** `extern` or a prototype. */
export const declarationFlag = 0x40;
/** Not seen by other objects. */
export const staticFlag = 0x80;

/** Numbers that stand for one definition, one after the other: name, UTF-16 offset, `line << 8 | kind`, maker. */
export const definitionStride = 4;

/** Which argument of its maker a `made` definition is, in the bits above the maker's number. */
export const argumentShift = 28;
export const makerMask = (1 << argumentShift) - 1;
export const maxArgument = 7;

/** Names of one file. */
export interface ScannedFile {
  /** Numbers of the names that its code holds, each once. */
  readonly names: Uint32Array;
  readonly definitions: Uint32Array;
}

/** Numbers that are collected, with room for more. */
export class NumberList {
  #numbers = new Uint32Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#numbers.length) {
      const wider = new Uint32Array(this.#numbers.length * 2);
      wider.set(this.#numbers);
      this.#numbers = wider;
    }
    this.#numbers[this.#length++] = value;
  }

  /** A copy of the numbers; the list is empty afterwards. */
  take(): Uint32Array<ArrayBuffer> {
    const taken = this.#numbers.slice(0, this.#length);
    this.#length = 0;
    return taken;
  }
}
