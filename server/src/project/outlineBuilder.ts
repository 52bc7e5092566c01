import { isNameStartCode, isSymbolCode } from '../syntax/gas/scrub.ts';
import type {
  BlockKind,
  DefineOutline,
  DefinitionOutline,
  IncludeOutline,
  OutlineBlock,
  OutlineParameter,
  ParameterUse,
  SourceToken,
  StatementOutline,
  TokenRole,
} from './outlineModel.ts';

/** A block while it is being read. */
export interface OpenBlock extends OutlineBlock {
  headEnd: number;
  readonly dividers: number[];
  close: { start: number; end: number } | null;
  name: OutlineParameter | null;
  readonly parameters: OutlineParameter[];
  readonly parent: OpenBlock | null;
  /** Blocks that other branches of a condition opened in this one's place: the same end closes them. */
  readonly twins: OpenBlock[];
}

const code = { tab: 9, newline: 10, return: 13, blank: 32, quote: 34, apostrophe: 39, slash: 47, star: 42 } as const;
const backslash = 92;

/**
 * Reading position in a text and what was found so far. Invariant: the position only grows, so that every loop
 * over it ends, and tokens are added in order without overlap.
 */
export class OutlineBuilder {
  readonly text: string;
  readonly tokens: SourceToken[] = [];
  readonly parameterUses: ParameterUse[] = [];
  readonly blocks: OpenBlock[] = [];
  readonly defines: DefineOutline[] = [];
  readonly definitions: DefinitionOutline[] = [];
  readonly statements: StatementOutline[] = [];
  readonly includes: IncludeOutline[] = [];
  /** Innermost block of the assembler. */
  block: OpenBlock | null = null;
  at = 0;
  #scopeOf: OpenBlock | null = null;
  #scope: OpenBlock | null = null;

  constructor(text: string) {
    this.text = text;
  }

  get isDone(): boolean {
    return this.at >= this.text.length;
  }

  /** Code unit at the position; 10 at the end, so that every line has an end. */
  peek(ahead = 0): number {
    const at = this.at + ahead;
    return at < this.text.length ? this.text.charCodeAt(at) : code.newline;
  }

  get isLineEnd(): boolean {
    return this.at >= this.text.length || this.peek() === code.newline;
  }

  /** Innermost block with parameters. */
  get scope(): OpenBlock | null {
    if (this.#scopeOf !== this.block) {
      let scope = this.block;
      while (scope !== null && scope.kind !== 'macro' && scope.kind !== 'irp' && scope.kind !== 'irpc') {
        scope = scope.parent;
      }
      this.#scopeOf = this.block;
      this.#scope = scope;
    }
    return this.#scope;
  }

  add(role: TokenRole, start: number, end: number): SourceToken {
    const token: SourceToken = { role, start, end, scope: this.scope };
    if (end > start) this.tokens.push(token);
    return token;
  }

  open(kind: BlockKind, start: number, parent: OpenBlock | null): OpenBlock {
    const block: OpenBlock = {
      kind,
      start,
      headEnd: this.at,
      dividers: [],
      close: null,
      name: null,
      parameters: [],
      parent,
      twins: [],
    };
    this.blocks.push(block);
    return block;
  }

  /** Passes blanks, comments and joined lines; stops at a line's end. */
  skipBlank(): void {
    for (;;) {
      const next = this.peek();
      if (next === code.newline) return;
      if (next === code.blank || next === code.tab || next === code.return || next === 11 || next === 12) this.at++;
      else if (next === backslash && this.#joinsLines()) continue;
      else if (next === code.slash && this.#comment()) continue;
      else return;
    }
  }

  /** A backslash at a line's end joins it with the next one. */
  #joinsLines(): boolean {
    const after = this.text.charCodeAt(this.at + 1);
    if (after === code.newline) this.at += 2;
    else if (after === code.return && this.text.charCodeAt(this.at + 2) === code.newline) this.at += 3;
    else return false;
    return true;
  }

  #comment(): boolean {
    const second = this.peek(1);
    const start = this.at;
    if (second === code.star) {
      const end = this.text.indexOf('*/', start + 2);
      this.at = end < 0 ? this.text.length : end + 2;
    } else if (second === code.slash) this.toLineEnd();
    else return false;
    this.add('comment', start, this.at);
    return true;
  }

  /** Goes to the end of the line, joined lines included; a carriage return stays behind. */
  toLineEnd(): void {
    let end = this.text.indexOf('\n', this.at);
    while (end > 0 && this.#isJoined(end)) end = this.text.indexOf('\n', end + 1);
    if (end < 0) end = this.text.length;
    else if (end > this.at && this.text.charCodeAt(end - 1) === code.return) end--;
    this.at = end;
  }

  #isJoined(newline: number): boolean {
    const before = this.text.charCodeAt(newline - 1);
    return before === backslash || (before === code.return && this.text.charCodeAt(newline - 2) === backslash);
  }

  /** End of the word at the position, macro arguments in it included; the position itself when there is none. */
  wordEnd(): number {
    const { text } = this;
    let at = this.at;
    for (;;) {
      while (at < text.length && isSymbolCode(text.charCodeAt(at))) at++;
      if (text.charCodeAt(at) !== backslash) return at;
      const next = text.charCodeAt(at + 1);
      if (next === 64) at += 2;
      else if (next === 40 && text.charCodeAt(at + 2) === 41) at += 3;
      else if (isNameStartCode(next)) at += 2;
      else return at;
    }
  }

  /** Records the `\name`s of a stretch of text. */
  addParameterUses(start: number, end: number): void {
    const { text } = this;
    for (let at = start; at < end; at++) {
      if (text.charCodeAt(at) !== backslash || !isNameStartCode(text.charCodeAt(at + 1))) continue;
      const name = at;
      while (at + 1 < end && isSymbolCode(text.charCodeAt(at + 1))) at++;
      this.parameterUses.push({ start: name, end: at + 1, scope: this.scope });
    }
  }

  /** Reads a word, or a part of one up to `end`, with the role; `null` when there is none here. */
  word(role: TokenRole, end: number = this.wordEnd()): SourceToken | null {
    if (end === this.at) return null;
    const start = this.at;
    this.at = end;
    const token = this.add(role, start, end);
    this.addParameterUses(start, end);
    return token;
  }

  /** Reads a string that begins here; one that is not closed ends with its line. */
  stringEnd(): number {
    const { text } = this;
    for (let at = this.at + 1; at < text.length; at++) {
      const next = text.charCodeAt(at);
      if (next === code.newline) return at;
      if (next === backslash && text.charCodeAt(at + 1) !== code.newline) at++;
      else if (next === code.quote) return at + 1;
    }
    return text.length;
  }

  string(): void {
    const start = this.at;
    this.at = this.stringEnd();
    this.add('string', start, this.at);
    this.addParameterUses(start, this.at);
  }

  /** A character constant of the assembler, `'a` or `'a'`. */
  character(): void {
    this.at++;
    if (this.isLineEnd) return;
    this.at += this.peek() === backslash ? 2 : 1;
    if (this.at > this.text.length) this.at = this.text.length;
    if (this.peek() === code.apostrophe) this.at++;
  }

  slice(range: { readonly start: number; readonly end: number }): string {
    return this.text.slice(range.start, range.end);
  }
}
