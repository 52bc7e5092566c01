import { type CallOp, type FlowGraph, type TokenText, textOf } from './flow/graph.ts';
import { type PathState, type Site, stateKey, withCondition } from './pathState.ts';
import type { FunctionFacts, Unit } from './unit.ts';
import type { Walk } from './walk.ts';

/** A variable, what it points to, or a member of one: nothing but a store to it makes it another value. */
const plain = /^(?:\* )?[A-Za-z_]\w*(?: (?:\.|->) \w+)*$/;
const maxDepth = 3;

/** Text of a path with another root, `null` when the path does not begin so: `& x` and `p -> m` make `x . m`. */
function moved(text: string, from: string, to: string): string | null {
  if (from.startsWith('& ') && text === from.slice(2)) return `* ${to}`;
  if (to.startsWith('& ') && text === `* ${from}`) return to.slice(2);
  if (text === from) return to.startsWith('& ') ? null : to;
  if (from.startsWith('& ')) {
    const rest = text.startsWith(`${from.slice(2)} . `) ? text.slice(from.length + 1) : null;
    return rest === null ? null : `${to} -> ${rest}`;
  }
  if (!text.startsWith(`${from} `)) return null;
  const rest = text.slice(from.length + 1);
  if (!to.startsWith('& ')) return `${to} ${rest}`;
  return rest.startsWith('-> ') ? `${to.slice(2)} . ${rest.slice(3)}` : null;
}

/** What a caller's path is called in a function that is given it, or `null`. */
function inside({ args }: CallOp, { parameters }: FunctionFacts, text: string): string | null {
  for (const [index, parameter] of parameters.entries()) {
    const arg = argument(args[index]);
    const here = arg === null ? null : moved(text, arg, parameter);
    if (here !== null) return here;
  }
  return null;
}

/** What a path from a parameter is called in the caller, or `null`. A parameter that is stored to is no longer it. */
function outside({ args }: CallOp, { parameters, graph }: FunctionFacts, text: string): string | null {
  const index = parameters.findIndex((one) => text === one || text === `* ${one}` || text.startsWith(`${one} `));
  const parameter = parameters[index];
  const arg = argument(args[index]);
  if (parameter === undefined || arg === null) return null;
  const isStored = graph.nodes.some(
    ({ op }) => op?.kind === 'assign' && (op.target === parameter || op.target.startsWith(`${parameter} . `)),
  );
  return isStored ? null : moved(text, parameter, arg);
}

function argument(tokens: TokenText | undefined): string | null {
  const text = tokens === undefined ? '' : textOf(tokens);
  return plain.test(text) || (text.startsWith('& ') && plain.test(text.slice(2))) ? text : null;
}

/** For each reading of a unit: the flows of its headers outlive an edit, what is called in them may be another then. */
const asked = new WeakMap<Unit, Map<FlowGraph, Map<string, boolean>>>();

/** Whether a function, or one that is walked as part of it, decides something by a condition's text. */
function asks(walk: Walk, graph: FlowGraph, text: string, depth = 0): boolean {
  const graphs = asked.get(walk.unit) ?? new Map<FlowGraph, Map<string, boolean>>();
  asked.set(walk.unit, graphs);
  const known = graphs.get(graph) ?? new Map<string, boolean>();
  graphs.set(graph, known);
  const before = known.get(text);
  if (before !== undefined) return before;
  known.set(text, false);
  const found = graph.nodes.some(({ op }) => {
    if (op?.kind === 'branch') return op.text === text;
    if (op?.kind !== 'call' || op.callee === null || depth >= maxDepth) return false;
    if (!op.args.some((arg) => text.startsWith(argument(arg)?.replace('& ', '') ?? ' '))) return false;
    const callee = walk.resolve(op.callee);
    if (callee.kind !== 'function' || callee.fn.class !== 'always-inline') return false;
    const there = inside(op, callee.fn, text);
    return there !== null && asks(walk, callee.fn.graph, there, depth + 1);
  });
  known.set(text, found);
  return found;
}

/** Whether something else than the function itself decides by a condition of it: what it calls, or its caller. */
export function isWanted(walk: Walk, { fn, via }: Omit<Site, 'op'>, text: string): boolean {
  if (!plain.test(text)) return false;
  if (asksBelow(walk, fn.graph, text)) return true;
  if (via?.op.kind !== 'call') return false;
  const there = outside(via.op, fn, text);
  if (there !== null && asks(walk, via.fn.graph, there)) return true;
  return returned(fn.graph).some((value) => text === value || text.startsWith(`${value} . `));
}

function asksBelow(walk: Walk, graph: FlowGraph, text: string): boolean {
  return graph.nodes.some(({ op }) => op?.kind === 'call' && asksAt(walk, op, text));
}

function asksAt(walk: Walk, op: CallOp, text: string): boolean {
  const callee = op.callee === null || op.args.length === 0 ? null : walk.resolve(op.callee);
  if (callee?.kind !== 'function' || callee.fn.class !== 'always-inline') return false;
  const there = inside(op, callee.fn, text);
  return there !== null && asks(walk, callee.fn.graph, there);
}

const returnedBy = new WeakMap<FlowGraph, readonly string[]>();

/** Variables whose value a function gives back. */
function returned(graph: FlowGraph): readonly string[] {
  let names = returnedBy.get(graph);
  if (names === undefined) {
    const values = graph.nodes.flatMap(({ op }) => (op?.kind === 'return' ? [textOf(op.value)] : []));
    names = [...new Set(values.filter((value) => plain.test(value)))];
    returnedBy.set(graph, names);
  }
  return names;
}

/** Conditions of a caller that hold in a function it calls, by the names they have there. */
export function conditionsInside(
  walk: Walk,
  op: CallOp,
  fn: FunctionFacts,
  { conds }: PathState,
): readonly (readonly [string, boolean])[] {
  return [...conds].flatMap(([text, value]) => {
    const there = plain.test(text) ? inside(op, fn, text) : null;
    return there !== null && asks(walk, fn.graph, there) ? [[there, value] as const] : [];
  });
}

/** The state at a return, with what is known of the value that is given back. */
export function atReturn(state: PathState, value: TokenText): PathState {
  const text = textOf(value);
  const conds = new Map<string, boolean>();
  if (/^(true|false|[01])$/.test(text)) conds.set('', text === 'true' || text === '1');
  else if (plain.test(text)) {
    for (const [cond, holds] of state.conds) {
      if (cond === text || cond.startsWith(`${text} . `) || cond.startsWith(`${text} & `))
        conds.set(cond.slice(text.length), holds);
    }
  }
  return { ...state, result: conds.size === 0 ? null : { call: null, conds } };
}

/** The states behind a call, with what its function found out about the arguments and about what it gives back. */
export function behindCall(
  walk: Walk,
  site: Site,
  op: CallOp,
  fn: FunctionFacts,
  before: PathState,
  exits: readonly PathState[],
): PathState[] {
  const without = exits.map((exit) => ({
    ...exit,
    conds: before.conds,
    result: null,
    branched: before.branched || exit.branched,
  }));
  // Where it is the same behind all of them, what was found out does not matter.
  if (new Set(without.map(stateKey)).size < 2) return without;
  return exits.map((exit, at) => {
    let after: PathState = without[at] ?? exit;
    for (const [text, value] of exit.conds) {
      const there = plain.test(text) ? outside(op, fn, text) : null;
      if (there !== null && asks(walk, site.fn.graph, there)) after = withCondition(after, there, value);
    }
    return exit.result === null ? after : { ...after, result: { call: op, conds: exit.result.conds } };
  });
}

/** The state behind an assignment of what a call just gave back. */
export function withResult(walk: Walk, { fn }: Site, target: string, value: TokenText, state: PathState): PathState {
  const { result } = state;
  if (result?.call == null) return state;
  let after: PathState = { ...state, result: null };
  if (!isCall(value, result.call)) return after;
  for (const [rest, holds] of result.conds) {
    const text = `${target}${rest}`;
    if (asks(walk, fn.graph, text) || returned(fn.graph).includes(target)) after = withCondition(after, text, holds);
  }
  return after;
}

/** What a condition is that asks the value of a call which just came back; `undefined` where that is not known. */
export function resultAsked({ result }: PathState, text: string): boolean | undefined {
  if (result?.call == null) return undefined;
  const { callee, args } = result.call;
  const written = `${callee ?? ''} (${args.map((arg) => ` ${textOf(arg)}`).join(' ,')} )`;
  return written === text ? result.conds.get('') : undefined;
}

/** Whether an expression is a call and nothing around it. */
function isCall(value: TokenText, { token, args }: CallOp): boolean {
  if (value[0] !== token || value.at(-1)?.text !== ')') return false;
  const commas = Math.max(0, args.length - 1);
  return value.length === 3 + commas + args.reduce((sum, arg) => sum + arg.length, 0);
}
