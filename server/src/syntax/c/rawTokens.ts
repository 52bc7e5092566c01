// Tokens of C as it is written, for the editor: no preprocessing, and fast enough for every keystroke.

/** Kinds of raw tokens; a punctuator's kind is the code of its first character. */
export const RawKind = { name: 1, number: 2, literal: 3 } as const;

/** A directive line with its continuation lines. */
export interface RawDirective {
  readonly start: number;
  readonly end: number;
  readonly word: string;
  /** What follows the word; only of conditionals, and cut short. */
  readonly condition: string;
  /** Index of the first token behind it. */
  readonly token: number;
}

/** Tokens outside of comments and directives; parallel arrays. */
export interface RawTokens {
  readonly count: number;
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** 1: the first token of its line. */
  readonly firsts: Uint8Array;
  readonly directives: readonly RawDirective[];
}

const isWord = new Uint8Array(128);
for (let c = 0; c < 128; c++) isWord[c] = /[A-Za-z0-9_$]/.test(String.fromCharCode(c)) ? 1 : 0;

/** Raw tokens of a text. Total; linear in its length. */
export function readRawTokens(text: string): RawTokens {
  const room = (text.length >> 1) + 16;
  const kinds = new Uint8Array(room);
  const starts = new Int32Array(room);
  const ends = new Int32Array(room);
  const firsts = new Uint8Array(room);
  const directives: RawDirective[] = [];
  let count = 0;
  let first = 1;
  const { length } = text;
  for (let p = 0; p < length; ) {
    const c = text.charCodeAt(p);
    if (c === 10) {
      first = 1;
      p++;
      continue;
    }
    if (c <= 32 || c === 92) {
      p++;
      continue;
    }
    if (c === 47 && text.charCodeAt(p + 1) === 42) {
      const end = text.indexOf('*/', p + 2);
      p = end < 0 ? length : end + 2;
      continue;
    }
    if (c === 47 && text.charCodeAt(p + 1) === 47) {
      p = lineEnd(text, p);
      continue;
    }
    if (c === 35 && first === 1) {
      const end = directiveEnd(text, p);
      const [, word = '', rest = ''] = /^#\s*(\w*)[ \t]*([^\n/]*)/.exec(text.slice(p, Math.min(end, p + 80))) ?? [];
      directives.push({ start: p, end, word, condition: word.startsWith('if') ? rest.trimEnd() : '', token: count });
      p = end;
      continue;
    }
    let end = p + 1;
    let kind = c < 256 ? c : 64;
    if (c < 128 && isWord[c] === 1) {
      while (end < length && isWord[text.charCodeAt(end)] === 1) end++;
      kind = c >= 48 && c <= 57 ? RawKind.number : RawKind.name;
    } else if (c === 34 || c === 39) {
      end = literalEnd(text, p, c);
      kind = RawKind.literal;
    }
    if (count < room) {
      kinds[count] = kind;
      starts[count] = p;
      ends[count] = end;
      firsts[count] = first;
      count++;
    }
    first = 0;
    p = end;
  }
  return { count, kinds, starts, ends, firsts, directives };
}

/** End of a line, backslash-newlines skipped. */
function lineEnd(text: string, at: number): number {
  for (let p = at; ; ) {
    const end = text.indexOf('\n', p);
    if (end < 0) return text.length;
    if (text.charCodeAt(end - 1) !== 92) return end;
    p = end + 1;
  }
}

function directiveEnd(text: string, at: number): number {
  let end = lineEnd(text, at);
  // A block comment may go on behind the line.
  for (let from = text.indexOf('/*', at); from >= 0 && from < end; from = text.indexOf('/*', from)) {
    const close = text.indexOf('*/', from + 2);
    if (close < 0) return text.length;
    if (close >= end) end = lineEnd(text, close);
    from = close + 2;
  }
  return end;
}

function literalEnd(text: string, at: number, quote: number): number {
  for (let p = at + 1; p < text.length; p++) {
    const c = text.charCodeAt(p);
    if (c === quote) return p + 1;
    if (c === 92) p++;
    else if (c === 10) return p;
  }
  return text.length;
}

/** Brackets of raw tokens: index of each one's partner, `-1` without one; `kept`: tokens that count. */
export function matchRaw(tokens: RawTokens, kept: Uint8Array): Int32Array {
  const { kinds, count } = tokens;
  const partners = new Int32Array(count).fill(-1);
  const open: number[] = [];
  for (let at = 0; at < count; at++) {
    const kind = kinds[at] ?? 0;
    if (kept[at] !== 1) continue;
    if (kind === 40 || kind === 91 || kind === 123) {
      // A `{` in the first column begins a new definition, whatever was left open.
      open.push(at);
    } else if (kind === 41 || kind === 93 || kind === 125) {
      const wanted = kind === 41 ? 40 : kind - 2;
      let level = open.length - 1;
      while (level >= 0 && kinds[open[level] ?? 0] !== wanted && (kind === 125 || kinds[open[level] ?? 0] !== 123))
        level--;
      if (level < 0 || kinds[open[level] ?? 0] !== wanted) continue;
      const from = open[level] ?? 0;
      open.length = level;
      partners[from] = at;
      partners[at] = from;
    }
  }
  return partners;
}

/** A condition that holds for the assembler alone, as compilers define it. */
const assemblyOnly = /^(?:(!)?\s*defined\s*\(?\s*)?__ASSEMBL(?:Y|ER)__\s*\)?\s*$/;

/**
 * Which tokens to read where conditionals give several versions of the same thing: all branches when each is complete in
 * itself, else the first one. 1: read.
 */
export function keptTokens(tokens: RawTokens): Uint8Array {
  const { directives, count, kinds } = tokens;
  const kept = new Uint8Array(count).fill(1);
  const groups: { branches: number[]; assembly: 0 | 1 | null }[] = [];
  for (const directive of directives) {
    const { word, token } = directive;
    if (word.startsWith('if')) {
      const isAssembly = assemblyOnly.exec(directive.condition);
      groups.push({
        branches: [token],
        assembly: isAssembly === null ? null : word === 'ifndef' || isAssembly[1] === '!' ? 1 : 0,
      });
    } else if (word.startsWith('el')) groups[groups.length - 1]?.branches.push(token);
    else if (word === 'endif') {
      const group = groups.pop();
      if (group === undefined) continue;
      if (group.assembly !== null) {
        const from = group.branches[group.assembly];
        const to = group.branches[group.assembly + 1] ?? token;
        if (from !== undefined) kept.fill(0, from, to);
      }
      if (group.branches.length < 2 || group.assembly !== null) continue;
      const bounds = [...group.branches, token];
      if (group.branches.every((from, nth) => isComplete(from, bounds[nth + 1] ?? token))) continue;
      kept.fill(0, bounds[1] ?? token, token);
    }
  }
  return kept;

  function isComplete(from: number, to: number): boolean {
    let depth = 0;
    let last = 59;
    for (let at = from; at < to; at++) {
      if (kept[at] !== 1) continue;
      const kind = kinds[at] ?? 0;
      if (kind === 40 || kind === 91 || kind === 123) depth++;
      else if ((kind === 41 || kind === 93 || kind === 125) && --depth < 0) return false;
      last = kind;
    }
    return depth === 0 && (last === 59 || last === 125 || last === 44 || last === 58);
  }
}
