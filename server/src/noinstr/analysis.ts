import type { Steps } from '../base/steps.ts';
import { namedCall } from './callNames.ts';
import { whereText } from './calls.ts';
import { type ModelPoint, pointAt } from './contextPoint.ts';
import { declarationFindings } from './declarationRules.ts';
import type { PathFinding } from './finding.ts';
import { type CallOp, calledName } from './flow/graph.ts';
import { keysIn } from './keyRules.ts';
import { joinMismatches, joinOpenRegions } from './mismatches.ts';
import type { ContextState } from './models/contextState.ts';
import { newWalk, openShared, type Shared } from './newWalk.ts';
import { type Context, isSameSite, type PathState, rootSite, type Site } from './pathState.ts';
import { type PlacedFinding, placeFinding, type Texts } from './place.ts';
import { orderSteps, primitives } from './primitives.ts';
import type { Outside } from './resolve.ts';
import { storeFindings } from './storeFindings.ts';
import type { FunctionFacts, Unit } from './unit.ts';
import { findUnneeded } from './unneededRegions.ts';
import { type HookTargets, type Policy, type Walk, walkRoot } from './walk.ts';

/** What an analysis of a unit needs from around it. */
export interface AnalysisInput {
  readonly unit: Unit;
  readonly policy: Policy;
  readonly outside: Outside;
  readonly texts: Texts;
  isNoinstrSection(section: string): boolean;
  isNokprobe(name: string): boolean;
  hookTargets(op: CallOp, fn: FunctionFacts, via: Site | null): HookTargets;
}

/** What is known of one noinstr function of a unit. */
export interface FunctionReport {
  readonly fn: FunctionFacts;
  readonly entry: Context;
  readonly findings: readonly PlacedFinding[];
  readonly unverified: Walk['unverified'];
  readonly keys: Walk['keys'];
  readonly hookTargets: Walk['hookTargets'];
  /** Whether a call is what a macro is made of whose name says everything about it. */
  isClaimed(op: CallOp): boolean;
  /** Calls in its text with the state there; made on demand. */
  states(): readonly { readonly site: Site; readonly state: PathState }[];
  /** The same with the model of context tracking on every path and the way each one came. Not kept. */
  modelStates(start: ContextState): readonly { readonly site: Site; readonly state: PathState }[];
}

export interface NoinstrAnalysis {
  readonly unit: Unit;
  /** Keys that the switches of the context test: every entry from user space does. */
  readonly primitiveKeys: ReadonlySet<string>;
  readonly functions: readonly FunctionReport[];
  /** Findings of paths and declarations, those on keys and hooks not among them. */
  readonly findings: readonly PlacedFinding[];
  /** A finding with the way that led to it in `state.trail`; `null` when its walk does not find it. Made on demand. */
  traced(finding: PathFinding): PathFinding | null;
}

/**
 * Checks every noinstr function of the main file, and the regions and order in its always-inline ones, in steps of one
 * function each.
 */
export function* analyzingUnit(input: AnalysisInput): Steps<NoinstrAnalysis> {
  const { unit } = input;
  const shared = openShared(input);
  const own = unit.ownFunctionNames
    .map((name) => unit.functionOf(name))
    .filter((fn): fn is FunctionFacts => fn !== null);
  // Some rules look at every function: made one by one, each flow is a step of its own.
  for (const fn of own) if (fn.graph.nodes.length > 0) yield;
  const roots = own.filter((fn) => fn.class === 'noinstr' || fn.class === 'always-inline');
  const walks: Walks = new Map();
  const entries = yield* entryContexts(shared, own, roots, walks);
  const reports: FunctionReport[] = [];
  const findings: PlacedFinding[] = [];
  for (const fn of roots) {
    const entry = entries.get(fn) ?? 'unknown';
    const walk = walked(shared, fn, entry, walks);
    const placed = finish(walk, input.texts);
    yield;
    if (fn.class === 'noinstr') {
      let visited: { site: Site; state: PathState }[] | null = null;
      const states = (): { site: Site; state: PathState }[] => {
        visited ??= statesOf(shared, fn, entry);
        return visited;
      };
      const modelStates = (start: ContextState): { site: Site; state: PathState }[] =>
        statesOf(shared, fn, entry, pointAt(start));
      const { hookTargets, unverified, keys } = walk;
      const isClaimed = (op: CallOp): boolean => shared.claims.ofToken(op.token) !== null;
      reports.push({ fn, entry, findings: placed, unverified, keys, hookTargets, isClaimed, states, modelStates });
    }
    findings.push(...placed);
    if (walk.checksCalls) findings.push(...storeFindings(walk));
  }
  findings.push(...declarationFindings(input, own));
  return {
    unit,
    primitiveKeys: primitiveKeys(shared),
    functions: reports,
    findings: withoutRepeats(findings),
    traced: (finding) => {
      const { fn } = rootSite(finding.site);
      return tracedFinding(shared, fn, entries.get(fn) ?? 'unknown', finding);
    },
  };
}

function primitiveKeys({ input, hints }: Shared): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const [name, { kind }] of primitives) {
    const fn = kind === 'base' ? input.unit.functionOf(name) : null;
    if (fn?.class !== 'always-inline') continue;
    for (const key of keysIn(input.unit, fn, hints.useText)) keys.add(key);
  }
  return keys;
}

function statesOf(
  shared: Shared,
  fn: FunctionFacts,
  entry: Context,
  model: ModelPoint | null = null,
): { site: Site; state: PathState }[] {
  const states: { site: Site; state: PathState }[] = [];
  const walk = newWalk(shared, fn, (site, state) => states.push({ site, state }), model !== null);
  walkRoot(walk, entry, model);
  // Half of the paths would say what not all of them do.
  return model !== null && walk.budget < 0 ? [] : states;
}

/** The same finding out of a walk that keeps the way, or the one of its rule at its place where the words differ. */
function tracedFinding(shared: Shared, fn: FunctionFacts, entry: Context, wanted: PathFinding): PathFinding | null {
  const walk = newWalk(shared, fn, null, true);
  walkRoot(walk, entry);
  findAtEnd(walk, shared.input.texts);
  const there = walk.findings.filter((one) => one.rule === wanted.rule && isSameSite(one.site, wanted.site));
  return there.find((one) => one.message === wanted.message) ?? there[0] ?? null;
}

/** What only the whole walk can tell, then places for everything. */
function finish(walk: Walk, texts: Texts): PlacedFinding[] {
  findAtEnd(walk, texts);
  return withoutRepeats(walk.findings.map((finding) => placeFinding(finding, walk, texts)));
}

function findAtEnd(walk: Walk, texts: Texts): void {
  joinMismatches(walk, texts);
  joinOpenRegions(walk);
  findOpenReturns(walk, texts);
  dropFollowUps(walk);
  if (walk.checksCalls) {
    findTraceCalls(walk);
    findUnneeded(walk);
  }
}

/** Steps out of order may also run where RCU does not watch: that is the same mistake. */
function dropFollowUps(walk: Walk): void {
  if (!walk.findings.some(({ rule }) => rule.endsWith('-order'))) return;
  const kept = walk.findings.filter(
    ({ rule, subject }) => rule !== 'noinstr.calls-instrumentable' || !orderSteps.has(subject),
  );
  walk.findings.splice(0, walk.findings.length, ...kept);
}

/** Returns with the context entered in a function that leaves it on another path; the same of guests and idle. */
function findOpenReturns(walk: Walk, texts: Texts): void {
  const { entersThenLeaves, leavesThenEnters } = walk.balanced;
  for (const { kind, site, switched, state } of walk.openReturns) {
    if (kind === 'entered' ? !entersThenLeaves : !leavesThenEnters || entersThenLeaves) continue;
    const line = texts.lineOf(switched.op.token);
    const at = line === null ? '' : ` at line ${line}`;
    const [not, order] = kind === 'entered' ? ['left', 'leave'] : ['entered again', 'enter'];
    walk.findings.push({
      rule: 'noinstr.context-unbalanced',
      severity: 'error',
      site,
      anchor: site,
      message: `returns with the context ${kind}${at} but not ${not}; ${order} it before the return`,
      subject: walk.root.name,
      related: [{ site: switched, message: `${kind} here` }],
      ctx: state.ctx,
      replacement: null,
      state,
    });
  }
}

/** `trace_hardirqs_on()` and `_off()` that no switch of the context follows are calls like others. */
function findTraceCalls(walk: Walk): void {
  const told = new Set(
    walk.findings.filter((one) => one.rule === 'noinstr.combined-irq-tracing').map((one) => one.site.op),
  );
  for (const { site, name, state } of walk.traceCalls) {
    if (told.has(site.op) || !walk.hints.tracesIrqflags) continue;
    walk.findings.push({
      rule: 'noinstr.calls-instrumentable',
      severity: state.ctx === 'out' ? 'error' : 'warning',
      site,
      anchor: null,
      message: `${walk.root.name} is noinstr but calls ${name}(), which can be instrumented${whereText(state)}; use the split calls`,
      subject: name,
      related: [],
      ctx: state.ctx,
      replacement: null,
      state,
    });
  }
}

/** Walks of roots from an entry context: the same context gives the same walk. */
type Walks = Map<FunctionFacts, { readonly entry: Context; readonly walk: Walk }>;

function walked(shared: Shared, fn: FunctionFacts, entry: Context, walks: Walks): Walk {
  const before = walks.get(fn);
  if (before?.entry === entry) return before.walk;
  const walk = newWalk(shared, fn, null);
  walkRoot(walk, entry);
  walks.set(fn, { entry, walk });
  return walk;
}

/** How each root is entered: by the first switch it makes, else by the states at the calls of it. */
function* entryContexts(
  shared: Shared,
  own: readonly FunctionFacts[],
  roots: readonly FunctionFacts[],
  walks: Walks,
): Steps<Map<FunctionFacts, Context>> {
  const entries = new Map<FunctionFacts, Context>();
  if (shared.fixedContext) return entries;
  const memo = new Map<FunctionFacts, ReadonlySet<string>>();
  for (const fn of roots) {
    const first = firstSwitches(shared, fn, memo, 0);
    if (first.has('enter') && !first.has('leave')) entries.set(fn, 'out');
    else if (first.has('leave') && !first.has('enter')) entries.set(fn, 'in');
  }
  const open = roots.filter((fn) => !entries.has(fn) && fn.class === 'noinstr' && fn.declared.isStatic);
  if (open.length === 0) return entries;
  const foreign = calledFromElsewhere(shared, own, new Set(open.map((fn) => fn.name)));
  for (let round = 0; round < 3; round++) {
    const seen = new Map<string, Set<Context>>();
    for (const fn of roots) {
      if (fn.class !== 'noinstr') continue;
      const { callStates } = walked(shared, fn, entries.get(fn) ?? 'unknown', walks);
      yield;
      for (const [name, contexts] of callStates) {
        const all = seen.get(name) ?? new Set<Context>();
        for (const ctx of contexts) all.add(ctx);
        seen.set(name, all);
      }
    }
    let changed = false;
    for (const fn of open) {
      const contexts = seen.get(fn.name);
      const [only] = contexts ?? [];
      if (only === undefined || contexts?.size !== 1 || only === 'unknown' || foreign.has(fn.name)) continue;
      if (entries.get(fn) === only) continue;
      entries.set(fn, only);
      if (only === 'in') shared.calledInside.add(fn);
      changed = true;
    }
    if (!changed) break;
  }
  return entries;
}

/** Names of `wanted` that ordinary functions call, or whose address is taken. */
function calledFromElsewhere(shared: Shared, own: readonly FunctionFacts[], wanted: ReadonlySet<string>): Set<string> {
  const found = new Set<string>();
  const calls = new Map<string, number>();
  const count = (name: string): void => void calls.set(name, (calls.get(name) ?? 0) + 1);
  for (const fn of own) {
    const protectedCaller = fn.class === 'noinstr' || fn.class === 'always-inline';
    for (const { op } of fn.graph.nodes) {
      if (op?.kind !== 'call' || op.callee === null || !wanted.has(op.callee)) continue;
      if (protectedCaller) count(op.callee);
      else found.add(op.callee);
    }
  }
  // Every other mention of the name takes its address.
  for (const name of wanted) {
    const mentions = [...shared.input.unit.text.matchAll(new RegExp(`\\b${name}\\b`, 'g'))].length;
    const declarations = shared.input.unit.declarationsOf(name).length;
    if (mentions > (calls.get(name) ?? 0) + declarations) found.add(name);
  }
  return found;
}

/** Which switches of the context come first on some path: `enter`, `leave`, and `none` where a path has none. */
function firstSwitches(
  shared: Shared,
  fn: FunctionFacts,
  memo: Map<FunctionFacts, ReadonlySet<string>>,
  depth: number,
): ReadonlySet<string> {
  const before = memo.get(fn);
  if (before !== undefined) return before;
  memo.set(fn, new Set(['none']));
  const found = new Set<string>();
  const { nodes } = fn.graph;
  // An operation, whether the interrupted task is known not to be the idle task, and whether lockdep was told.
  const seen = new Set<string>();
  const queue: [number, boolean, boolean][] = [[0, false, false]];
  while (queue.length > 0) {
    const [at, nonIdle, before] = queue.pop() ?? [0, false, false];
    const key = `${at}${nonIdle}${before}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const op = nodes[at]?.op;
    if (op?.kind === 'return') found.add('none');
    const name = calledName(op);
    const told = before || (name !== null && orderSteps.get(name)?.step === 'lockdep-off');
    if (nonIdle && told) {
      found.add('enter');
      continue;
    }
    const effects = name === null ? null : effectsOf(shared, name, memo, depth);
    if (effects !== null) for (const effect of effects) if (effect !== 'none') found.add(effect);
    if (effects !== null && !effects.has('none')) continue;
    const asksIdle = op?.kind === 'branch' && op.calls.includes('is_idle_task');
    for (const [way, to] of (nodes[at]?.next ?? []).entries()) {
      queue.push([to, nonIdle || (asksIdle && way === 1), told]);
    }
  }
  memo.set(fn, found);
  return found;
}

function effectsOf(
  shared: Shared,
  name: string,
  memo: Map<FunctionFacts, ReadonlySet<string>>,
  depth: number,
): ReadonlySet<string> | null {
  const primitive = primitives.get(name);
  if (primitive !== undefined) return new Set([primitive.effect]);
  if (depth > 8 || namedCall(name, 'raw') !== null) return null;
  const callee = shared.input.unit.functionOf(name);
  if (callee === null || callee.class === 'plain') return null;
  return firstSwitches(shared, callee, memo, depth + 1);
}

/** One finding per rule, place and subject. */
function withoutRepeats(findings: readonly PlacedFinding[]): PlacedFinding[] {
  const seen = new Map<string, PlacedFinding>();
  for (const finding of findings) {
    const key = `${finding.rule}\0${finding.file}\0${finding.offset}\0${finding.subject}`;
    const before = seen.get(key);
    if (before === undefined || weights[finding.severity] > weights[before.severity]) seen.set(key, finding);
  }
  return [...seen.values()];
}

const weights: Readonly<Record<PathFinding['severity'], number>> = { error: 2, warning: 1, information: 0 };
