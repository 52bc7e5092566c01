import { namedCall } from './callNames.ts';
import { checkMissingLockdepOn } from './contextRules.ts';
import { calledName, type FlowGraph } from './flow/graph.ts';
import { commonSites, type PathState, type Site } from './pathState.ts';
import { primitives } from './primitives.ts';
import { report } from './report.ts';
import { canEnter, isComplete } from './switching.ts';
import type { Frame, Walk } from './walk.ts';

/** `instrumentation_begin()`. */
export function openRegion(walk: Walk, site: Site, state: PathState): PathState {
  if (state.depth < 0) {
    // It opens again what an `instrumentation_end()` before it closed for the caller.
    return { ...state, depth: state.depth + 1 };
  }
  if (walk.silent === 0 && !walk.seenRegions.has(site.op)) walk.seenRegions.set(site.op, site);
  if (state.ctx === 'out' && state.depth === 0) {
    const hook = onlyHook(walk, site, state);
    const when = state.left === null ? 'comes later' : 'comes before';
    const switched = state.left ?? null;
    if (hook !== null) {
      report(walk, site, state, {
        rule: 'noinstr.region-without-context',
        severity: 'warning',
        subject: 'instrumentation_begin',
        message: `region around one hook while RCU is not watching: every function that ${hook} can call must be noinstr`,
        related: switched === null ? [] : [{ site: switched, message: 'the context is left here' }],
      });
    } else {
      const anchor = markerBefore(walk, site, state);
      report(walk, site, state, {
        rule: 'noinstr.region-without-context',
        severity: 'error',
        subject: 'instrumentation_begin',
        ...(anchor === null ? {} : { anchor }),
        message: `region opens while RCU is not watching (the context switch ${when}); open it after the enter primitive`,
        related: switched === null ? [] : [{ site: switched, message: 'the context is left here' }],
      });
    }
  }
  return {
    ...state,
    depth: state.depth + 1,
    regions: [...state.regions, site],
    branched: false,
    jump: null,
    switchTold: state.depth > 0 && state.switchTold,
  };
}

/** The marker in the inline function whose own switch it stands on the wrong side of; `null` where that is the root. */
function markerBefore(walk: Walk, site: Site, { left }: PathState): Site | null {
  if (left !== null) return commonSites(site, left)[0];
  for (let at = site; at.via !== null; at = at.via) if (canEnter(walk, at.fn)) return at;
  return null;
}

/** Text of the hook when all that a region calls is one function through a pointer, safe names aside. */
function onlyHook(walk: Walk, site: Site, state: PathState): string | null {
  const { nodes } = site.fn.graph;
  const hooks = new Set<string>();
  const seen = new Set<number>();
  const queue = [...(nodes[nodes.findIndex((node) => node.op === site.op)]?.next ?? [])];
  while (queue.length > 0) {
    const at = queue.pop();
    if (at === undefined || seen.has(at)) continue;
    seen.add(at);
    const op = nodes[at]?.op;
    const name = calledName(op);
    // What is behind its end, or behind a switch where the end is missing, is no part of it.
    if (name === 'instrumentation_end' || op?.kind === 'return') continue;
    if (name !== null && primitives.has(name)) continue;
    if (op?.kind === 'call' && name === null) hooks.add(op.text.replace(/ ?(->|\.) ?/g, '$1'));
    else if (name !== null && op != null && !isHarmless(name) && walk.claims.ofToken(op.token) === null) return null;
    const known = op?.kind === 'branch' ? state.conds.get(op.text) : undefined;
    const next = nodes[at]?.next ?? [];
    if (known === undefined) queue.push(...next);
    else queue.push(...next.slice(known ? 0 : 1, known ? 1 : 2));
  }
  const [hook] = hooks;
  return hooks.size === 1 ? (hook ?? null) : null;
}

/** Beside the hook the idle core checks and corrects the interrupt mask. */
function isHarmless(name: string): boolean {
  return name.startsWith('__builtin_') || namedCall(name, 'raw')?.rule === null;
}

/** `instrumentation_end()`. */
export function closeRegion(walk: Walk, site: Site, state: PathState): PathState {
  if (state.depth > 0) {
    const regions = state.regions.slice(0, -1);
    return { ...state, depth: state.depth - 1, regions, lastEnd: site, jump: null };
  }
  if (state.spoiled) return state;
  const { lastEnd } = state;
  if (lastEnd === null && state.under === null) return { ...state, depth: state.depth - 1, under: site };
  const [here, other] = commonSites(site, lastEnd ?? site);
  // A guard closes the region for sure: the one that somebody wrote is too many.
  const isGuard = here.op.kind === 'call' && here.op.atScopeEnd === true;
  const anchor = isGuard ? other : here;
  report(walk, site, state, {
    rule: 'noinstr.region-underflow',
    severity: 'error',
    subject: 'instrumentation_end',
    anchor,
    message: 'instrumentation_end() without an open region on this path: it was closed already; delete one of the two',
    related: lastEnd === null ? [] : [{ site: isGuard ? here : lastEnd, message: 'closed here' }],
  });
  return { ...state, spoiled: true };
}

/** A return of the root function. */
export function checkReturn(walk: Walk, site: Site, state: PathState): void {
  if (!state.spoiled && walk.root.class === 'noinstr') checkDepthAtReturn(walk, site, state);
  if (state.depth === 0) checkResched(walk, state);
  checkMissingLockdepOn(walk, state);
  checkContextAtReturn(walk, site, state);
}

function checkDepthAtReturn(walk: Walk, site: Site, state: PathState): void {
  const open = state.regions.at(-1);
  if (state.depth > 0 && open !== undefined) {
    const early = site.op.kind === 'return' && !site.op.atEnd && state.branched;
    const [marker] = commonSites(open, site);
    report(walk, site, state, {
      rule: 'noinstr.region-left-open',
      severity: 'error',
      subject: 'instrumentation_begin',
      anchor: earlyJump(state, open) ?? (early ? site : marker),
      message: `${walk.root.name} returns with instrumentation still enabled; put instrumentation_end() before the return`,
      related: [{ site: marker, message: 'opened here' }],
    });
  }
  if (state.depth < 0 && state.under !== null) {
    report(walk, state.under, state, {
      rule: 'noinstr.region-underflow',
      severity: 'error',
      subject: 'instrumentation_end',
      message: 'instrumentation_end() without an open region on this path; delete it, or open one before',
    });
  }
}

/** The jump by which a path left a region whose end it passes by. */
function earlyJump({ branched, jump }: PathState, open: Site): Site | null {
  return branched && jump !== null && hasEnd(open) ? commonSites(jump, open)[0] : null;
}

/** Whether a marker in the same function closes what a marker opened, on some path. */
function hasEnd({ op, fn }: Site): boolean {
  const { nodes } = fn.graph;
  const start = nodes.findIndex((node) => node.op === op);
  const seen = new Set<number>(nodes[start]?.next ?? []);
  for (const at of seen) {
    const node = nodes[at];
    if (calledName(node?.op) === 'instrumentation_end') return true;
    if (at !== start) for (const to of node?.next ?? []) seen.add(to);
  }
  return false;
}

function checkResched(walk: Walk, state: PathState): void {
  const { resched } = state;
  // An inline function may leave it to its caller, unless it makes the whole way in and out.
  if (resched === null || (walk.root.class !== 'noinstr' && !isComplete(walk, walk.root))) return;
  const name = calledName(resched.op) ?? '';
  report(walk, resched, state, {
    rule: 'noinstr.resched-without-trace-on',
    severity: 'error',
    subject: name,
    message: `interrupts come back on without trace_hardirqs_on() after ${name}(); call it before the region ends`,
  });
}

function checkContextAtReturn(walk: Walk, site: Site, state: PathState): void {
  const { entered, left, away } = state;
  const last = entered ?? left;
  if (last === null) return;
  const [anchor, switched] = commonSites(away ?? site, last);
  walk.openReturns.push({ kind: entered === null ? 'left' : 'entered', site: anchor, switched, state });
}

/**
 * Two paths meet with regions open to different depths. A path that left the region by a jump is told at its
 * return; here it is a loop whose body opens or closes one region too many, or a branch.
 */
export function mismatch(
  walk: Walk,
  frame: Frame,
  graph: FlowGraph,
  node: number,
  one: PathState,
  two: PathState,
): boolean {
  if (walk.root.class !== 'noinstr' || !isLoopHead(graph, node)) return false;
  const [deep, flat] = one.depth > two.depth ? [one, two] : [two, one];
  // The second one came round: what it did since is too much.
  const open = flat === two ? undefined : deep.regions.at(-1);
  const site = open ?? flat.lastEnd ?? flat.under ?? deep.regions.at(-1);
  if (site === null || site === undefined || frame.via !== null) return false;
  report(walk, site, deep, {
    rule: 'noinstr.region-path-mismatch',
    severity: 'error',
    subject: 'instrumentation_begin',
    anchor: (open === undefined ? null : earlyJump(deep, open)) ?? site,
    message: `instrumentation depth in this loop is ${flat.depth} or ${deep.depth} depending on the path; open and close the region in the same turn`,
  });
  return true;
}

const loopHeads = new WeakMap<FlowGraph, ReadonlySet<number>>();

/** Whether a node can come back to itself. */
function isLoopHead(graph: FlowGraph, node: number): boolean {
  let heads = loopHeads.get(graph);
  if (heads === undefined) {
    heads = backEdgeTargets(graph);
    loopHeads.set(graph, heads);
  }
  return heads.has(node);
}

function backEdgeTargets(graph: FlowGraph): ReadonlySet<number> {
  const heads = new Set<number>();
  const state = new Uint8Array(graph.nodes.length);
  const stack: [number, number][] = [[0, 0]];
  state[0] = 1;
  while (stack.length > 0) {
    const top = stack.at(-1);
    if (top === undefined) break;
    const to = graph.nodes[top[0]]?.next[top[1]++];
    if (to === undefined) {
      state[top[0]] = 2;
      stack.pop();
    } else if (state[to] === 1) heads.add(to);
    else if (state[to] === 0) {
      state[to] = 1;
      stack.push([to, 0]);
    }
  }
  return heads;
}
