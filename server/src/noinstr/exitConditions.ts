import type { BranchOp, FlowGraph, FlowNode } from './flow/graph.ts';
import { predecessorCounts } from './flow/reachable.ts';
import type { Site } from './pathState.ts';
import { orderSteps, primitives } from './primitives.ts';
import type { FunctionFacts } from './unit.ts';

/** Whether a plain flag decides that an interrupt's entry is left: RCU was told of it then only when the flag was set. */
export function leavesIrqOnly(graph: FlowGraph, branch: BranchOp): boolean {
  const at = branch.calls.length > 0 ? -1 : graph.nodes.findIndex(({ op }) => op === branch);
  const counts = predecessorCounts(graph);
  return (graph.nodes[at]?.next ?? []).some((start) => {
    for (let to: number | undefined = start; to !== undefined && (counts[to] ?? 0) <= 1; ) {
      const node: FlowNode | undefined = graph.nodes[to];
      const { op } = node ?? {};
      const name = op?.kind === 'call' ? op.callee : null;
      if (name !== null && (primitives.get(name)?.nests ?? false) && orderSteps.get(name)?.step === 'rcu-exit')
        return orderSteps.get(name)?.nmi === false;
      to = node?.next.length === 1 ? node.next[0] : undefined;
    }
    return false;
  });
}

/**
 * Whether a condition is that of a guard's end whose beginning holds for sure: only conditional guards are empty, and they
 * end through the one they extend (include/linux/cleanup.h:EXTEND_CLASS).
 */
export function isHeldGuard({ name }: FunctionFacts, via: Site | null, { text }: BranchOp): boolean {
  const end = /^class_\w+_destructor$/;
  return end.test(name) && text === '_T -> lock' && via !== null && !end.test(via.fn.name);
}
