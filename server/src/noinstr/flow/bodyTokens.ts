import { firstNotBefore } from '../../base/search.ts';
import type { CToken } from '../../syntax/cflow/lexer.ts';
import type { CppToken } from '../../syntax/cpp/model.ts';
import type { TokenText } from './graph.ts';

/**
 * Tokens of a function body as the text that its statements are read from, and the way back: which tokens a node of
 * the statements stands for, so that each finding knows where it was spelled and by which macros.
 */
export interface BodyTokens {
  readonly tokens: readonly CppToken[];
  /** The tokens, apart by blanks. */
  readonly text: string;
  readonly spelled: readonly CToken[];
  /** Index of the first token at or after an offset of the text. */
  indexAt(offset: number): number;
  /** Tokens of a node. */
  slice(node: { readonly at: number; readonly end: number }): readonly CppToken[];
}

export function bodyTokens(tokens: readonly CppToken[]): BodyTokens {
  const spelled: CToken[] = [];
  let length = 0;
  for (const { kind, text } of tokens) {
    spelled.push({ kind: kind === 'other' ? 'punctuator' : kind, text, start: length, end: length + text.length });
    length += text.length + 1;
  }
  const text = tokens.map((token) => token.text).join(' ');
  spelled.push({ kind: 'end', text: '', start: text.length, end: text.length });
  const indexAt = (offset: number): number => firstNotBefore(spelled, ({ start }) => start < offset);
  return { tokens, text, spelled, indexAt, slice: ({ at, end }) => tokens.slice(indexAt(at), indexAt(end)) };
}

/** Without parentheses around all of it. */
export function withoutParentheses(tokens: TokenText): TokenText {
  let from = 0;
  let to = tokens.length;
  while (tokens[from]?.text === '(' && closing(tokens, from) === to - 1 && tokens[from + 1]?.text !== '{') {
    from++;
    to--;
  }
  return tokens.slice(from, to);
}

function closing(tokens: TokenText, open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    const text = tokens[at]?.text;
    if (text === '(') depth++;
    else if (text === ')' && --depth === 0) return at;
  }
  return -1;
}
