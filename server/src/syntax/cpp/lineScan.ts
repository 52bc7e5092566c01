// First pass over a file: where its logical lines are, which are directives, and how the conditionals
// nest. Nothing is turned into tokens here, so a header whose body is for C only costs one scan ever.

export const Directive = {
  /** No directive: a line of text. */
  none: 0,
  if: 1,
  ifdef: 2,
  ifndef: 3,
  elif: 4,
  elifdef: 5,
  elifndef: 6,
  else: 7,
  endif: 8,
  define: 9,
  undef: 10,
  include: 11,
  includeNext: 12,
  import: 13,
  error: 14,
  warning: 15,
  pragma: 16,
  line: 17,
  ident: 18,
  assert: 19,
  /** `#` alone. */
  empty: 20,
  /** `# 33 "file"`: a line marker in C, text in assembly. */
  number: 21,
  /** Any other word after `#`: an error in C, text in assembly. */
  unknown: 22,
} as const;

const directiveByName = new Map<string, number>([
  ['if', Directive.if],
  ['ifdef', Directive.ifdef],
  ['ifndef', Directive.ifndef],
  ['elif', Directive.elif],
  ['elifdef', Directive.elifdef],
  ['elifndef', Directive.elifndef],
  ['else', Directive.else],
  ['endif', Directive.endif],
  ['define', Directive.define],
  ['undef', Directive.undef],
  ['include', Directive.include],
  ['include_next', Directive.includeNext],
  ['import', Directive.import],
  ['error', Directive.error],
  ['warning', Directive.warning],
  ['pragma', Directive.pragma],
  ['line', Directive.line],
  ['ident', Directive.ident],
  ['sccs', Directive.ident],
  ['assert', Directive.assert],
  ['unassert', Directive.assert],
]);

export function isOpening(directive: number): boolean {
  return directive >= Directive.if && directive <= Directive.ifndef;
}

export function isConditional(directive: number): boolean {
  return directive >= Directive.if && directive <= Directive.endif;
}

/** Logical lines that hold something, in order; blank and comment-only lines are left out. Parallel arrays. */
export interface LineTable {
  /** Offset of each physical line. */
  readonly physicalStarts: ArrayLike<number>;
  readonly starts: ArrayLike<number>;
  /** End of the logical line, before its line break. */
  readonly ends: ArrayLike<number>;
  /** 1-based physical line each logical line starts on. */
  readonly numbers: ArrayLike<number>;
  readonly directives: ArrayLike<number>;
  /** For a directive: offset behind its name. */
  readonly afterWords: ArrayLike<number>;
  /** 1: the line has backslash-newlines. */
  readonly spliced: ArrayLike<number>;
  /** For a conditional: index of the next one of its group, `-1` when the group is not closed. */
  readonly nextInGroup: ArrayLike<number>;
  /** Offsets of block comments that never end. */
  readonly unterminated: readonly number[];
}

/** Offset after a backslash-newline (white space between is allowed) at `at`, or `at` when there is none. */
export function skipSplice(text: string, at: number): number {
  if (text.charCodeAt(at) !== 92) return at;
  let p = at + 1;
  for (;;) {
    const c = text.charCodeAt(p);
    if (c === 10) return p + 1;
    if (c === 32 || c === 9 || c === 11 || c === 12 || c === 0 || c === 13) p++;
    else return at;
  }
}

function skipSplices(text: string, at: number): number {
  for (let p = at; ; ) {
    const next = skipSplice(text, p);
    if (next === p) return p;
    p = next;
  }
}

/** Line table of a text. Total; linear in the text's length. */
export function scanLines(text: string): LineTable {
  const physicalStarts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) physicalStarts.push(at + 1);
  const splices: number[] = [];
  for (const match of text.matchAll(/\\[ \t\v\f\0\r]*\n/g)) splices.push(match.index);
  const slow = splices.some((at) => text.charAt(at - 1) === '*' || text.charAt(at - 1) === '/');
  const table = {
    starts: [] as number[],
    ends: [] as number[],
    numbers: [] as number[],
    directives: [] as number[],
    afterWords: [] as number[],
    spliced: [] as number[],
    unterminated: [] as number[],
  };
  let splice = 0;
  let physical = 0;
  for (let p = 0; p < text.length; p++) {
    const start = p;
    const line = scanLine(text, p, slow, table.unterminated);
    p = line.end;
    if (line.first < 0) continue;
    while ((splices[splice] ?? text.length) < start) splice++;
    table.starts.push(start);
    table.ends.push(p);
    while ((physicalStarts[physical + 1] ?? text.length + 1) <= start) physical++;
    table.numbers.push(physical + 1);
    table.directives.push(line.directive);
    table.afterWords.push(line.afterWord);
    table.spliced.push((splices[splice] ?? text.length) < p ? 1 : 0);
  }
  return {
    physicalStarts: compact(physicalStarts),
    starts: compact(table.starts),
    ends: compact(table.ends),
    numbers: compact(table.numbers),
    directives: compact(table.directives, 8),
    afterWords: compact(table.afterWords),
    spliced: compact(table.spliced, 8),
    nextInGroup: compact(linkConditionals(table.directives)),
    unterminated: table.unterminated,
  };
}

/** Large tables without objects around their numbers; for a small one an array is the cheaper of the two. */
function compact(numbers: readonly number[], bits: 8 | 32 = 32): ArrayLike<number> {
  if (numbers.length < 256) return numbers;
  return bits === 8 ? new Uint8Array(numbers) : new Int32Array(numbers);
}

/** What can end a line, or hide a line end, once the line has something on it. */
const notable = /[\n"'/\\]/g;

/** End of the logical line at `start`, the first offset that is neither blank nor comment, and its directive. */
function scanLine(
  text: string,
  start: number,
  slow: boolean,
  unterminated: number[],
): { end: number; first: number; directive: number; afterWord: number } {
  const length = text.length;
  let first = -1;
  let directive: number = Directive.none;
  let afterWord = -1;
  let p = start;
  while (p < length) {
    const c = text.charCodeAt(p);
    if (c === 10) break;
    if (c === 32 || (c <= 13 && (c >= 9 || c === 0))) {
      p++;
    } else if (c === 47) {
      const next = slow ? skipSplices(text, p + 1) : p + 1;
      const d = text.charCodeAt(next);
      if (d === 42) {
        const end = blockCommentEnd(text, next + 1, slow);
        if (end < 0) unterminated.push(p);
        p = end < 0 ? length : end;
      } else if (d === 47) {
        p = lineCommentEnd(text, next);
      } else {
        if (first < 0) first = p;
        p++;
      }
    } else if (c === 92 && skipSplice(text, p) !== p) {
      p = skipSplice(text, p);
    } else if (c === 34 || c === 39) {
      if (first < 0) first = p;
      p = quoteEnd(text, p, c);
    } else if (c === 35 && first < 0 && text.charCodeAt(p + 1) !== 35) {
      first = p;
      const word = directiveWord(text, p + 1);
      directive = word.directive;
      afterWord = word.end;
      p = directive >= Directive.include && directive <= Directive.import ? afterHeaderName(text, word.end) : word.end;
    } else {
      if (first < 0) first = p;
      // Searching by expression beats a loop here, above all before the engine has compiled the loop.
      notable.lastIndex = p + 1;
      p = notable.test(text) ? notable.lastIndex - 1 : length;
    }
  }
  return { end: Math.min(p, length), first, directive, afterWord };
}

/** Offset after the end of a block comment whose body starts at `at`; negative when it never ends. */
function blockCommentEnd(text: string, at: number, slow: boolean): number {
  if (!slow) {
    const end = text.indexOf('*/', at);
    return end < 0 ? -1 : end + 2;
  }
  for (let p = text.indexOf('*', at); p >= 0; p = text.indexOf('*', p + 1)) {
    const next = skipSplices(text, p + 1);
    if (text.charCodeAt(next) === 47) return next + 1;
  }
  return -1;
}

function lineCommentEnd(text: string, at: number): number {
  for (let p = at; ; ) {
    const end = text.indexOf('\n', p);
    if (end < 0) return text.length;
    if (!endsWithBackslash(text, p, end)) return end;
    p = end + 1;
  }
}

function endsWithBackslash(text: string, from: number, newline: number): boolean {
  let p = newline - 1;
  for (; p >= from; p--) {
    const c = text.charCodeAt(p);
    if (c !== 32 && c !== 9 && c !== 11 && c !== 12 && c !== 0 && c !== 13) return c === 92;
  }
  return false;
}

/** Offset after a literal that starts at `at`; an unclosed one runs to the end of its logical line. */
function quoteEnd(text: string, at: number, quote: number): number {
  let p = at + 1;
  for (;;) {
    if (p >= text.length) return text.length;
    const c = text.charCodeAt(p);
    if (c === quote) return p + 1;
    if (c === 10) return p;
    if (c === 92) {
      const next = skipSplice(text, p);
      if (next !== p) {
        p = next;
        continue;
      }
      p = skipSplices(text, p + 1);
      if (p < text.length && text.charCodeAt(p) !== 10) p++;
      continue;
    }
    p++;
  }
}

/** The directive whose name follows a `#`, and the offset behind the name. */
function directiveWord(text: string, at: number): { directive: number; end: number } {
  let p = at;
  for (;;) {
    const c = text.charCodeAt(p);
    const next = skipSplice(text, p);
    if (next !== p) p = next;
    else if (c === 32 || (c <= 13 && c !== 10 && (c >= 9 || c === 0))) p++;
    else if (c === 47 && text.charCodeAt(p + 1) === 42) {
      const end = text.indexOf('*/', p + 2);
      if (end < 0) break;
      p = end + 2;
    } else break;
  }
  if (p >= text.length || text.charCodeAt(p) === 10) return { directive: Directive.empty, end: p };
  if (text.startsWith('//', p)) return { directive: Directive.empty, end: p };
  let word = '';
  while (p < text.length) {
    const c = text.charCodeAt(p);
    const next = skipSplice(text, p);
    if (next !== p) p = next;
    else if (isWordCharacter(c)) {
      word += text.charAt(p);
      p++;
    } else break;
  }
  if (word === '') return { directive: Directive.unknown, end: p };
  if (word.charCodeAt(0) < 58) return { directive: Directive.number, end: p };
  return { directive: directiveByName.get(word) ?? Directive.unknown, end: p };
}

export function isWordCharacter(c: number): boolean {
  return (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 95;
}

/** In `<a//b>` the slashes are no comment. */
function afterHeaderName(text: string, at: number): number {
  let p = at;
  while (text.charCodeAt(p) === 32 || text.charCodeAt(p) === 9) p++;
  if (text.charCodeAt(p) !== 60) return at;
  for (let q = p + 1; q < text.length; q++) {
    const c = text.charCodeAt(q);
    if (c === 62) return q + 1;
    if (c === 10 || c === 92) break;
  }
  return at;
}

function linkConditionals(directives: readonly number[]): number[] {
  const next = new Array<number>(directives.length).fill(-1);
  const open: number[] = [];
  for (let i = 0; i < directives.length; i++) {
    const directive = directives[i] ?? Directive.none;
    if (!isConditional(directive)) continue;
    if (isOpening(directive)) {
      open.push(i);
      continue;
    }
    const last = open.pop();
    if (last === undefined) continue;
    next[last] = i;
    if (directive !== Directive.endif) open.push(i);
  }
  return next;
}
