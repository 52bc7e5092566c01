import { commonSites, type PathState, type Site, type StepAt } from './pathState.ts';
import { type OrderRow, type Primitive, primitives } from './primitives.ts';
import { report } from './report.ts';
import type { Walk } from './walk.ts';

/** A primitive switches the context. */
export function applyPrimitive(
  walk: Walk,
  site: Site,
  name: string,
  primitive: Primitive,
  state: PathState,
): PathState {
  const open = state.regions.at(-1);
  let inside = state;
  // The idle core's own wrappers close the region themselves.
  const moves = primitive.kind === 'wrapper' && primitive.idle;
  if (state.depth > 0 && open !== undefined && !moves && !state.switchTold) {
    inside = { ...state, switchTold: true };
    const [anchor, marker] = commonSites(site, open);
    reportInRegion(walk, site, state, { name, anchor, marker });
  }
  if (moves) inside = moveRegion(inside, site, primitive);
  if (walk.fixedContext) return inside;
  return primitive.effect === 'enter'
    ? enter(walk, site, name, primitive, inside)
    : leave(walk, site, name, primitive, inside);
}

/** The idle core's wrappers, where their bodies are not at hand: the first ends the region, the second begins one. */
function moveRegion(state: PathState, site: Site, { effect }: Primitive): PathState {
  const { depth, regions, lastEnd } = state;
  if (effect === 'leave')
    return depth > 0 ? { ...state, depth: depth - 1, regions: regions.slice(0, -1), lastEnd: site, jump: null } : state;
  const ended = lastEnd?.op.kind === 'call' ? primitives.get(lastEnd.op.callee ?? '') : undefined;
  if (ended?.idle !== true) return state;
  return { ...state, depth: depth + 1, regions: [...regions, site], branched: false, jump: null };
}

function enter(walk: Walk, site: Site, name: string, primitive: Primitive, state: PathState): PathState {
  combined(walk, site, state.traceOff, 'trace_hardirqs_off', state);
  if (state.entered !== null && !primitive.nests) {
    const [anchor, first] = commonSites(state.away ?? site, state.entered);
    reportTwice(walk, site, state, { name, effect: 'enter', anchor, first });
  }
  if (state.left !== null && !primitive.nests && walk.silent === 0) walk.balanced.leavesThenEnters = true;
  return {
    ...state,
    ctx: 'in',
    nested: primitive.nests && state.nested.length < 4 ? [...state.nested, state.ctx] : state.nested,
    idle: primitive.idle ? false : state.idle,
    entered: primitive.nests && state.ctx === 'in' ? state.entered : state.left === null ? site : null,
    left: null,
    away: null,
    traceOff: null,
    traceOn: null,
  };
}

function leave(walk: Walk, site: Site, name: string, primitive: Primitive, state: PathState): PathState {
  combined(walk, site, state.traceOn, 'trace_hardirqs_on', state);
  if (state.ctx === 'out' && state.left !== null && !primitive.nests) {
    const [anchor, first] = commonSites(site, state.left);
    reportTwice(walk, site, state, { name, effect: 'leave', anchor, first }, name);
  }
  if (state.entered !== null && walk.silent === 0) walk.balanced.entersThenLeaves = true;
  // Leaving what nested goes back to what was before.
  const before = primitive.nests ? state.nested.at(-1) : undefined;
  const nested = before === undefined ? state.nested : state.nested.slice(0, -1);
  if (before === 'in') return { ...state, ctx: 'in', nested, traceOff: null, traceOn: null };
  return {
    ...state,
    ctx: 'out',
    nested,
    idle: primitive.idle ? true : state.idle,
    entered: null,
    left: site,
    away: null,
    traceOff: null,
    traceOn: null,
  };
}

function combined(walk: Walk, at: Site, site: Site | null, name: string, state: PathState): void {
  if (site === null) return;
  const [anchor] = commonSites(site, at);
  report(walk, site, state, {
    rule: 'noinstr.combined-irq-tracing',
    severity: 'error',
    subject: name,
    anchor,
    message:
      name === 'trace_hardirqs_off'
        ? 'trace_hardirqs_off() traces before RCU watches; use lockdep_hardirqs_off() before the switch and trace_hardirqs_off_finish() after it'
        : 'trace_hardirqs_on() tells lockdep before RCU stops watching; use the _prepare() calls before the switch and lockdep_hardirqs_on() after it',
  });
}

/** Tells a switch of the context between the markers of a region; `marker` opens it. */
export function reportInRegion(
  walk: Walk,
  site: Site,
  state: PathState,
  { name, anchor, marker }: { readonly name: string; readonly anchor: Site; readonly marker: Site },
): void {
  report(walk, site, state, {
    rule: 'noinstr.context-switch-in-region',
    severity: 'error',
    subject: name,
    anchor,
    message: `${name}() switches the context inside an open region; close it first`,
    related: [{ site: marker, message: 'opened here' }],
  });
}

/** Tells a switch of the context that a path has made already, at `first`. */
export function reportTwice(
  walk: Walk,
  site: Site,
  state: PathState,
  said: {
    readonly name: string;
    readonly effect: Primitive['effect'];
    readonly anchor: Site;
    readonly first: Site;
  },
  subject = walk.root.name,
): void {
  const [does, done, opposite] = said.effect === 'enter' ? ['enters', 'entered', 'leave'] : ['leaves', 'left', 'enter'];
  report(walk, site, state, {
    rule: 'noinstr.context-unbalanced',
    severity: 'error',
    subject,
    anchor: said.anchor,
    message: `${said.name}() ${does} a context that this path has ${done} already; ${opposite} it first`,
    related: [{ site: said.first, message: `${done} here` }],
  });
}

/** A path on which the interrupted task is not the idle task. */
export function notIdle(walk: Walk, state: PathState): PathState {
  const told = state.entry.some(({ row }) => row.step === 'lockdep-off');
  const after = { ...state, nonIdle: true };
  return told ? watching(walk, after) : after;
}

/** An interrupt from a kernel context that is not idle finds RCU watching; entry code relies on it once lockdep was told. */
function watching(walk: Walk, state: PathState): PathState {
  return state.ctx === 'in' || walk.fixedContext ? state : { ...state, ctx: 'in', entered: null };
}

/** An ordered step: what came before it on this path must have a lower place in the order. */
export function applyStep(walk: Walk, site: Site, name: string, row: OrderRow, state: PathState): PathState {
  const here = { name, row, site };
  let after = state;
  if (row.step === 'lockdep-off' && state.nonIdle) after = watching(walk, after);
  if (row.side === 'entry') {
    checkMissingLockdepOn(walk, after);
    const fresh = after.exit.length > 0 || after.entry.some((one) => one.row.step === row.step);
    const before = fresh ? [] : after.entry;
    const told = checkEntryOrder(walk, { ...here, told: false }, before, after);
    return { ...after, exit: [], entry: [...before, { ...here, told }] };
  }
  const done = (step: string): boolean => after.exit.some((one) => one.row.step === step);
  // A whole exit is behind; what belongs to the end of one does not begin another.
  const fresh = after.entry.length > 0 || (done('x-nmi-count') && done('rcu-exit') && row.rank < lastSteps);
  const again = after.exit.some((one) => one.row.step === row.step);
  const before = fresh || again ? [] : after.exit;
  const told = checkExitOrder(walk, { ...here, told: false }, before, after);
  return { ...after, entry: [], exit: [...before, { ...here, told }] };
}

/** Tells a step that stands behind one it belongs before; the first one of an entry, for the rest follows from it. */
function checkEntryOrder(walk: Walk, here: StepAt, before: readonly StepAt[], state: PathState): boolean {
  const { row } = here;
  const nmi = row.nmi || before.some((one) => one.row.nmi && one.row.step !== 'save');
  const later = before.find((one) => one.row.rank > row.rank);
  if (later === undefined || before.some((one) => one.told)) return false;
  if (row.step === 'save') {
    if (!before.some((one) => one.row.step === 'lockdep-off')) return false;
    tell(
      walk,
      here,
      later,
      state,
      'noinstr.nmi-order',
      'lockdep state is saved too late: it was told "off" before, so the saved value would always be "off"',
    );
    return true;
  }
  const text = nmi
    ? `NMI entry order: ${here.name}() belongs before ${later.name}()`
    : `${later.name}() must come after ${here.name}() on entry: lockdep, then RCU, then tracing`;
  tell(walk, here, later, state, nmi ? 'noinstr.nmi-order' : 'noinstr.entry-order', text);
  return true;
}

/** From this rank on steps follow the switch. */
const lastSteps = 4;

function checkExitOrder(walk: Walk, here: StepAt, before: readonly StepAt[], state: PathState): boolean {
  const { row } = here;
  const later = before.find((one) => one.row.rank > row.rank);
  if (later === undefined || before.some((one) => one.told)) return false;
  const nmi = row.nmi || before.some((one) => one.row.nmi);
  const text = nmi
    ? `NMI exit order: ${here.name}() belongs before ${later.name}()`
    : `${here.name}() must come before ${later.name}() on exit: tracing, then RCU, then lockdep`;
  tell(walk, here, later, state, nmi ? 'noinstr.nmi-order' : 'noinstr.exit-order', text);
  return true;
}

function tell(walk: Walk, here: StepAt, other: StepAt, state: PathState, rule: string, message: string): void {
  const [anchor, related] = commonSites(here.site, other.site);
  report(walk, here.site, state, {
    rule,
    severity: 'error',
    subject: here.name,
    anchor,
    message,
    related: [{ site: related, message: `${other.name}() is here` }],
  });
}

/** At the end of an exit: prepared, RCU left, and lockdep never told. */
export function checkMissingLockdepOn(walk: Walk, state: PathState): void {
  const has = (step: string): StepAt | undefined => state.exit.find((one) => one.row.step === step);
  const switched = has('rcu-exit');
  const prepared = has('lockdep-on-prepare') ?? has('trace-on-prepare');
  if (switched === undefined || prepared === undefined || has('lockdep-on') !== undefined) return;
  // Told already, as steps in the wrong order.
  if (state.exit.indexOf(prepared) > state.exit.indexOf(switched)) return;
  const [anchor, other] = commonSites(switched.site, prepared.site);
  const nmi = switched.row.nmi;
  report(walk, switched.site, state, {
    rule: nmi ? 'noinstr.nmi-order' : 'noinstr.exit-order',
    severity: 'error',
    subject: switched.name,
    anchor,
    message: `lockdep is never told that interrupts are on again: call lockdep_hardirqs_on() after ${switched.name}()`,
    related: [{ site: other, message: 'prepared here' }],
  });
}
