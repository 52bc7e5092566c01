import type { SourceFile } from './sourceFile.ts';
import type { Tok } from './token.ts';

/** A conditional group that is open. */
export interface ConditionalGroup {
  /** Logical line of the `#if`. */
  readonly line: number;
  /** One of its branches was, or is being, read. */
  taken: boolean;
  sawElse: boolean;
}

/** A file that is being read. */
export class Frame {
  readonly file: SourceFile;
  /** Where it was found, for `#include_next`; `-1` outside the include paths. */
  readonly directory: number;
  readonly isMain: boolean;
  /** Its inactive text and macro uses are reported, and its lines are printed even where those of included files are not. */
  readonly isShown: boolean;
  readonly level: number;
  readonly groups: ConditionalGroup[] = [];
  /** Next logical line. */
  line = 0;
  /** Tokens of the line that is being read, and the next of them. */
  tokens: readonly Tok[] = [];
  position = 0;
  /** What `#line` said: added to physical lines, and the name of the file. */
  lineShift = 0;
  presumedFile: string | null = null;
  // Where reading goes back to when a line was only entered to look for a `(`.
  #atEnd = false;
  #entered = false;
  #backTokens: readonly Tok[] = [];
  #backLine = 0;

  constructor(file: SourceFile, directory: number, isMain: boolean, isShown: boolean, level: number) {
    this.file = file;
    this.directory = directory;
    this.isMain = isMain;
    this.isShown = isShown;
    this.level = level;
  }

  nextOnLine(): Tok | undefined {
    this.#entered = false;
    const tok = this.tokens[this.position];
    this.#atEnd = tok === undefined;
    if (tok !== undefined) this.position++;
    return tok;
  }

  /** Goes to a text line in the middle of a macro use and returns its first token. */
  enterLine(line: number): Tok | undefined {
    this.#atEnd = false;
    this.#entered = true;
    this.#backTokens = this.tokens;
    this.#backLine = this.line;
    this.tokens = this.file.tokens(line);
    this.line = line + 1;
    this.position = 1;
    return this.tokens[0];
  }

  /** Takes back the token read last; the end is met again by itself. */
  back(): void {
    if (this.#atEnd) return;
    if (this.#entered) {
      this.#entered = false;
      this.tokens = this.#backTokens;
      this.position = this.tokens.length;
      this.line = this.#backLine;
    } else if (this.position > 0) this.position--;
  }

  /** Sets the tokens of a line to be read from one of them on. */
  readTokens(tokens: readonly Tok[], position: number): void {
    this.tokens = tokens;
    this.position = position;
    this.#entered = false;
  }
}
