import { Kind } from '../cpp/token.ts';
import { type CTokens, endOf, isText } from './cTokens.ts';

/** An attribute of a declaration: `__attribute__((section(".noinstr.text")))` has one with one argument. */
export interface CAttribute {
  /** Name without underscores around it. */
  readonly name: string;
  /** Arguments as text; a string literal without its quotes, adjacent ones joined. */
  readonly args: readonly string[];
}

export const attributeWords: ReadonlySet<string> = new Set(['__attribute__', '__attribute']);

/** Reads `__attribute__((…))` into `out`; the index behind it. */
export function readAttribute(text: string, tokens: CTokens, at: number, out: CAttribute[]): number {
  const { toks, partners } = tokens;
  if (!isText(tokens, at + 1, '(')) return at + 1;
  const close = Math.max(at + 1, partners[at + 1] ?? at + 1);
  let from = at + 2;
  let limit = close;
  if (isText(tokens, from, '(')) {
    limit = Math.max(from, partners[from] ?? from);
    from++;
  }
  while (from < limit) {
    const tok = toks.at(from);
    if (tok === undefined) break;
    if (tok.type !== Kind.name) {
      from++;
      continue;
    }
    const args: string[] = [];
    const name = tok.text.replace(/^__(.*)__$/, '$1');
    from++;
    if (isText(tokens, from, '(')) {
      const end = Math.max(from, partners[from] ?? from);
      for (let arg = from + 1; arg < end; ) {
        const stop = argumentEnd(tokens, arg, end);
        args.push(argumentText(text, tokens, arg, stop));
        arg = stop + 1;
      }
      from = end + 1;
    }
    out.push({ name, args });
  }
  return close + 1;
}

function argumentText(text: string, tokens: CTokens, from: number, to: number): string {
  let joined = '';
  for (let at = from; at < to; at++) {
    const tok = tokens.toks.at(at);
    if (tok?.type !== Kind.string) return text.slice(tokens.starts[from], endOf(tokens, to - 1));
    joined += tok.text.slice(tok.text.indexOf('"') + 1, -1);
  }
  return joined;
}

/** Index of the comma behind an argument, or of the bracket behind the last. */
function argumentEnd(tokens: CTokens, from: number, limit: number): number {
  let at = from;
  while (at < limit && tokens.toks.at(at)?.type !== Kind.comma) {
    const text = tokens.toks.at(at)?.text;
    if (text === '(' || text === '[' || text === '{') at = Math.max(at, tokens.partners[at] ?? at);
    at++;
  }
  return Math.min(at, limit);
}
