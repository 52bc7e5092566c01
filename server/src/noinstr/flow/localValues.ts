import { constantOf } from '../../kernel/c/constant.ts';
import { parseExpression } from '../../syntax/cflow/statements.ts';
import { type FlowGraph, type TokenText, textOf } from './graph.ts';

/**
 * Value of an expression in a function, whose local variables count when one constant is all they are ever given; `names`
 * are constants that may be named without a macro that says so.
 */
export function valueIn(graph: FlowGraph, text: string, names: ReadonlyMap<string, bigint>, depth = 0): bigint | null {
  return constantOf(parseExpression(text), {
    get: (name) => {
      if (name === 'true' || name === 'false') return BigInt(name === 'true');
      const given = depth > 2 ? [] : assignments(graph).get(name);
      const [only, more] = given ?? [];
      if (only == null || more !== undefined) return names.get(name);
      return valueIn(graph, textOf(only), names, depth + 1) ?? undefined;
    },
  });
}

const known = new WeakMap<FlowGraph, ReadonlyMap<string, (TokenText | null)[]>>();

/** What each variable is given in a function; `null` for what is computed from its old value or comes out of `asm`. */
function assignments(graph: FlowGraph): ReadonlyMap<string, (TokenText | null)[]> {
  let all = known.get(graph);
  if (all !== undefined) return all;
  const made = new Map<string, (TokenText | null)[]>();
  for (const { op } of graph.nodes) {
    if (op?.kind !== 'assign') continue;
    const list = made.get(op.target);
    if (list === undefined) made.set(op.target, [op.value]);
    else list.push(op.value);
  }
  all = made;
  known.set(graph, all);
  return all;
}
