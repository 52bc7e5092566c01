import { reportInRegion, reportTwice } from './contextRules.ts';
import { type CallOp, calledName } from './flow/graph.ts';
import { reachableOps } from './flow/reachable.ts';
import type { PathState, Site } from './pathState.ts';
import { primitives, tracesOn } from './primitives.ts';
import type { FunctionFacts } from './unit.ts';
import { descend, type Frame, type Walk } from './walk.ts';

/** Which switches of the context a function can make, with those of what it is made of. */
interface Switches {
  readonly enters: boolean;
  readonly leaves: boolean;
  /** All of them nest over everything. */
  readonly nests: boolean;
  /** Tracing is told on some path that interrupts come back on. */
  readonly tellsTracing: boolean;
}

/** A function that only enters the context, or only leaves it: a primitive of its tree's own. */
interface Wrapper {
  readonly name: string;
  readonly effect: 'enter' | 'leave';
  readonly nests: boolean;
  readonly tellsTracing: boolean;
}

const none: Switches = { enters: false, leaves: false, nests: true, tellsTracing: false };
const switchesOf = new WeakMap<FunctionFacts, Switches>();

function switches(walk: Walk, fn: FunctionFacts): Switches {
  const known = switchesOf.get(fn);
  if (known !== undefined) return known;
  switchesOf.set(fn, none);
  let found = none;
  for (const op of reachableOps(fn.graph)) {
    const name = calledName(op);
    const here = name === null ? none : switchesOfName(walk, name);
    found = {
      enters: found.enters || here.enters,
      leaves: found.leaves || here.leaves,
      nests: found.nests && here.nests,
      tellsTracing: found.tellsTracing || here.tellsTracing,
    };
  }
  switchesOf.set(fn, found);
  return found;
}

function switchesOfName(walk: Walk, name: string): Switches {
  const row = primitives.get(name);
  const tellsTracing = tracesOn.has(name);
  if (row !== undefined) {
    return { enters: row.effect === 'enter', leaves: row.effect === 'leave', nests: row.nests, tellsTracing };
  }
  if (tellsTracing) return { ...none, tellsTracing };
  const callee = walk.resolve(name);
  return callee.kind === 'function' && callee.fn.class !== 'plain' ? switches(walk, callee.fn) : none;
}

/** Whether a function both enters and leaves: what it leaves open is told in itself. */
export function isComplete(walk: Walk, fn: FunctionFacts): boolean {
  const { enters, leaves } = switches(walk, fn);
  return enters && leaves;
}

/** Whether a function enters the context somewhere. */
export function canEnter(walk: Walk, fn: FunctionFacts): boolean {
  return switches(walk, fn).enters;
}

/** What a call of a function does to the context as a whole, or `null` when it is no wrapper. */
function wrapperOf(walk: Walk, fn: FunctionFacts): Wrapper | null {
  const { enters, leaves, nests, tellsTracing } = switches(walk, fn);
  if (enters === leaves) return null;
  const row = primitives.get(fn.name);
  return { name: fn.name, effect: enters ? 'enter' : 'leave', nests: row?.nests ?? nests, tellsTracing };
}

/**
 * Tells a wrapper that switches what is switched already, or inside a region. Gives the state to walk on with and whether
 * all was said about the call: what goes wrong inside follows from it.
 */
function checkWrapper(
  walk: Walk,
  site: Site,
  fn: FunctionFacts,
  wrapper: Wrapper,
  state: PathState,
): { readonly told: boolean; readonly state: PathState } {
  const { name, effect, nests } = wrapper;
  const before = effect === 'enter' ? state.entered : state.ctx === 'out' ? state.left : null;
  if (before !== null && !nests) {
    const anchor = effect === 'enter' ? (state.away ?? site) : site;
    reportTwice(walk, site, state, { name, effect, anchor, first: before });
    return { told: true, state };
  }
  const open = state.regions.at(-1);
  if (fn.class !== 'noinstr' || state.depth <= 0 || open === undefined || state.switchTold || closesFirst(fn))
    return { told: false, state };
  reportInRegion(walk, site, state, { name, anchor: site, marker: open });
  return { told: false, state: { ...state, switchTold: true } };
}

/** The states behind a call of a noinstr or always-inline function that is at hand. */
export function follow(
  walk: Walk,
  frame: Frame,
  site: Site,
  op: CallOp,
  fn: FunctionFacts,
  before: PathState,
): readonly PathState[] {
  const isOwn = fn.class === 'noinstr';
  const wrapper = walk.fixedContext ? null : wrapperOf(walk, fn);
  const { told, state } =
    wrapper === null ? { told: false, state: before } : checkWrapper(walk, site, fn, wrapper, before);
  const isSilent = isOwn || told;
  if (isSilent) walk.silent++;
  const exits = descend(walk, frame, site, op, fn, state);
  if (isSilent) walk.silent--;
  if (isOwn && fn.noreturn) return [];
  // What a function of its own did in order and in its regions is complete; it is checked there.
  const behind = isOwn ? behindOwnFunction(exits, state) : exits;
  if (wrapper !== null) return behindWrapper(walk, site, wrapper, behind, state);
  return isComplete(walk, fn) ? behindComplete(behind, state) : behind;
}

/** Whether the first marker of a function closes what its caller has open. */
function closesFirst(fn: FunctionFacts): boolean {
  const markers = reachableOps(fn.graph).flatMap((op) => {
    const name = calledName(op);
    return name === 'instrumentation_begin' || name === 'instrumentation_end' ? [name] : [];
  });
  return markers[0] === 'instrumentation_end';
}

/** The states behind a call of a function that is checked by itself: nothing of its regions and steps is left. */
function behindOwnFunction(exits: readonly PathState[], state: PathState): PathState[] {
  return exits.map((exit) =>
    exit === state
      ? exit
      : {
          ...exit,
          depth: state.depth,
          regions: state.regions,
          under: state.under,
          lastEnd: state.lastEnd,
          spoiled: state.spoiled,
          switchTold: state.switchTold,
          entry: [],
          exit: [],
          resched: exit.resched === state.resched ? state.resched : null,
          traceOff: exit.traceOff === state.traceOff ? state.traceOff : null,
          traceOn: exit.traceOn === state.traceOn ? state.traceOn : null,
        },
  );
}

/** The states behind a function that enters and leaves by itself, without the paths that are told there. */
function behindComplete(exits: readonly PathState[], state: PathState): PathState[] {
  const level = exits.filter((exit) => exit.entered === state.entered);
  const kept = level.length > 0 ? level : exits;
  return kept.map((exit) =>
    exit === state
      ? exit
      : { ...exit, entered: state.entered, resched: exit.resched === state.resched ? state.resched : null },
  );
}

/** The states behind a wrapper: it counts as one switch at its call. */
function behindWrapper(
  walk: Walk,
  site: Site,
  { effect, nests, tellsTracing }: Wrapper,
  exits: readonly PathState[],
  state: PathState,
): PathState[] {
  const isNested = nests && (effect === 'enter' ? state.ctx : state.nested.at(-1)) === 'in';
  if (effect === 'enter') {
    // A function that may enter, or may not: what holds behind it is its own affair.
    if (!exits.every((exit) => exit.ctx === 'in')) {
      // Unless it says which.
      const says = (exit: PathState): boolean => exit.ctx === 'in' && exit.result?.conds.get('') !== undefined;
      return exits.map((exit) => ({ ...exit, entered: says(exit) && state.left === null ? site : null }));
    }
    if (walk.silent === 0 && state.left !== null && !nests) walk.balanced.leavesThenEnters = true;
    const nested = nests && state.nested.length < 4 ? [...state.nested, state.ctx] : state.nested;
    const entered = isNested ? state.entered : state.left === null ? site : null;
    return exits.map((exit) => ({ ...exit, nested, entered, left: null, away: null }));
  }
  if (walk.silent === 0 && state.entered !== null) walk.balanced.entersThenLeaves = true;
  const nested = state.nested.slice(0, -1);
  // The way back to code whose interrupts were off tells nothing; the function knows when to.
  const back = tellsTracing ? exits.map((exit) => ({ ...exit, resched: null })) : exits;
  if (isNested) {
    const { entered, left } = state;
    return back.map((exit) => ({ ...exit, ctx: 'in', nested, entered, left }));
  }
  return back.map((exit) =>
    nests || exit.ctx === 'out'
      ? { ...exit, ctx: 'out', nested: nests ? nested : exit.nested, entered: null, left: site, away: null }
      : { ...exit, entered: null },
  );
}
