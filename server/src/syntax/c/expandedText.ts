import type { TextRange } from '../../base/text.ts';
import type { CppExpansion, CppLine, CppMacro, CppMacroUse } from '../cpp/model.ts';
import { tokensOfLine } from '../cpp/output.ts';
import type { Tok } from '../cpp/token.ts';

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

interface PlacedLine {
  readonly start: number;
  readonly line: CppLine;
}

/**
 * The main file's own text after preprocessing, with the origin of every token. Lines are those that `gcc -E`
 * prints: a token that starts a line keeps its column.
 */
export class ExpandedText {
  /** Path of the main file. */
  readonly path: string;
  readonly text: string;
  readonly #lines: readonly PlacedLine[];
  /** End of the outermost macro use, by the offset of its name in the main file. */
  readonly #useEnds = new Map<number, number>();

  constructor(path: string, lines: readonly CppLine[], uses: readonly CppMacroUse[]) {
    this.path = path;
    const placed: PlacedLine[] = [];
    const texts: string[] = [];
    let at = 0;
    for (const line of lines) {
      if (line.file !== path) continue;
      placed.push({ start: at, line });
      texts.push(line.text);
      at += line.text.length + 1;
    }
    this.#lines = placed;
    this.text = texts.length === 0 ? '' : `${texts.join('\n')}\n`;
    for (const { range } of uses) this.#useEnds.set(range.start, range.end);
  }

  /** Tokens that begin in a range, in order (all of them without one); `#pragma` lines have none. */
  *tokens(from = 0, to = this.text.length): Generator<PlacedToken> {
    for (let at = this.#lineAt(from); at < this.#lines.length; at++) {
      const placed = this.#lines[at];
      if (placed === undefined || placed.start >= to) return;
      const { start, line } = placed;
      const { tokens, expansions } = tokensOfLine(line);
      for (let i = 0; i < tokens.length; i++) {
        const tok = tokens[i];
        const offset = start + (line.columns[i] ?? 0);
        if (tok === undefined || offset < from || offset >= to) continue;
        yield { tok, expansion: expansions[i] ?? null, start: offset };
      }
    }
  }

  /** Origin of the token at (or last before) an offset of the expanded text; `null` for a text without tokens. */
  originAt(offset: number): Origin | null {
    const at = this.#tokenAt(offset);
    if (at === null) return null;
    const chain: ChainFrame[] = [];
    for (let use = at.expansion; use !== null; use = use.parent) {
      chain.unshift({ name: use.macro.name, macro: use.macro, file: use.file, offset: use.offset });
    }
    const inside = Math.max(0, Math.min(offset - at.start, at.tok.text.length - 1));
    return { file: at.tok.file, offset: at.tok.offset + inside, line: at.line, chain };
  }

  /**
   * The part of the main file that gave the token at an offset of the expanded text: the token itself, or the whole
   * outermost macro use (name and arguments).
   */
  toMain(offset: number): TextRange {
    const at = this.#tokenAt(offset);
    return at === null ? { start: 0, end: 0 } : this.#outermost(at.tok, at.expansion);
  }

  /** Where the token at an offset is spelled in the main file, also as a macro's argument; `null` when it is not. */
  spelledInMain(offset: number): TextRange | null {
    const at = this.#tokenAt(offset);
    if (at === null || at.tok.file !== this.path || !isWritten(at.tok, at.expansion, this.#useEnds)) return null;
    return { start: at.tok.offset, end: at.tok.offset + at.tok.text.length };
  }

  /**
   * The part of the main file for a range of the expanded text: as it is spelled there where both ends are (in one
   * macro use's arguments, or in no macro), else the outermost macro uses as a whole.
   */
  rangeInMain(start: number, end: number): TextRange {
    const first = this.#tokenAt(start);
    const last = this.#tokenAt(Math.max(start, end - 1));
    if (first === null || last === null) return { start: 0, end: 0 };
    const from = this.#outermost(first.tok, first.expansion);
    const to = this.#outermost(last.tok, last.expansion);
    const spelledFrom = this.spelledInMain(start);
    const spelledTo = this.spelledInMain(Math.max(start, end - 1));
    const sameUse = from.start === to.start || (first.expansion === null && last.expansion === null);
    if (sameUse && spelledFrom !== null && spelledTo !== null && spelledFrom.start <= spelledTo.start) {
      return { start: spelledFrom.start, end: spelledTo.end };
    }
    return { start: Math.min(from.start, to.start), end: Math.max(from.end, to.end) };
  }

  #lineAt(offset: number): number {
    let low = 0;
    let high = this.#lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lines[middle]?.start ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return Math.max(low, 0);
  }

  #outermost(tok: Tok, expansion: CppExpansion | null): TextRange {
    let use = expansion;
    while (use !== null && use.parent !== null) use = use.parent;
    if (use === null) return { start: tok.offset, end: tok.offset + tok.text.length };
    return { start: use.offset, end: this.#useEnds.get(use.offset) ?? use.offset + use.macro.name.length };
  }

  #tokenAt(offset: number): {
    readonly tok: Tok;
    readonly expansion: CppExpansion | null;
    readonly start: number;
    readonly line: number;
  } | null {
    // A line without tokens is a `#pragma`: the token before it counts.
    for (let at = this.#lineAt(offset); at >= 0; at--) {
      const placed = this.#lines[at];
      if (placed === undefined) return null;
      const { tokens, expansions } = tokensOfLine(placed.line);
      const { columns } = placed.line;
      if (tokens.length === 0) continue;
      const column = offset - placed.start;
      let left = 0;
      let right = tokens.length - 1;
      while (left < right) {
        const middle = (left + right + 1) >> 1;
        if ((columns[middle] ?? 0) <= column) left = middle;
        else right = middle - 1;
      }
      const tok = tokens[left];
      if (tok === undefined) return null;
      const start = placed.start + (columns[left] ?? 0);
      return { tok, expansion: expansions[left] ?? null, start, line: placed.line.line };
    }
    return null;
  }
}

/** A token of the main file that stands there as text, not in the body of a macro that the main file defines. */
function isWritten(tok: Tok, expansion: CppExpansion | null, useEnds: ReadonlyMap<number, number>): boolean {
  let use = expansion;
  if (use === null) return true;
  while (use.parent !== null) use = use.parent;
  const end = useEnds.get(use.offset) ?? use.offset;
  return tok.offset >= use.offset && tok.offset < end;
}
