import type { TextRange } from '../../base/text.ts';
import type { MaskedMacro } from './maskMacros.ts';
import { RawKind, type RawTokens } from './rawTokens.ts';
import { keywords } from './topLevel.ts';

/** A definition at file scope as it is written. */
export interface RawDefinition {
  readonly kind: 'function' | 'variable' | 'struct' | 'union' | 'enum' | 'made-function' | 'made-variable' | 'made';
  readonly name: string;
  readonly nameRange: TextRange;
  readonly range: TextRange;
}

const attributeWords: ReadonlySet<string> = new Set(['__attribute__', '__attribute', '_Alignas', 'asm', '__asm__']);
const typeofWords: ReadonlySet<string> = new Set(
  'typeof __typeof __typeof__ typeof_unqual __typeof_unqual__ _BitInt'.split(' '),
);
const typeWords: ReadonlySet<string> = new Set(
  'void char short int long float double signed unsigned _Bool bool __signed__ __int128 __auto_type'.split(' '),
);
/** Keywords that begin a declaration at file scope. */
const definitionWords: ReadonlySet<string> = new Set('static extern typedef struct union enum inline asm'.split(' '));

/** Raw tokens and what is written over them. Invariant: masks do not overlap, the length of the text stays. */
export class RawMasks {
  readonly text: string;
  readonly macros: MaskedMacro[] = [];
  readonly definitions: RawDefinition[] = [];
  readonly #tokens: RawTokens;
  readonly #kept: Uint8Array;
  readonly #partners: Int32Array;
  readonly #pieces: { readonly start: number; readonly end: number; readonly by: string }[] = [];

  constructor(text: string, tokens: RawTokens, kept: Uint8Array, partners: Int32Array) {
    this.text = text;
    this.#tokens = tokens;
    this.#kept = kept;
    this.#partners = partners;
  }

  get count(): number {
    return this.#tokens.count;
  }

  /** Index of the next token that counts. */
  next(at: number): number {
    let next = at + 1;
    while (next < this.count && this.#kept[next] !== 1) next++;
    return next;
  }

  /** Kind of a token; of one that does not count, that of a `;` which ends everything. */
  kind(at: number): number {
    if (at >= this.count) return 59;
    return this.#kept[at] === 1 ? (this.#tokens.kinds[at] ?? 0) : 0;
  }

  firsts(at: number): number {
    return this.#tokens.firsts[at] ?? 1;
  }

  /** Text of a name; empty for every other token. */
  word(at: number): string {
    return this.kind(at) === RawKind.name ? this.spelling(at) : '';
  }

  spelling(at: number): string {
    return this.text.slice(this.#tokens.starts[at], this.#tokens.ends[at]);
  }

  start(at: number): number {
    return this.#tokens.starts[Math.min(at, this.count - 1)] ?? 0;
  }

  end(at: number): number {
    return this.#tokens.ends[Math.max(0, Math.min(at, this.count - 1))] ?? 0;
  }

  /** Index of the bracket that closes one; of the last token of its line when none does. */
  close(open: number): number {
    const partner = this.#partners[open] ?? -1;
    if (partner >= open) return partner;
    let at = open;
    while (at + 1 < this.count && this.#tokens.firsts[at + 1] !== 1) at++;
    return at;
  }

  /** Index of the `;` that ends a statement, brackets skipped. */
  statementEnd(from: number): number {
    let at = from;
    while (at < this.count && this.kind(at) !== 59) {
      const kind = this.kind(at);
      if (kind === 40 || kind === 91 || kind === 123) at = this.close(at);
      else if (kind === 125) return at;
      at++;
    }
    return at;
  }

  isKeyword(word: string): boolean {
    return keywords.has(word);
  }

  isAttribute(word: string): boolean {
    return attributeWords.has(word);
  }

  isTypeof(word: string): boolean {
    return typeofWords.has(word);
  }

  isTypeWord(word: string): boolean {
    return typeWords.has(word);
  }

  startsDefinition(at: number): boolean {
    return this.firsts(at) === 1 && definitionWords.has(this.word(at));
  }

  /** From here only attribute macros stand before a body or a `;`. */
  leadsToBody(from: number): boolean {
    let at = from;
    while (this.kind(at) === RawKind.name && (!this.isKeyword(this.word(at)) || this.isAttribute(this.word(at)))) {
      at = this.kind(at + 1) === 40 ? this.close(at + 1) + 1 : at + 1;
    }
    return this.kind(at) === 123 || this.kind(at) === 59;
  }

  /** Writes over the tokens from one index to another. */
  replace(from: number, to: number, by: string): void {
    this.#put(this.start(from), this.end(to), by);
  }

  blank(start: number, end: number): void {
    this.#put(start, end, '');
  }

  /** Writes over a macro use (the name, or name and arguments up to `to`) and notes it; `close`: its own `)`. */
  mask(from: number, to: number, by: string, makes: MaskedMacro['makes'], close = to): void {
    this.replace(from, to, by);
    const hasArguments = this.kind(from + 1) === 40 && close > from;
    this.macros.push({
      range: { start: this.start(from), end: this.end(close) },
      name: this.spelling(from),
      args: hasArguments ? this.argumentTexts(from + 1, close) : null,
      makes,
    });
  }

  /** A macro use that stands for a whole statement, storage words before it included. */
  maskStatement(first: number, from: number, close: number): void {
    this.mask(from, close, '', 'statement');
    if (first < from) this.replace(first, from - 1, '');
  }

  argumentTexts(open: number, close: number): string[] {
    const out: string[] = [];
    let from = open + 1;
    for (let at = open + 1; at <= close; at++) {
      const kind = this.kind(at);
      if (at < close && (kind === 40 || kind === 91 || kind === 123)) at = Math.min(this.close(at), close - 1);
      else if (at === close || kind === 44) {
        if (at > from) out.push(this.text.slice(this.start(from), this.end(at - 1)));
        from = at + 1;
      }
    }
    return out;
  }

  /**
   * Attribute macros among the words before a declarator: with a type keyword all names but the last, else all but the
   * last two. Behind a variable's name: what begins with `__`.
   */
  maskSpecifiers(words: readonly number[], hasType: boolean, isVariable: boolean): void {
    const names = words.filter((at) => !this.isKeyword(this.word(at)));
    const needed = hasType ? 1 : 2;
    if (isVariable) {
      while (names.length > needed && this.word(names[names.length - 1] ?? 0).startsWith('__')) {
        const last = names.pop();
        if (last !== undefined) this.mask(last, last, '', null);
      }
    }
    for (const at of names.slice(0, Math.max(0, names.length - needed))) this.mask(at, at, '', null);
  }

  /** Address spaces and other attributes between the words of parameters: `char __user *name`. */
  maskParameters(open: number, close: number): void {
    for (let at = open + 1; at < close; at++) {
      const word = this.word(at);
      if (word === '' || this.isKeyword(word)) continue;
      if (this.isTypeof(word) && this.kind(at + 1) === 40) {
        const end = this.close(at + 1);
        this.replace(at, end, 'int');
        at = end;
      } else if (this.isQualifier(at)) this.mask(at, at, '', null);
    }
  }

  /** A name that can only be an attribute: begins with `__` and stands between a type and `*` or another name. */
  isQualifier(at: number): boolean {
    if (!this.spelling(at).startsWith('__')) return false;
    const before = this.kind(at - 1);
    const after = this.kind(at + 1);
    const isAfterType = before === RawKind.name ? !flowWords.has(this.word(at - 1)) : before === 42;
    if (isAfterType) return after === 42 || after === RawKind.name || (before === RawKind.name && after === 41);
    return before === 40 && after === RawKind.name;
  }

  noteFunction(from: number, words: readonly number[], close: number): void {
    const name = words[words.length - 1];
    if (name !== undefined) this.#note('function', from, name, close);
  }

  noteVariable(from: number, words: readonly number[], end: number): void {
    const names = words.filter((at) => !this.isKeyword(this.word(at)));
    const name = names.findLast((at) => !this.word(at).startsWith('__')) ?? names[names.length - 1];
    if (name !== undefined) this.#note('variable', from, name, end);
  }

  noteType(keyword: number, tag: number, close: number): void {
    if (tag >= 0) this.#note(this.word(keyword) as 'struct' | 'union' | 'enum', keyword, tag, close);
  }

  noteMade(makes: 'function' | 'variable' | 'statement', from: number, name: number, end: number): void {
    this.#note(makes === 'statement' ? 'made' : `made-${makes}`, from, name, end);
  }

  #note(kind: RawDefinition['kind'], from: number, name: number, end: number): void {
    this.definitions.push({
      kind,
      name: this.spelling(name),
      nameRange: { start: this.start(name), end: this.end(name) },
      range: { start: this.start(from), end: this.end(end) },
    });
  }

  #put(start: number, end: number, by: string): void {
    if (end > start) this.#pieces.push({ start, end, by: by.length <= end - start ? by : '' });
  }

  /** The text with everything written over. */
  result(): string {
    const pieces = this.#pieces.sort((a, b) => a.start - b.start || b.end - a.end);
    const out: string[] = [];
    let done = 0;
    for (const { start, end, by } of pieces) {
      if (start < done) continue;
      out.push(this.text.slice(done, start), by, blanks(this.text, start + by.length, end));
      done = end;
    }
    out.push(this.text.slice(done));
    return out.join('');
  }
}

const flowWords: ReadonlySet<string> = new Set('return case goto else do sizeof struct union enum'.split(' '));

function blanks(text: string, start: number, end: number): string {
  const newline = text.indexOf('\n', start);
  if (newline < 0 || newline >= end) return ' '.repeat(end - start);
  return text.slice(start, end).replace(/[^\n]/g, ' ');
}
