import type { LinePlace } from '../../features/noinstr/linePlace.ts';
import { prepareNames } from '../../features/noinstr/openNoinstr.ts';
import { type Reach, reachFromName, reachRoots } from '../../features/noinstr/reachability.ts';
import { type ReachNode, reachText } from '../../features/noinstr/reachModel.ts';
import type { Policy } from '../../noinstr/walk.ts';
import {
  type CliIo,
  type CommandArguments,
  choiceValue,
  type ExitStatus,
  stringValue,
  UsageError,
} from '../command.ts';
import { jsonDocument } from '../reporters/json.ts';
import { describeTree, openSession } from '../session.ts';

/**
 * `patchpoint noinstr --reach FUNCTION`: what can run without instrumentation from a function of the source, or from
 * everything that the exception vectors branch to (`vectors`). Result: the exit status.
 */
export function runReach({ values, paths }: CommandArguments, wanted: string, policy: Policy, io: CliIo): ExitStatus {
  const format = choiceValue(values, 'format', ['text', 'json'], 'text');
  if (paths.length > 1) throw new UsageError('name one file of the tree at most; see --help');
  const session = openSession(values, paths.length === 0 && stringValue(values, 'kernel') === null ? ['.'] : paths, io);
  io.err(describeTree(session.status));
  const { ctx, display } = session;
  const tree = ctx.workspace.treeFor(`${session.status.root}/Makefile`);
  if (tree === null) throw new UsageError('no kernel tree; name it with --kernel DIR');
  prepareNames(ctx.workspace, tree);
  const names = wanted === 'vectors' ? reachRoots(ctx, tree) : [wanted];
  const roots: ReachNode[] = [];
  for (const name of names) {
    const reach: Reach = reachFromName(ctx, tree, name, policy);
    if (reach.kind === 'none') {
      if (names.length === 1) throw new UsageError(`--reach: ${reach.reason}`);
      io.err(`patchpoint: ${reach.reason}\n`);
      continue;
    }
    roots.push(reach.root);
    if (format === 'text') io.out(reachText(reach.root, display));
  }
  if (format === 'json') io.out(jsonDocument(roots.map((root) => withPaths(root, display))));
  return roots.some(hasFinding) ? 1 : 0;
}

function hasFinding(node: ReachNode): boolean {
  return node.findings.length > 0 || node.callees.some(hasFinding);
}

/** Paths relative to the tree, as all records have them. */
function withPaths(node: ReachNode, display: (path: string) => string): ReachNode {
  const shown = (place: LinePlace | null): LinePlace | null =>
    place === null ? null : { ...place, path: display(place.path) };
  return {
    ...node,
    definition: shown(node.definition),
    call: shown(node.call),
    callees: node.callees.map((one) => withPaths(one, display)),
  };
}
