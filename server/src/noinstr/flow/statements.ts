import type { CppToken } from '../../syntax/cpp/model.ts';
import { FlowBuilder, type IsNamed } from './builder.ts';
import { constantValue } from './constant.ts';
import { findAtLevel, isTypeStart, readCondition, readExpression, splitAtLevel } from './expressions.ts';
import { type FlowGraph, textOf } from './graph.ts';

/**
 * Control flow of a function body, whose tokens include its braces. Total: what cannot be read as C is passed over.
 * `isTypeName` knows the unit's typedefs, `isNamed` the macros that are told as uses.
 */
export function buildFlow(
  body: readonly CppToken[],
  isTypeName: (name: string) => boolean,
  isNamed: IsNamed,
): FlowGraph {
  const flow = new FlowBuilder(body, isTypeName, isNamed);
  const end = flow.match[0] ?? -1;
  readScope(flow, 1, end < 0 ? body.length : end);
  const token = body.at(-1);
  if (token !== undefined && flow.current !== null) flow.emit({ kind: 'return', token, value: [], atEnd: true });
  return flow.graph();
}

/** Statements of a block in a scope of their own. */
function readScope(flow: FlowBuilder, from: number, to: number): void {
  flow.scopes.push({ calls: [], labels: new Map() });
  for (let at = from; at < to; ) at = readStatement(flow, at, to);
  if (flow.current !== null) flow.leaveScopes(flow.scopes.length - 1);
  flow.scopes.pop();
}

/** Statements of a statement expression but the last, whose range is given when it is an expression. */
function readBlock(flow: FlowBuilder, from: number, to: number): { from: number; to: number } | null {
  let at = from;
  while (at < to) {
    const end = statementEnd(flow, at, to);
    if (end >= to && isExpression(flow, at)) {
      flow.note(at);
      return { from: at, to: flow.text(end - 1) === ';' ? end - 1 : end };
    }
    at = readStatement(flow, at, to);
  }
  return null;
}

const statementWords: ReadonlySet<string> = new Set(
  'if while for do switch case default break continue goto return asm __asm__ __asm else'.split(' '),
);

function isExpression(flow: FlowBuilder, at: number): boolean {
  const text = flow.text(at);
  return text !== '{' && text !== ';' && !statementWords.has(text) && !isDeclaration(flow, at) && !isLabel(flow, at);
}

/** End of a simple statement: after its `;`. */
function statementEnd(flow: FlowBuilder, from: number, to: number): number {
  const at = findAtLevel(flow, from, to, (text) => text === ';');
  return at < 0 ? to : at + 1;
}

function isLabel(flow: FlowBuilder, at: number): boolean {
  const token = flow.tokens[at];
  return token?.kind === 'identifier' && flow.text(at + 1) === ':' && token.text !== 'default';
}

const declarationWords: ReadonlySet<string> = new Set(
  'static extern register auto typedef inline __inline__ __inline __attribute__ _Static_assert __label__ __auto_type'.split(
    ' ',
  ),
);

function isDeclaration(flow: FlowBuilder, at: number): boolean {
  if (declarationWords.has(flow.text(at))) return true;
  if (flow.text(at) === '__extension__') return isDeclaration(flow, at + 1);
  if (!isTypeStart(flow, at)) return false;
  // A typedef's name may also be a variable's.
  const after = flow.text(at + 1);
  // A pointer to a function: no expression begins with a type, and a function is not called like one.
  if (after === '(' && flow.text(at + 2) === '*') return true;
  return !['.', '->', '=', '(', '[', '++', '--', ';', ',', ')'].includes(after) || /^(__)?typeof/.test(flow.text(at));
}

/** Reads one statement; gives the index after it, always past `at`. */
function readStatement(flow: FlowBuilder, at: number, to: number): number {
  const text = flow.text(at);
  flow.note(at);
  switch (text) {
    case ';':
      return at + 1;
    case '{': {
      const end = matchOr(flow, at, to);
      readScope(flow, at + 1, end);
      return end + 1;
    }
    case 'if':
      return readIf(flow, at, to);
    case 'while':
      return readWhile(flow, at, to);
    case 'do':
      return readDo(flow, at, to);
    case 'for':
      return readFor(flow, at, to);
    case 'switch':
      return readSwitch(flow, at, to);
    case 'case':
    case 'default':
      return readCase(flow, at, to);
    case 'break':
    case 'continue':
      return readBreak(flow, at, text);
    case 'goto':
      return readGoto(flow, at, to);
    case 'return':
      return readReturn(flow, at, to);
    case 'asm':
    case '__asm__':
    case '__asm':
      return readAsm(flow, at, to);
    default:
  }
  if (isLabel(flow, at)) {
    flow.continueAt(flow.label(text));
    return at + 2;
  }
  const end = statementEnd(flow, at, to);
  const stop = flow.text(end - 1) === ';' ? end - 1 : end;
  if (isDeclaration(flow, at)) readDeclaration(flow, at, stop);
  else readExpression(flow, at, stop, readBlock);
  return Math.max(end, at + 1);
}

function matchOr(flow: FlowBuilder, at: number, to: number): number {
  const end = flow.match[at] ?? -1;
  return end < 0 || end > to ? to : end;
}

function readIf(flow: FlowBuilder, at: number, to: number): number {
  const close = matchOr(flow, at + 1, to);
  const yes = flow.place();
  const no = flow.place();
  const end = flow.place();
  readCondition(flow, at + 2, close, yes, no, readBlock);
  const outer = flow.guards;
  flow.guards = [...outer, flow.slice(at + 2, close)];
  flow.current = yes;
  let after = readStatement(flow, close + 1, to);
  flow.goTo(end);
  flow.current = no;
  if (flow.text(after) === 'else' && after < to) after = readStatement(flow, after + 1, to);
  flow.guards = outer;
  flow.goTo(end);
  flow.current = end;
  return after;
}

function readWhile(flow: FlowBuilder, at: number, to: number): number {
  const close = matchOr(flow, at + 1, to);
  const head = flow.place();
  const body = flow.place();
  const end = flow.place();
  flow.continueAt(head);
  readCondition(flow, at + 2, close, body, end, readBlock);
  flow.current = body;
  flow.loops.push({ breakTo: end, continueTo: head, scopeDepth: flow.scopes.length });
  const after = readStatement(flow, close + 1, to);
  flow.loops.pop();
  flow.goTo(head);
  flow.current = end;
  return after;
}

function readDo(flow: FlowBuilder, at: number, to: number): number {
  const body = flow.place();
  const test = flow.place();
  const end = flow.place();
  flow.continueAt(body);
  flow.loops.push({ breakTo: end, continueTo: test, scopeDepth: flow.scopes.length });
  let after = readStatement(flow, at + 1, to);
  flow.loops.pop();
  flow.continueAt(test);
  if (flow.text(after) === 'while') {
    const close = matchOr(flow, after + 1, to);
    readCondition(flow, after + 2, close, body, end, readBlock);
    after = close + 1;
    if (flow.text(after) === ';') after++;
  } else flow.goTo(end);
  flow.current = end;
  return after;
}

function readFor(flow: FlowBuilder, at: number, to: number): number {
  const close = matchOr(flow, at + 1, to);
  const [first, condition, step] = splitAtLevel(flow, at + 2, close, ';');
  flow.scopes.push({ calls: [], labels: new Map() });
  if (first !== undefined) {
    if (isDeclaration(flow, first.from)) readDeclaration(flow, first.from, first.to);
    else readExpression(flow, first.from, first.to, readBlock);
  }
  const head = flow.place();
  const body = flow.place();
  const next = flow.place();
  const end = flow.place();
  flow.continueAt(head);
  if (condition !== undefined && condition.from < condition.to) {
    readCondition(flow, condition.from, condition.to, body, end, readBlock);
  } else flow.goTo(body);
  flow.current = body;
  flow.loops.push({ breakTo: end, continueTo: next, scopeDepth: flow.scopes.length });
  const after = readStatement(flow, close + 1, to);
  flow.loops.pop();
  flow.continueAt(next);
  if (step !== undefined) readExpression(flow, step.from, step.to, readBlock);
  flow.goTo(head);
  flow.current = end;
  flow.leaveScopes(flow.scopes.length - 1);
  flow.scopes.pop();
  return after;
}

function readSwitch(flow: FlowBuilder, at: number, to: number): number {
  const close = matchOr(flow, at + 1, to);
  readExpression(flow, at + 2, close, readBlock);
  const value = constantValue(flow.slice(at + 2, close));
  const end = flow.place();
  const dispatch = flow.place();
  flow.continueAt(dispatch);
  flow.current = null;
  const cases: (typeof flow.switches)[number] = { cases: [], other: end };
  flow.switches.push(cases);
  const outer = flow.loops.at(-1);
  flow.loops.push({ breakTo: end, continueTo: outer?.continueTo ?? end, scopeDepth: flow.scopes.length });
  const after = readStatement(flow, close + 1, to);
  flow.loops.pop();
  flow.switches.pop();
  flow.goTo(end);
  const exact = value === null ? undefined : cases.cases.find((one) => one.value === value);
  const known = value !== null && cases.cases.every((one) => one.value !== null);
  if (exact !== undefined && known) flow.link(dispatch, exact.node);
  else {
    for (const one of known ? [] : cases.cases) flow.link(dispatch, one.node);
    flow.link(dispatch, cases.other);
  }
  flow.current = end;
  return after;
}

function readCase(flow: FlowBuilder, at: number, to: number): number {
  const inside = flow.switches.at(-1);
  const colon = findAtLevel(flow, at, to, (text) => text === ':');
  if (colon < 0) return at + 1;
  const place = flow.place();
  flow.continueAt(place);
  if (inside !== undefined) {
    if (flow.text(at) === 'default') inside.other = place;
    else inside.cases.push({ node: place, from: at + 1, to: colon, value: constantValue(flow.slice(at + 1, colon)) });
  }
  return colon + 1;
}

function readBreak(flow: FlowBuilder, at: number, text: string): number {
  const loop = flow.loops.at(-1);
  if (loop !== undefined && flow.current !== null) {
    flow.leaveScopes(loop.scopeDepth);
    const token = flow.tokens[at];
    if (text === 'break' && token !== undefined) flow.emit({ kind: 'jump', token });
    flow.goTo(text === 'break' ? loop.breakTo : loop.continueTo);
  }
  flow.current = null;
  return at + 2;
}

function readGoto(flow: FlowBuilder, at: number, to: number): number {
  const end = statementEnd(flow, at, to);
  const token = flow.tokens[at];
  if (token !== undefined && flow.current !== null) flow.emit({ kind: 'jump', token });
  if (flow.tokens[at + 1]?.kind === 'identifier') flow.goTo(flow.label(flow.text(at + 1)));
  flow.current = null;
  return end;
}

function readReturn(flow: FlowBuilder, at: number, to: number): number {
  const end = statementEnd(flow, at, to);
  const stop = flow.text(end - 1) === ';' ? end - 1 : end;
  readExpression(flow, at + 1, stop, readBlock);
  const token = flow.tokens[at];
  if (flow.current !== null && token !== undefined) {
    flow.leaveScopes(0);
    flow.emit({ kind: 'return', token, value: flow.slice(at + 1, stop), atEnd: false });
  }
  flow.current = null;
  return end;
}

/** Declarators with their initializers; a `cleanup` attribute is remembered for the end of the scope. */
function readDeclaration(flow: FlowBuilder, from: number, to: number): void {
  if (flow.text(from) === 'typedef' || flow.text(from) === '_Static_assert') return;
  if (flow.text(from) === '__label__') {
    for (const token of flow.slice(from + 1, to)) if (token.kind === 'identifier') flow.declareLabel(token.text);
    return;
  }
  const isStatic = flow.text(from) === 'static';
  for (const part of splitAtLevel(flow, from, to, ',')) {
    for (let at = part.from; at < part.to; at++) flow.note(at);
    const equals = findAtLevel(flow, part.from, part.to, (text) => text === '=');
    const head = flow.slice(part.from, equals < 0 ? part.to : equals);
    const cleanup = head.findIndex((token) => token.text === 'cleanup' || token.text === '__cleanup__');
    if (equals >= 0 && !isStatic) {
      readExpression(flow, equals + 1, part.to, readBlock);
      const name = declaredName(head);
      if (name !== null) {
        const value = flow.slice(equals + 1, part.to);
        flow.emit({ kind: 'assign', target: name.text, value, token: name });
      }
    }
    const callee = cleanup < 0 ? undefined : head[cleanup + 2];
    const at = declaredName(head) ?? head[0];
    if (callee !== undefined && at !== undefined) flow.scopes.at(-1)?.calls.push({ callee: callee.text, token: at });
  }
}

/** The last identifier outside brackets and attributes. */
function declaredName(tokens: readonly CppToken[]): CppToken | null {
  let depth = 0;
  let found: CppToken | null = null;
  for (const [at, token] of tokens.entries()) {
    if (token.text === '(' || token.text === '[') depth++;
    else if (token.text === ')' || token.text === ']') depth--;
    else if (token.kind !== 'identifier' || token.text === '__attribute__') continue;
    else if (depth === 0) found = token;
    // A pointer to a function has its name in brackets, behind the type.
    else if (tokens[at - 1]?.text === '*' && tokens[at - 2]?.text === '(') return token;
  }
  return found;
}

/** Inline assembly: calls in its operands, assignments to its outputs, the labels it may jump to. */
function readAsm(flow: FlowBuilder, at: number, to: number): number {
  const end = statementEnd(flow, at, to);
  let open = at + 1;
  let isGoto = false;
  while (open < end && flow.text(open) !== '(') {
    if (flow.text(open) === 'goto' || flow.text(open) === '__goto__') isGoto = true;
    open++;
  }
  const close = matchOr(flow, open, end);
  const parts = splitAsm(flow, open + 1, close);
  const token = flow.tokens[at];
  const template = parts[0];
  if (token === undefined || template === undefined) return end;
  for (const part of parts.slice(1, 3)) {
    for (let i = part.from; i < part.to; i++) {
      const stop = flow.match[i] ?? -1;
      if (flow.text(i) !== '(' || stop < i) continue;
      readExpression(flow, i + 1, stop, readBlock);
      if (part === parts[1]) {
        const target = textOf(flow.slice(i + 1, stop));
        flow.emit({ kind: 'assign', target, value: null, token });
      }
      i = stop;
    }
  }
  const strings = flow.slice(template.from, template.to).filter((one) => one.kind === 'string');
  flow.emit({ kind: 'asm', template: strings.map((one) => unquote(one.text)).join(''), token });
  const labels = isGoto ? parts[4] : undefined;
  if (labels !== undefined) {
    const branch = flow.current;
    for (let i = labels.from; i < labels.to; i++) {
      if (flow.tokens[i]?.kind === 'identifier') flow.link(branch, flow.label(flow.text(i)));
    }
    const through = flow.place();
    flow.continueAt(through);
  }
  return end;
}

/** Parts between `:`; a `::` is two of them. */
function splitAsm(flow: FlowBuilder, from: number, to: number): { from: number; to: number }[] {
  const parts: { from: number; to: number }[] = [];
  let start = from;
  for (;;) {
    const at = findAtLevel(flow, start, to, (text) => text === ':' || text === '::');
    if (at < 0) break;
    parts.push({ from: start, to: at });
    if (flow.text(at) === '::') parts.push({ from: at, to: at });
    start = at + 1;
  }
  parts.push({ from: start, to });
  return parts;
}

function unquote(text: string): string {
  return text
    .replace(/^[^"]*"|"$/g, '')
    .replace(/\\n/g, '\n')
    .replace(/\\t/g, '\t');
}
