import { namedCall } from './callNames.ts';
import { isRelevantName } from './calls.ts';
import { isStaticBranch } from './keyRules.ts';
import type { FunctionFacts } from './unit.ts';
import type { Walk } from './walk.ts';

/**
 * What walking into a function can bring: nothing, findings on its calls only, or a change of the context, of regions
 * or of what is tracked in order.
 */
export type Traits = 'quiet' | 'calls' | 'effects';

const weight: Readonly<Record<Traits, number>> = { quiet: 0, calls: 1, effects: 2 };

/** Traits of a function and of all that is inlined into it, worked out once. Recursion counts as quiet. */
export function traitsOf(walk: Walk, fn: FunctionFacts): Traits {
  const known = walk.traits.get(fn);
  if (known !== undefined) return known;
  walk.traits.set(fn, 'quiet');
  let found: Traits = 'quiet';
  for (const { op } of fn.graph.nodes) {
    const here = op === null ? 'quiet' : traitsOfOp(walk, fn, op);
    if (weight[here] > weight[found]) found = here;
    if (found === 'effects') break;
  }
  walk.traits.set(fn, found);
  return found;
}

function traitsOfOp(
  walk: Walk,
  fn: FunctionFacts,
  op: NonNullable<FunctionFacts['graph']['nodes'][number]['op']>,
): Traits {
  if (op.kind === 'use') return ofName(op.expansion.macro.name) ?? 'quiet';
  if (op.kind === 'asm') return /daif/i.test(op.template) ? 'calls' : 'quiet';
  if (op.kind === 'access') return 'calls';
  if (op.kind === 'branch') return /\bexit_rcu\b|\bis_idle_task\b/.test(op.text) ? 'effects' : 'quiet';
  if (op.kind === 'assign') return op.value?.some((token) => token.text === 'exit_rcu') === true ? 'effects' : 'quiet';
  if (op.kind !== 'call') return 'quiet';
  const { callee } = op;
  if (callee === null) return 'calls';
  const named = ofName(callee);
  if (named !== null) return named;
  const target = walk.resolve(callee);
  if (target.kind === 'builtin') return 'quiet';
  if (target.kind === 'outside') return target.outside.class === 'noinstr' ? 'quiet' : 'calls';
  // A parameter may be bound to anything that does more.
  if (target.kind === 'unknown') return fn.parameters.includes(callee) ? 'effects' : 'calls';
  if (target.fn.class === 'plain' || callee.startsWith('trace_')) return 'calls';
  const inner = traitsOf(walk, target.fn);
  if (target.fn.class === 'noinstr')
    return inner === 'effects' ? 'effects' : target.fn.declared.isStatic ? 'calls' : 'quiet';
  return target.fn.class === 'inline' && inner === 'quiet' ? 'calls' : inner;
}

function ofName(name: string): Traits | null {
  if (isRelevantName(name)) return 'effects';
  if (isStaticBranch(name)) return 'calls';
  const named = namedCall(name, 'raw');
  if (named === null) return null;
  return named.rule === null ? 'quiet' : 'calls';
}
