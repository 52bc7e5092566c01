import type { CppLanguage } from './lexer.ts';
import { Lexer } from './lexer.ts';
import { Directive, isConditional, isOpening, type LineTable, scanLines, skipSplice } from './lineScan.ts';
import type { Macro } from './macro.ts';
import type { Name, Names } from './macroTable.ts';
import { Flag, Kind, type SourceRef, type Tok } from './token.ts';

/** One text of one file, scanned into logical lines; tokens and macro definitions are made when first asked for. */
export class SourceFile {
  readonly ref: SourceRef;
  readonly text: string;
  readonly lines: LineTable;
  readonly language: CppLanguage;
  readonly names: Names;
  readonly #tokens = new Map<number, readonly Tok[]>();
  readonly #macros = new Map<number, Macro | null>();
  readonly #headerNames = new Map<number, HeaderName | null>();
  #guard: Name | null | undefined;

  /** `older` is another text of the same file: what was made for its unchanged first lines is taken over. */
  constructor(ref: SourceRef, text: string, language: CppLanguage, names: Names, older: SourceFile | undefined) {
    this.ref = ref;
    this.text = text;
    this.language = language;
    this.names = names;
    this.lines = scanLines(text);
    const kept = older === undefined ? 0 : this.#unchangedLines(older);
    if (older === undefined || kept === 0) return;
    for (const [line, tokens] of older.#tokens) if (line < kept) this.#tokens.set(line, tokens);
    for (const [line, macro] of older.#macros) if (line < kept) this.#macros.set(line, macro);
  }

  get path(): string {
    return this.ref.path;
  }

  get lineCount(): number {
    return this.lines.starts.length;
  }

  directive(line: number): number {
    return this.lines.directives[line] ?? Directive.none;
  }

  /** The first directive behind a logical line, or the number of lines. */
  nextDirective(line: number): number {
    const { directives } = this.lines;
    let at = line + 1;
    while (at < directives.length && directives[at] === Directive.none) at++;
    return at;
  }

  start(line: number): number {
    return this.lines.starts[line] ?? this.text.length;
  }

  end(line: number): number {
    return this.lines.ends[line] ?? this.text.length;
  }

  /** 1-based physical line of an offset. */
  physicalLine(offset: number): number {
    const starts = this.lines.physicalStarts;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** The same for an offset on a known logical line; fast where that is one physical line. */
  lineNumber(line: number, offset: number): number {
    const number = this.lines.numbers[line] ?? 1;
    return offset < (this.lines.physicalStarts[number] ?? this.text.length + 1) ? number : this.physicalLine(offset);
  }

  /** 1-based column in UTF-8 bytes, as the compiler counts them. */
  byteColumn(offset: number, physicalLine: number): number {
    const start = this.lines.physicalStarts[physicalLine - 1] ?? 0;
    let bytes = 1;
    for (let p = start; p < offset; p++) {
      const c = this.text.charCodeAt(p);
      bytes += c < 0x80 ? 1 : c < 0x800 ? 2 : c >= 0xd800 && c < 0xe000 ? 2 : 3;
    }
    return bytes;
  }

  /** All tokens of a logical line; of a directive, with its `#`. */
  tokens(line: number): readonly Tok[] {
    const known = this.#tokens.get(line);
    if (known !== undefined) return known;
    const made: Tok[] = [];
    const lexer = this.lexer(line, this.start(line));
    for (let tok = lexer.next(Flag.lineStart); tok !== null; tok = lexer.next()) made.push(tok);
    this.#tokens.set(line, made);
    return made;
  }

  /** Forgets tokens that will hardly be asked for again; they can be made anew. */
  forgetTokens(): void {
    this.#tokens.clear();
  }

  /** A lexer over a logical line from a file offset on. The offset must not lie inside a backslash-newline. */
  lexer(line: number, from: number): Lexer {
    const end = this.end(line);
    if (this.lines.spliced[line] !== 1) {
      return new Lexer(this.text, from, end, this.ref, this.names, this.language, same);
    }
    const { text, place } = joinLines(this.text, from, end);
    return new Lexer(text, 0, text.length, this.ref, this.names, this.language, place);
  }

  /** The definition a `#define` line makes; `make` is called at most once per line. `null`: not a valid one. */
  macro(line: number, make: () => Macro | null): Macro | null {
    let known = this.#macros.get(line);
    if (known === undefined) {
      known = make();
      this.#macros.set(line, known);
    }
    return known;
  }

  /** The file name of an include line that spells it out; `null` when macros must be expanded for it. */
  headerName(line: number): HeaderName | null {
    let known = this.#headerNames.get(line);
    if (known === undefined) {
      known = this.#readHeaderName(line);
      this.#headerNames.set(line, known);
    }
    return known;
  }

  /** The macro that, once defined, makes reading this file again pointless; `null` when there is none. */
  get guard(): Name | null {
    if (this.#guard === undefined) this.#guard = this.#findGuard();
    return this.#guard;
  }

  #readHeaderName(line: number): HeaderName | null {
    // The plain form without tokens: there are thousands of them.
    if (this.lines.spliced[line] !== 1) {
      plainHeaderName.lastIndex = this.lines.afterWords[line] ?? 0;
      const plain = plainHeaderName.exec(this.text);
      const [whole, quoted, angled] = plain ?? [];
      if (whole !== undefined && plainHeaderName.lastIndex <= this.end(line)) {
        const name = quoted ?? angled ?? '';
        const end = plainHeaderName.lastIndex;
        return { name, angled: quoted === undefined, start: end - name.length - 2, end };
      }
    }
    const toks = this.tokens(line);
    const first = toks[2];
    if (first === undefined) return null;
    if (first.type === Kind.string) {
      return {
        name: first.text.slice(1, -1),
        angled: false,
        start: first.offset,
        end: first.offset + first.text.length,
      };
    }
    if (first.type !== Kind.less) return null;
    const lineEnd = this.text.indexOf('\n', first.offset);
    const close = this.text.indexOf('>', first.offset);
    if (close < 0 || (lineEnd >= 0 && close > lineEnd)) return null;
    return { name: this.text.slice(first.offset + 1, close), angled: true, start: first.offset, end: close + 1 };
  }

  #findGuard(): Name | null {
    const { nextInGroup } = this.lines;
    const last = this.lineCount - 1;
    const opening = this.directive(0);
    if (last < 1 || !isOpening(opening) || nextInGroup[0] !== last) return null;
    if (this.directive(last) !== Directive.endif || !isConditional(opening)) return null;
    const words = this.tokens(0).slice(2);
    if (opening === Directive.ifndef) return words[0]?.name ?? null;
    if (opening !== Directive.if) return null;
    if (words[0]?.type !== Kind.not || words[1]?.name !== this.names.defined) return null;
    if (words.length === 3) return words[2]?.name ?? null;
    return words.length === 5 && words[2]?.type === Kind.openParen ? (words[3]?.name ?? null) : null;
  }

  #unchangedLines(older: SourceFile): number {
    const limit = Math.min(this.text.length, older.text.length);
    let same = 0;
    while (same + 512 <= limit && this.text.slice(same, same + 512) === older.text.slice(same, same + 512)) same += 512;
    while (same < limit && this.text.charCodeAt(same) === older.text.charCodeAt(same)) same++;
    let kept = 0;
    while (
      kept < this.lineCount &&
      kept < older.lineCount &&
      this.end(kept) < same &&
      this.end(kept) === older.end(kept) &&
      this.start(kept) === older.start(kept) &&
      this.directive(kept) === older.directive(kept)
    ) {
      kept++;
    }
    return kept;
  }
}

const plainHeaderName = /[ \t]*(?:"([^"\n\\]*)"|<([^>\n\\]*)>)/y;

export interface HeaderName {
  readonly name: string;
  readonly angled: boolean;
  /** Offsets of the name with its quotes or brackets. */
  readonly start: number;
  readonly end: number;
}

const same = (position: number): number => position;

/** Text without its backslash-newlines, and where each position of the result came from. */
function joinLines(text: string, from: number, end: number): { text: string; place: (position: number) => number } {
  const cleanStarts: number[] = [0];
  const origins: number[] = [from];
  let joined = '';
  let last = from;
  for (let p = text.indexOf('\\', from); p >= 0 && p < end; ) {
    const next = skipSplice(text, p);
    if (next === p) {
      p = text.indexOf('\\', p + 1);
      continue;
    }
    joined += text.slice(last, p);
    last = Math.min(next, end);
    cleanStarts.push(joined.length);
    origins.push(last);
    p = text.indexOf('\\', last);
  }
  joined += text.slice(last, end);
  let piece = 0;
  const place = (position: number): number => {
    if (position < (cleanStarts[piece] ?? 0)) piece = 0;
    while (position >= (cleanStarts[piece + 1] ?? Number.POSITIVE_INFINITY)) piece++;
    return (origins[piece] ?? from) + position - (cleanStarts[piece] ?? 0);
  };
  return { text: joined, place };
}
