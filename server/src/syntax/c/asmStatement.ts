import { Kind, type Tok } from '../cpp/token.ts';
import type { CAsm, CAsmOperand } from './cModel.ts';
import { type CTokens, endOf } from './cTokens.ts';
import type { ExpandedText } from './expandedText.ts';
import { type CNode, nodeAt } from './syntaxNode.ts';

const asmWords: ReadonlySet<string> = new Set(['asm', '__asm__', '__asm']);
const volatileWords: ReadonlySet<string> = new Set(['volatile', '__volatile__', '__volatile']);
const qualifiers: ReadonlySet<string> = new Set([...volatileWords, 'goto', 'inline', '__inline__', '__inline']);

/**
 * `asm` statements among tokens, in order (GCC manual 6.47.2); names of variables (`register long x asm("x0")`) are not
 * among them. `body`: gives the syntax tree of the function around them.
 */
export function readAsms(expanded: ExpandedText, tokens: CTokens, body: (() => CNode) | null): readonly CAsm[] {
  const out: CAsm[] = [];
  const { toks, partners } = tokens;
  for (let at = 0; at < toks.length; at++) {
    const tok = toks.at(at);
    if (tok?.type !== Kind.name || !asmWords.has(tok.text)) continue;
    const before = toks.at(at - 1);
    if (before?.type === Kind.name && !/^(else|do)$/.test(before.text)) continue;
    let open = at + 1;
    let isGoto = false;
    let isVolatile = false;
    for (let word = toks.at(open); word?.type === Kind.name && qualifiers.has(word.text); word = toks.at(open)) {
      if (word.text === 'goto') isGoto = true;
      else if (volatileWords.has(word.text)) isVolatile = true;
      open++;
    }
    if (toks.at(open)?.type !== Kind.openParen) continue;
    const close = Math.max(open, partners[open] ?? open);
    out.push(readAsm(expanded, tokens, { at, open, close, isGoto, isVolatile }, body));
    at = close;
  }
  return out;
}

/** Where a statement stands among tokens, and what its keyword says. */
interface AsmPlace {
  readonly at: number;
  readonly open: number;
  readonly close: number;
  readonly isGoto: boolean;
  readonly isVolatile: boolean;
}

function readAsm(expanded: ExpandedText, tokens: CTokens, place: AsmPlace, body: (() => CNode) | null): CAsm {
  const { at, open, close, isGoto, isVolatile } = place;
  const parts = splitSections(tokens, open + 1, close);
  const template = readTemplate(expanded.text, tokens, parts[0] ?? { from: open + 1, to: close });
  const start = tokens.starts[at] ?? 0;
  const end = endOf(tokens, close);
  return {
    template: template.text,
    unknownInTemplate: template.unknown,
    isGoto,
    isVolatile: isVolatile || isGoto || parts.length <= 1,
    outputs: readOperands(expanded.text, tokens, parts[1]),
    inputs: readOperands(expanded.text, tokens, parts[2]),
    clobbers: items(tokens, parts[3]).map((item) => literals(tokens, item.from, item.to)),
    labels: items(tokens, parts[4]).map((item) => tokens.toks.at(item.from)?.text ?? ''),
    expandedRange: { start, end },
    origin: expanded.originAt(start) ?? { file: expanded.path, offset: 0, line: 1, chain: [] },
    mainRange: expanded.rangeInMain(start, end),
    // The tree of the function is made when somebody asks.
    get node() {
      return body === null ? null : nodeAt(body(), start, end);
    },
  };
}

interface Part {
  readonly from: number;
  readonly to: number;
}

/** The parts between the colons: template, outputs, inputs, clobbers, labels. */
function splitSections(tokens: CTokens, from: number, to: number): readonly Part[] {
  const out: Part[] = [];
  let begin = from;
  for (let at = from; at < to; at++) {
    const tok = tokens.toks.at(at);
    if (tok === undefined) break;
    if (isOpening(tok)) at = Math.max(at, tokens.partners[at] ?? at);
    else if (tok.type === Kind.colon) {
      out.push({ from: begin, to: at });
      begin = at + 1;
    } else if (tok.type === Kind.scope) {
      out.push({ from: begin, to: at }, { from: at, to: at });
      begin = at + 1;
    }
  }
  out.push({ from: begin, to });
  return out;
}

function items(tokens: CTokens, part: Part | undefined): readonly Part[] {
  if (part === undefined) return [];
  const out: Part[] = [];
  let begin = part.from;
  for (let at = part.from; at <= part.to; at++) {
    const tok = tokens.toks.at(at);
    if (at < part.to && tok !== undefined && isOpening(tok)) at = Math.max(at, tokens.partners[at] ?? at);
    else if (at >= part.to || tok?.type === Kind.comma) {
      if (Math.min(at, part.to) > begin) out.push({ from: begin, to: Math.min(at, part.to) });
      begin = at + 1;
    }
  }
  return out;
}

function isOpening(tok: Tok): boolean {
  return tok.type === Kind.openParen || (tok.type < Kind.name && (tok.text === '[' || tok.text === '{'));
}

function readTemplate(text: string, tokens: CTokens, part: Part): { text: string; unknown: string | null } {
  let joined = '';
  let unknown: string | null = null;
  for (let at = part.from; at < part.to; at++) {
    const tok = tokens.toks.at(at);
    if (tok?.type === Kind.string) joined += literalValue(tok.text);
    else if (tok !== undefined) {
      const close = tokens.toks.at(at + 1)?.type === Kind.openParen ? (tokens.partners[at + 1] ?? at) : at;
      const end = Math.min(Math.max(at, close), part.to - 1);
      unknown ??= text.slice(tokens.starts[at], endOf(tokens, end));
      at = end;
    }
  }
  return { text: joined, unknown };
}

function readOperands(text: string, tokens: CTokens, part: Part | undefined): readonly CAsmOperand[] {
  return items(tokens, part).map(({ from, to }) => {
    let at = from;
    let name: string | null = null;
    if (tokens.toks.at(at)?.text === '[') {
      name = tokens.toks.at(at + 1)?.text ?? null;
      at = Math.max(at, tokens.partners[at] ?? at) + 1;
    }
    let open = at;
    while (open < to && tokens.toks.at(open)?.type === Kind.string) open++;
    const constraint = literals(tokens, at, open);
    const hasParens = tokens.toks.at(open)?.type === Kind.openParen;
    const start = tokens.starts[hasParens ? open + 1 : open] ?? 0;
    const close = hasParens ? Math.min(tokens.partners[open] ?? to, to) : to;
    const end = close - 1 >= open ? endOf(tokens, close - 1) : start;
    return { name, constraint, text: open < to ? text.slice(start, Math.max(start, end)) : '' };
  });
}

function literals(tokens: CTokens, from: number, to: number): string {
  let joined = '';
  for (let at = from; at < to; at++) {
    const tok = tokens.toks.at(at);
    if (tok?.type === Kind.string) joined += literalValue(tok.text);
  }
  return joined;
}

const simpleEscapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  e: '\x1b',
};

/** Value of a string literal with its quotes; escapes of the C manual. */
export function literalValue(literal: string): string {
  const start = literal.indexOf('"') + 1;
  const end = literal.length > start && literal.endsWith('"') ? literal.length - 1 : literal.length;
  const inside = literal.slice(start, end);
  if (!inside.includes('\\')) return inside;
  return inside.replace(/\\(x[0-9a-fA-F]+|[0-7]{1,3}|[\s\S])/g, (_, code: string) => {
    const c = code.charAt(0);
    if (c === 'x' && code.length > 1) return String.fromCharCode(Number.parseInt(code.slice(1), 16) & 0xff);
    if (c >= '0' && c <= '7') return String.fromCharCode(Number.parseInt(code, 8) & 0xff);
    return simpleEscapes[code] ?? code;
  });
}
