import { reads, type Word, writes } from './words.ts';

/** What an expression says about where its value comes from. Indices, casts and `*` are left out. */
export type Expr =
  | { readonly kind: 'name'; readonly name: string; readonly word: Word }
  | { readonly kind: 'member'; readonly base: Expr; readonly member: string; readonly word: Word }
  | { readonly kind: 'address'; readonly of: Expr }
  /** Any of them: `a ? b : c`, `a ?: b`. */
  | { readonly kind: 'choice'; readonly ways: readonly Expr[] }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expr[] }
  | { readonly kind: 'null' }
  | { readonly kind: 'unknown' };

const unknown: Expr = { kind: 'unknown' };
const pairs: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/** Index of the bracket that closes the one at `open`, or the last index. */
export function closing(words: readonly Word[], open: number): number {
  const opened = words[open]?.text ?? '';
  const closes = pairs[opened];
  let depth = 0;
  for (let at = open; at < words.length; at++) {
    const { text } = words[at] ?? { text: '' };
    if (text === opened) depth++;
    else if (text === closes && --depth === 0) return at;
  }
  return words.length - 1;
}

/** Parts between separators outside of brackets. */
export function split(words: readonly Word[], separator: string): Word[][] {
  const parts: Word[][] = [];
  let part: Word[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word === undefined) break;
    if (word.text === separator) {
      parts.push(part);
      part = [];
    } else if (pairs[word.text] !== undefined) {
      const end = closing(words, at);
      part.push(...words.slice(at, end + 1));
      at = end;
    } else part.push(word);
  }
  if (part.length > 0 || parts.length > 0) parts.push(part);
  return parts;
}

const binary = new Set('+ - / % == != < > <= >= && || | ^ << >>'.split(' '));

/** Reads an expression. Total: what is no such expression is `unknown`. */
export function readExpr(words: readonly Word[], depth = 0): Expr {
  if (depth > 24 || words.length === 0) return unknown;
  const last = split(words, ',').at(-1) ?? [];
  const value = split(last, '=').at(-1) ?? [];
  const [condition, ...rest] = split(value, '?');
  if (rest.length > 0) return readChoice(condition ?? [], value.slice((condition?.length ?? 0) + 1), depth);
  const parts = value.filter((word, at) => at > 0 && binary.has(word.text));
  if (parts.length > 0 && splitAny(value)) return unknown;
  return readUnary(value, depth);
}

/** Whether a binary operator stands outside of brackets, behind an operand. */
function splitAny(words: readonly Word[]): boolean {
  for (let at = 0; at < words.length; at++) {
    const text = words[at]?.text ?? '';
    if (pairs[text] !== undefined) at = closing(words, at);
    else if (at > 0 && binary.has(text) && !/^[&*(]$/.test(words[at - 1]?.text ?? '')) return true;
  }
  return false;
}

function readChoice(condition: readonly Word[], rest: readonly Word[], depth: number): Expr {
  let nested = 0;
  for (let at = 0; at < rest.length; at++) {
    const text = rest[at]?.text ?? '';
    if (pairs[text] !== undefined) at = closing(rest, at);
    else if (text === '?') nested++;
    else if (text === ':' && nested-- === 0) {
      const yes = at === 0 ? condition : rest.slice(0, at);
      return { kind: 'choice', ways: [readExpr(yes, depth + 1), readExpr(rest.slice(at + 1), depth + 1)] };
    }
  }
  return unknown;
}

function readUnary(words: readonly Word[], depth: number): Expr {
  const [first] = words;
  if (first === undefined) return unknown;
  if (first.text === '&') return { kind: 'address', of: readUnary(words.slice(1), depth + 1) };
  if (first.text === '*') return readUnary(words.slice(1), depth + 1);
  if (first.text !== '(') return readPostfix(words, depth);
  const end = closing(words, 0);
  const inner = words.slice(1, end);
  if (end + 1 < words.length && isCast(inner, words[end + 1])) return readUnary(words.slice(end + 1), depth + 1);
  const base = inner[0]?.text === '{' ? readBlock(inner.slice(1, -1), depth + 1) : readExpr(inner, depth + 1);
  return readSuffix(base, words, end + 1);
}

const typeWords = new Set(
  'void int char short long unsigned signed bool _Bool struct union enum const volatile typeof __typeof__'.split(' '),
);

/** Whether what stands in parentheses is a type, as far as it tells itself. */
function isCast(inner: readonly Word[], next: Word | undefined): boolean {
  if (next === undefined || !/^([A-Za-z_]\w*|[(&*{]|\d.*)$/.test(next.text)) return false;
  const [first] = inner;
  if (first === undefined) return false;
  if (typeWords.has(first.text) || inner.at(-1)?.text === '*') return true;
  if (inner.some((word, at) => word.text === '*' && inner[at + 1]?.text === ')')) return true;
  return inner.length === 1 && /_t$|^[us](8|16|32|64)$/.test(first.text);
}

function readPostfix(words: readonly Word[], depth: number): Expr {
  const [word] = words;
  if (word === undefined) return unknown;
  const { text } = word;
  if (text === 'NULL' || text === '0' || text === '0UL') return { kind: 'null' };
  if (!/^[A-Za-z_]\w*$/.test(text)) return unknown;
  if (words[1]?.text !== '(') return readSuffix({ kind: 'name', name: text, word }, words, 1);
  const end = closing(words, 1);
  const args = split(words.slice(2, end), ',').map((part) => readExpr(part, depth + 1));
  const call: Expr = { kind: 'call', name: text, args };
  return readSuffix(reads.has(text) ? (args[0] ?? unknown) : call, words, end + 1);
}

function readSuffix(base: Expr, words: readonly Word[], from: number): Expr {
  let value = base;
  for (let at = from; at < words.length; at++) {
    const { text } = words[at] ?? { text: '' };
    const next = words[at + 1];
    if (text === '[') at = closing(words, at);
    else if ((text === '.' || text === '->') && next !== undefined) {
      value = { kind: 'member', base: value, member: next.text, word: next };
      at++;
    } else return unknown;
  }
  return value;
}

/** A statement expression: its last expression, or what was put into the variable that stands there. */
function readBlock(words: readonly Word[], depth: number): Expr {
  const statements = split(words, ';').filter((one) => one.length > 0);
  const last = statements.at(-1);
  if (last === undefined) return unknown;
  const [only] = last;
  if (last.length > 1 || only === undefined) return readExpr(last, depth + 1);
  const values = statements.slice(0, -1).flatMap((statement) => {
    const at = statement.findIndex((word) => word.text === '=');
    return at > 0 && statement[at - 1]?.text === only.text ? [readExpr(statement.slice(at + 1), depth + 1)] : [];
  });
  if (values.length === 0) return readExpr(last, depth + 1);
  return values.length === 1 ? (values[0] ?? unknown) : { kind: 'choice', ways: values };
}

/** A store: what is written to, and the value. */
export interface WrittenStore {
  readonly target: Expr;
  readonly value: Expr;
  /** For `.member = value` in braces: the struct's name, where the braces are given one. */
  readonly designated: { readonly holder: string | null } | null;
}

/** Stores in the words of a function's body, or of an initializer: `=` and the writing macros. */
export function storesIn(words: readonly Word[]): WrittenStore[] {
  const stores: WrittenStore[] = [];
  for (let at = 0; at < words.length; at++) {
    const { text } = words[at] ?? { text: '' };
    if (writes.has(text) && words[at + 1]?.text === '(') {
      const args = split(words.slice(at + 2, closing(words, at + 1)), ',');
      const [first] = args;
      const last = args.at(-1);
      if (first !== undefined && last !== undefined && args.length > 1) {
        stores.push({ target: withoutAddress(readExpr(first)), value: readExpr(last), designated: null });
      }
    } else if (text === '=') {
      const store = readAssignment(words, at);
      if (store !== null) stores.push(store);
    }
  }
  return stores;
}

function withoutAddress(expr: Expr): Expr {
  return expr.kind === 'address' ? expr.of : expr;
}

function readAssignment(words: readonly Word[], at: number): WrittenStore | null {
  const value = readExpr(upTo(words, at + 1));
  const start = targetStart(words, at);
  if (start === null) return null;
  const before = words[start - 1]?.text ?? '';
  if (before === '.') {
    const member = words[start];
    if (member === undefined) return null;
    const target: Expr = { kind: 'member', base: { kind: 'unknown' }, member: member.text, word: member };
    return { target, value, designated: { holder: holderOf(words, start - 1) } };
  }
  // `*p = v` writes somewhere else; `struct x *p = v` declares.
  if (before === '*' && /^[;{}(,)]?$/.test(words[start - 2]?.text ?? '')) return null;
  const name = words[start];
  const target: Expr = name?.text === '(' ? declaratorName(words, start) : readExpr(words.slice(start, at));
  return { target, value, designated: null };
}

/** The words of a value, up to where its expression ends. */
function upTo(words: readonly Word[], from: number): readonly Word[] {
  let end = from;
  while (end < words.length && !/^[,;)}\]]$/.test(words[end]?.text ?? '')) {
    end = (pairs[words[end]?.text ?? ''] === undefined ? end : closing(words, end)) + 1;
  }
  return words.slice(from, end);
}

/** First word of what stands before an `=`: `a->b[i].c`, or the parentheses of `(*name)(void)`. */
function targetStart(words: readonly Word[], equals: number): number | null {
  let at = equals - 1;
  for (;;) {
    while (words[at]?.text === ']') at = opening(words, at) - 1;
    if (words[at]?.text === ')') {
      const open = opening(words, at);
      const before = words[open - 1]?.text ?? '';
      if (before === ')') {
        const inner = opening(words, open - 1);
        return words[inner + 1]?.text === '*' ? inner : null;
      }
      at = /^[A-Za-z_]\w*$/.test(before) ? open - 1 : open;
    } else if (!/^[A-Za-z_]\w*$/.test(words[at]?.text ?? '')) return null;
    const link = words[at - 1]?.text ?? '';
    if (link !== '.' && link !== '->') return at < 0 ? null : at;
    if (/^[{,]?$/.test(words[at - 2]?.text ?? '')) return at;
    at -= 2;
  }
}

function opening(words: readonly Word[], close: number): number {
  const closed = words[close]?.text ?? '';
  const opens = closed === ')' ? '(' : '[';
  let depth = 0;
  for (let at = close; at >= 0; at--) {
    const { text } = words[at] ?? { text: '' };
    if (text === closed) depth++;
    else if (text === opens && --depth === 0) return at;
  }
  return 0;
}

function declaratorName(words: readonly Word[], open: number): Expr {
  const inner = words.slice(open + 1, closing(words, open));
  const word = inner.find((one) => /^[A-Za-z_]\w*$/.test(one.text) && one.text !== 'const' && one.text !== 'volatile');
  return word === undefined ? unknown : { kind: 'name', name: word.text, word };
}

/** Struct that the braces around a designator are said to be of. */
function holderOf(words: readonly Word[], at: number): string | null {
  let depth = 0;
  for (let open = at; open >= 0; open--) {
    const { text } = words[open] ?? { text: '' };
    if (text === '}') depth++;
    if (text !== '{' || depth-- > 0) continue;
    for (let back = open - 1; back >= Math.max(0, open - 14); back--) {
      const word = words[back]?.text ?? '';
      if (/^[;{}]$/.test(word)) return null;
      if (word === 'struct') return words[back + 1]?.text ?? null;
    }
    return null;
  }
  return null;
}
