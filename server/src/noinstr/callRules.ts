import { namedCall } from './callNames.ts';
import { isCompilerMade, isFatal, needRegion, whereText } from './calls.ts';
import type { CallOp } from './flow/graph.ts';
import { isStaticBranch } from './keyRules.ts';
import type { PathState, Site } from './pathState.ts';
import { protectionOf } from './protection.ts';
import { isAllowed, report } from './report.ts';
import type { Callee } from './resolve.ts';
import { traitsOf } from './traits.ts';
import { type FunctionFacts, outermostUse } from './unit.ts';
import { descend, type Frame, type Walk } from './walk.ts';

/** A call by name to something that is neither noinstr nor always inlined, or to what is not known. */
export function checkCalledFunction(
  walk: Walk,
  frame: Frame,
  site: Site,
  op: CallOp,
  name: string,
  target: Callee,
  state: PathState,
): readonly PathState[] {
  if (target.kind === 'builtin') return name === '__builtin_unreachable' || name === '__builtin_trap' ? [] : [state];
  if (target.kind === 'outside' && target.outside.class === 'noinstr') return target.outside.noreturn ? [] : [state];
  needRegion(walk, state);
  const noreturn =
    target.kind === 'function'
      ? target.fn.noreturn
      : target.kind === 'outside'
        ? target.outside.noreturn || isFatal(name, false)
        : target.noreturn || isFatal(name, false);
  const after = noreturn ? [] : [state];
  const inline = target.kind === 'function' && target.fn.class === 'inline' ? target.fn : null;
  if (isAllowed(walk, state)) {
    noteByCallers(walk, site, name, target, state);
    // What it does to regions and to the context holds wherever the compiler puts it.
    const does = inline !== null && !noreturn && traitsOf(walk, inline) === 'effects';
    return does ? descend(walk, frame, site, op, inline, state) : after;
  }
  if (target.kind === 'unknown') {
    walk.unverified.push({ site, name, reason: target.reason });
    return after;
  }
  if (isFatal(name, noreturn) || isCompilerMade(name)) {
    report(walk, site, state, {
      rule: 'noinstr.calls-instrumentable',
      severity: 'information',
      subject: name,
      message: isCompilerMade(name)
        ? `${walk.root.name} is noinstr but calls ${name}(), which can be probed; write the loop, or move it into a region`
        : `${walk.root.name} is noinstr but calls ${name}() outside any region; it does not come back, so this is a note only`,
    });
    return after;
  }
  if (target.kind === 'outside' && target.outside.class === 'assembly') {
    if (walk.isNokprobe(name)) return after;
    report(walk, site, state, {
      rule: 'noinstr.calls-instrumentable',
      severity: 'information',
      subject: name,
      message: `${walk.root.name} is noinstr but calls ${name}(), assembly in ordinary text: nothing traces it, but it can be probed${whereText(state)}`,
    });
    return after;
  }
  if (target.kind === 'outside' && target.outside.class === 'inline') {
    report(walk, site, state, {
      rule: 'noinstr.calls-plain-inline',
      severity: 'information',
      subject: name,
      message: `${name}() is inline, not __always_inline: a sanitizer build calls it out of line in instrumentable text; include its header to have its body checked`,
    });
    return after;
  }
  if (inline !== null) return checkInline(walk, frame, site, op, inline, state);
  reportCall(walk, site, name, target, state);
  return after;
}

/** Right as long as nobody calls the function from elsewhere: worth a note. */
function noteByCallers(walk: Walk, site: Site, name: string, target: Callee, state: PathState): void {
  if (!walk.calledInside || state.depth > 0 || state.entered !== null || state.left !== null) return;
  const kind = target.kind === 'function' ? target.fn.class : target.kind === 'outside' ? target.outside.class : null;
  if (kind !== 'plain' || isFatal(name, false) || isCompilerMade(name)) return;
  report(walk, site, state, {
    rule: 'noinstr.calls-instrumentable',
    severity: 'information',
    subject: name,
    message: `${walk.root.name} is noinstr but calls ${name}(), which can be instrumented; RCU watches at every call of ${walk.root.name}, so this is a note only`,
  });
}

/** A tracepoint: a function that the macros of trace events made, or one that only its name tells. */
export function isTracepoint(name: string, target: Callee): boolean {
  // `trace_x_enabled()` tests the tracepoint's key and traces nothing.
  if (!name.startsWith('trace_') || name.endsWith('_enabled')) return false;
  if (target.kind === 'unknown') return !/^trace_(hardirqs_|preempt_o)/.test(name);
  if (target.kind !== 'function') return false;
  return [...target.fn.declared.macros].some((macro) => /^_*(DECLARE_TRACE|TRACE_EVENT|DEFINE_EVENT)/.test(macro));
}

/** Tells a tracepoint where nothing may be instrumented. */
export function reportTracepoint(walk: Walk, site: Site, name: string, state: PathState): void {
  needRegion(walk, state);
  if (isAllowed(walk, state)) return;
  report(walk, site, state, {
    rule: 'noinstr.trace-or-print',
    severity: 'error',
    subject: name,
    message: `tracepoint ${name}() needs RCU; move it into an instrumentation region`,
  });
}

/** `inline` alone: what its body does counts here, or that it may stand out of line. */
function checkInline(
  walk: Walk,
  frame: Frame,
  site: Site,
  op: CallOp,
  fn: FunctionFacts,
  state: PathState,
): readonly PathState[] {
  const before = walk.findings.length;
  const exits = descend(walk, frame, site, op, fn, state);
  const after = fn.noreturn ? [] : exits;
  if (walk.findings.length > before || isOfGuard(fn)) return after;
  const weight = weigh(walk, fn);
  if (weight === 'empty') return after;
  report(walk, site, state, {
    rule: 'noinstr.calls-plain-inline',
    severity: weight === 'small' ? 'information' : 'warning',
    subject: fn.name,
    message: `${fn.name}() is inline, not __always_inline: a sanitizer build calls it out of line in instrumentable text; make it __always_inline`,
  });
  return after;
}

/** What `DEFINE_GUARD()` and its like make (include/linux/cleanup.h): a guard is where it stands. */
function isOfGuard({ name, nameToken }: FunctionFacts): boolean {
  return nameToken.expansion !== null && /^class_\w+_(constructor|destructor|lock_ptr|lock_err)$/.test(name);
}

/** How much an inline function does: nothing, a little, or more (a loop, a call, more than five statements). */
function weigh(walk: Walk, fn: FunctionFacts): 'empty' | 'small' | 'large' {
  const { nodes } = fn.graph;
  const ops = nodes.filter((node) => node.op !== null && !(node.op.kind === 'return' && node.op.value.length === 0));
  if (ops.length === 0) return 'empty';
  const only = ops[0]?.op;
  if (ops.length === 1 && only?.kind === 'return' && only.value.length === 1 && only.value[0]?.kind !== 'identifier') {
    return 'empty';
  }
  const loops = nodes.some((node, at) =>
    node.next.some((to) => to <= at && nodes[to]?.op === null && to !== 0 && isBackward(fn, to, at)),
  );
  const calls = ops.some((node) => node.op?.kind === 'call' && isRealCall(walk, node.op));
  return loops || calls || ops.length > 5 ? 'large' : 'small';
}

/** Neither a builtin, a static branch, a read that is always fine, nor what is always inlined. */
function isRealCall(walk: Walk, op: CallOp): boolean {
  const { callee } = op;
  if (callee === null) return true;
  if (isStaticBranch(callee) || namedCall(callee, walk.hints.atomics)?.rule === null) return false;
  const target = walk.resolve(callee);
  return target.kind !== 'builtin' && !(target.kind === 'function' && target.fn.class === 'always-inline');
}

/** Whether `at` can be reached from `to`: the edge from `at` to `to` then closes a loop. */
function isBackward(fn: FunctionFacts, to: number, at: number): boolean {
  const seen = new Set<number>([to]);
  const queue = [to];
  while (queue.length > 0) {
    const node = queue.pop();
    if (node === undefined) break;
    if (node === at) return true;
    for (const next of fn.graph.nodes[node]?.next ?? []) {
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(next);
    }
  }
  return false;
}

function reportCall(walk: Walk, site: Site, name: string, target: Callee, state: PathState): void {
  const { notrace, nokprobe } = protectionOf(walk, name, target);
  const { root } = walk;
  if (/^struct alt_instr \*/.test(root.parameterText)) {
    report(walk, site, state, {
      rule: 'noinstr.callback-leaks',
      severity: 'warning',
      subject: name,
      message: `${name}() may contain text that is being patched right now: the callback ${root.name} must call noinstr or __always_inline functions only`,
    });
    return;
  }
  if (notrace || nokprobe) {
    const has =
      notrace && nokprobe ? 'neither traceable nor kprobe-able' : notrace ? 'not traceable' : 'not kprobe-able';
    const open = notrace && nokprobe ? 'open to sanitizers' : notrace ? 'kprobe-able' : 'traceable';
    report(walk, site, state, {
      rule: 'noinstr.partial-protection',
      severity: notrace && nokprobe && !walk.hints.sanitizers ? 'information' : 'warning',
      subject: name,
      message: `${name}() is ${has} but still ${open}; make it noinstr`,
    });
    return;
  }
  report(walk, site, state, {
    rule: 'noinstr.calls-instrumentable',
    severity: state.ctx === 'out' ? 'error' : 'warning',
    subject: name,
    message: `${root.name} is noinstr but calls ${name}(), which can be instrumented${whereText(state)}; make it noinstr or move the call`,
  });
}

const maxExpression = 60;

/** The called expression as written: the macro's use where one made it and the text is long. */
export function calledText(walk: Walk, op: CallOp): string {
  const text = op.text.replace(/ ?(->|\.) ?/g, '$1');
  if (text.length <= maxExpression) return text;
  const first = op.through[0];
  const outer = outermostUse(op.token) ?? (first === undefined ? null : outermostUse(first));
  if (outer === null) return `${text.slice(0, maxExpression)}…`;
  return walk.hints.useText(outer).replace(/\s+/g, ' ');
}

/** A call through a pointer or a table. */
export function reportIndirect(
  walk: Walk,
  frame: Frame,
  site: Site,
  op: CallOp,
  state: PathState,
): readonly PathState[] {
  needRegion(walk, state);
  if (isAllowed(walk, state)) return [state];
  const targets = walk.hookTargets(op, frame.fn, frame.via);
  const expression = calledText(walk, op);
  const bad = targets.stores.filter((store) => store.class !== 'noinstr' && store.class !== 'assembly');
  const list = targets.names.length === 0 ? 'none' : targets.names.slice(0, 6).join(', ');
  walk.hookUses.push({ site, op, targets, state });
  if (targets.closed && bad.length === 0) return [state];
  const severity =
    bad.length > 0 && state.ctx === 'out'
      ? 'error'
      : targets.names.length > 0 && bad.length === 0
        ? 'information'
        : 'warning';
  report(walk, site, state, {
    rule: 'noinstr.indirect-call',
    severity,
    subject: expression,
    message: `${walk.root.name} calls through ${expression} outside any region; known targets: ${list}${targets.closed ? '' : ' (set is not closed)'}; call directly or through a const table of noinstr functions`,
  });
  return [state];
}
