import { firstNotBefore } from '../../base/search.ts';
import type { TextRange } from '../../base/text.ts';
import { printedExpansion } from '../cpp/macroUses.ts';
import type { CppExpansion, CppLine, CppMacro, CppMacroUse } from '../cpp/model.ts';
import { tokensOfLine } from '../cpp/output.ts';
import { type SourceRef, type Tok, Tok as Token } from '../cpp/token.ts';

/** One macro use that a piece of expanded text came through. */
export interface ChainFrame {
  readonly name: string;
  readonly macro: CppMacro;
  /** Where the macro's name was written: the main file for the outermost, a macro's body for the others. */
  readonly file: string;
  readonly offset: number;
}

/** Where a piece of expanded text was spelled, and the macro uses that brought it. */
export interface Origin {
  /** File and UTF-16 offset of the spelling; in a macro's body that of the body. */
  readonly file: string;
  readonly offset: number;
  /** 1-based line of the main file at which the text stands: that of the outermost macro use. */
  readonly line: number;
  /** Outermost first; empty for text of the file itself. */
  readonly chain: readonly ChainFrame[];
}

/** A token of the expanded text. */
export interface PlacedToken {
  readonly tok: Tok;
  readonly expansion: CppExpansion | null;
  /** Offset in the expanded text. */
  readonly start: number;
}

/**
 * The main file's own text after preprocessing, with the origin of every token. Lines are those that `gcc -E`
 * prints: a token that starts a line keeps its column. Kept in arrays of numbers: a file of the kernel has tens of
 * thousands of tokens.
 */
export class ExpandedText {
  /** Path of the main file. */
  readonly path: string;
  readonly text: string;
  /** Uses of macros in the main file, in order. */
  readonly uses: readonly CppMacroUse[];
  // One entry for each token.
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  readonly #offsets: Int32Array;
  readonly #files: Uint16Array;
  readonly #expansions: Int32Array;
  readonly #types: Uint8Array;
  readonly #flags: Uint8Array;
  readonly #lines: Int32Array;
  readonly #refs: readonly SourceRef[];
  /** What `#expansions` counts; 0 is none. */
  readonly #origins: readonly (CppExpansion | null)[];
  /** End of the outermost macro use, by the offset of its name in the main file. */
  readonly #useEnds = new Map<number, number>();

  constructor(path: string, lines: readonly CppLine[], uses: readonly CppMacroUse[]) {
    this.path = path;
    const own = lines.filter((line) => line.file === path);
    const count = own.reduce((sum, line) => sum + tokensOfLine(line).tokens.length, 0);
    this.#starts = new Int32Array(count);
    this.#ends = new Int32Array(count);
    this.#offsets = new Int32Array(count);
    this.#files = new Uint16Array(count);
    this.#expansions = new Int32Array(count);
    this.#types = new Uint8Array(count);
    this.#flags = new Uint8Array(count);
    this.#lines = new Int32Array(count);
    const refs = new Map<SourceRef, number>();
    const origins = new Map<CppExpansion | null, number>([[null, 0]]);
    let at = 0;
    let start = 0;
    let lastRef: SourceRef | null = null;
    let ref = 0;
    let lastExpansion: CppExpansion | null = null;
    let origin = 0;
    for (const line of own) {
      const { tokens, expansions } = tokensOfLine(line);
      for (let i = 0; i < tokens.length; i++, at++) {
        const tok = tokens[i];
        if (tok === undefined) continue;
        const expansion = expansions[i] ?? null;
        // Neighbors mostly share both.
        if (tok.ref !== lastRef) {
          lastRef = tok.ref;
          ref = refs.get(tok.ref) ?? refs.size;
          if (ref === refs.size) refs.set(tok.ref, ref);
        }
        if (expansion !== lastExpansion) {
          lastExpansion = expansion;
          origin = origins.get(expansion) ?? origins.size;
          if (origin === origins.size) origins.set(expansion, origin);
        }
        this.#starts[at] = start + (line.columns[i] ?? 0);
        this.#ends[at] = start + (line.columns[i] ?? 0) + tok.text.length;
        this.#offsets[at] = tok.offset;
        this.#files[at] = ref;
        this.#expansions[at] = origin;
        this.#types[at] = tok.type;
        this.#flags[at] = tok.flags;
        this.#lines[at] = line.line;
      }
      start += line.text.length + 1;
    }
    this.#refs = [...refs.keys()];
    this.#origins = [...origins.keys()];
    // One string of its own: those of the lines are chains of pieces.
    this.text = own.length === 0 ? '' : `${own.map((line) => line.text).join('\n')}\n`;
    this.uses = uses.map((use) => {
      const printed = printedExpansion(use);
      return printed === null ? use : new ExpandedUse(use, printed, this);
    });
    for (const { range } of uses) this.#useEnds.set(range.start, range.end);
  }

  /** Tokens that begin in a range, in order (all of them without one); `#pragma` lines have none. */
  *tokens(from = 0, to = this.text.length): Generator<PlacedToken> {
    for (let at = this.#firstFrom(from); at < this.#starts.length; at++) {
      const start = this.#starts[at] ?? 0;
      if (start >= to) return;
      const text = this.text.slice(start, this.#ends[at]);
      const ref = this.#refs[this.#files[at] ?? 0] ?? { path: this.path };
      const tok = new Token(this.#types[at] ?? 0, this.#flags[at] ?? 0, text, null, ref, this.#offsets[at] ?? 0);
      yield { tok, expansion: this.#origins[this.#expansions[at] ?? 0] ?? null, start };
    }
  }

  /** Tokens that begin in a range (all of them without one), made when they are looked at. */
  window(from = 0, to = this.text.length): TokenWindow {
    const first = this.#firstFrom(from);
    const last = this.#firstFrom(to);
    const make = (at: number): Tok => {
      const start = this.#starts[at] ?? 0;
      const ref = this.#refs[this.#files[at] ?? 0] ?? { path: this.path };
      const text = this.text.slice(start, this.#ends[at]);
      return new Token(this.#types[at] ?? 0, this.#flags[at] ?? 0, text, null, ref, this.#offsets[at] ?? 0);
    };
    const arrays = [this.#starts, this.#ends].map((array) => array.subarray(first, last));
    const [starts = this.#starts, ends = this.#ends] = arrays;
    return new TokenWindow(this.text, starts, ends, this.#types.subarray(first, last), (at) => make(first + at));
  }

  /** Text that an expansion gave, up to the first token that is not its own. */
  textOfExpansion(wanted: CppExpansion): string {
    const within = this.#origins.map((origin) => isWithin(origin, wanted));
    let first = 0;
    while (first < this.#starts.length && within[this.#expansions[first] ?? 0] !== true) first++;
    if (first === this.#starts.length) return '';
    let last = first;
    while (within[this.#expansions[last + 1] ?? 0] === true) last++;
    return this.text.slice(this.#starts[first], this.#ends[last]).replace(/\s*\n\s*/g, ' ');
  }

  /** Origin of the token at (or last before) an offset of the expanded text; `null` for a text without tokens. */
  originAt(offset: number): Origin | null {
    const at = this.#tokenAt(offset);
    if (at < 0) return null;
    const chain: ChainFrame[] = [];
    for (let use = this.#origin(at); use !== null; use = use.parent) {
      chain.unshift({ name: use.macro.name, macro: use.macro, file: use.file, offset: use.offset });
    }
    const start = this.#starts[at] ?? 0;
    const inside = Math.max(0, Math.min(offset, (this.#ends[at] ?? 0) - 1) - start);
    return { file: this.#fileOf(at), offset: (this.#offsets[at] ?? 0) + inside, line: this.#lines[at] ?? 1, chain };
  }

  /**
   * The part of the main file that gave the token at an offset of the expanded text: the token itself, or the whole
   * outermost macro use (name and arguments).
   */
  toMain(offset: number): TextRange {
    const at = this.#tokenAt(offset);
    return at < 0 ? { start: 0, end: 0 } : this.#outermost(at);
  }

  /** Where the token at an offset is spelled in the main file, also as a macro's argument; `null` when it is not. */
  spelledInMain(offset: number): TextRange | null {
    const at = this.#tokenAt(offset);
    if (at < 0 || this.#fileOf(at) !== this.path) return null;
    const start = this.#offsets[at] ?? 0;
    const outermost = this.#outermost(at);
    // The body of a macro that the main file defines is no place of a use.
    if (this.#origin(at) !== null && (start < outermost.start || start >= outermost.end)) return null;
    return { start, end: start + (this.#ends[at] ?? 0) - (this.#starts[at] ?? 0) };
  }

  /**
   * The part of the main file for a range of the expanded text: as it is spelled there where both ends are (in one
   * macro use's arguments, or in no macro), else the outermost macro uses as a whole.
   */
  rangeInMain(start: number, end: number): TextRange {
    const first = this.#tokenAt(start);
    const last = this.#tokenAt(Math.max(start, end - 1));
    if (first < 0 || last < 0) return { start: 0, end: 0 };
    const from = this.#outermost(first);
    const to = this.#outermost(last);
    const spelledFrom = this.spelledInMain(start);
    const spelledTo = this.spelledInMain(Math.max(start, end - 1));
    const sameUse = from.start === to.start || (this.#origin(first) === null && this.#origin(last) === null);
    if (sameUse && spelledFrom !== null && spelledTo !== null && spelledFrom.start <= spelledTo.start) {
      return { start: spelledFrom.start, end: spelledTo.end };
    }
    return { start: Math.min(from.start, to.start), end: Math.max(from.end, to.end) };
  }

  #fileOf(at: number): string {
    return this.#refs[this.#files[at] ?? 0]?.path ?? this.path;
  }

  #origin(at: number): CppExpansion | null {
    return this.#origins[this.#expansions[at] ?? 0] ?? null;
  }

  #outermost(at: number): TextRange {
    let use = this.#origin(at);
    while (use !== null && use.parent !== null) use = use.parent;
    if (use === null) {
      const start = this.#offsets[at] ?? 0;
      return { start, end: start + (this.#ends[at] ?? 0) - (this.#starts[at] ?? 0) };
    }
    return { start: use.offset, end: this.#useEnds.get(use.offset) ?? use.offset + use.macro.name.length };
  }

  /** Index of the token at an offset or the last before it; -1 when there is none. */
  #tokenAt(offset: number): number {
    const next = this.#firstFrom(offset + 1);
    return next > 0 ? next - 1 : this.#starts.length > 0 ? 0 : -1;
  }

  /** Index of the first token that begins at an offset or behind it. */
  #firstFrom(offset: number): number {
    return firstNotBefore(this.#starts, (start) => start < offset);
  }
}

/** Some tokens of expanded text in a row. */
export class TokenWindow {
  readonly starts: Int32Array;
  readonly #text: string;
  readonly #ends: Int32Array;
  readonly #types: Uint8Array;
  readonly #make: (at: number) => Tok;
  readonly #made = new Map<number, Tok>();

  constructor(text: string, starts: Int32Array, ends: Int32Array, types: Uint8Array, make: (at: number) => Tok) {
    this.#text = text;
    this.starts = starts;
    this.#ends = ends;
    this.#types = types;
    this.#make = make;
  }

  get length(): number {
    return this.starts.length;
  }

  at(index: number): Tok | undefined {
    if (index < 0 || index >= this.length) return undefined;
    let tok = this.#made.get(index);
    if (tok === undefined) {
      tok = this.#make(index);
      this.#made.set(index, tok);
    }
    return tok;
  }

  /** Kind of a token (`Kind` of syntax/cpp). */
  type(index: number): number {
    return this.#types[index] ?? 0;
  }

  /** Code of a token's first character. */
  code(index: number): number {
    return this.#text.charCodeAt(this.starts[index] ?? 0);
  }

  /** The token stands in the first column of the printed text. */
  isFirst(index: number): boolean {
    const start = this.starts[index] ?? 0;
    return start === 0 || this.#text.charCodeAt(start - 1) === 10;
  }

  /** Offset behind a token. */
  end(index: number): number {
    return this.#ends[index] ?? this.starts[index] ?? 0;
  }
}

function isWithin(origin: CppExpansion | null, wanted: CppExpansion): boolean {
  for (let at = origin; at !== null; at = at.parent) if (at === wanted) return true;
  return false;
}

/** A macro use whose expansion is read from the expanded text. */
class ExpandedUse implements CppMacroUse {
  readonly macro: CppMacro;
  readonly range: TextRange;
  readonly nameRange: TextRange;
  readonly #wanted: CppExpansion;
  readonly #expanded: ExpandedText;

  constructor(use: CppMacroUse, wanted: CppExpansion, expanded: ExpandedText) {
    this.macro = use.macro;
    this.range = use.range;
    this.nameRange = use.nameRange;
    this.#wanted = wanted;
    this.#expanded = expanded;
  }

  get expansion(): string {
    return this.#expanded.textOfExpansion(this.#wanted);
  }
}
