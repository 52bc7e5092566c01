import type { CAsmStmt, CStmt } from '../../syntax/cflow/model.ts';
import { parseTokens } from '../../syntax/cflow/statements.ts';
import type { CppToken } from '../../syntax/cpp/model.ts';
import { bodyTokens } from './bodyTokens.ts';
import { FlowBuilder, type IsNamed } from './builder.ts';
import { foldedValue, readCondition, readExpression } from './expressions.ts';
import { type FlowGraph, textOf } from './graph.ts';

/**
 * Control flow of a function body, whose tokens include its braces. Total: what cannot be read as C is passed over.
 * `isTypeName` knows the unit's typedefs, `isNamed` the macros that are told as uses.
 */
export function buildFlow(
  tokens: readonly CppToken[],
  isTypeName: (name: string) => boolean,
  isNamed: IsNamed,
): FlowGraph {
  const body = bodyTokens(tokens);
  const flow = new FlowBuilder(body, isNamed, readStatement);
  readScope(flow, parseTokens(body.text, body.spelled, isTypeName));
  flow.noteTo(tokens.length);
  flow.linkAddresses();
  const token = tokens.at(-1);
  if (token !== undefined && flow.current !== null) flow.emit({ kind: 'return', token, value: [], atEnd: true });
  return flow.graph();
}

/** Statements of a block in a scope of their own. */
function readScope(flow: FlowBuilder, statements: readonly CStmt[]): void {
  flow.openScope(statements);
  for (const statement of statements) readStatement(flow, statement);
  flow.closeScope();
}

function readStatement(flow: FlowBuilder, statement: CStmt): void {
  switch (statement.kind) {
    case 'expr':
      readExpression(flow, statement.value);
      break;
    case 'declare':
      readDeclaration(flow, statement);
      break;
    case 'block':
      flow.noteTo(flow.body.indexAt(statement.at) + 1);
      readScope(flow, statement.body);
      break;
    case 'if':
      readIf(flow, statement);
      break;
    case 'switch':
      readSwitch(flow, statement);
      break;
    case 'loop':
      if (statement.atLeastOnce) readDo(flow, statement);
      else readLoop(flow, statement);
      break;
    case 'return':
      readReturn(flow, statement);
      break;
    case 'break':
    case 'continue':
      readBreak(flow, statement.kind, statement.at);
      break;
    case 'goto':
      readGoto(flow, statement);
      break;
    case 'label':
      flow.continueAt(flow.label(statement.name));
      break;
    case 'local-labels':
      for (const name of statement.names) flow.declareLabel(name);
      break;
    case 'case':
      readCase(flow, statement);
      break;
    case 'asm':
      readAsm(flow, statement);
      break;
    case 'empty':
      break;
  }
  flow.noteTo(flow.body.indexAt(statement.end));
}

function readIf(flow: FlowBuilder, { condition, then, otherwise }: Extract<CStmt, { kind: 'if' }>): void {
  const yes = flow.place();
  const no = flow.place();
  const end = flow.place();
  readCondition(flow, condition, yes, no);
  const outer = flow.guards;
  flow.guards = [...outer, flow.body.slice(condition)];
  flow.current = yes;
  readStatement(flow, then);
  flow.goTo(end);
  flow.current = no;
  if (otherwise !== null) readStatement(flow, otherwise);
  flow.guards = outer;
  flow.goTo(end);
  flow.current = end;
}

type Loop = Extract<CStmt, { kind: 'loop' }>;

/** `while` and `for`. */
function readLoop(flow: FlowBuilder, { init, condition, step, body }: Loop): void {
  flow.openScope([body]);
  for (const one of init) readStatement(flow, one);
  const head = flow.place();
  const inside = flow.place();
  const next = step === null ? head : flow.place();
  const end = flow.place();
  flow.continueAt(head);
  if (condition === null) flow.goTo(inside);
  else readCondition(flow, condition, inside, end);
  flow.current = inside;
  flow.noteFrom(flow.body.indexAt(body.at));
  readInside(flow, body, end, next);
  if (step !== null) {
    flow.continueAt(next);
    // It is written before the body.
    flow.noteFrom(flow.body.indexAt(step.at));
    readExpression(flow, step);
    flow.noteFrom(flow.body.indexAt(body.end));
  }
  flow.goTo(head);
  flow.current = end;
  flow.closeScope();
}

function readDo(flow: FlowBuilder, { condition, body }: Loop): void {
  const start = flow.place();
  const test = flow.place();
  const end = flow.place();
  flow.continueAt(start);
  readInside(flow, body, end, test);
  flow.continueAt(test);
  if (condition === null) flow.goTo(end);
  else readCondition(flow, condition, start, end);
  flow.current = end;
}

function readInside(flow: FlowBuilder, body: CStmt, breakTo: number, continueTo: number | null): void {
  flow.breakables.push({ breakTo, continueTo, scopeDepth: flow.scopes.length });
  readStatement(flow, body);
  flow.breakables.pop();
}

function readSwitch(flow: FlowBuilder, { on, body }: Extract<CStmt, { kind: 'switch' }>): void {
  readExpression(flow, on);
  const value = foldedValue(on);
  const end = flow.place();
  const dispatch = flow.place();
  flow.continueAt(dispatch);
  flow.current = null;
  const labels: (typeof flow.switches)[number] = { cases: [], other: end };
  flow.switches.push(labels);
  readInside(flow, body, end, null);
  flow.switches.pop();
  flow.goTo(end);
  const { cases, other } = labels;
  const exact = value === null ? undefined : cases.find((one) => one.value === value);
  const known = value !== null && cases.every((one) => one.value !== null);
  if (exact !== undefined && known) flow.link(dispatch, exact.node);
  else {
    for (const one of known ? [] : cases) flow.link(dispatch, one.node);
    flow.link(dispatch, other);
  }
  flow.current = end;
}

function readCase(flow: FlowBuilder, { low, high }: Extract<CStmt, { kind: 'case' }>): void {
  const inside = flow.switches.at(-1);
  const node = flow.place();
  flow.continueAt(node);
  if (inside === undefined) return;
  if (low === null) inside.other = node;
  else inside.cases.push({ node, value: high === null ? foldedValue(low) : null });
}

function readBreak(flow: FlowBuilder, kind: 'break' | 'continue', at: number): void {
  const target = flow.breakables.findLast((one) => kind === 'break' || one.continueTo !== null);
  if (target !== undefined && flow.current !== null) {
    flow.leaveScopes(target.scopeDepth);
    const token = flow.body.tokens[flow.body.indexAt(at)];
    if (token !== undefined) flow.emit({ kind: 'jump', token });
    flow.goTo(kind === 'break' ? target.breakTo : (target.continueTo ?? target.breakTo));
  }
  flow.current = null;
}

function readGoto(flow: FlowBuilder, { label, at }: Extract<CStmt, { kind: 'goto' }>): void {
  const token = flow.body.tokens[flow.body.indexAt(at)];
  if (token !== undefined && flow.current !== null) flow.emit({ kind: 'jump', token });
  if (label !== null && flow.current !== null) flow.leaveScopes(flow.depthOfLabel(label));
  if (label !== null) flow.goTo(flow.label(label));
  else flow.goToAddress();
  flow.current = null;
}

function readReturn(flow: FlowBuilder, { value, at }: Extract<CStmt, { kind: 'return' }>): void {
  if (value !== null) readExpression(flow, value);
  const token = flow.body.tokens[flow.body.indexAt(at)];
  if (flow.current !== null && token !== undefined) {
    flow.leaveScopes(0);
    flow.emit({ kind: 'return', token, value: value === null ? [] : flow.body.slice(value), atEnd: false });
  }
  flow.current = null;
}

/** A declarator with its initializer; a `cleanup` attribute is remembered for the end of the scope. */
function readDeclaration(flow: FlowBuilder, statement: Extract<CStmt, { kind: 'declare' }>): void {
  const { name, init, isStatic, cleanup, at, end } = statement;
  const { tokens } = flow.body;
  const first = flow.body.indexAt(at);
  let nameAt = first;
  while (nameAt < flow.body.indexAt(end) && tokens[nameAt]?.text !== name) nameAt++;
  const token = tokens[nameAt] ?? tokens[first];
  if (token === undefined) return;
  if (init !== null && isStatic) flow.noteFrom(flow.body.indexAt(end));
  else if (init !== null) {
    flow.noteTo(flow.body.indexAt(init.at));
    readExpression(flow, init);
    flow.emit({ kind: 'assign', target: name, value: flow.body.slice(init), change: null, token });
    flow.noteAddress(name, init);
  }
  if (cleanup !== null) flow.scopes.at(-1)?.calls.push({ callee: cleanup, token });
}

/** Inline assembly: calls in its operands, assignments to its outputs, the labels it may jump to. */
function readAsm(flow: FlowBuilder, { template, outputs, inputs, isGoto, labels, at }: CAsmStmt): void {
  const token = flow.body.tokens[flow.body.indexAt(at)];
  if (token === undefined) return;
  flow.noteTo(flow.body.indexAt(at) + 1);
  for (const { value } of outputs) {
    readExpression(flow, value);
    flow.emit({ kind: 'assign', target: textOf(flow.body.slice(value)), value: null, change: null, token });
  }
  for (const { value } of inputs) readExpression(flow, value);
  const operands = [...outputs, ...inputs].map(({ name, value }) => ({ name, value: flow.body.slice(value) }));
  flow.emit({ kind: 'asm', template, operands, token });
  if (!isGoto) return;
  const branch = flow.current;
  for (const label of labels) flow.link(branch, flow.label(label));
  flow.continueAt(flow.place());
}
