import { firstNotBefore } from './search.ts';

/** Half-open range of UTF-16 offsets in one text: `start` inclusive, `end` exclusive. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** Offsets of line starts of one text. Lines are 1-based here as everywhere in the engine; `\n` ends a line. */
export class LineIndex {
  readonly #starts: readonly number[];
  readonly #length: number;

  constructor(text: string) {
    const starts = [0];
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.#starts = starts;
    this.#length = text.length;
  }

  get lineCount(): number {
    return this.#starts.length;
  }

  /** Offset of the first character of a 1-based line; lines past the end give the text's length. */
  lineStart(line: number): number {
    return this.#starts[Math.max(0, line - 1)] ?? this.#length;
  }

  /** Range of a 1-based line without its line break. */
  lineRange(line: number, text: string): TextRange {
    const start = this.lineStart(line);
    let end = this.#starts[line] === undefined ? this.#length : this.lineStart(line + 1) - 1;
    if (end > start && text.charCodeAt(end - 1) === 13) end--;
    return { start, end };
  }

  /** 1-based line that holds an offset; offsets outside the text are clamped. */
  lineAt(offset: number): number {
    return Math.max(
      1,
      firstNotBefore(this.#starts, (start) => start <= offset),
    );
  }

  /** 1-based line and column of an offset. */
  positionAt(offset: number): { line: number; column: number } {
    const clamped = Math.max(0, Math.min(offset, this.#length));
    const line = this.lineAt(clamped);
    return { line, column: clamped - this.lineStart(line) + 1 };
  }
}
