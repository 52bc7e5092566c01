import { type CancellationToken, ResponseError } from 'vscode-languageserver';
import { joinPath } from '../base/path.ts';
import { functionAt, type Reach, reachFrom, reachFromName, reachRoots } from '../features/noinstr/reachability.ts';
import { type ReachNode, reachText, reachWords } from '../features/noinstr/reachModel.ts';
import { displayIn, notOpen, policyOf } from './noinstrRequest.ts';
import type { ClientRequests, NoinstrNode, Position } from './protocol.ts';
import { type Answer, type DocumentAt, fileLookup, requestOn } from './requestWrapper.ts';
import type { ServerState } from './serverState.ts';
import { type FileLookup, toOffset, toRange } from './toProto.ts';

interface Target {
  readonly uri: string;
  readonly position: Position | null;
}

type Found = { readonly roots: readonly ReachNode[]; readonly problem: null } | { readonly problem: string };

/** What can run without instrumentation from a place of a document, with places as the client spells them. */
export async function noinstrReach(
  server: ServerState,
  target: Target,
  token: CancellationToken,
): Answer<ClientRequests['patchpoint/noinstrReach']['result']> {
  const found = await reach(server, target, token);
  if (found instanceof ResponseError || found.problem !== null) return found;
  const lookup = fileLookup(server);
  return { roots: found.roots.map((root) => toNode(root, lookup)), problem: null };
}

/** The same as text, for clients without a view of trees. */
export async function noinstrReachText(
  server: ServerState,
  target: Target,
  token: CancellationToken,
): Answer<{ readonly title: string; readonly text: string } | { readonly problem: string }> {
  const found = await reach(server, target, token);
  if (found instanceof ResponseError || found.problem !== null) return found;
  const display = displayIn(server, server.host.toPath(target.uri));
  const title = target.position === null ? 'exception handlers' : (found.roots[0]?.name ?? '');
  return { title: `noinstr from ${title}`, text: found.roots.map((one) => reachText(one, display)).join('') };
}

async function reach(server: ServerState, { uri, position }: Target, token: CancellationToken): Answer<Found> {
  const request = { method: 'patchpoint/noinstrReach', uri, token };
  return await requestOn<Found>(server, request, notOpen, (at) => find(server, at, position));
}

function find(server: ServerState, { ctx, path, ...file }: DocumentAt, position: Position | null): Found {
  const policy = policyOf(server, path);
  const tree = ctx.workspace.treeFor(path);
  if (tree === null) return { problem: 'the file lies in no kernel tree' };
  if (position === null) {
    const roots = reachRoots(ctx, tree).flatMap((name) => rootsOf(reachFromName(ctx, tree, name, policy)));
    return roots.length > 0
      ? { roots, problem: null }
      : { problem: `${joinPath(tree.root, 'arch/arm64/kernel')} has no vectors` };
  }
  const name = functionAt(ctx, path, toOffset(file, position), policy);
  if (name === null) return { problem: 'there is no function at the cursor' };
  const here = reachFrom(ctx, path, name, policy);
  const found = here.kind === 'reach' ? here : reachFromName(ctx, tree, name, policy);
  return found.kind === 'reach' ? { roots: [found.root], problem: null } : { problem: found.reason };
}

function rootsOf(found: Reach): readonly ReachNode[] {
  return found.kind === 'reach' ? [found.root] : [];
}

function toNode(node: ReachNode, lookup: FileLookup): NoinstrNode {
  const place = node.call ?? node.definition;
  const found = place === null ? undefined : lookup(place.path);
  const range = place === null ? null : { start: place.offset, end: place.offset + place.length };
  return {
    name: node.name,
    description: reachWords(node),
    findings: node.findings.map((one) => one.message),
    place: found === undefined || range === null ? null : { uri: found.uri, range: toRange(found.file.lines, range) },
    callees: node.callees.map((one) => toNode(one, lookup)),
  };
}
