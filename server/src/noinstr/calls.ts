import { compilerMade, fatalCalls, legacyText, type NamedCall, namedCall } from './callNames.ts';
import { checkCalledFunction, isTracepoint, reportIndirect, reportTracepoint } from './callRules.ts';
import { applyPrimitive, applyStep } from './contextRules.ts';
import { type CallOp, calledName, type TokenText } from './flow/graph.ts';
import { reachableOps } from './flow/reachable.ts';
import { isIdleMacro } from './idleMacros.ts';
import { checkStaticKey, isStaticBranch, notePrimitiveKeys } from './keyRules.ts';
import { checkUnmask } from './maskRules.ts';
import type { PathState, Site } from './pathState.ts';
import { orderSteps, primitives, reschedules, switchableByPreemptMode, tracesOn } from './primitives.ts';
import { closeRegion, openRegion } from './regionRules.ts';
import { isAllowed, namesAt, report } from './report.ts';
import { follow } from './switching.ts';
import type { FunctionFacts } from './unit.ts';
import type { Frame, Walk } from './walk.ts';

/** Macros and functions whose names mean something to the analysis. */
export function isNamedCall(name: string): boolean {
  return isRelevantName(name) || isStaticBranch(name) || namedCall(name, 'raw') !== null;
}

/** Names that change the state of a path. */
export function isRelevantName(name: string): boolean {
  return (
    name === 'instrumentation_begin' ||
    name === 'instrumentation_end' ||
    name === 'trace_hardirqs_on' ||
    name === 'trace_hardirqs_off' ||
    orderSteps.has(name) ||
    primitives.has(name) ||
    reschedules.has(name)
  );
}

/** What a use of a macro with a meaning does to a path. Gives the states to go on with. */
export function handleUse(walk: Walk, frame: Frame, site: Site, state: PathState): readonly PathState[] {
  if (site.op.kind !== 'use' || isIdleMacro(site.op.expansion, walk.hints.useText)) return [state];
  const { name } = site.op.expansion.macro;
  const named = handleName(walk, frame, site, name, state);
  return named.decided ? named.states : [named.state];
}

/** What a call does to a path: by its name, by its body, or through a pointer. Gives the states to go on with. */
export function handleCall(walk: Walk, frame: Frame, site: Site, op: CallOp, before: PathState): readonly PathState[] {
  const { callee } = op;
  const name = callee === null ? null : (frame.bindings.get(callee) ?? callee);
  if (name === null) return reportIndirect(walk, frame, site, op, before);
  const named = handleName(walk, frame, site, name, before);
  if (named.decided) return named.states;
  const { state } = named;
  const target = walk.resolve(name);
  if (target.kind === 'unknown' && isPointer(frame, name)) return reportIndirect(walk, frame, site, op, state);
  if (isTracepoint(name, target)) {
    reportTracepoint(walk, site, name, state);
    return [state];
  }
  if (target.kind === 'function') {
    const { fn } = target;
    if (fn.class === 'noinstr') noteCall(walk, name, state);
    if (fn.class === 'noinstr' || fn.class === 'always-inline') return follow(walk, frame, site, op, fn, state);
  }
  return checkCalledFunction(walk, frame, site, op, name, target, state);
}

function noteCall(walk: Walk, name: string, state: PathState): void {
  if (walk.silent > 0) return;
  let contexts = walk.callStates.get(name);
  if (contexts === undefined) {
    contexts = new Set();
    walk.callStates.set(name, contexts);
  }
  contexts.add(state.depth > 0 ? 'in' : state.ctx);
}

/** A name that is no function and is a variable of the file, assigned or passed in: a pointer. */
function isPointer(frame: Frame, name: string): boolean {
  if (frame.fn.parameters.includes(name) || frame.fn.unit.variableOf(name) !== null) return true;
  return frame.fn.graph.nodes.some(({ op }) => op?.kind === 'assign' && op.target === name);
}

/** What a name meant: all that follows, or the state with which its definition has to be looked at. */
type Named =
  | { readonly decided: true; readonly states: readonly PathState[] }
  | { readonly decided: false; readonly state: PathState };

const decided = (...states: PathState[]): Named => ({ decided: true, states });
const open = (state: PathState): Named => ({ decided: false, state });

/** What a name means by itself, before its definition. */
function handleName(walk: Walk, frame: Frame, site: Site, name: string, state: PathState): Named {
  if (name === 'instrumentation_begin') return decided(openRegion(walk, site, state));
  if (name === 'instrumentation_end') return decided(closeRegion(walk, site, state));
  if (isStaticBranch(name)) {
    checkStaticKey(walk, site, state);
    return decided(state);
  }
  let after = state;
  // Behind the switch it is a call that may schedule, and told as such.
  if (reschedules.has(name) && (after.depth > 0 || after.ctx !== 'out')) after = { ...after, resched: site };
  if (tracesOn.has(name)) after = { ...after, resched: null };
  if (tracesOff.has(name)) after = { ...after, traceOn: null };
  if (name === 'trace_hardirqs_off') {
    return isAllowed(walk, after)
      ? decided(after)
      : decided(checkTraceCall(walk, site, name, { ...after, traceOff: site }));
  }
  if (name === 'trace_hardirqs_on') return decided(checkTraceCall(walk, site, name, { ...after, traceOn: site }));
  const row = orderSteps.get(name);
  if (row !== undefined && (row.step !== 'save' || isAssigned(site))) after = applyStep(walk, site, name, row, after);
  const primitive = primitives.get(name);
  if (primitive !== undefined) {
    if (primitive.kind === 'base') notePrimitiveKeys(walk, site, name, after);
    const summary = primitive.kind === 'base' || walk.resolve(name).kind !== 'function';
    return summary ? decided(applyPrimitive(walk, site, name, primitive, after)) : open(after);
  }
  if (switchableByPreemptMode.has(name)) checkSwitchable(walk, site, name, after);
  if (checkUnmask(walk, site, name, after)) return decided(after);
  const named = namedCall(name, walk.hints.atomics);
  if (named?.byExpansion && !isReadHere(walk, frame, site, name)) return decided(after);
  if (named !== null) return decided(checkNamed(walk, site, name, named, after));
  if (row === undefined || site.op.kind !== 'use') return open(after);
  return decided(after);
}

/** `trace_hardirqs_on()` and `_off()` are one finding with the switch they stand before, else a call like others. */
function checkTraceCall(walk: Walk, site: Site, name: string, state: PathState): PathState {
  if (state.depth > 0) needRegion(walk, state);
  if (isAllowed(walk, state) || walk.root.class !== 'noinstr') return state;
  walk.traceCalls.push({ site, name, state });
  return state;
}

function isAssigned(site: Site): boolean {
  return (site.op.kind === 'call' || site.op.kind === 'use') && site.op.assigned;
}

/** Calls that tell tracing that interrupts are off: what was told before them no longer holds. */
const tracesOff: ReadonlySet<string> = new Set([
  'trace_hardirqs_off',
  'local_irq_disable',
  'local_irq_save',
  'local_daif_mask',
  'local_daif_save',
]);

/** Per-CPU operations are one instruction there: `arch/x86/include/asm/percpu.h`. */
function isOneInstruction(path: string, name: string): boolean {
  return name.startsWith('this_cpu_') && path.includes('/arch/x86/');
}

/** The old calls switch the context like the split ones; one that gives back a saved state may do either. */
function afterLegacyCall(name: string, state: PathState): PathState {
  if (/^(exception_enter|irq_enter|(ct_)?user_exit)/.test(name)) return { ...state, ctx: 'in' };
  if (/^(ct_)?user_enter/.test(name)) return { ...state, ctx: 'out' };
  return /^(exception|irq)_exit/.test(name) ? { ...state, ctx: 'unknown' } : state;
}

/**
 * Whether a read that entry code makes on purpose is one to tell: code in this configuration, or written in this file,
 * and neither the saved state of an NMI-like entry nor in a check that runs only while context tracking is in use.
 */
function isReadHere(walk: Walk, frame: Frame, site: Site, name: string): boolean {
  if (name === 'ct_state' ? walk.hints.preemptCount : walk.hints.tracesIrqflags) return true;
  // The code that switches the context asserts what it needs.
  if (walk.fixedContext || !walk.unit.isOwn(frame.fn.nameToken) || namesAt(site).includes('CT_WARN_ON')) return false;
  return !isAssigned(site) || !hasNmiStep(frame.fn);
}

/** Whether a function makes a step that only an NMI-like entry has, the reading aside. */
function hasNmiStep({ graph }: FunctionFacts): boolean {
  return reachableOps(graph).some((op) => {
    const name = calledName(op);
    const row = name === null ? undefined : orderSteps.get(name);
    return row?.nmi === true && row.side === 'entry' && row.step !== 'save';
  });
}

/** A name of the table of unsafe and safe calls. */
function checkNamed(walk: Walk, site: Site, name: string, named: NamedCall, state: PathState): PathState {
  const { rule } = named;
  if (rule === null) return state;
  if (state.depth > 0) needRegion(walk, state);
  if (rule === 'noinstr.legacy-context-call') {
    if (named.severity === 'information' && isAllowed(walk, state)) return state;
    const after = afterLegacyCall(name, state);
    report(walk, site, state, {
      rule,
      severity: named.severity ?? (walk.hints.entryCode ? 'error' : 'information'),
      subject: name,
      message: legacyText(name, named.replacement),
      replacement: named.replacement,
    });
    return after;
  }
  if (isAllowed(walk, state)) return state;
  if (isOneInstruction(walk.unit.path, name)) return state;
  report(walk, site, state, { rule, ...namedText(walk, name, named, state) });
  return state;
}

function namedText(
  walk: Walk,
  name: string,
  named: NamedCall,
  state: PathState,
): Omit<Parameters<typeof report>[3], 'rule'> {
  const { replacement } = named;
  const caller = walk.root.name;
  const instead = replacement === null ? '' : `; use ${replacement}`;
  switch (named.rule) {
    case 'noinstr.irqflags-traced':
      return {
        severity: 'error',
        subject: name,
        replacement,
        message: `${name}() tells tracing and lockdep about the change; here they cannot run yet${instead}`,
      };
    case 'noinstr.preempt-toggle':
      return {
        severity: named.severity ?? (walk.hints.debugPreempt ? 'error' : 'warning'),
        subject: name,
        replacement,
        message: `${name}() may call preempt_schedule_notrace() or preempt_count_add() here${instead}`,
      };
    case 'noinstr.instrumented-access':
      return {
        severity: walk.hints.sanitizers && state.ctx === 'out' ? 'error' : 'warning',
        subject: name,
        replacement,
        message: `${name}() is instrumented; use ${replacement ?? 'a raw_ or arch_ form'} in noinstr code`,
      };
    case 'noinstr.trace-or-print':
      return {
        severity: 'error',
        subject: name,
        replacement,
        message: `${name}() needs RCU; move it into an instrumentation region${state.ctx === 'out' ? ' where RCU watches' : ''}`,
      };
    case 'noinstr.schedules-without-context':
      return {
        severity: 'error',
        subject: name,
        replacement,
        message: `${name}() may schedule, but RCU is not watching here`,
      };
    case 'noinstr.faultable-early':
      return {
        severity: 'warning',
        subject: name,
        replacement,
        message: `${name}() may fault, and the fault handler needs the context; ${elsewhere(state)}`,
      };
    default:
      return {
        severity: state.ctx === 'out' ? 'error' : 'warning',
        subject: name,
        replacement,
        message: `${caller} is noinstr but calls ${name}(), which can be instrumented${whereText(state)}${instead === '' ? `; ${elsewhere(state)}` : instead}`,
      };
  }
}

/** Where a call would be right that has no other form, as an order. */
export function elsewhere(state: PathState): string {
  if (state.ctx !== 'out') return 'move it into a region, or out of noinstr code';
  return state.left === null ? 'move it below the enter primitive' : 'move it above the leave primitive';
}

/** How a place stands to the context, as a half sentence. */
export function whereText(state: PathState): string {
  if (state.ctx !== 'out') return ' outside any instrumentation region';
  return state.left === null ? ' before RCU is watching' : ' after RCU stopped watching';
}

/** Marks the open regions as needed. */
export function needRegion(walk: Walk, state: PathState): void {
  for (const region of state.regions) walk.neededRegions.add(region.op);
}

function checkSwitchable(walk: Walk, site: Site, name: string, state: PathState): void {
  if (walk.root.class !== 'noinstr') return;
  // Told as a call that may schedule at all.
  const named = namedCall(name, walk.hints.atomics);
  if (named?.rule === 'noinstr.schedules-without-context' && !isAllowed(walk, state)) return;
  const guards: TokenText[] = [];
  for (let at: Site | null = site; at !== null; at = at.via) {
    // What the kernel's own helpers do, `preempt_enable()` above all, is meant for every mode.
    if (at.via !== null && !walk.unit.isOwn(at.fn.nameToken)) return;
    if (at.op.kind === 'call' || at.op.kind === 'use') guards.push(...at.op.guards);
  }
  const words = guards.map((guard) => walk.hints.guardText(guard)).join(' ');
  if (/CONFIG_PREEMPT|need_irq_preemption|sk_dynamic_|need_resched|preemptible|preempt_count/.test(words)) return;
  const raw = `raw_${name}`;
  const hasRaw = name === 'irqentry_exit_cond_resched' || walk.resolve(raw).kind !== 'unknown';
  const instead = hasRaw ? `use ${raw}()` : 'call what no mode turns off';
  report(walk, site, state, {
    rule: 'noinstr.preempt-dynamic-call',
    severity: 'warning',
    subject: name,
    replacement: hasRaw ? raw : null,
    message: `${name}() does nothing when the preemption mode disables it; ${instead} if this must always run`,
  });
}

/** Whether a call does not come back because the kernel ends there. */
export function isFatal(name: string, noreturn: boolean): boolean {
  return noreturn || fatalCalls.has(name);
}

/** Whether a compiler calls it by itself, so that its name in the text says little. */
export function isCompilerMade(name: string): boolean {
  return compilerMade.has(name);
}
