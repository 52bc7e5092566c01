import type { Expansion } from './expander.ts';
import type { CppLanguage } from './lexer.ts';
import type { CppLine, CppToken } from './model.ts';
import { mustSeparate } from './paste.ts';
import { ExpandedToken, Flag, Kind, type Tok } from './token.ts';

/** A printed line; its tokens are wrapped only when somebody asks. */
export class OutputLine implements CppLine {
  readonly text: string;
  readonly file: string;
  readonly line: number;
  readonly columns: readonly number[];
  readonly rawTokens: readonly Tok[];
  readonly expansions: readonly (Expansion | null)[];
  #tokens: readonly CppToken[] | null = null;

  constructor(
    text: string,
    file: string,
    line: number,
    columns: readonly number[],
    rawTokens: readonly Tok[],
    expansions: readonly (Expansion | null)[],
  ) {
    this.text = text;
    this.file = file;
    this.line = line;
    this.columns = columns;
    this.rawTokens = rawTokens;
    this.expansions = expansions;
  }

  get tokens(): readonly CppToken[] {
    this.#tokens ??= this.rawTokens.map((tok, i) => {
      const expansion = this.expansions[i] ?? null;
      return expansion === null ? tok : new ExpandedToken(tok, expansion);
    });
    return this.#tokens;
  }
}

/** Where a token counts as standing: its own place, or that of the outermost macro use it came from. */
export interface OutputPlace {
  readonly file: string;
  readonly line: number;
  /** 1-based, in UTF-8 bytes. */
  readonly column: number;
}

/**
 * Prints tokens as `gcc -E` does: the first token of a line keeps its column, elsewhere a blank stands where
 * there was white space or where two tokens must be kept apart (gcc/c-family/c-ppoutput.cc, version 12). In C a
 * token from another source line than the one being printed starts a new line; in assembly it never does.
 */
export class Output {
  readonly lines: CppLine[] = [];
  /** The token printed last was followed by padding. Outlives the line, as in GCC. */
  padded = false;
  readonly #language: CppLanguage;
  #text = '';
  #file = '';
  #line = 0;
  #open = false;
  #tokens: Tok[] = [];
  #expansions: (Expansion | null)[] = [];
  #columns: number[] = [];
  #previous: Tok | null = null;
  #source: Tok | null = null;

  constructor(language: CppLanguage) {
    this.#language = language;
  }

  /** Ends the line before and starts one for text that begins at a place. */
  startLine(file: string, line: number, column: number): void {
    this.flush();
    this.#file = file;
    this.#line = line;
    this.#open = true;
    this.#text = column > 2 ? ' '.repeat(column - 2) : '';
    this.#previous = null;
    this.#source = null;
  }

  put(tok: Tok, expansion: Expansion | null, placeOf: (tok: Tok, expansion: Expansion | null) => OutputPlace): void {
    if (tok.type === Kind.padding) {
      this.padded = true;
      const source = this.#source;
      if (source === null || ((source.flags & Flag.previousWhite) === 0 && tok.source === null))
        this.#source = tok.source;
      return;
    }
    if (this.padded) {
      const source = this.#source ?? tok;
      if (this.#language === 'c' && this.#moved(tok, expansion, placeOf)) this.#text += ' ';
      else if (
        source.flags & Flag.previousWhite ||
        (this.#previous === null ? tok.type === Kind.hash : mustSeparate(this.#previous, tok))
      ) {
        this.#text += ' ';
      }
      this.padded = false;
    } else if (tok.flags & Flag.previousWhite) {
      if (this.#language === 'c') this.#moved(tok, expansion, placeOf);
      this.#text += ' ';
    }
    this.#source = null;
    this.#previous = tok;
    this.#tokens.push(tok);
    this.#expansions.push(expansion);
    this.#columns.push(this.#text.length);
    this.#text += tok.text;
  }

  /** A line that is printed whole, such as a `#pragma` in C. */
  putLine(text: string, file: string, line: number, tokens: readonly Tok[], columns: readonly number[]): void {
    this.flush();
    this.lines.push(
      new OutputLine(
        text,
        file,
        line,
        columns,
        tokens,
        tokens.map(() => null),
      ),
    );
  }

  flush(): void {
    if (this.#open && this.#tokens.length > 0) {
      this.lines.push(
        new OutputLine(this.#text, this.#file, this.#line, this.#columns, this.#tokens, this.#expansions),
      );
      this.#tokens = [];
      this.#expansions = [];
      this.#columns = [];
    }
    this.#open = false;
    this.#text = '';
  }

  #moved(
    tok: Tok,
    expansion: Expansion | null,
    placeOf: (tok: Tok, expansion: Expansion | null) => OutputPlace,
  ): boolean {
    const place = placeOf(tok, expansion);
    if (place.line === this.#line) return false;
    this.startLine(place.file, place.line, place.column);
    return true;
  }
}

/** Tokens of a printed line as the lexer made them, without the wrappers that `CppLine.tokens` makes. */
export function tokensOfLine(line: CppLine): {
  readonly tokens: readonly Tok[];
  readonly expansions: readonly (Expansion | null)[];
} {
  if (line instanceof OutputLine) return { tokens: line.rawTokens, expansions: line.expansions };
  return { tokens: [], expansions: [] };
}
