import { Kind, type Tok } from '../cpp/token.ts';
import type { ExpandedText } from './expandedText.ts';

/** Tokens of expanded text with the partner of every bracket; parallel arrays. */
export interface CTokens {
  readonly toks: readonly Tok[];
  /** Offset of each in the expanded text. */
  readonly starts: readonly number[];
  /** For a bracket: index of its partner, or of the token at which a missing partner was taken as found. */
  readonly partners: readonly number[];
  /** Brackets without a partner. */
  readonly nUnbalanced: number;
}

/** Offset behind a token. */
export function endOf(tokens: CTokens, index: number): number {
  return (tokens.starts[index] ?? 0) + (tokens.toks[index]?.text.length ?? 0);
}

/** Whether a token is a punctuator or word with this text. */
export function isText(tokens: CTokens, index: number, text: string): boolean {
  return tokens.toks[index]?.text === text && tokens.toks[index]?.type !== Kind.string;
}

/**
 * Tokens of expanded text with brackets matched. Broken code is repaired the way the kernel is written: a `}` in the
 * first column ends every bracket that is open, and so does a word in the first column that begins a definition.
 */
export function readTokens(expanded: ExpandedText, from?: number, to?: number): CTokens {
  const toks: Tok[] = [];
  const starts: number[] = [];
  const firsts: boolean[] = [];
  const { text } = expanded;
  for (const { tok, start } of expanded.tokens(from, to)) {
    toks.push(tok);
    starts.push(start);
    firsts.push(start === 0 || text.charCodeAt(start - 1) === 10);
  }
  const strict = matchBrackets(toks, null);
  if (strict.nUnbalanced === 0) return { toks, starts, ...strict };
  return { toks, starts, ...matchBrackets(toks, firsts) };
}

const closers: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };
const beginsDefinition: ReadonlySet<string> = new Set(
  'static extern void int long unsigned char bool struct enum union typedef inline asm __asm__ u64 u32'.split(' '),
);

/** `firsts`: tokens in the first column, which end what was left open; `null` for text that is balanced. */
function matchBrackets(
  toks: readonly Tok[],
  firsts: readonly boolean[] | null,
): { partners: readonly number[]; nUnbalanced: number } {
  const partners = new Array<number>(toks.length).fill(-1);
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
    const tok = toks[at];
    if (tok === undefined || (tok.type >= Kind.name && firsts === null)) continue;
    const { text, type } = tok;
    if (firsts?.[at] === true && open.length > 0) {
      if (text === '}') closeAll(at, 1);
      else if (type === Kind.name && beginsDefinition.has(text)) {
        const outer = toks[open[0] ?? 0];
        // Members and parameters may begin in the first column after a macro; a body's statement does not.
        if (outer?.text === '{' || text === 'static') closeAll(at, 0);
      }
    }
    if (type >= Kind.name) continue;
    if (type === Kind.openParen || text === '[' || text === '{' || text === '<:' || text === '<%') open.push(at);
    else if (type === Kind.closeParen || text === ']' || text === '}') {
      let level = open.length - 1;
      while (level >= 0 && closers[toks[open[level] ?? 0]?.text ?? ''] !== text) level--;
      // A `)` never closes what lies outside of braces.
      if (level >= 0 && text !== '}' && open.slice(level + 1).some((index) => toks[index]?.text === '{')) level = -1;
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
