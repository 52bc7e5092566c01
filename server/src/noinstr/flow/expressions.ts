import { constantOf } from '../../kernel/c/constant.ts';
import type { CExpr, CStmt } from '../../syntax/cflow/model.ts';
import { parseExpression } from '../../syntax/cflow/statements.ts';
import type { CppToken } from '../../syntax/cpp/model.ts';
import { withoutParentheses } from './bodyTokens.ts';
import type { FlowBuilder } from './builder.ts';
import { type TokenText, textOf } from './graph.ts';

/** Functions that look at what stands in their parentheses and never evaluate it. */
const unevaluated: ReadonlySet<string> = new Set([
  '__builtin_constant_p',
  '__builtin_types_compatible_p',
  '__builtin_offsetof',
  '__builtin_object_size',
  '__builtin_dynamic_object_size',
  '__has_attribute',
]);

/** What says how likely a condition is; the kernel's own two are calls where their header is missing. */
const hints: ReadonlySet<string> = new Set(['__builtin_expect', 'likely', 'unlikely']);

const truths: ReadonlyMap<string, bigint> = new Map([
  ['true', 1n],
  ['false', 0n],
]);

/** Value of a constant expression after preprocessing, or `null`. */
export function foldedValue(expr: CExpr): bigint | null {
  return constantOf(expr, truths) ?? optionValue(expr);
}

const optionTests: ReadonlySet<string> = new Set(['IS_ENABLED', 'IS_BUILTIN', 'IS_MODULE', 'IS_REACHABLE']);

/** `IS_ENABLED(CONFIG_X)` where no header defines it: an option that is on has become a number. */
function optionValue(expr: CExpr): bigint | null {
  if (expr.kind !== 'call' || expr.callee.kind !== 'name' || !optionTests.has(expr.callee.name)) return null;
  const [option] = expr.args;
  if (option === undefined || expr.args.length > 1) return null;
  return option.kind === 'name' && option.name.startsWith('CONFIG_') ? 0n : constantOf(option, truths);
}

/** The same of tokens. */
export function constantValue(tokens: TokenText): bigint | null {
  return foldedValue(parseExpression(textOf(tokens)));
}

/** Assignments by which flags are kept as bits of a word. */
const flagOperators: ReadonlyMap<string, '|=' | '&='> = new Map([
  ['|=', '|='],
  ['&=', '&='],
]);

/** Flow of an expression: its calls and assignments in order, with `&&`, `||` and `?:` as branches. */
export function readExpression(flow: FlowBuilder, expr: CExpr): void {
  const { body } = flow;
  switch (expr.kind) {
    case 'binary':
      if (expr.op === '&&' || expr.op === '||') {
        const end = flow.place();
        readCondition(flow, expr, end, end);
        flow.current = end;
        break;
      }
      readExpression(flow, expr.left);
      readExpression(flow, expr.right);
      break;
    case 'assign': {
      readExpression(flow, expr.left);
      readExpression(flow, expr.right);
      const target = withoutParentheses(body.slice(expr.left));
      const [token] = target;
      const right = body.slice(expr.right);
      const value = expr.op === '=' ? right : null;
      const operator = flagOperators.get(expr.op);
      const change = operator === undefined ? null : { operator, by: right };
      if (token !== undefined) flow.emit({ kind: 'assign', target: textOf(target), value, change, token });
      if (expr.left.kind === 'name') flow.noteAddress(expr.left.name, expr.right);
      break;
    }
    case 'conditional':
      readChoice(flow, expr);
      break;
    case 'unary': {
      readExpression(flow, expr.operand);
      const target = withoutParentheses(body.slice(expr.operand));
      const [token] = target;
      if ((expr.op === '++' || expr.op === '--') && token !== undefined) {
        const change = expr.op === '++' ? { operator: expr.op, by: [] } : null;
        flow.emit({ kind: 'assign', target: textOf(target), value: null, change, token });
      }
      flow.noteAccess(expr);
      break;
    }
    case 'cast':
      // The type may be the `typeof` of something, which is not evaluated.
      flow.noteTo(body.indexAt(expr.at) + 1);
      flow.noteFrom(body.indexAt(expr.operand.at));
      readExpression(flow, expr.operand);
      break;
    case 'call':
      readCall(flow, expr);
      break;
    case 'member':
      readExpression(flow, expr.operand);
      break;
    case 'index':
      readExpression(flow, expr.operand);
      readExpression(flow, expr.index);
      flow.noteAccess(expr);
      break;
    case 'block':
      flow.noteTo(body.indexAt(expr.at) + 1);
      readValueBlock(flow, expr.body, (value) => readExpression(flow, value));
      break;
    case 'list':
      for (const item of expr.items) readExpression(flow, item);
      break;
    case 'sizeof':
    case 'type':
    case 'generic':
      flow.noteTo(body.indexAt(expr.at) + 1);
      flow.noteFrom(body.indexAt(expr.end));
      break;
    case 'number':
    case 'string':
    case 'name':
    case 'unknown':
      // `__alignof__ x` looks at the type alone.
      if (expr.kind === 'unknown' && /alignof/i.test(expr.text)) flow.noteFrom(body.indexAt(expr.end));
      break;
  }
  flow.noteTo(body.indexAt(expr.end));
}

/** Statements of a statement expression; the last one's value goes to `last`. */
function readValueBlock(flow: FlowBuilder, body: readonly CStmt[], last: (value: CExpr) => void): void {
  flow.openScope(body);
  for (const [index, statement] of body.entries()) {
    if (index === body.length - 1 && statement.kind === 'expr') last(statement.value);
    else flow.readStatement(flow, statement);
  }
  flow.closeScope();
}

function readChoice(
  flow: FlowBuilder,
  { condition, whenTrue, whenFalse }: Extract<CExpr, { kind: 'conditional' }>,
): void {
  const end = flow.place();
  const yes = flow.place();
  const no = flow.place();
  readCondition(flow, condition, yes, no);
  flow.current = yes;
  if (whenTrue !== null) readExpression(flow, whenTrue);
  flow.goTo(end);
  flow.current = no;
  readExpression(flow, whenFalse);
  flow.goTo(end);
  flow.current = end;
}

/** Flow of a condition, to one place when it holds and to another when not. `&&`, `||`, `!` and constants are followed. */
export function readCondition(flow: FlowBuilder, expr: CExpr, yes: number, no: number): void {
  const { body } = flow;
  if (expr.kind === 'binary' && (expr.op === '&&' || expr.op === '||')) {
    const second = flow.place();
    if (expr.op === '&&') readCondition(flow, expr.left, second, no);
    else readCondition(flow, expr.left, yes, second);
    flow.current = second;
    readCondition(flow, expr.right, yes, no);
  } else if (expr.kind === 'unary' && expr.op === '!') {
    flow.noteTo(body.indexAt(expr.at) + 1);
    readCondition(flow, expr.operand, no, yes);
  } else if (expr.kind === 'call' && hints.has(calleeName(expr) ?? '') && expr.args[0] !== undefined) {
    flow.noteTo(body.indexAt(expr.at) + 1);
    readCondition(flow, expr.args[0], yes, no);
  } else if (expr.kind === 'block' && isConditionBlock(expr)) {
    flow.noteTo(body.indexAt(expr.at) + 1);
    readValueBlock(flow, expr.body, (value) => readCondition(flow, value, yes, no));
  } else if (isZeroTest(expr) && foldedValue(expr.left) === null) {
    readCondition(flow, expr.left, expr.op === '==' ? no : yes, expr.op === '==' ? yes : no);
  } else readAtom(flow, expr, yes, no);
}

/** A statement expression whose value decides at once: nothing is cleaned up behind it. */
function isConditionBlock({ body }: Extract<CExpr, { kind: 'block' }>): boolean {
  return body.at(-1)?.kind === 'expr' && !body.some((one) => one.kind === 'declare' && one.cleanup !== null);
}

function readAtom(flow: FlowBuilder, expr: CExpr, yes: number, no: number): void {
  const { body } = flow;
  const value = foldedValue(expr);
  if (value !== null) {
    flow.noteTo(body.indexAt(expr.end));
    flow.goTo(value === 0n ? no : yes);
    return;
  }
  readExpression(flow, expr);
  const tokens = withoutParentheses(body.slice(expr));
  const comparison = comparisonOf(flow, expr);
  const [token] = tokens;
  if (flow.current === null || token === undefined) {
    flow.goTo(yes);
    return;
  }
  const names = tokens.filter((one) => one.kind === 'identifier');
  flow.emit({
    kind: 'branch',
    text: comparison?.text ?? textOf(tokens),
    identifiers: names.map((one) => one.text),
    calls: tokens
      .filter((one, at) => one.kind === 'identifier' && tokens[at + 1]?.text === '(' && !unevaluated.has(one.text))
      .map((one) => one.text),
    token,
  });
  const isNegated = comparison?.isNegated === true;
  flow.link(flow.current, isNegated ? no : yes);
  flow.link(flow.current, isNegated ? yes : no);
  flow.current = null;
}

/** Comparisons that say the opposite of another one. */
const opposites: ReadonlyMap<string, string> = new Map([
  ['!=', '=='],
  ['>=', '<'],
  ['<=', '>'],
]);

/** A comparison as text that it shares with its opposite, or `null` for anything else. */
function comparisonOf(flow: FlowBuilder, expr: CExpr): { readonly text: string; readonly isNegated: boolean } | null {
  if (expr.kind !== 'binary' || !/^([=!<>]=|[<>])$/.test(expr.op)) return null;
  const [left, right] = [expr.left, expr.right].map((one) => textOf(withoutParentheses(flow.body.slice(one))));
  return { text: `${left} ${opposites.get(expr.op) ?? expr.op} ${right}`, isNegated: opposites.has(expr.op) };
}

/** Whether a condition compares something with 0, `NULL` or `false`. */
function isZeroTest(expr: CExpr): expr is Extract<CExpr, { kind: 'binary' }> {
  return expr.kind === 'binary' && (expr.op === '==' || expr.op === '!=') && foldedValue(expr.right) === 0n;
}

type Call = Extract<CExpr, { kind: 'call' }>;

/** `name` for `name(`, `(name)(`, `(*name)(` and `(&name)(`; `null` for members, indexes and everything computed. */
function calleeName({ callee }: Call): string | null {
  let named = callee;
  while (named.kind === 'unary' && (named.op === '*' || named.op === '&')) named = named.operand;
  return named.kind === 'name' ? named.name : null;
}

function readCall(flow: FlowBuilder, expr: Call): void {
  const { body } = flow;
  const { callee, args, at } = expr;
  const name = calleeName(expr);
  readExpression(flow, callee);
  if (name !== null && unevaluated.has(name)) {
    flow.noteFrom(body.indexAt(expr.end));
    return;
  }
  if (name === '__builtin_choose_expr') {
    readChosen(flow, expr);
    return;
  }
  for (const arg of args) readExpression(flow, arg);
  // Which of its functions is called, the type of an operand decides, which is not known here.
  if (callee.kind === 'generic') return;
  const called = body.slice(callee);
  const token =
    callee.kind === 'name' || callee.kind === 'member'
      ? called.findLast((one) => one.kind === 'identifier')
      : callOfResult(called, body.tokens[body.indexAt(callee.end)]);
  if (token === undefined) return;
  flow.emit({
    kind: 'call',
    callee: name,
    text: textOf(called),
    through: called,
    args: args.map((arg) => body.slice(arg)),
    token,
    assigned: body.tokens[body.indexAt(at) - 1]?.text === '=',
    guards: flow.guards,
  });
}

/** What stands for a call of a computed value: its first token, or the parenthesis behind a macro that made the value. */
function callOfResult(called: TokenText, open: CppToken | undefined): CppToken | undefined {
  const [first] = called;
  return first?.expansion && open !== undefined && open.expansion === null ? open : first;
}

/** `__builtin_choose_expr(c, a, b)`: only the chosen one is evaluated. */
function readChosen(flow: FlowBuilder, { args, end }: Call): void {
  const [condition, yes, no] = args;
  const value = condition === undefined ? null : foldedValue(condition);
  for (const arm of [value === 0n ? undefined : yes, value === null || value === 0n ? no : undefined]) {
    if (arm === undefined) continue;
    flow.noteFrom(flow.body.indexAt(arm.at));
    readExpression(flow, arm);
  }
  flow.noteFrom(flow.body.indexAt(end));
}
