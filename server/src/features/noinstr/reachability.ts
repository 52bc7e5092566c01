import { throwIfCancelled } from '../../base/cancellation.ts';
import type { FunctionReport } from '../../noinstr/analysis.ts';
import type { CallOp, FlowOp } from '../../noinstr/flow/graph.ts';
import { isSameSite, type PathState, type Site } from '../../noinstr/pathState.ts';
import { type PlacedFinding, placeOf } from '../../noinstr/place.ts';
import { primitives } from '../../noinstr/primitives.ts';
import type { Callee } from '../../noinstr/resolve.ts';
import { type FunctionFacts, outermostPlace } from '../../noinstr/unit.ts';
import type { Policy } from '../../noinstr/walk.ts';
import type { KernelTree } from '../../project/kernelTree.ts';
import { nameIndexOf } from '../../project/nameIndex/treeIndex.ts';
import type { FeatureContext } from '../featureContext.ts';
import { wordAt } from '../wordAt.ts';
import { vectorBranches } from './asmFindings.ts';
import { standingOf } from './describeNoinstr.ts';
import { type LinePlace, linePlace } from './linePlace.ts';
import type { Standing } from './noinstrFile.ts';
import { holds } from './noinstrViews.ts';
import { calleeNamed, type OpenNoinstr, openNoinstr } from './openNoinstr.ts';
import type { ReachNode } from './reachModel.ts';
import { toFindings } from './toFindings.ts';

const maxDepth = 40;
const maxNodes = 3000;
const maxFiles = 30;

/** A tree, or why there is none. */
export type Reach =
  | { readonly kind: 'reach'; readonly root: ReachNode }
  | { readonly kind: 'none'; readonly reason: string };

/** Names of the functions that the exception vectors of a tree branch to, in order of their vectors. */
export function reachRoots(ctx: FeatureContext, tree: KernelTree): readonly string[] {
  const index = nameIndexOf(ctx.workspace, tree);
  return [...vectorBranches(ctx, `${tree.root}/arch/arm64/kernel`, tree).keys()].filter((name) =>
    index.definitionsOf(name).some((one) => one.path.endsWith('.c') && !one.isDeclaration),
  );
}

/** What can run without instrumentation from a function that is named. Throws only `CancelledError`. */
export function reachFromName(ctx: FeatureContext, tree: KernelTree, name: string, policy: Policy): Reach {
  const all = nameIndexOf(ctx.workspace, tree)
    .definitionsOf(name)
    .filter((one) => !one.isDeclaration && /\.[ch]$/.test(one.path) && !one.path.includes('/nvhe/'));
  const native =
    all.find((one) => one.path.startsWith(`${tree.root}/arch/arm64/`)) ?? all.find((one) => !/\/arch\//.test(one.path));
  const found = native ?? all[0];
  if (found === undefined) return { kind: 'none', reason: `no function ${name} is defined in the tree` };
  return reachFrom(ctx, found.path, name, policy);
}

/** The same for a function of a file, `limit` functions deep. */
export function reachFrom(ctx: FeatureContext, path: string, name: string, policy: Policy, limit = maxDepth): Reach {
  const files = new Map<string, OpenNoinstr | null>();
  const expanded = new Set<string>();
  let nNodes = 0;
  const openFile = (file: string): OpenNoinstr | null => {
    let open = files.get(file);
    if (open === undefined) {
      throwIfCancelled(ctx.cancellation);
      open = files.size >= maxFiles ? null : openNoinstr(ctx.workspace, file, policy, () => true, files.size === 0);
      files.set(file, open);
    }
    return open;
  };

  const expand = (open: OpenNoinstr, report: FunctionReport, depth: number): readonly ReachNode[] => {
    const calls = callsOf(report);
    const below = (key: string | null, level: number): readonly ReachNode[] =>
      (calls.get(key) ?? []).flatMap((call) => nodeOf(open, report, call, (at) => below(at, level + 1), level) ?? []);
    return withoutRepeats(below(null, depth));
  };

  const nodeOf = (
    open: OpenNoinstr,
    report: FunctionReport,
    { site, op, states, key }: ReachedCall,
    below: (key: string) => readonly ReachNode[],
    depth: number,
  ): ReachNode | null => {
    const standing = standingOf(states);
    const callee = op.callee === null ? null : calleeNamed(open, op.callee);
    const findings = told(
      ctx,
      report.findings.filter((one) => one.finding !== null && isSameSite(one.finding.site, site)),
    );
    const about = describe(ctx, open, op, callee);
    const isFree = standing === 'IN' || standing === 'region';
    // Where instrumentation is allowed, what can be instrumented is no part of this.
    if (about === null || (isFree && findings.length === 0 && !isProtected(about.class))) return null;
    if (++nNodes > maxNodes) return null;
    const node = { ...about, standing, call: linePlace(ctx, placeOf(site)), findings };
    if (about.class === 'always-inline' || about.class === 'inline') {
      const callees = withoutRepeats(below(key));
      // Inlined code that calls nothing is part of where it stands.
      const isPart = !isFree || primitives.has(about.name);
      return !isPart && callees.length === 0 && findings.length === 0 ? null : { ...node, note: null, callees };
    }
    if (about.class !== 'noinstr' || about.definition === null) return { ...node, note: reasonOf(callee), callees: [] };
    return { ...node, ...follow(about.definition.path, about.name, depth) };
  };

  const follow = (file: string, called: string, depth: number): Pick<ReachNode, 'note' | 'callees'> => {
    const key = `${file}\0${called}`;
    if (expanded.has(key)) return { note: 'shown above', callees: [] };
    if (depth >= limit || nNodes >= maxNodes) return { note: 'not followed: the tree is too large', callees: [] };
    if (!file.endsWith('.c') && !files.has(file)) return { note: null, callees: [] };
    const open = openFile(file);
    const report = open?.analysis.functions.find((one) => one.fn.name === called);
    if (open === null || report === undefined)
      return { note: 'not followed: its source could not be read', callees: [] };
    expanded.add(key);
    return { note: leftOut(open, report), callees: expand(open, report, depth + 1) };
  };

  const open = openFile(path);
  const report = open?.analysis.functions.find((one) => one.fn.name === name);
  if (open === null || report === undefined) {
    const known = open?.analysis.unit.functionOf(name) ?? null;
    if (known === null)
      return { kind: 'none', reason: `${name} is no function of ${path.slice(path.lastIndexOf('/') + 1)}` };
    return { kind: 'none', reason: `${name} is not noinstr: it can be instrumented itself` };
  }
  expanded.add(`${path}\0${name}`);
  const callees = expand(open, report, 1);
  const own = report.findings.filter((one) => one.finding === null || one.finding.site.op.kind !== 'call');
  return {
    kind: 'reach',
    root: {
      name,
      class: 'noinstr',
      standing: report.entry === 'out' ? 'OUT' : report.entry === 'in' ? 'IN' : '?',
      definition: locatedName(ctx, report.fn),
      call: null,
      findings: told(ctx, own),
      note: leftOut(open, report),
      callees,
    },
  };
}

/** A call on the paths of a function, in one chain of inlined calls, with the states in which it is reached. */
interface ReachedCall {
  readonly key: string;
  readonly site: Site;
  readonly op: CallOp;
  readonly states: readonly PathState[];
}

/** Calls by the call they are inlined through, `null` for the function's own, in order of place. */
function callsOf(report: FunctionReport): ReadonlyMap<string | null, readonly ReachedCall[]> {
  const numbers = new Map<FlowOp, number>();
  const keyOf = (site: Site | null): string | null => {
    if (site === null) return null;
    let number = numbers.get(site.op);
    if (number === undefined) {
      number = numbers.size;
      numbers.set(site.op, number);
    }
    const via = keyOf(site.via);
    return via === null ? String(number) : `${via}.${number}`;
  };
  const byKey = new Map<string, { site: Site; op: CallOp; states: PathState[] }>();
  for (const { site, state } of report.states()) {
    const key = keyOf(site);
    if (key === null || site.op.kind !== 'call' || report.isClaimed(site.op)) continue;
    const known = byKey.get(key);
    if (known === undefined) byKey.set(key, { site, op: site.op, states: [state] });
    else known.states.push(state);
  }
  const calls = new Map<string | null, ReachedCall[]>();
  for (const [key, one] of byKey) {
    const via = keyOf(one.site.via);
    const list = calls.get(via);
    if (list === undefined) calls.set(via, [{ key, ...one }]);
    else list.push({ key, ...one });
  }
  const offset = ({ op }: ReachedCall): number => outermostPlace(op.token).offset;
  for (const list of calls.values()) list.sort((left, right) => offset(left) - offset(right));
  return calls;
}

function isProtected(kind: ReachNode['class']): boolean {
  return kind === 'noinstr' || kind === 'always-inline';
}

type About = Pick<ReachNode, 'name' | 'class' | 'definition'>;

function describe(ctx: FeatureContext, open: OpenNoinstr, op: CallOp, callee: Callee | null): About | null {
  if (callee === null || op.callee === null) return { name: op.text, class: 'indirect', definition: null };
  const name = op.callee;
  switch (callee.kind) {
    case 'builtin':
      return null;
    case 'function': {
      const { fn } = callee;
      const definition = locatedName(ctx, fn);
      return { name, class: fn.class, definition };
    }
    case 'outside': {
      const known = open.knowledge.definitionOf(name);
      const { file } = callee.outside;
      const path = known?.path ?? file;
      const place = path === null ? null : { file: path, offset: known?.offset ?? 0, length: name.length };
      return { name, class: callee.outside.class, definition: place === null ? null : linePlace(ctx, place) };
    }
    case 'unknown':
      return { name, class: 'unknown', definition: null };
  }
}

function reasonOf(callee: Callee | null): string | null {
  if (callee === null) return 'through a pointer';
  return callee.kind === 'unknown' ? callee.reason : null;
}

/** Calls of a function that are no part of its tree. */
function leftOut(open: OpenNoinstr, report: FunctionReport): string | null {
  const free = new Set<string>();
  for (const { site, state } of report.states()) {
    const standing: Standing = standingOf([state]);
    if (site.op.kind !== 'call' || site.op.callee === null || (standing !== 'IN' && standing !== 'region')) continue;
    const callee = calleeNamed(open, site.op.callee);
    const kind =
      callee.kind === 'function' ? callee.fn.class : callee.kind === 'outside' ? callee.outside.class : 'noinstr';
    if (!isProtected(kind)) free.add(site.op.callee);
  }
  return free.size === 0 ? null : `${free.size} more called where instrumentation is allowed`;
}

/** Equal calls of one line, which macros make: one of them. */
function withoutRepeats(nodes: readonly ReachNode[]): readonly ReachNode[] {
  const seen = new Set<string>();
  return nodes.filter(({ name, standing, call, note }) => {
    const key = `${name}\0${standing}\0${call?.path}\0${call?.line}`;
    if (seen.has(key) && (note === null || note === 'shown above')) return false;
    seen.add(key);
    return true;
  });
}

function told(ctx: FeatureContext, placed: readonly PlacedFinding[]): ReachNode['findings'] {
  return toFindings(ctx, placed).map(({ rule, message }) => ({ rule, message }));
}

/** A token has its place in getters: no spreading. */
function locatedName(ctx: FeatureContext, { name, nameToken }: FunctionFacts): LinePlace | null {
  const { file, offset } = outermostPlace(nameToken);
  return linePlace(ctx, { file, offset, length: name.length });
}

/** The function that a place of a file speaks of: the one named there, else the noinstr function around it. */
export function functionAt(ctx: FeatureContext, path: string, offset: number, policy: Policy): string | null {
  const open = openNoinstr(ctx.workspace, path, policy, () => true);
  const text = ctx.workspace.textOf(path);
  if (open === null || text === undefined) return null;
  const name = wordAt(text, offset)?.text ?? '';
  const isProtectedHere = open.analysis.functions.some((one) => one.fn.name === name);
  if (isProtectedHere) return name;
  return open.analysis.functions.find((one) => holds(open, one, path, offset))?.fn.name ?? (name === '' ? null : name);
}
