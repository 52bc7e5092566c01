import { firstNotBefore } from '../base/search.ts';
import type { FunctionSource, NameScope } from '../kernel/c/functionSource.ts';
import { readTokens } from '../syntax/c/cTokens.ts';
import type { ExpandedText } from '../syntax/c/expandedText.ts';
import { readTopLevel, type TopDeclaration } from '../syntax/c/topLevel.ts';

/** What a header gives to those who include it, without tokens or syntax. */
export interface Header {
  readonly path: string;
  readonly expanded: string;
  readonly functions: ReadonlyMap<string, FunctionSource>;
  /** Functions that it declares without a body. */
  readonly prototypes: readonly string[];
  /** Types of its variables as written. */
  readonly variables: ReadonlyMap<string, string>;
  /** What its type names stand for. */
  readonly typedefs: ReadonlyMap<string, string>;
  /** 1-based line of the header that an offset of `expanded` is from. */
  lineAt(offset: number): number;
  /** Text between the braces of a structure or union, `null` when it is not defined here. */
  structBody(tag: string): string | null;
}

/** Header from its text after preprocessing. Total. */
export function readHeader(expanded: ExpandedText, scope: NameScope): Header {
  const { path, text } = expanded;
  const functions = new Map<string, FunctionSource>();
  const variables = new Map<string, string>();
  const prototypes: string[] = [];
  const typedefs = new Map<string, string>();
  for (const one of readTopLevel(text, readTokens(expanded))) {
    if (one.kind === 'function' && !functions.has(one.name))
      functions.set(one.name, functionOf(one, path, text, scope));
    if (one.kind === 'typedef') typedefs.set(one.name, one.type);
    if (one.kind === 'prototype') prototypes.push(one.name);
    if (one.kind === 'variable' && !variables.has(one.name)) variables.set(one.name, one.type);
  }
  const { starts, lines } = lineTable(expanded);
  const structs = new Map<string, string | null>();
  return {
    path,
    expanded: text,
    functions,
    prototypes,
    variables,
    typedefs,
    lineAt: (offset) => lines[Math.max(0, firstNotBefore(starts, (start) => start <= offset) - 1)] ?? 1,
    structBody: (tag) => {
      let body = structs.get(tag);
      if (body === undefined) {
        body = structBody(text, tag);
        structs.set(tag, body);
      }
      return body;
    },
  };
}

function functionOf(one: TopDeclaration, file: string, text: string, scope: NameScope): FunctionSource {
  const attribute = (name: string): TopDeclaration['attributes'][number] | undefined =>
    one.attributes.find((each) => each.name === name);
  return {
    name: one.name,
    file,
    text,
    from: one.body?.start ?? one.end,
    to: one.body?.end ?? one.end,
    parameters: one.parameters.flatMap(({ name, type }) => (name === null ? [] : [{ name, type }])),
    returnType: one.type,
    // A `.c` file that another includes has functions of its own beside inline ones.
    isInline: file.endsWith('.c') ? isDeclaredInline(one) : attribute('noinline') === undefined,
    isAlwaysInline: attribute('always_inline') !== undefined,
    section: attribute('section')?.args[0] ?? null,
    scope,
  };
}

function isDeclaredInline({ specifiers, attributes }: TopDeclaration): boolean {
  if (attributes.some(({ name }) => name === 'noinline')) return false;
  return (
    attributes.some(({ name }) => name === 'always_inline') || specifiers.some((word) => /^_*inline_*$/.test(word))
  );
}

function lineTable(expanded: ExpandedText): { readonly starts: Int32Array; readonly lines: Int32Array } {
  const { text } = expanded;
  const starts: number[] = [];
  const lines: number[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\n', at);
    starts.push(at);
    let token = at;
    while (text.charCodeAt(token) === 32) token++;
    lines.push(expanded.originAt(token)?.line ?? 1);
    at = end < 0 ? text.length : end + 1;
  }
  return { starts: Int32Array.from(starts), lines: Int32Array.from(lines) };
}

/** Text between the braces of `struct TAG { … }` in expanded text. */
export function structBody(expanded: string, tag: string): string | null {
  if (!expanded.includes(tag)) return null;
  const attributes = '(?:__attribute__\\s*\\(\\([^;{}]*?\\)\\)\\s*)?';
  const match = new RegExp(`\\b(?:struct|union)\\s+${attributes}${tag}\\s*${attributes}\\{`).exec(expanded);
  if (match === null) return null;
  const from = match.index + match[0].length;
  let depth = 1;
  for (let at = from; at < expanded.length; at++) {
    const code = expanded.charCodeAt(at);
    if (code === 123) depth++;
    else if (code === 125 && --depth === 0) return expanded.slice(from, at);
  }
  return null;
}

/** Type of a member in the text between a structure's braces (members of anonymous inner structures too). */
export function memberIn(body: string, member: string): string | null {
  const pattern = new RegExp(
    `(?:^|[;{}])\\s*((?:[^;{}]|\\{[^{}]*\\})*?)\\b${member}\\b\\s*((?:\\[[^\\]]*\\]\\s*)*)(?::\\s*\\w+\\s*)?[;,]`,
  );
  const match = pattern.exec(body);
  if (match === null) {
    const aggregate = new RegExp(`\\}\\s*${member}\\s*;`).exec(body);
    return aggregate === null ? null : aggregateBefore(body, aggregate.index);
  }
  let type = (match[1] ?? '').trim();
  const comma = type.indexOf(',');
  if (comma >= 0 && !type.includes('(') && !type.includes('{')) {
    const stars = /\**\s*$/.exec(type)?.[0].trim() ?? '';
    type = `${type.slice(0, comma).replace(/\w+\s*(\[[^\]]*\]\s*)*$/, '')} ${stars}`.trim();
  }
  const array = (match[2] ?? '').trim();
  return type === '' ? null : `${type}${array === '' ? '' : ` ${array}`}`;
}

/** An unnamed structure's body as its type. */
function aggregateBefore(body: string, close: number): string | null {
  let depth = 0;
  for (let at = close; at >= 0; at--) {
    const code = body.charCodeAt(at);
    if (code === 125) depth++;
    else if (code === 123 && --depth === 0) return `{${body.slice(at + 1, close)};}`;
  }
  return null;
}
