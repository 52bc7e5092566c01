// One scrubbed statement, cut into labels, operation and operands. Cut once per distinct text: a kernel file
// repeats its lines, and macro bodies repeat theirs thousands of times.

import { isNameStartCode, isSymbolCode, scrubLine } from './scrub.ts';

export interface ParsedStatement {
  /** The statement as scrubbed. */
  readonly text: string;
  /** Labels before the operation, in order, without colons; numeric ones are digits only. */
  readonly labels: readonly string[];
  readonly kind: 'none' | 'operation' | 'assignment';
  /** Operation in lower case; for an assignment the symbol as written. */
  readonly op: string;
  /** Text after the operation, or after the `=`. */
  readonly operands: string;
  /** Text without the labels. */
  readonly body: string;
}

/** Bounded memory of cut statements and scrubbed lines, shared by all runs of one workspace. */
export class StatementCache {
  readonly #parsed = new Map<string, ParsedStatement>();
  readonly #scrubbed = new Map<string, readonly string[]>();
  readonly #limit: number;

  constructor(limit = 200_000) {
    this.#limit = limit;
  }

  statement(text: string): ParsedStatement {
    let parsed = this.#parsed.get(text);
    if (parsed === undefined) {
      if (this.#parsed.size >= this.#limit) this.#parsed.clear();
      parsed = parseStatement(text);
      this.#parsed.set(text, parsed);
    }
    return parsed;
  }

  scrub(text: string): readonly string[] {
    let scrubbed = this.#scrubbed.get(text);
    if (scrubbed === undefined) {
      if (this.#scrubbed.size >= this.#limit) this.#scrubbed.clear();
      scrubbed = scrubLine(text);
      this.#scrubbed.set(text, scrubbed);
    }
    return scrubbed;
  }
}

/** Labels, operation and operands of scrubbed text (`gas/read.c:read_a_source_file`). Never throws. */
export function parseStatement(text: string): ParsedStatement {
  const labels: string[] = [];
  let at = skip(text, 0);
  for (;;) {
    const label = labelAt(text, at);
    if (label === null) break;
    labels.push(label.name);
    at = skip(text, label.end);
  }
  const body = text.slice(at);
  if (body === '') return { text, labels, kind: 'none', op: '', operands: '', body };
  let end = at;
  while (end < text.length && isSymbolCode(text.charCodeAt(end))) end++;
  const after = skip(text, end);
  if (end > at && text[after] === '=' && isNameStartCode(text.charCodeAt(at))) {
    const from = text[after + 1] === '=' ? after + 2 : after + 1;
    return { text, labels, kind: 'assignment', op: text.slice(at, end), operands: text.slice(from).trim(), body };
  }
  if (end === at) end = at + 1;
  return {
    text,
    labels,
    kind: 'operation',
    op: text.slice(at, end).toLowerCase(),
    operands: text.slice(end).trimStart(),
    body,
  };
}

function skip(text: string, at: number): number {
  while (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9) at++;
  return at;
}

function labelAt(text: string, at: number): { name: string; end: number } | null {
  const code = text.charCodeAt(at);
  if (code === 34) {
    const close = text.indexOf('"', at + 1);
    return close > 0 && text[close + 1] === ':' ? { name: text.slice(at + 1, close), end: close + 2 } : null;
  }
  let end = at;
  while (end < text.length && isSymbolCode(text.charCodeAt(end))) end++;
  if (end === at) return null;
  const colon = skip(text, end);
  if (text[colon] !== ':') return null;
  const name = text.slice(at, end);
  if (code >= 48 && code <= 57 && !/^[0-9]+\$?$/.test(name)) return null;
  return { name, end: colon + 1 };
}

/** Operands cut at top-level commas, trimmed; strings, brackets and braces are kept whole. */
export function splitOperands(text: string): string[] {
  const out: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++;
    } else if (char === '(' || char === '[' || char === '{') depth++;
    else if (char === ')' || char === ']' || char === '}') depth--;
    else if (char === ',' && depth <= 0) {
      out.push(text.slice(start, at).trim());
      start = at + 1;
    }
  }
  const last = text.slice(start).trim();
  if (last !== '' || out.length > 0) out.push(last);
  return out;
}
