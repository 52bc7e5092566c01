import type { CppLine, CppToken } from '../../syntax/cpp/model.ts';
import { isKernelWord } from '../kernelWords.ts';

/** Place of a token in a preprocessed unit: index of its line and its index there. */
export interface TokenPlace {
  readonly line: number;
  readonly token: number;
}

/** One external declaration of a preprocessed unit. */
export interface TopLevelItem {
  readonly kind: 'function' | 'prototype' | 'variable' | 'typedef' | 'other';
  /** Name that is declared; `null` for `struct x;`, `asm("…");` and what could not be read. */
  readonly name: string | null;
  /** First token, and the one after the last. */
  readonly start: TokenPlace;
  readonly end: TokenPlace;
  /** The `{` of a function's body, the `=` of an initialized variable. */
  readonly body: TokenPlace | null;
  /** The declared name. */
  readonly namePlace: TokenPlace | null;
}

/**
 * Reads external declarations of a preprocessed C unit in their order, from one line to before another. Total: text that is no C gives items of kind
 * `other`; a `{` that is never closed makes one item up to the end. Tokens are looked at by their first character,
 * so that the half million tokens of a kernel unit need not be made into objects.
 */
export function readItems(lines: readonly CppLine[], from: number, to: number, scan: TopLevelScan): void {
  const { items } = scan;
  let { header, parens, braces, start } = scan;
  for (let lineAt = from; lineAt < to; lineAt++) {
    const line = lines[lineAt];
    if (line === undefined) continue;
    const { text, columns } = line;
    if (text.startsWith('#')) continue;
    for (let at = 0; at < columns.length; at++) {
      const column = columns[at] ?? 0;
      const first = text.charCodeAt(column);
      if (braces > 0) {
        if (first === openBrace) braces++;
        else if (first === closeBrace) {
          braces--;
          const isBlock = header.last === '' && header.name === null;
          if (braces === 0 && (isBlock || (header.body !== null && !header.initialized))) {
            items.push(
              itemOf(isBlock ? null : 'function', header, start ?? { line: lineAt, token: at }, next(lineAt, at)),
            );
            header = emptyHeader();
            start = null;
          }
        }
        continue;
      }
      start ??= { line: lineAt, token: at };
      if (isWordStart(first) && parens === 0 && isLoneMacro(header, start)) {
        // `EXPORT_SYMBOL(x)` without a semicolon, in a unit that does not know the macro.
        items.push(itemOf(null, header, start, { line: lineAt, token: at }));
        header = emptyHeader();
        start = { line: lineAt, token: at };
      }
      if (first === openParen || first === openBracket) parens++;
      else if (first === closeParen || first === closeBracket) parens = Math.max(0, parens - 1);
      else if (first === openBrace) {
        braces++;
        if (parens === 0 && header.body === null && header.looksLikeFunction) header.body = { line: lineAt, token: at };
        continue;
      } else if (first === semicolon && parens === 0) {
        if (declaresOldParameters(header, start)) continue;
        items.push(itemOf(null, header, start, next(lineAt, at)));
        header = emptyHeader();
        start = null;
        continue;
      } else if (first === closeBrace) continue;
      readHeader(header, text, columns, at, lineAt, parens);
    }
  }
  scan.header = header;
  scan.parens = parens;
  scan.braces = braces;
  scan.start = start;
}

/** A reading of declarations: those that are complete, and what the next line goes on with. */
export interface TopLevelScan {
  readonly items: TopLevelItem[];
  header: Header;
  parens: number;
  braces: number;
  start: TokenPlace | null;
}

/** A reading that goes on behind another one, or begins. */
export function newScan(before: TopLevelScan | null): TopLevelScan {
  if (before === null) return { items: [], header: emptyHeader(), parens: 0, braces: 0, start: null };
  return { ...before, items: [], header: { ...before.header } };
}

const [openParen, closeParen, openBrace, closeBrace, openBracket, closeBracket, semicolon, equals, star] = Array.from(
  '(){}[];=*',
  (character) => character.charCodeAt(0),
) as [number, number, number, number, number, number, number, number, number];

interface Header {
  typedef: boolean;
  initialized: boolean;
  looksLikeFunction: boolean;
  name: string | null;
  namePlace: TokenPlace | null;
  last: string;
  lastPlace: TokenPlace | null;
  body: TokenPlace | null;
  /** Inside the parentheses of `__attribute__` and the like, which are no parameters. */
  skipping: boolean;
  /** The word right before, empty behind anything else. */
  previous: string;
  /** What stands in the parentheses behind the name is a list of names alone: `f(a, b)`. */
  namesOnly: boolean;
  /** Words behind those parentheses that can begin the declaration of a parameter. */
  nBehind: number;
}

/** `NAME(…)` at the start of a declaration that goes on with a word: a macro that nobody knows, and another declaration. */
function isLoneMacro({ looksLikeFunction, name, namePlace, body }: Header, start: TokenPlace): boolean {
  if (!looksLikeFunction || body !== null || name === null || namePlace === null) return false;
  return namePlace.line === start.line && namePlace.token === start.token && !name.startsWith('__');
}

/** `int f(a, b) int a; int b; { … }`: a semicolon there ends a parameter, not the declaration. */
function declaresOldParameters(
  { looksLikeFunction, namesOnly, nBehind, namePlace }: Header,
  start: TokenPlace,
): boolean {
  if (!looksLikeFunction || !namesOnly || nBehind < 2) return false;
  return namePlace !== null && (namePlace.line !== start.line || namePlace.token !== start.token);
}

function emptyHeader(): Header {
  return {
    typedef: false,
    initialized: false,
    looksLikeFunction: false,
    name: null,
    namePlace: null,
    last: '',
    lastPlace: null,
    body: null,
    skipping: false,
    previous: '',
    namesOnly: true,
    nBehind: 0,
  };
}

/** Words whose parentheses follow without making a declarator. */
const prefixWords: ReadonlySet<string> = new Set([
  '__attribute__',
  '__attribute',
  '__declspec',
  '_Alignas',
  '__alignof__',
  '__typeof__',
  'typeof',
  '__typeof',
  'asm',
  '__asm__',
  '__asm',
  '_Static_assert',
  '__extension__',
]);

function readHeader(
  header: Header,
  text: string,
  columns: readonly number[],
  at: number,
  line: number,
  parens: number,
): void {
  const column = columns[at] ?? 0;
  const first = text.charCodeAt(column);
  if (header.skipping) {
    if (parens === 0) header.skipping = false;
    return;
  }
  if (header.initialized) return;
  const { previous } = header;
  header.previous = '';
  if (isWordStart(first)) {
    const end = columns[at + 1] ?? text.length;
    const word = text.slice(column, end).trimEnd();
    header.previous = word;
    if (parens > 0) {
      if (previous !== '' || typeWords.has(word)) header.namesOnly = false;
      // `int (*name)(int)` and `int (name)(int)`: the first name in parentheses.
      if (!header.looksLikeFunction && header.name === null && !typeWords.has(word)) {
        header.name = word;
        header.namePlace = { line, token: at };
      }
      return;
    }
    if (word === 'typedef') header.typedef = true;
    if (prefixWords.has(word) || isKernelWord(word)) return;
    if (header.looksLikeFunction) header.nBehind++;
    header.last = word;
    header.lastPlace = { line, token: at };
    return;
  }
  if (first === openParen && parens === 1) {
    if (prefixWords.has(previous) || isKernelWord(previous)) {
      header.skipping = true;
      return;
    }
    if (header.last === '' || typeWords.has(header.last)) return;
    // `u64 (*name)(void)`: a typedef's name before a declarator in parentheses, no function of that name.
    if (text.charCodeAt(columns[at + 1] ?? -1) === star) return;
    const isFirst = !header.looksLikeFunction && header.name === null;
    // `static NAME(1, 2) int f(void)`: the first one was a macro that nobody knows.
    const isBetter =
      header.looksLikeFunction && header.nBehind > 0 && isLikeAttribute(header.name) && !isLikeAttribute(header.last);
    if (!isFirst && !isBetter) return;
    header.looksLikeFunction = true;
    header.name = header.last;
    header.namePlace = header.lastPlace;
    header.namesOnly = true;
    header.nBehind = 0;
    return;
  }
  if (first === star && parens > 0) header.namesOnly = false;
  if (first === equals && parens === 0 && text.charCodeAt(column + 1) !== equals) {
    header.initialized = true;
    header.body = { line, token: at };
    header.looksLikeFunction = false;
  }
}

/** A name as the kernel gives it to attributes: `__printf`, `ACPI_PRINTF_LIKE`. */
function isLikeAttribute(name: string | null): boolean {
  return name !== null && /^(__|[A-Z0-9_]+$)/.test(name);
}

const typeWords: ReadonlySet<string> = new Set(
  'void int char short long unsigned signed float double _Bool struct union enum const volatile'.split(' '),
);

function isWordStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

function next(line: number, token: number): TokenPlace {
  return { line, token: token + 1 };
}

function itemOf(kind: 'function' | null, header: Header, start: TokenPlace, end: TokenPlace): TopLevelItem {
  const { initialized, body, looksLikeFunction, typedef } = header;
  const name = header.name ?? (header.last === '' ? null : header.last);
  const namePlace = header.namePlace ?? header.lastPlace;
  // `NAME(…) { … }` without a type is a macro that nobody knows.
  const unknownMacro =
    looksLikeFunction &&
    namePlace !== null &&
    namePlace.line === start.line &&
    namePlace.token === start.token &&
    /^[A-Z0-9_]+$/.test(name ?? '');
  if (unknownMacro) return { kind: 'other', name: null, start, end, body: null, namePlace: null };
  const what = kind ?? (typedef ? 'typedef' : looksLikeFunction ? 'prototype' : name === null ? 'other' : 'variable');
  // `typedef int (*name)(int)` and `typedef struct { … } name` both end at the right name.
  const declared = initialized ? { name: header.name ?? header.last, place: namePlace } : { name, place: namePlace };
  return { kind: what, name: declared.name, start, end, body, namePlace: declared.place };
}

/** Tokens of a stretch of a unit. */
export function tokensBetween(lines: readonly CppLine[], start: TokenPlace, end: TokenPlace): CppToken[] {
  const tokens: CppToken[] = [];
  for (let at = start.line; at <= end.line; at++) {
    if (lines[at]?.text.startsWith('#')) continue;
    const all = lines[at]?.tokens ?? [];
    const from = at === start.line ? start.token : 0;
    const to = at === end.line ? end.token : all.length;
    for (let i = from; i < to; i++) {
      const token = all[i];
      if (token !== undefined) tokens.push(token);
    }
  }
  return tokens;
}
