import { constantOf } from '../kernel/c/constant.ts';
import { parseExpression } from '../syntax/cflow/statements.ts';
import type { CppExpansion } from '../syntax/cpp/model.ts';
import { type AssignOp, type BranchOp, type CallOp, type FlowGraph, type TokenText, textOf } from './flow/graph.ts';
import { hasUnknownStores, valuesIn } from './flow/localValues.ts';
import { type PathState, type Site, withCondition, withoutConditionsOn } from './pathState.ts';
import type { FunctionFacts } from './unit.ts';

/**
 * Values that an expression can have at a site: a parameter is what the call that led there gives. `names` are constants
 * that may be named without a macro that says so.
 */
export function valuesAt(
  { fn, via }: Omit<Site, 'op'>,
  text: string,
  names: ReadonlyMap<string, bigint>,
): readonly bigint[] {
  return valuesIn(fn.graph, text, (name) => {
    const index = fn.parameters.indexOf(name);
    if (index < 0) return names.get(name);
    const arg = via?.op.kind === 'call' ? via.op.args[index] : undefined;
    const values = arg === undefined || via === null ? [] : valuesAt(via, textOf(arg), names);
    return values.length === 1 ? values[0] : undefined;
  });
}

/**
 * The state behind an assignment: conditions on its target are those that a constant decides, or none. `isWanted` tells of
 * those that are decided by elsewhere.
 */
export function afterAssignment(
  site: Site,
  { target, value, change, token }: AssignOp,
  state: PathState,
  isWanted: (text: string) => boolean,
): PathState {
  const after = withoutConditionsOn(state, target);
  const { graph } = site.fn;
  if (change !== null) return hasUnknownStores(graph, target) ? after : afterChange(site, target, change, state, after);
  if (value === null || value.length > maxConstant) return after;
  if (value[0]?.text === '{')
    return withMembers(target, value, after, (text) => isAsked(graph, text) || isWanted(text));
  const tests = bitTests(site, target);
  const isDecided = isAsked(graph, target) || isWanted(target);
  if (!isDecided && tests.length === 0) return after;
  if (hasUnknownStores(graph, target) || !isWritten(value, token.expansion)) return after;
  const [only, more] = valuesAt(site, chosen(textOf(value), state), noNames);
  if (only === undefined || more !== undefined) return after;
  const known = tests.reduce((one, { text, mask }) => withCondition(one, text, (only & mask) !== 0n), after);
  return isDecided ? withCondition(known, target, only !== 0n) : known;
}

/** The state behind a change of a flag or counter: what is set stays set, what is counted up is not zero. */
function afterChange(
  site: Site,
  target: string,
  { operator, by }: NonNullable<AssignOp['change']>,
  before: PathState,
  after: PathState,
): PathState {
  const whole = before.conds.get(target);
  if (operator === '++') return whole === undefined ? after : withCondition(after, target, true);
  const [bits, more] = by.length > maxConstant ? [] : valuesAt(site, textOf(by), noNames);
  if (bits === undefined || more !== undefined) return after;
  let known = after;
  for (const { text, mask } of bitTests(site, target)) {
    const was = before.conds.get(text);
    const set = operator === '|=' && (mask & bits) !== 0n;
    const cleared = operator === '&=' && (mask & bits) === 0n;
    const isUntouched = operator === '|=' || (mask & ~bits) === 0n || was === false;
    const holds = set ? true : cleared ? false : isUntouched ? was : undefined;
    if (holds !== undefined) known = withCondition(known, text, holds);
  }
  return whole !== undefined && operator === '|=' && bits !== 0n ? withCondition(known, target, true) : known;
}

interface BitTest {
  readonly text: string;
  readonly mask: bigint;
}

/** Tests of single bits of a variable: those of its function, and of the caller that the value may be given back to. */
function bitTests({ fn, via }: Omit<Site, 'op'>, target: string): readonly BitTest[] {
  const own = maskTexts(fn.graph).filter(([name]) => name === target);
  const callers = via === null || !isReturned(fn.graph, target) ? [] : maskTexts(via.fn.graph);
  const tests = new Map<string, BitTest>();
  for (const [, mask, value] of [...own, ...callers]) {
    const text = `${target} & ${mask}`;
    tests.set(text, { text, mask: value });
  }
  return [...tests.values()];
}

const masked = new WeakMap<FlowGraph, readonly (readonly [string, string, bigint])[]>();

/** Conditions of the form `name & constant`: the name, the constant as it is written, and its value. */
function maskTexts(graph: FlowGraph): readonly (readonly [string, string, bigint])[] {
  let texts = masked.get(graph);
  if (texts === undefined) {
    texts = graph.nodes.flatMap(({ op }) => {
      const [, name, mask] = op?.kind === 'branch' ? (/^(\w+) & (.+)$/.exec(op.text) ?? []) : [];
      const value = mask === undefined ? null : constantOf(parseExpression(mask), noNames);
      return name === undefined || mask === undefined || value === null ? [] : [[name, mask, value] as const];
    });
    masked.set(graph, texts);
  }
  return texts;
}

function isReturned(graph: FlowGraph, name: string): boolean {
  return graph.nodes.some(({ op }) => op?.kind === 'return' && textOf(op.value) === name);
}

/** The state behind an initializer: members that are named get what is written if that is a constant. */
function withMembers(
  target: string,
  value: TokenText,
  state: PathState,
  isDecidedBy: (text: string) => boolean,
): PathState {
  let after = state;
  for (const [, name, constant] of textOf(value).matchAll(/[{,] \. (\w+) = (true|false|[01]) (?=[,}])/g)) {
    const text = `${target} . ${name}`;
    if (isDecidedBy(text)) after = withCondition(after, text, constant === 'true' || constant === '1');
  }
  return after;
}

/** The arm of a `?:` that a path came through, or the whole text. */
function chosen(text: string, { conds }: PathState): string {
  const expr = parseExpression(text);
  if (expr.kind !== 'conditional' || expr.whenTrue === null) return text;
  const holds = conds.get(text.slice(expr.condition.at, expr.condition.end));
  const arm = holds === true ? expr.whenTrue : expr.whenFalse;
  return holds === undefined ? text : text.slice(arm.at, arm.end);
}

const choices = new WeakMap<FlowGraph, ReadonlySet<string>>();

/** Whether a condition chooses the value of something that is a condition by itself. */
export function choosesValue(graph: FlowGraph, text: string): boolean {
  let texts = choices.get(graph);
  if (texts === undefined) {
    texts = new Set(
      graph.nodes.flatMap(({ op }) => {
        if (op?.kind !== 'assign' || op.value === null || op.value.length > maxConstant) return [];
        const whole = isAsked(graph, op.target) ? textOf(op.value) : '';
        const expr = whole.includes('?') ? parseExpression(whole) : null;
        return expr?.kind === 'conditional' ? [whole.slice(expr.condition.at, expr.condition.end)] : [];
      }),
    );
    choices.set(graph, texts);
  }
  return texts.has(text);
}

/** Whether somebody wrote the constant there: what a macro with arguments comes to is another in another configuration. */
function isWritten(value: TokenText, around: CppExpansion | null): boolean {
  const last = value.findLast(({ kind, text }) => kind === 'number' || text === 'true' || text === 'false');
  if (last === undefined) return false;
  const { expansion } = last;
  return expansion === null || expansion === around || expansion.macro.parameters === null;
}

/** Longer expressions are no constants that anybody would write to remember something. */
const maxConstant = 40;
const asked = new WeakMap<FlowGraph, ReadonlySet<string>>();

/** Whether something is a condition by itself somewhere in a function. */
function isAsked(graph: FlowGraph, text: string): boolean {
  let texts = asked.get(graph);
  if (texts === undefined) {
    texts = new Set(graph.nodes.flatMap(({ op }) => (op?.kind === 'branch' ? [op.text] : [])));
    asked.set(graph, texts);
  }
  return texts.has(text);
}

const noNames: ReadonlyMap<string, bigint> = new Map();

/** Conditions of a called function that the arguments decide. */
export function conditionsOf(site: Site, { args, token }: CallOp, callee: FunctionFacts): Map<string, boolean> {
  const decided = new Map<string, boolean>();
  const asked = parameterBranches(callee);
  if (asked.length === 0) return decided;
  const known = new Map<string, bigint>();
  for (const [index, parameter] of callee.parameters.entries()) {
    const arg = args[index];
    const hasNumber = arg?.some(({ kind }) => kind === 'number') === true;
    const isPlain = arg !== undefined && (!hasNumber || isWritten(arg, token.expansion));
    const values = isPlain ? valuesAt(site, textOf(arg), noNames) : [];
    const [only] = values;
    if (only !== undefined && values.length === 1) known.set(parameter, only);
  }
  for (const { text, identifiers } of known.size === 0 ? [] : asked) {
    const value = identifiers.every((name) => known.has(name)) ? constantOf(parseExpression(text), known) : null;
    if (value !== null) decided.set(text, value !== 0n);
  }
  return decided;
}

const branches = new WeakMap<FlowGraph, readonly BranchOp[]>();

/** Conditions that only parameters decide which nothing is assigned to; the first few are enough. */
function parameterBranches({ graph, parameters }: FunctionFacts): readonly BranchOp[] {
  let found = branches.get(graph);
  if (found === undefined) {
    const assigned = new Set(graph.nodes.flatMap(({ op }) => (op?.kind === 'assign' ? [op.target] : [])));
    const fixed = new Set(parameters.filter((name) => !assigned.has(name)));
    found = graph.nodes
      .flatMap(({ op }) => (op?.kind === 'branch' && op.calls.length === 0 ? [op] : []))
      .filter(({ identifiers }) => identifiers.length > 0 && identifiers.every((name) => fixed.has(name)))
      .slice(0, 8);
    branches.set(graph, found);
  }
  return found;
}
