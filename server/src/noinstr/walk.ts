import type { CppExpansion, CppToken } from '../syntax/cpp/model.ts';
import { handleCall, handleUse } from './calls.ts';
import { atReturn, behindCall, conditionsInside, isWanted, resultAsked, withResult } from './carriedConditions.ts';
import type { Claims } from './claims.ts';
import { decidedBy, type ModelPoint, withModel } from './contextPoint.ts';
import { notIdle } from './contextRules.ts';
import { isHeldGuard, leavesIrqOnly } from './exitConditions.ts';
import { checkAccess } from './faultRules.ts';
import type { PathFinding } from './finding.ts';
import type { BranchOp, CallOp, FlowGraph, TokenText } from './flow/graph.ts';
import { predecessorCounts } from './flow/reachable.ts';
import type { HookStore } from './hooks.ts';
import { checkAsm, checkAssignment } from './maskRules.ts';
import {
  type Context,
  compatible,
  entryState,
  type PathState,
  type Site,
  stateKey,
  withCondition,
} from './pathState.ts';
import { checkReturn, mismatch } from './regionRules.ts';
import type { Callee } from './resolve.ts';
import { afterAssignment, choosesValue, conditionsOf } from './siteValues.ts';
import { type Traits, traitsOf } from './traits.ts';
import type { FunctionFacts, Unit } from './unit.ts';

export type Policy = 'context' | 'strict';

/** What a walk knows and collects. One walk checks one root function. */
export interface Walk {
  readonly unit: Unit;
  readonly root: FunctionFacts;
  readonly policy: Policy;
  readonly claims: Claims;
  /** The context stays unknown: code that implements the switch itself. */
  readonly fixedContext: boolean;
  /** Whether calls are checked; the order of steps and the regions always are. */
  readonly checksCalls: boolean;
  /** RCU watches in the root only because it does so at every call of it. */
  readonly calledInside: boolean;
  readonly findings: PathFinding[];
  /** States at which named functions are called, for their own entry. */
  readonly callStates: Map<string, Set<Context>>;
  /** Regions that hold something that needs them. */
  readonly neededRegions: Set<Site['op']>;
  readonly seenRegions: Map<Site['op'], Site>;
  /** What walking into a function can bring. */
  readonly traits: Map<FunctionFacts, Traits>;
  readonly hints: WalkHints;
  /** Returns of the root with the context entered on the path, or left. */
  readonly openReturns: {
    readonly kind: 'entered' | 'left';
    readonly site: Site;
    readonly switched: Site;
    readonly state: PathState;
  }[];
  /** What the root does on some path. */
  readonly balanced: { entersThenLeaves: boolean; leavesThenEnters: boolean };
  /** Static keys that are tested where no instrumentation is allowed. */
  readonly keys: {
    readonly name: string;
    readonly index: string | null;
    /** As it is written: `name[index].member`. */
    readonly text: string;
    readonly site: Site;
    readonly state: PathState;
  }[];
  /** Calls whose callee is not known, with the reason. */
  readonly unverified: { readonly site: Site; readonly name: string; readonly reason: string }[];
  /** `trace_hardirqs_on()` and `_off()` where they are not allowed. */
  readonly traceCalls: { readonly site: Site; readonly name: string; readonly state: PathState }[];
  readonly hookUses: {
    readonly site: Site;
    readonly op: CallOp;
    readonly targets: HookTargets;
    readonly state: PathState;
  }[];
  /** `via`: the call that led into the function. */
  hookTargets(op: CallOp, fn: FunctionFacts, via?: Site | null): HookTargets;
  isNokprobe(name: string): boolean;
  /** States keep the way they came, the shortest one of several: for showing it, not for checking. */
  readonly traces: boolean;
  /** Sites reached, with the states there, in the root and in what is inlined into it. */
  readonly visit: ((site: Site, state: PathState) => void) | null;
  resolve(name: string): Callee;
  budget: number;
  /** More than 0 inside a function that is checked on its own. */
  silent: number;
}

/** Functions that a pointer can hold, as far as the tree shows. */
export interface HookTargets {
  readonly names: readonly string[];
  /** Nobody can store anything else. */
  readonly closed: boolean;
  readonly stores: readonly HookStore[];
}

/** Facts of the configuration that grade findings. */
export interface WalkHints {
  readonly preemptCount: boolean;
  readonly tracesIrqflags: boolean;
  readonly debugPreempt: boolean;
  readonly sanitizers: boolean;
  readonly atomics: 'raw' | 'arch';
  /** The unit defines or calls primitives: entry code. */
  readonly entryCode: boolean;
  /** A condition around a call as text, macros included. */
  guardText(guard: TokenText): string;
  /** Text of a use of a macro with its arguments, from its file. */
  useText(expansion: CppExpansion): string;
}

const maxStates = 64;
const maxInlineDepth = 16;

/** Walks every path of the root function from an entry context, and from a state of the model where one is wanted. */
export function walkRoot(walk: Walk, ctx: Context, model: ModelPoint | null = null): void {
  runFunction(walk, walk.root, { ...entryState(ctx), model }, null, new Map());
}

/** Function pointers that a call binds to parameters: parameter name → function name. */
export type Bindings = ReadonlyMap<string, string>;

export interface Frame {
  readonly fn: FunctionFacts;
  readonly via: Site | null;
  readonly bindings: Bindings;
}

/** Walks a function's body from one state; gives the states at its returns. Conditions of the caller stay outside. */
export function runFunction(
  walk: Walk,
  fn: FunctionFacts,
  start: PathState,
  via: Site | null,
  bindings: Bindings,
): PathState[] {
  const { graph } = fn;
  const frame: Frame = { fn, via, bindings };
  const preds = predecessorCounts(graph);
  const at: Map<string, PathState>[] = graph.nodes.map(() => new Map());
  const exits = new Map<string, PathState>();
  const queue: [number, PathState][] = [[0, start]];
  const reported = { mismatch: false };
  while (queue.length > 0) {
    const next = walk.traces ? queue.shift() : queue.pop();
    if (next === undefined || walk.budget-- <= 0) break;
    const [node, arriving] = next;
    const states = at[node];
    const flow = graph.nodes[node];
    if (states === undefined || flow === undefined) continue;
    let state = arriving;
    if ((preds[node] ?? 0) > 1 && !state.spoiled && !reported.mismatch) {
      for (const other of states.values()) {
        if (other.depth === state.depth || other.spoiled || !compatible(other, state)) continue;
        if (mismatch(walk, frame, graph, node, other, state)) {
          reported.mismatch = true;
          state = { ...state, spoiled: true };
          break;
        }
      }
    }
    if (states.size >= maxStates && state.conds.size > 0) state = { ...state, conds: new Map() };
    const key = stateKey(state);
    if (states.has(key) || states.size >= 2 * maxStates) continue;
    states.set(key, state);
    const { op } = flow;
    if (op === null) {
      // The place where a `switch` parts.
      if (flow.next.length > 1 && state.depth > 0) state = { ...state, branched: true };
      for (const to of flow.next) queue.push([to, state]);
      continue;
    }
    const site: Site = { op, fn, via };
    if (walk.silent === 0) walk.visit?.(site, state);
    if (walk.traces && (walk.silent === 0 || state.model !== null)) {
      state = { ...state, trail: { site, before: state, taken: null, parent: state.trail } };
    }
    if (op.kind === 'return') {
      if (via === null) checkReturn(walk, site, state);
      const exit = via === null ? state : atReturn(state, op.value);
      exits.set(stateKey(exit), exit);
      continue;
    }
    if (op.kind === 'branch') {
      for (const [to, taken] of sides(walk, site, state, op)) {
        const successor = flow.next[to];
        if (successor !== undefined) queue.push([successor, taken]);
      }
      continue;
    }
    for (const stepped of step(walk, frame, site, state)) {
      const after = withModel(walk, frame, site, state, stepped);
      for (const to of flow.next) queue.push([to, after]);
    }
  }
  return [...exits.values()];
}

function step(walk: Walk, frame: Frame, site: Site, state: PathState): readonly PathState[] {
  const { op } = site;
  switch (op.kind) {
    case 'assign': {
      checkAssignment(walk, site, state);
      const stored = afterAssignment(site, op, state, (text) => isWanted(walk, site, text));
      const after = op.value === null ? stored : withResult(walk, site, op.target, op.value, stored);
      const value = op.value?.some((token) => token.text === 'exit_rcu') === true;
      return [value ? { ...after, entered: null } : after];
    }
    case 'jump': {
      if (staysInMacro(op.token)) return [state];
      const away = op.token.text === 'break' ? state.away : site;
      return [{ ...state, away, jump: state.depth > 0 ? site : state.jump }];
    }
    case 'access':
      checkAccess(walk, site, state);
      return [state];
    case 'asm':
      checkAsm(walk, site, state);
      return [state];
    case 'use': {
      if (walk.claims.ofUse(op.expansion) !== null) return [state];
      return handleUse(walk, frame, site, state);
    }
    case 'call': {
      if (walk.claims.ofToken(op.token) !== null) return [state];
      return handleCall(walk, frame, site, op, state);
    }
    default:
      return [state];
  }
}

/** Whether a `break` leaves a `switch` or loop of the macro that it comes from: nothing that is written there jumps. */
function staysInMacro({ text, expansion }: CppToken): boolean {
  if (text !== 'break') return false;
  for (let at = expansion; at !== null; at = at.parent)
    if (/\b(switch|for|while|do)\b/.test(at.macro.body)) return true;
  return false;
}

/** Both ways out of a condition, or the one that is open on this path. */
function sides(walk: Walk, site: Site, state: PathState, op: BranchOp): [number, PathState][] {
  const { fn, via } = site;
  const known =
    (state.model === null ? null : decidedBy(state.model, op)) ??
    state.conds.get(op.text) ??
    resultAsked(state, op.text) ??
    (isHeldGuard(fn, via, op) || undefined);
  const ways: [number, PathState][] = [];
  for (const [index, value] of [true, false].entries()) {
    if (known !== undefined && known !== value) continue;
    const trail = state.trail?.site.op === op ? { ...state.trail, taken: value } : state.trail;
    let after: PathState = { ...state, result: null, trail, branched: state.branched || state.depth > 0 };
    const again = isAskedAgain(fn.graph, op.text);
    const kept = known === undefined && (again || choosesValue(fn.graph, op.text) || isWanted(walk, site, op.text));
    if (kept && (!again || op.calls.every((name) => isPure(fn, name)))) after = withCondition(after, op.text, value);
    if (!value && op.calls.includes('is_idle_task')) after = notIdle(walk, after);
    // An exit that depends on how the entry was is the normal one of kernel code.
    if (/\bexit_rcu\b/.test(op.text) || leavesIrqOnly(fn.graph, op)) after = { ...after, entered: null };
    // These say whether context tracking is in use on this CPU: if not, RCU watches all the time.
    const unused = !value && op.calls.some((name) => conditionalSwitches.has(name));
    if (unused && !walk.fixedContext) after = { ...after, ctx: 'in' };
    ways.push([index, after]);
  }
  return ways;
}

const repeated = new WeakMap<FlowGraph, ReadonlySet<string>>();

/** Whether a function decides the same condition at more than one place: only those are worth keeping. */
function isAskedAgain(graph: FlowGraph, text: string): boolean {
  let texts = repeated.get(graph);
  if (texts === undefined) {
    const once = new Set<string>();
    const more = new Set<string>();
    for (const { op } of graph.nodes) {
      if (op?.kind !== 'branch') continue;
      if (once.has(op.text)) more.add(op.text);
      once.add(op.text);
    }
    texts = more;
    repeated.set(graph, texts);
  }
  return texts.has(text);
}

const conditionalSwitches: ReadonlySet<string> = new Set([
  'context_tracking_guest_enter',
  'context_tracking_guest_exit',
]);

/** A call in a condition that says the same when it is asked again: small inline functions of headers. */
function isPure(fn: FunctionFacts, name: string): boolean {
  if (name.startsWith('__builtin_')) return true;
  const callee = fn.unit.functionOf(name);
  return callee?.declared.inline === true && !fn.unit.isOwn(callee.nameToken);
}

/** Goes into a function at a call. Conditions of the caller are kept, those of the callee forgotten. */
export function descend(
  walk: Walk,
  frame: Frame,
  site: Site,
  op: CallOp,
  callee: FunctionFacts,
  state: PathState,
): readonly PathState[] {
  const traits = traitsOf(walk, callee);
  // Nothing in it tells; who asks for every place is shown it all the same.
  if ((traits === 'quiet' && walk.visit === null) || (traits === 'calls' && walk.silent > 0 && state.model === null))
    return [state];
  let depth = 0;
  for (let at: Site | null = site; at !== null; at = at.via) {
    if (++depth > maxInlineDepth || at.fn === callee) return [state];
  }
  const bindings = new Map<string, string>();
  for (const [index, parameter] of callee.parameters.entries()) {
    const [arg, more] = op.args[index] ?? [];
    if (arg?.kind !== 'identifier' || more !== undefined) continue;
    const name = frame.bindings.get(arg.text) ?? arg.text;
    if (walk.resolve(name).kind !== 'unknown') bindings.set(parameter, name);
  }
  const conds = new Map([...conditionsInside(walk, op, callee, state), ...conditionsOf(site, op, callee)]);
  const exits = runFunction(walk, callee, { ...state, conds, result: null }, site, bindings);
  return behindCall(walk, site, op, callee, state, exits);
}
