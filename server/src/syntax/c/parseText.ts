import { Kind } from '../cpp/token.ts';
import { attributeWords } from './attributes.ts';
import type { CTokens } from './cTokens.ts';
import { endOf } from './cTokens.ts';
import { keywords } from './topLevel.ts';

// The grammar knows most of GNU C. What it does not know is written over, character for character, so that every
// offset stays what it is: whoever wants the text itself takes it from the expanded text.

const typeofWords: ReadonlySet<string> = new Set(
  'typeof __typeof __typeof__ typeof_unqual __typeof_unqual__ _BitInt'.split(' '),
);
const asmWords: ReadonlySet<string> = new Set(['asm', '__asm__', '__asm']);
/** Built-ins whose arguments are types. */
const typeArguments: ReadonlySet<string> = new Set([
  '__builtin_types_compatible_p',
  '__builtin_offsetof',
  '__builtin_va_arg',
  '__builtin_has_attribute',
]);
const alignWords: ReadonlySet<string> = new Set(['__alignof__', '__alignof', '_Alignof', 'alignof']);
const droppedWords: ReadonlySet<string> = new Set(
  '__extension__ __inline __inline__ __restrict __restrict__ __const __const__ _Noreturn __thread'.split(' '),
);

/**
 * Text for the grammar of the tokens from one index up to another, where it differs from the text itself: attributes
 * are blanked, `typeof(…)` is `int`, types among a built-in's arguments are numbers, and so on. Same length as
 * the text between the two tokens.
 */
export function parseText(text: string, tokens: CTokens, from: number, to: number): string {
  const { toks, starts, partners } = tokens;
  const begin = starts[from] ?? 0;
  const pieces: string[] = [];
  let done = begin;
  const replace = (start: number, end: number, by: string): void => {
    if (start < done || by.length > end - start) return;
    pieces.push(text.slice(done, start), by, blank(text, start + by.length, end));
    done = end;
  };
  for (let at = from; at < to; at++) {
    const tok = toks.at(at);
    if (tok === undefined) break;
    const start = starts[at] ?? 0;
    if (tok.type !== Kind.name) {
      // A constraint of several literals (`"I" "r" (x)`): the grammar takes one.
      if (tok.type === Kind.string && toks.at(at + 1)?.type === Kind.string && isConstraint(tokens, at)) {
        replace(start, start + tok.text.length, '');
      }
      if (tok.type === Kind.andAnd && toks.at(at + 1)?.type === Kind.name && isPrefix(tokens, at)) {
        replace(start, start + 2, ' &');
      }
      continue;
    }
    const word = tok.text;
    const close = toks.at(at + 1)?.type === Kind.openParen ? Math.max(at + 1, partners[at + 1] ?? at + 1) : -1;
    if (close > 0 && attributeWords.has(word)) {
      replace(start, endOf(tokens, close), '');
      at = close;
    } else if (close > 0 && typeofWords.has(word)) {
      replace(start, endOf(tokens, close), 'int');
      at = close;
    } else if (close > 0 && typeArguments.has(word)) {
      replaceArguments(tokens, at + 1, close, replace);
      at = close;
    } else if (asmWords.has(word)) {
      // `register long x asm("x0")`: a name for the variable, not a statement.
      const before = toks.at(at - 1);
      if (close > 0 && before?.type === Kind.name && !/^(else|do)$/.test(before.text)) {
        replace(start, endOf(tokens, close), '');
        at = close;
      }
    } else if (word === 'goto' && toks.at(at + 1)?.text === '*') {
      replace(start, start + 4, '');
    } else if (word === 'case') {
      const range = caseRange(tokens, at, to);
      if (range !== null) replace(starts[range.from] ?? 0, endOf(tokens, range.to), '');
    } else if (alignWords.has(word)) {
      // The grammar takes types alone here.
      replace(start, start + word.length, 'sizeof');
    } else if (toks.at(at + 1)?.type === Kind.colon && toks.at(at - 1)?.text === '{' && keywords.has(word)) {
      // `struct { int:(-!!(e)); }`: a bit field without a name.
      let last = at + 1;
      while (last + 1 < to && toks.at(last + 1)?.text !== '}') {
        last = toks.at(last + 1)?.type === Kind.openParen ? Math.max(last + 1, partners[last + 1] ?? 0) : last + 1;
      }
      replace(start, endOf(tokens, last), 'int x;');
      at = last;
    } else if (droppedWords.has(word)) {
      replace(start, start + word.length, '');
    }
  }
  const end = endOf(tokens, to - 1);
  pieces.push(text.slice(done, Math.max(done, end)));
  return pieces.join('');
}

/** A literal of several in a row that end at a `(` and begin behind `:`, `,` or `]`. */
function isConstraint(tokens: CTokens, at: number): boolean {
  let last = at;
  while (tokens.toks.at(last + 1)?.type === Kind.string) last++;
  let first = at;
  while (tokens.toks.at(first - 1)?.type === Kind.string) first--;
  const before = tokens.toks.at(first - 1);
  const begins = before?.type === Kind.colon || before?.type === Kind.comma || before?.text === ']';
  return begins && tokens.toks.at(last + 1)?.type === Kind.openParen;
}

/** Of `case 1 ... 5:` the tokens from the dots to the one before the colon. */
function caseRange(tokens: CTokens, at: number, limit: number): { from: number; to: number } | null {
  let from = -1;
  for (let next = at + 1; next < limit && next < at + 40; next++) {
    const type = tokens.toks.at(next)?.type;
    if (type === Kind.ellipsis) from = next;
    else if (type === Kind.semicolon || type === Kind.bracket) return null;
    else if (type === Kind.colon) return from < 0 ? null : { from, to: next - 1 };
  }
  return null;
}

/** Each argument between the parentheses becomes a number. */
function replaceArguments(
  tokens: CTokens,
  open: number,
  close: number,
  replace: (start: number, end: number, by: string) => void,
): void {
  const { toks, starts, partners } = tokens;
  let from = open + 1;
  for (let at = open + 1; at <= close; at++) {
    const tok = toks.at(at);
    if (tok === undefined) return;
    if (tok.type === Kind.openParen || tok.text === '[' || tok.text === '{') {
      at = Math.max(at, partners[at] ?? at);
      continue;
    }
    if (at !== close && tok.type !== Kind.comma) continue;
    if (at > from) replace(starts[from] ?? 0, endOf(tokens, at - 1), '0');
    from = at + 1;
  }
}

/** An operator before which no operand stands. */
function isPrefix(tokens: CTokens, at: number): boolean {
  const before = tokens.toks.at(at - 1);
  if (before === undefined) return true;
  if (before.type === Kind.name) return keywords.has(before.text);
  return before.type < Kind.name && before.type !== Kind.closeParen && before.text !== ']';
}

/** White space of the same length; line breaks stay. */
function blank(text: string, start: number, end: number): string {
  if (end <= start) return '';
  const piece = text.slice(start, end);
  return piece.includes('\n') ? piece.replace(/[^\n]/g, ' ') : ' '.repeat(end - start);
}
