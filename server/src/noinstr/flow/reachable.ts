import type { FlowGraph, FlowOp } from './graph.ts';

const reachable = new WeakMap<FlowGraph, readonly FlowOp[]>();

/** What a function can come to, dead code left out, nearest to the entry first. */
export function reachableOps(graph: FlowGraph): readonly FlowOp[] {
  let ops = reachable.get(graph);
  if (ops === undefined) {
    ops = [...reachableNodes(graph)].flatMap((at) => graph.nodes[at]?.op ?? []);
    reachable.set(graph, ops);
  }
  return ops;
}

/** The same in the order of the text. */
export function reachableInOrder(graph: FlowGraph): readonly FlowOp[] {
  return [...reachableNodes(graph)].sort((left, right) => left - right).flatMap((at) => graph.nodes[at]?.op ?? []);
}

/** Indexes of nodes, nearest to the entry first. */
function reachableNodes(graph: FlowGraph): ReadonlySet<number> {
  const seen = new Set<number>([0]);
  for (const at of seen) for (const next of graph.nodes[at]?.next ?? []) seen.add(next);
  return seen;
}

const counts = new WeakMap<FlowGraph, number[]>();

/** How many ways lead to each node. */
export function predecessorCounts(graph: FlowGraph): readonly number[] {
  let found = counts.get(graph);
  if (found === undefined) {
    found = graph.nodes.map(() => 0);
    for (const node of graph.nodes) for (const to of node.next) found[to] = (found[to] ?? 0) + 1;
    counts.set(graph, found);
  }
  return found;
}
