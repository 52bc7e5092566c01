import type { CallOp } from '../flow/graph.ts';
import { chosenTargets } from '../hooks.ts';
import type { Site } from '../pathState.ts';
import type { TreeKnowledge } from '../treeKnowledge.ts';
import type { FunctionFacts } from '../unit.ts';
import type { HookTargets } from '../walk.ts';
import { findTargets } from './targets.ts';

/**
 * Functions that a called expression can be, from the stores to it that the tree shows: initializers, assignments and
 * per-CPU writes of the same object or member. `closed` when every store could be followed to a function and nobody
 * else can store.
 */
export function findHookTargets(
  op: CallOp,
  fn: FunctionFacts,
  via: Site | null,
  knowledge: TreeKnowledge,
): HookTargets {
  if (op.text.startsWith('( {')) {
    // A macro that picks a member of one struct or a function, by a pointer that it reads itself.
    const chosen = chosenTargets(op.text, fn, knowledge);
    if (chosen.closed || chosen.stores.length > 0) return chosen;
  }
  return findTargets(op, fn, via, knowledge);
}
