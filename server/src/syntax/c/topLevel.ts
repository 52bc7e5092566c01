import { Kind } from '../cpp/token.ts';
import { attributeWords, type CAttribute, readAttribute } from './attributes.ts';
import { type CTokens, endOf, isText } from './cTokens.ts';

export interface CParameter {
  /** `null` where the declaration gives none. */
  readonly name: string | null;
  readonly type: string;
}

/** One declared name of the top level of a file. Offsets are of the expanded text. */
export interface TopDeclaration {
  readonly kind: 'function' | 'prototype' | 'variable' | 'typedef' | 'asm';
  readonly name: string;
  readonly nameStart: number;
  readonly nameEnd: number;
  /** The whole declaration, `;` or body included. */
  readonly start: number;
  readonly end: number;
  /** Body with its braces, `null` when it is no definition of a function. */
  readonly body: { readonly start: number; readonly end: number } | null;
  /** Words before the declarator: storage, qualifiers, type; attributes left out. */
  readonly specifiers: readonly string[];
  readonly attributes: readonly CAttribute[];
  readonly parameters: readonly CParameter[];
  /** Type as text: of a variable, or what a function returns. */
  readonly type: string;
  /** Range of the initializer, `=` left out. */
  readonly initializer: { readonly start: number; readonly end: number } | null;
}

/** Words that are no names of functions, variables or types. */
export const keywords: ReadonlySet<string> = new Set(
  (
    'auto break case char const continue default do double else enum extern float for goto if inline int long ' +
    'register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while ' +
    '_Alignas _Alignof _Atomic _Bool _Complex _Generic _Noreturn _Static_assert _Thread_local __alignof__ __alignof ' +
    '__asm __asm__ asm __attribute __attribute__ __auto_type __const __const__ __extension__ __inline __inline__ ' +
    '__int128 __label__ __restrict __restrict__ __signed__ __thread __typeof __typeof__ typeof __typeof_unqual__ ' +
    'typeof_unqual __volatile __volatile__ bool'
  ).split(' '),
);

const typeofWords: ReadonlySet<string> = new Set(
  'typeof __typeof __typeof__ typeof_unqual __typeof_unqual__ _Atomic _BitInt'.split(' '),
);
const asmWords: ReadonlySet<string> = new Set(['asm', '__asm__', '__asm']);
const storageWords: ReadonlySet<string> = new Set(['static', 'extern', 'typedef', 'inline', '__inline', '__inline__']);
const aggregateWords: ReadonlySet<string> = new Set(['struct', 'union', 'enum']);

/** Declarations of the top level of expanded text, in order. Total: what cannot be read is passed over. */
export function readTopLevel(text: string, tokens: CTokens): readonly TopDeclaration[] {
  const out: TopDeclaration[] = [];
  const count = tokens.toks.length;
  for (let at = 0; at < count; ) {
    const end = declarationEnd(tokens, at);
    readDeclaration(text, tokens, at, end, out);
    at = Math.max(end.next, at + 1);
  }
  return out;
}

interface DeclarationEnd {
  /** Index behind the last token. */
  readonly next: number;
  /** Index of a function body's `{`. */
  readonly body: number | null;
}

/** Where the declaration that begins at a token ends: behind its `;`, or behind a function's body. */
function declarationEnd(tokens: CTokens, from: number): DeclarationEnd {
  const { toks, partners } = tokens;
  let afterAssign = false;
  let aggregate = false;
  let hasParens = false;
  let at = from;
  while (at < toks.length) {
    const tok = toks.at(at);
    if (tok === undefined) break;
    if (tok.type >= Kind.name) {
      if (aggregateWords.has(tok.text)) aggregate = true;
      else if (at > from && storageWords.has(tok.text) && startsLine(tokens, at) && tok.type === Kind.name) {
        // A declaration that was never ended, and the next one begins.
        if (afterAssign || !isSpecifierBefore(tokens, from, at)) return { next: at, body: null };
      }
      at++;
      continue;
    }
    const { text } = tok;
    if (text === ';') return { next: at + 1, body: null };
    if (text === '=') afterAssign = true;
    else if (text === '{') {
      const close = partners[at] ?? at;
      if (!afterAssign && hasParens && !(aggregate && isAggregateBody(tokens, from, at))) {
        return { next: close + 1, body: at };
      }
      // A body without anything before it belongs to nothing.
      if (at === from) return { next: close + 1, body: null };
      aggregate = false;
      at = close + 1;
      continue;
    } else if (tok.type === Kind.openParen || text === '[') {
      if (tok.type === Kind.openParen) hasParens = true;
      at = Math.max(at, partners[at] ?? at) + 1;
      continue;
    } else if (text === '}') return { next: at + 1, body: null };
    at++;
  }
  return { next: toks.length, body: null };
}

/** Only specifiers stand between two tokens: `static`, `const`, attributes. */
function isSpecifierBefore(tokens: CTokens, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const tok = tokens.toks.at(at);
    if (tok === undefined) return true;
    if (attributeWords.has(tok.text)) at = Math.max(at + 1, tokens.partners[at + 1] ?? 0);
    else if (tok.type !== Kind.name || !keywords.has(tok.text)) return false;
  }
  return true;
}

function startsLine(tokens: CTokens, at: number): boolean {
  return (tokens.toks.at(at)?.flags ?? 0) > 0 && ((tokens.toks.at(at)?.flags ?? 0) & 2) !== 0;
}

/** The `{` is that of `struct NAME {`, attributes between allowed. */
function isAggregateBody(tokens: CTokens, from: number, brace: number): boolean {
  let at = brace - 1;
  while (at >= from) {
    const tok = tokens.toks.at(at);
    if (tok === undefined) return false;
    if (tok.type === Kind.closeParen) {
      const open = tokens.partners[at] ?? -1;
      if (open <= from || !attributeWords.has(tokens.toks.at(open - 1)?.text ?? '')) return false;
      at = open - 2;
      continue;
    }
    if (tok.type !== Kind.name) return false;
    if (aggregateWords.has(tok.text)) return true;
    const before = tokens.toks.at(at - 1);
    if (keywords.has(tok.text)) return false;
    if (before === undefined || !(aggregateWords.has(before.text) || before.type === Kind.closeParen)) return false;
    at--;
  }
  return false;
}

function readDeclaration(
  text: string,
  tokens: CTokens,
  from: number,
  end: DeclarationEnd,
  out: TopDeclaration[],
): void {
  const { toks, starts, partners } = tokens;
  const limit = end.body ?? end.next;
  const specifiers: string[] = [];
  const attributes: CAttribute[] = [];
  let at = from;
  const first = toks.at(from);
  if (first === undefined || first.text === ';') return;
  if (asmWords.has(first.text)) {
    const start = starts[from] ?? 0;
    const close = endOf(tokens, end.next - 1);
    const common = { specifiers, attributes, parameters: [], type: '', initializer: null, body: null };
    out.push({ kind: 'asm', name: '', nameStart: start, nameEnd: start, start, end: close, ...common });
    return;
  }
  if (first.text === '_Static_assert') return;
  // Specifiers: everything up to the declarator.
  let sawType = false;
  while (at < limit) {
    const tok = toks.at(at);
    if (tok === undefined) break;
    if (tok.type !== Kind.name) break;
    const word = tok.text;
    if (attributeWords.has(word)) {
      at = readAttribute(text, tokens, at, attributes);
    } else if (typeofWords.has(word) && isText(tokens, at + 1, '(')) {
      const close = partners[at + 1] ?? at + 1;
      specifiers.push(text.slice(starts[at], endOf(tokens, close)));
      sawType = true;
      at = close + 1;
    } else if (word === '_Alignas') {
      at = Math.max(at + 1, partners[at + 1] ?? 0) + 1;
    } else if (aggregateWords.has(word)) {
      const begin = at;
      at++;
      while (attributeWords.has(toks.at(at)?.text ?? '')) at = readAttribute(text, tokens, at, []);
      if (toks.at(at)?.type === Kind.name) at++;
      specifiers.push(text.slice(starts[begin], endOf(tokens, at - 1)));
      if (isText(tokens, at, '{')) at = Math.max(at, partners[at] ?? at) + 1;
      sawType = true;
    } else if (keywords.has(word)) {
      specifiers.push(word);
      if (isTypeKeyword(word)) sawType = true;
      at++;
    } else if (!sawType && !isDeclaratorName(tokens, at, limit)) {
      specifiers.push(word);
      sawType = true;
      at++;
    } else break;
  }
  const isTypedef = specifiers.includes('typedef');
  // Declarators, separated by commas.
  for (let nth = 0; at < limit && nth < 500; nth++) {
    const stop = declaratorEnd(tokens, at, limit);
    const own = [...attributes];
    const found = readDeclarator(text, tokens, at, stop.end, own);
    const typeWords = specifiers.filter((word) => !storageWords.has(word) && word !== 'register');
    if (found !== null) {
      const isDefinition = end.body !== null && stop.end === limit;
      const kind = isTypedef ? 'typedef' : isDefinition ? 'function' : found.isFunction ? 'prototype' : 'variable';
      const last = isDefinition ? end.next - 1 : Math.max(stop.next - 1, at);
      const bodyStart = end.body === null ? 0 : (starts[end.body] ?? 0);
      out.push({
        kind,
        name: toks.at(found.name)?.text ?? '',
        nameStart: starts[found.name] ?? 0,
        nameEnd: endOf(tokens, found.name),
        start: starts[from] ?? 0,
        end: endOf(tokens, isDefinition ? last : Math.max(last, end.next - 1)),
        body: isDefinition ? { start: bodyStart, end: endOf(tokens, end.next - 1) } : null,
        specifiers,
        attributes: own,
        parameters: found.isFunction ? readParameters(text, tokens, found.parameters) : [],
        type: [...typeWords, found.pointers].filter((word) => word !== '').join(' '),
        initializer:
          stop.assign === null ? null : { start: starts[stop.assign + 1] ?? 0, end: endOf(tokens, stop.end0) },
      });
    }
    at = stop.next;
  }
}

function isTypeKeyword(word: string): boolean {
  return /^(void|char|short|int|long|float|double|signed|unsigned|_Bool|bool|__int128|__signed__|__auto_type|_Complex)$/.test(
    word,
  );
}

/** The name is that of the declarator and not a type: `name(`, `name;`, `name =`, `name[`, `name,`. */
function isDeclaratorName(tokens: CTokens, at: number, limit: number): boolean {
  if (at + 1 >= limit) return true;
  const next = tokens.toks.at(at + 1);
  if (next === undefined) return true;
  if (next.type === Kind.name || next.text === '*') return false;
  if (next.type !== Kind.openParen) return true;
  // `type (*name)(…)` against `name(…)`.
  const inside = tokens.toks.at(at + 2);
  const close = tokens.partners[at + 1] ?? at + 1;
  return !(inside?.text === '*' && isText(tokens, close + 1, '('));
}

interface DeclaratorEnd {
  /** Index behind the declarator without its initializer. */
  readonly end: number;
  /** Index of the initializer's last token. */
  readonly end0: number;
  readonly assign: number | null;
  /** Index behind the `,` or `;`. */
  readonly next: number;
}

function declaratorEnd(tokens: CTokens, from: number, limit: number): DeclaratorEnd {
  const { toks, partners } = tokens;
  let assign: number | null = null;
  let at = from;
  while (at < limit) {
    const text = toks.at(at)?.text;
    if (text === '(' || text === '[' || text === '{') {
      at = Math.max(at, partners[at] ?? at) + 1;
      continue;
    }
    if (text === '=' && assign === null && toks.at(at)?.type === Kind.equal) assign = at;
    if (text === ',' || text === ';') break;
    at++;
  }
  return { end: assign ?? Math.min(at, limit), end0: Math.min(at, limit) - 1, assign, next: at + 1 };
}

interface Declarator {
  readonly name: number;
  readonly isFunction: boolean;
  /** Index of the `(` of the parameters. */
  readonly parameters: number;
  readonly pointers: string;
}

/** The declared name of a declarator, looking into parentheses; attributes met go to `attributes`. */
function readDeclarator(
  text: string,
  tokens: CTokens,
  from: number,
  limit: number,
  attributes: CAttribute[],
): Declarator | null {
  const { toks, partners, starts } = tokens;
  let name = -1;
  let nested: Declarator | null = null;
  let parameters = -1;
  let pointers = '';
  for (let at = from; at < limit; ) {
    const tok = toks.at(at);
    if (tok === undefined) break;
    if (attributeWords.has(tok.text)) {
      at = readAttribute(text, tokens, at, attributes);
      continue;
    }
    if (asmWords.has(tok.text)) {
      at = Math.max(at + 1, partners[at + 1] ?? 0) + 1;
      continue;
    }
    if (tok.type === Kind.name && !keywords.has(tok.text)) {
      // The last word before the parameters is the name: what stands before it is a type or an unknown macro.
      if (parameters < 0 && nested === null) name = at;
    } else if (tok.type === Kind.openParen) {
      const close = Math.max(at, partners[at] ?? at);
      if (name >= 0 || nested !== null) {
        if (parameters < 0) parameters = at;
      } else nested = readDeclarator(text, tokens, at + 1, close, attributes);
      at = close + 1;
      continue;
    } else if (tok.text === '[') {
      if (name >= 0) pointers += text.slice(starts[at], endOf(tokens, Math.max(at, partners[at] ?? at)));
      at = Math.max(at, partners[at] ?? at) + 1;
      continue;
    } else if (tok.text === '*' && name < 0) pointers += '*';
    else if (tok.text === ':') break;
    at++;
  }
  if (nested !== null) {
    // `(*name)(…)` is a pointer; `(*name(…))(…)` a function that returns one; `(name)(…)` a function.
    const isPlain = nested.pointers === '' && !nested.isFunction;
    if (nested.isFunction) return { ...nested, pointers: `${pointers}(*)()` };
    return { name: nested.name, isFunction: isPlain && parameters >= 0, parameters, pointers: `${pointers}(*)()` };
  }
  return name < 0 ? null : { name, isFunction: parameters >= 0, parameters, pointers };
}

function readParameters(text: string, tokens: CTokens, open: number): readonly CParameter[] {
  const out: CParameter[] = [];
  const close = tokens.partners[open] ?? open;
  for (let at = open + 1; at < close; ) {
    const stop = declaratorEnd(tokens, at, close);
    const found = readDeclarator(text, tokens, at, stop.end, []);
    const start = tokens.starts[at] ?? 0;
    const whole = text.slice(start, endOf(tokens, stop.end - 1));
    const before = found === null ? undefined : tokens.toks.at(found.name - 1);
    const named = found !== null && found.name > at && !aggregateWords.has(before?.text ?? '');
    if (named) {
      const nameStart = (tokens.starts[found.name] ?? 0) - start;
      const nameEnd = endOf(tokens, found.name) - start;
      const type = `${whole.slice(0, nameStart)}${whole.slice(nameEnd)}`.replace(/\s+/g, ' ').trim();
      out.push({ name: tokens.toks.at(found.name)?.text ?? null, type });
    } else if (whole !== 'void') out.push({ name: null, type: whole.replace(/\s+/g, ' ') });
    at = stop.next;
  }
  return out;
}
