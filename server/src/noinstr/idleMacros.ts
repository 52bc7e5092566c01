import type { CppExpansion, CppToken } from '../syntax/cpp/model.ts';
import type { FlowGraph, UseOp } from './flow/graph.ts';
import { reachableOps } from './flow/reachable.ts';

/** Macros that check something, and the call by which they tell. */
const checks: ReadonlyMap<string, string> = new Map([['RCU_LOCKDEP_WARN', 'lockdep_rcu_suspicious']]);

/**
 * Whether a use of a checking macro can never tell anything, its condition being constant: the list walks for noinstr code
 * (`hlist_for_each_entry_rcu_notrace()`) are made that way. Where the configuration leaves the check out nothing is known.
 */
export function isIdleMacro(graph: FlowGraph, op: UseOp): boolean {
  const tells = checks.get(op.expansion.macro.name);
  if (tells === undefined || !new RegExp(`\\b${tells}\\b`).test(op.expansion.macro.body)) return false;
  return !reachableOps(graph).some(
    (one) => one.kind === 'call' && one.callee === tells && isOutOf(one.token, op.expansion),
  );
}

function isOutOf(token: CppToken, expansion: CppExpansion): boolean {
  for (let at = token.expansion; at !== null; at = at.parent) if (at === expansion) return true;
  return false;
}
