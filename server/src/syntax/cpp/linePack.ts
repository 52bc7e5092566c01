import type { Expansion } from './expander.ts';
import type { CppExpansion, CppLine, CppMacro, CppToken } from './model.ts';
import type { OutputLine } from './output.ts';
import { Kind, type SourceRef } from './token.ts';

const kinds: readonly CppToken['kind'][] = ['identifier', 'number', 'string', 'character', 'punctuator', 'other'];

/** Index in `kinds` of a token's kind. */
function kindNumber(type: number): number {
  switch (type) {
    case Kind.name:
      return 0;
    case Kind.number:
      return 1;
    case Kind.string:
      return 2;
    case Kind.character:
      return 3;
    default:
      return type === Kind.other || type >= Kind.padding ? 5 : 4;
  }
}

/** Lines in their compact form, and roughly how much memory that takes. */
export interface PackedLines {
  readonly lines: readonly CppLine[];
  readonly bytes: number;
}

/**
 * Lines of an included file in a form that takes a tenth of the memory: one text, numbers in tables. Tokens and the
 * macro uses they came out of are made when they are first asked for, and are the same objects from then on.
 */
export function packLines(lines: readonly OutputLine[]): PackedLines {
  if (lines.length === 0) return { lines: [], bytes: 0 };
  const pack = new LinePack(lines);
  return { lines: lines.map((line, nth) => new PackedLine(pack, nth, line.line)), bytes: pack.bytes };
}

/** Whether a line is in compact form: then it belongs to an included file, and the same object means the same line. */
export function isCompactLine(line: CppLine | undefined): boolean {
  return line instanceof PackedLine;
}

class PackedLine implements CppLine {
  readonly line: number;
  readonly #pack: LinePack;
  readonly #nth: number;
  #tokens: readonly CppToken[] | null = null;

  constructor(pack: LinePack, nth: number, line: number) {
    this.#pack = pack;
    this.#nth = nth;
    this.line = line;
  }

  get text(): string {
    return this.#pack.text(this.#nth);
  }

  get file(): string {
    return this.#pack.file(this.#nth);
  }

  get columns(): readonly number[] {
    return this.#pack.columns(this.#nth);
  }

  get tokens(): readonly CppToken[] {
    this.#tokens ??= this.#pack.tokens(this.#nth);
    return this.#tokens;
  }
}

class LinePack {
  readonly #text: string;
  /** Where each line begins in the text, and its first token; one more entry for the end. */
  readonly #starts: Int32Array;
  readonly #firsts: Int32Array;
  readonly #lineFiles: Uint16Array;
  // One entry for each token: its columns in the whole text, its place, the use it came out of (0: none).
  readonly #begins: Int32Array;
  readonly #ends: Int32Array;
  readonly #offsets: Int32Array;
  readonly #files: Uint16Array;
  readonly #kinds: Uint8Array;
  readonly #origins: Int32Array;
  // One entry for each macro use; the first stands for none.
  readonly #useMacros: Int32Array;
  readonly #useOffsets: Int32Array;
  readonly #useFiles: Uint16Array;
  readonly #useParents: Int32Array;
  readonly #macros: readonly CppMacro[];
  readonly #paths: readonly string[];
  readonly #made = new Map<number, CppExpansion>();

  constructor(lines: readonly OutputLine[]) {
    const paths = new Numbering<string>();
    const macros = new Numbering<CppMacro>();
    const uses = new Numbering<Expansion>();
    const count = lines.reduce((sum, line) => sum + line.rawTokens.length, 0);
    this.#text = lines.map((line) => line.text).join('\n');
    this.#starts = new Int32Array(lines.length + 1);
    this.#firsts = new Int32Array(lines.length + 1);
    this.#lineFiles = new Uint16Array(lines.length);
    this.#begins = new Int32Array(count);
    this.#ends = new Int32Array(count);
    this.#offsets = new Int32Array(count);
    this.#files = new Uint16Array(count);
    this.#kinds = new Uint8Array(count);
    this.#origins = new Int32Array(count);
    let at = 0;
    let start = 0;
    let ref: SourceRef | null = null;
    let path = 0;
    let expansion: Expansion | null = null;
    let origin = 0;
    for (let nth = 0; nth < lines.length; nth++) {
      const line = lines[nth];
      if (line === undefined) continue;
      const { rawTokens, expansions, columns } = line;
      this.#starts[nth] = start;
      this.#firsts[nth] = at;
      this.#lineFiles[nth] = paths.of(line.file);
      for (let i = 0; i < rawTokens.length; i++, at++) {
        const tok = rawTokens[i];
        if (tok === undefined) continue;
        // Neighbors mostly share both.
        if (tok.ref !== ref) {
          ref = tok.ref;
          path = paths.of(ref.path);
        }
        const from = expansions[i] ?? null;
        if (from !== expansion) {
          expansion = from;
          origin = from === null ? 0 : numberUse(from, uses) + 1;
        }
        const begin = start + (columns[i] ?? 0);
        this.#begins[at] = begin;
        this.#ends[at] = begin + tok.text.length;
        this.#offsets[at] = tok.offset;
        this.#files[at] = path;
        this.#kinds[at] = kindNumber(tok.type);
        this.#origins[at] = origin;
      }
      start += line.text.length + 1;
    }
    this.#starts[lines.length] = start;
    this.#firsts[lines.length] = at;
    const { items } = uses;
    this.#useMacros = Int32Array.from([0, ...items.map((use) => macros.of(use.macro))]);
    this.#useOffsets = Int32Array.from([0, ...items.map((use) => use.offset)]);
    this.#useFiles = Uint16Array.from([0, ...items.map((use) => paths.of(use.file))]);
    this.#useParents = Int32Array.from([0, ...items.map((use) => (use.parent === null ? 0 : uses.of(use.parent) + 1))]);
    this.#macros = macros.items;
    this.#paths = paths.items;
  }

  get bytes(): number {
    return this.#text.length + 64 * this.#lineFiles.length + 19 * this.#begins.length + 14 * this.#useMacros.length;
  }

  text(nth: number): string {
    return this.#text.slice(this.#starts[nth], (this.#starts[nth + 1] ?? 0) - 1);
  }

  file(nth: number): string {
    return this.#paths[this.#lineFiles[nth] ?? 0] ?? '';
  }

  columns(nth: number): readonly number[] {
    const start = this.#starts[nth] ?? 0;
    const columns: number[] = [];
    for (let at = this.#firsts[nth] ?? 0; at < (this.#firsts[nth + 1] ?? 0); at++) {
      columns.push((this.#begins[at] ?? 0) - start);
    }
    return columns;
  }

  tokens(nth: number): readonly CppToken[] {
    const tokens: CppToken[] = [];
    for (let at = this.#firsts[nth] ?? 0; at < (this.#firsts[nth + 1] ?? 0); at++) {
      tokens.push({
        kind: kinds[this.#kinds[at] ?? 0] ?? 'other',
        text: this.#text.slice(this.#begins[at], this.#ends[at]),
        file: this.#paths[this.#files[at] ?? 0] ?? '',
        offset: this.#offsets[at] ?? 0,
        expansion: this.#use(this.#origins[at] ?? 0),
      });
    }
    return tokens;
  }

  #use(nth: number): CppExpansion | null {
    const wanted: number[] = [];
    for (let at = nth; at !== 0 && !this.#made.has(at); at = this.#useParents[at] ?? 0) wanted.push(at);
    for (const at of wanted.reverse()) {
      const macro = this.#macros[this.#useMacros[at] ?? 0];
      if (macro === undefined) continue;
      const file = this.#paths[this.#useFiles[at] ?? 0] ?? '';
      const parent = this.#made.get(this.#useParents[at] ?? 0) ?? null;
      this.#made.set(at, { macro, file, offset: this.#useOffsets[at] ?? 0, parent });
    }
    return this.#made.get(nth) ?? null;
  }
}

/** Number of a use; those around it are numbered before. */
function numberUse(expansion: Expansion, uses: Numbering<Expansion>): number {
  const known = uses.known(expansion);
  if (known !== undefined) return known;
  const outer: Expansion[] = [];
  for (let at = expansion.parent; at !== null && uses.known(at) === undefined; at = at.parent) outer.push(at);
  for (const use of outer.reverse()) uses.of(use);
  return uses.of(expansion);
}

/** Numbers things in the order they come. */
class Numbering<T> {
  readonly items: T[] = [];
  readonly #numbers = new Map<T, number>();

  known(item: T): number | undefined {
    return this.#numbers.get(item);
  }

  of(item: T): number {
    let number = this.#numbers.get(item);
    if (number === undefined) {
      number = this.items.length;
      this.items.push(item);
      this.#numbers.set(item, number);
    }
    return number;
  }
}
