import type { Policy } from '../../noinstr/walk.ts';
import { type CallItem, type Calls, outgoingCalls, prepareCallHierarchy } from '../callHierarchy.ts';
import type { FeatureContext } from '../featureContext.ts';
import { wordAt } from '../wordAt.ts';
import type { LinePlace } from './linePlace.ts';
import { keptNoinstr } from './openNoinstr.ts';
import { reachFrom } from './reachability.ts';
import { type ReachNode, reachWords } from './reachModel.ts';

/**
 * The noinstr function that is named at an offset, as an item whose calls are those that can run without
 * instrumentation. `null` elsewhere, and for a file that was not checked. Never starts an analysis.
 */
export function noinstrCallItem(ctx: FeatureContext, path: string, offset: number): CallItem | null {
  const open = keptNoinstr(ctx.workspace, path);
  const text = ctx.workspace.textOf(path);
  const word = open === null || text === undefined ? null : wordAt(text, offset);
  if (open === null || text === undefined || word === null) return null;
  const { text: name } = word;
  const root = open.analysis.functions.find(({ fn }) => fn.name === name);
  const definition = root === undefined ? null : open.knowledge.definitionOf(name);
  const file = definition?.path ?? path;
  if (root === undefined || !open.analysis.unit.isOwn(root.fn.nameToken) || file !== path) return null;
  const start = definition?.offset ?? word.range.start;
  const range = { start, end: start + (definition?.length ?? name.length) };
  const detail = 'noinstr: what runs without instrumentation';
  return { name, kind: 'function', detail, path, range, selectionRange: range, noinstr: true };
}

/** Calls of such an item, those through inlined functions among them, at the calls that are written in its file. */
export function noinstrOutgoingCalls(ctx: FeatureContext, item: CallItem, policy: Policy): readonly Calls[] {
  const reach = reachFrom(ctx, item.path, item.name, policy, 1);
  if (reach.kind === 'none') return [];
  const calls = new Map<string, { item: CallItem; ranges: { start: number; end: number }[] }>();
  const add = (node: ReachNode, outer: LinePlace | null): void => {
    const at = outer ?? node.call;
    if (node.class === 'always-inline' || node.class === 'inline') for (const one of node.callees) add(one, at);
    const { definition } = node;
    const isPart = node.class === 'noinstr' || (node.findings.length > 0 && node.callees.length === 0);
    if (definition === null || at === null || at.path !== item.path || !isPart) return;
    const key = `${definition.path}\0${node.name}`;
    const range = { start: at.offset, end: at.offset + at.length };
    const known = calls.get(key);
    if (known !== undefined) {
      if (!known.ranges.some((one) => one.start === range.start)) known.ranges.push(range);
      return;
    }
    const place = { start: definition.offset, end: definition.offset + definition.length };
    const called: CallItem = {
      name: node.name,
      kind: 'function',
      detail: reachWords({ ...node, note: null }),
      path: definition.path,
      range: place,
      selectionRange: place,
      ...(node.class === 'noinstr' ? { noinstr: true } : {}),
    };
    calls.set(key, { item: called, ranges: [range] });
  };
  for (const node of reach.root.callees) add(node, null);
  return [...calls.values()];
}

/** Items of the call hierarchy at an offset: of a noinstr function the one of what it runs without instrumentation too. */
export function callItemsAt(ctx: FeatureContext, path: string, offset: number): readonly CallItem[] {
  const noinstr = noinstrCallItem(ctx, path, offset);
  return [...prepareCallHierarchy(ctx, path, offset), ...(noinstr === null ? [] : [noinstr])];
}

/** What the function of an item calls; of an item as above, what it runs without instrumentation. */
export function callsFrom(ctx: FeatureContext, item: CallItem, policy: Policy | 'off'): readonly Calls[] {
  if (item.noinstr !== true) return outgoingCalls(ctx, item);
  return noinstrOutgoingCalls(ctx, item, policy === 'strict' ? 'strict' : 'context');
}
