import { constantOf } from '../../kernel/c/constant.ts';
import type { CExpr } from '../../syntax/cflow/model.ts';
import { parseExpression } from '../../syntax/cflow/statements.ts';
import { type FlowGraph, type FlowOp, type TokenText, textOf } from './graph.ts';

const maxDepth = 3;

/**
 * Values that an expression can have in a function: more than one where a condition chooses, none where nothing is known.
 * Local variables count when one constant is all they are ever given; other names are what `outer` says.
 */
export function valuesIn(
  graph: FlowGraph,
  text: string,
  outer: (name: string) => bigint | undefined,
): readonly bigint[] {
  return valuesOf(graph, parseExpression(text), outer, 0);
}

function valuesOf(
  graph: FlowGraph,
  expr: CExpr,
  outer: (name: string) => bigint | undefined,
  depth: number,
): readonly bigint[] {
  if (expr.kind === 'cast') return valuesOf(graph, expr.operand, outer, depth);
  const last = expr.kind === 'block' ? expr.body.at(-1) : undefined;
  if (last?.kind === 'expr') return valuesOf(graph, last.value, outer, depth);
  const known = {
    get: (name: string): bigint | undefined => {
      if (name === 'true' || name === 'false') return BigInt(name === 'true');
      const given = assignments(graph).get(name);
      if (given === undefined) return outer(name);
      const [only, more] = given;
      if (only == null || more !== undefined || depth >= maxDepth) return undefined;
      const values = valuesOf(graph, parseExpression(textOf(only)), outer, depth + 1);
      return values.length === 1 ? values[0] : undefined;
    },
  };
  const value = constantOf(expr, known);
  if (value !== null) return [value];
  if (expr.kind !== 'conditional' || expr.whenTrue === null) return [];
  return [expr.whenTrue, expr.whenFalse].flatMap((arm) => valuesOf(graph, arm, outer, depth));
}

const known = new WeakMap<FlowGraph, ReadonlyMap<string, (TokenText | null)[]>>();

/** What each variable is given in a function; `null` for what is computed from its old value or comes out of `asm`. */
function assignments(graph: FlowGraph): ReadonlyMap<string, (TokenText | null)[]> {
  let all = known.get(graph);
  if (all !== undefined) return all;
  const made = new Map<string, (TokenText | null)[]>();
  const add = (name: string, value: TokenText | null): void => {
    const list = made.get(name);
    if (list === undefined) made.set(name, [value]);
    else list.push(value);
  };
  for (const { op } of graph.nodes) {
    if (op?.kind === 'assign') add(op.target, op.value);
    for (const name of addressesOf(op)) add(name, null);
  }
  all = made;
  known.set(graph, all);
  return all;
}

/** Names whose address is taken. */
function addressesIn(text: TokenText): string[] {
  return text.flatMap((token, at) => {
    const before = text[at - 1];
    const behindOperand = before !== undefined && (before.kind === 'identifier' || /^[)\]\w]/.test(before.text));
    const name = token.text === '&' && !behindOperand ? text[at + 1] : undefined;
    return name?.kind === 'identifier' ? [name.text] : [];
  });
}

/** Names whose address something is given: whoever has it may store anything. */
function addressesOf(op: FlowOp | null): string[] {
  const texts = op?.kind === 'call' ? op.args : op?.kind === 'assign' && op.value !== null ? [op.value] : [];
  return texts.flatMap(addressesIn);
}

const unknown = new WeakMap<FlowGraph, ReadonlySet<string>>();

/** Whether a variable of a function can be given what its text does not show. */
export function hasUnknownStores(graph: FlowGraph, name: string): boolean {
  let names = unknown.get(graph);
  if (names === undefined) {
    names = new Set(
      graph.nodes.flatMap(({ op }) => {
        const isUnknown = op?.kind === 'assign' && op.value === null && op.change === null;
        return isUnknown ? [op.target, ...addressesOf(op)] : addressesOf(op);
      }),
    );
    unknown.set(graph, names);
  }
  return names.has(name);
}
