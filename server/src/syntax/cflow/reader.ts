import type { CToken } from './lexer.ts';

/** A position in a list of tokens that ends with one of kind `end`; reading past the end stays there. */
export class TokenReader {
  readonly text: string;
  readonly #tokens: readonly CToken[];
  readonly #last: CToken;
  at = 0;
  /** Nesting of statements and expressions, which hostile text makes deep. */
  depth = 0;

  /** Names that are known to be types; others are told from how the text goes on. */
  readonly isTypeName: (name: string) => boolean;

  constructor(text: string, tokens: readonly CToken[], isTypeName: (name: string) => boolean = () => false) {
    this.text = text;
    this.isTypeName = isTypeName;
    this.#tokens = tokens;
    this.#last = tokens[tokens.length - 1] ?? { kind: 'end', text: '', start: text.length, end: text.length };
  }

  /** The token `ahead` places after the current one. */
  peek(ahead = 0): CToken {
    return this.#tokens[this.at + ahead] ?? this.#last;
  }

  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.text === text && token.kind !== 'string' && token.kind !== 'character';
  }

  get atEnd(): boolean {
    return this.peek().kind === 'end';
  }

  next(): CToken {
    const token = this.peek();
    if (token.kind !== 'end') this.at++;
    return token;
  }

  /** Takes the token if it is `text`. */
  take(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  /** End of the last token taken. */
  get lastEnd(): number {
    return this.at === 0 ? this.peek().start : (this.#tokens[this.at - 1] ?? this.#last).end;
  }

  /** Index after the bracket that closes the one at the current place; the end when none does. */
  afterGroup(): number {
    let depth = 0;
    for (let index = this.at; index < this.#tokens.length; index++) {
      const token = this.#tokens[index];
      if (token === undefined || token.kind === 'end') return index;
      if (token.kind !== 'punctuator') continue;
      if (token.text === '(' || token.text === '[' || token.text === '{') depth++;
      else if (token.text === ')' || token.text === ']' || token.text === '}') {
        if (--depth <= 0) return index + 1;
      }
    }
    return this.#tokens.length - 1;
  }

  /** Skips a bracketed group at the current place; gives the text between its brackets. */
  skipGroup(): string {
    const start = this.peek().end;
    const index = this.afterGroup();
    this.at = index;
    const closer = this.#tokens[index - 1];
    return this.text.slice(start, Math.max(start, closer?.start ?? start));
  }

  /** Skips to the first of `stops` outside of all brackets, without taking it. */
  skipTo(stops: readonly string[]): void {
    while (!this.atEnd) {
      const token = this.peek();
      if (token.kind === 'punctuator') {
        if (stops.includes(token.text)) return;
        if (token.text === '(' || token.text === '[' || token.text === '{') {
          this.at = Math.max(this.at + 1, this.afterGroup());
          continue;
        }
        if (token.text === ')' || token.text === ']' || token.text === '}') return;
      }
      this.at++;
    }
  }
}
