import type { CppLanguage } from './lexer.ts';
import { Lexer } from './lexer.ts';
import type { Names } from './macroTable.ts';
import { Flag, Kind, type Tok, Tok as Token, withFlags } from './token.ts';

/** No macro makes a token longer than this; what would be longer stays apart or is cut. */
export const maxTokenLength = 1 << 16;

/**
 * Whether two neighbors need a blank between them lest they be read as one token. GCC's rule
 * (libcpp `cpp_avoid_paste`, version 12), which puts a blank in some places where none is needed.
 */
export function mustSeparate(left: Tok, right: Tok): boolean {
  const b = right.type;
  const c = b < Kind.name ? right.text.charCodeAt(0) : 0;
  const a = left.type;
  if (a <= Kind.shiftLeft && c === 61) return true;
  switch (a) {
    case Kind.greater:
      return c === 62;
    case Kind.less:
      return c === 60 || c === 37 || c === 58;
    case Kind.plus:
      return c === 43;
    case Kind.minus:
      return c === 45 || c === 62;
    case Kind.slash:
      return c === 47 || c === 42;
    case Kind.percent:
      return c === 58 || c === 62;
    case Kind.and:
      return c === 38;
    case Kind.or:
      return c === 124;
    case Kind.colon:
      return c === 58 || c === 62;
    case Kind.arrow:
      return c === 42;
    case Kind.lessEqual:
      return c === 62;
    case Kind.dot:
      return c === 46 || c === 37 || b === Kind.number;
    case Kind.hash:
      return c === 35 || c === 37;
    case Kind.name:
      return b === Kind.name || (b === Kind.number && /^\w+$/.test(right.text)) || isPlainLiteral(right);
    case Kind.number:
      if (b === Kind.number || b === Kind.name || c === 46 || c === 43 || c === 45) return true;
      return b === Kind.character && isPlainLiteral(right);
    case Kind.other:
      return b === Kind.name && left.text.charCodeAt(0) === 92;
    default:
      return false;
  }
}

function isPlainLiteral(tok: Tok): boolean {
  if (tok.type !== Kind.string && tok.type !== Kind.character) return false;
  const c = tok.text.charCodeAt(0);
  return c === 34 || c === 39;
}

/** The token two spellings form together, at the left one's place; `null` when they form none. */
export function pasteTokens(left: Tok, right: Tok, language: CppLanguage, names: Names): Tok | null {
  // A `/` must not start a comment here.
  const gap = left.type === Kind.slash && right.type !== Kind.equal ? ' ' : '';
  const text = left.text + gap + right.text;
  const lexer = new Lexer(text, 0, text.length, left.ref, names, language, () => left.offset);
  const made = lexer.next();
  if (made === null || lexer.pos < text.length) return null;
  return withFlags(made, (made.flags & ~Flag.lineStart) | (left.flags & Flag.previousWhite));
}

/** The string literal `#` makes of an argument, placed at `at`. */
export function stringify(tokens: readonly Tok[], from: number, to: number, at: Tok): Tok {
  let out = '"';
  let source: Tok | null = null;
  let backslashes = 0;
  for (let i = from; i < to; i++) {
    const tok = tokens[i];
    if (tok === undefined) continue;
    if (out.length > maxTokenLength) break;
    if (tok.type === Kind.padding) {
      if (source === null || ((source.flags & Flag.previousWhite) === 0 && tok.source === null)) source = tok.source;
      continue;
    }
    if (out.length > 1 && (source ?? tok).flags & Flag.previousWhite) out += ' ';
    source = null;
    const literal = tok.type === Kind.string || tok.type === Kind.character;
    // A literal grows each time it is made a literal again.
    const text = tok.text.slice(0, maxTokenLength);
    out += literal ? text.replace(/[\\"]/g, '\\$&') : text;
    backslashes = tok.type === Kind.other && tok.text.startsWith('\\') ? backslashes + 1 : 0;
  }
  if (backslashes & 1) out = out.slice(0, -1);
  return new Token(Kind.string, 0, `${out}"`, null, at.ref, at.offset);
}
