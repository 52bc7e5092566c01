import { Kind } from '../cpp/token.ts';
import type { ExpandedText, TokenWindow } from './expandedText.ts';

/** Tokens of expanded text with the partner of every bracket. */
export interface CTokens {
  readonly toks: TokenWindow;
  /** Offset of each in the expanded text. */
  readonly starts: Int32Array;
  /** For a bracket: index of its partner, or of the token at which a missing partner was taken as found. */
  readonly partners: Int32Array;
  /** Brackets without a partner. */
  readonly nUnbalanced: number;
}

/** Offset behind a token. */
export function endOf(tokens: CTokens, index: number): number {
  return tokens.toks.end(index);
}

/** Whether a token is a punctuator or word with this text. */
export function isText(tokens: CTokens, index: number, text: string): boolean {
  const tok = tokens.toks.at(index);
  return tok !== undefined && tok.text === text && tok.type !== Kind.string;
}

/**
 * Tokens of expanded text with brackets matched. Broken code is repaired the way the kernel is written: a `}` in the
 * first column ends every bracket that is open, and so does a word in the first column that begins a definition.
 */
export function readTokens(expanded: ExpandedText, from?: number, to?: number): CTokens {
  const toks = expanded.window(from, to);
  const strict = matchBrackets(toks, false);
  return { toks, starts: toks.starts, ...(strict.nUnbalanced === 0 ? strict : matchBrackets(toks, true)) };
}

const beginsDefinition: ReadonlySet<string> = new Set(
  'static extern void int long unsigned char bool struct enum union typedef inline asm __asm__ u64 u32'.split(' '),
);

const openBrace = 123;
const closeBrace = 125;

/** `repairs`: tokens in the first column end what was left open. */
function matchBrackets(toks: TokenWindow, repairs: boolean): { partners: Int32Array; nUnbalanced: number } {
  const partners = new Int32Array(toks.length).fill(-1);
  const open: number[] = [];
  let nUnbalanced = 0;
  const closeAll = (at: number, keep: number): void => {
    while (open.length > keep) {
      const from = open.pop();
      if (from === undefined) return;
      // Ends before the token that shows it should have ended.
      partners[from] = Math.max(from, at - 1);
      nUnbalanced++;
    }
  };
  for (let at = 0; at < toks.length; at++) {
    const type = toks.type(at);
    if (type >= Kind.name && !repairs) continue;
    const code = type >= Kind.name ? 0 : toks.code(at);
    if (repairs && open.length > 0 && toks.isFirst(at)) {
      if (code === closeBrace) closeAll(at, 1);
      else if (type === Kind.name) {
        const word = toks.at(at)?.text ?? '';
        // Members and parameters may begin in the first column after a macro; a body's statement does not.
        const isInBody = toks.code(open[0] ?? 0) === openBrace || word === 'static';
        if (isInBody && beginsDefinition.has(word)) closeAll(at, 0);
      }
    }
    if (code === 40 || code === 91 || code === openBrace) open.push(at);
    else if (code === 41 || code === 93 || code === closeBrace) {
      const wanted = code === 41 ? 40 : code - 2;
      let level = open.length - 1;
      while (level >= 0 && toks.code(open[level] ?? 0) !== wanted) {
        // A `)` never closes what lies outside of braces.
        if (code !== closeBrace && toks.code(open[level] ?? 0) === openBrace) level = 0;
        level--;
      }
      if (level < 0) {
        nUnbalanced++;
        partners[at] = at;
        continue;
      }
      closeAll(at, level + 1);
      const from = open.pop() ?? at;
      partners[from] = at;
      partners[at] = from;
    }
  }
  closeAll(toks.length, 0);
  return { partners, nUnbalanced };
}
