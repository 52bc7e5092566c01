import { legacyText, namedCall } from './callNames.ts';
import { type CallOp, calledName, type UseOp } from './flow/graph.ts';
import { reachableInOrder } from './flow/reachable.ts';
import type { PlacedFinding } from './place.ts';
import { primitives } from './primitives.ts';
import { type FunctionFacts, outermostPlace, outermostUse, type Unit } from './unit.ts';

/** Rules on functions that can be instrumented: markers, switches of the context and old calls in them. */
export function outsideFindings(fn: FunctionFacts): PlacedFinding[] {
  if (fn.class !== 'plain' && fn.class !== 'inline') return [];
  const ops = reachedOps(fn);
  return [...markers(fn, ops), ...switches(fn, ops), ...legacyCalls(fn, ops)];
}

type NamedOp = CallOp | UseOp;

/** Calls and uses of macros that some path reaches, in the order of the text. */
function reachedOps(fn: FunctionFacts): NamedOp[] {
  return reachableInOrder(fn.graph).filter((op) => op.kind === 'call' || op.kind === 'use');
}

/** A finding where an operation is written: at the outermost macro it came out of. */
function at(
  op: NamedOp,
  fn: FunctionFacts,
  said: Pick<PlacedFinding, 'rule' | 'severity' | 'message' | 'replacement'>,
): PlacedFinding {
  const { file, offset } = outermostPlace(op.token);
  const outer = outermostName(op);
  return { file, offset, length: outer.length, caller: fn.name, subject: fn.name, related: [], finding: null, ...said };
}

function outermostName(op: NamedOp): string {
  return outermostUse(op.token)?.macro.name ?? calledName(op) ?? op.token.text;
}

function markers(fn: FunctionFacts, ops: readonly NamedOp[]): PlacedFinding[] {
  for (const op of ops) {
    if (calledName(op) !== 'instrumentation_begin') continue;
    if (op.kind === 'use' && op.expansion.parent !== null) continue;
    const message = `region markers have no effect in ${fn.name}, which can be instrumented; is noinstr missing?`;
    return [
      at(op, fn, { rule: 'noinstr.region-outside-noinstr', severity: 'information', message, replacement: null }),
    ];
  }
  return [];
}

/** Files whose ordinary functions switch the context on purpose: wrappers for old callers. */
const legacyWrappers = /\/kernel\/(context_tracking|softirq)\.c$/;

const leavesAlone: ReadonlySet<string> = new Set([
  'ct_idle_enter',
  'rcu_idle_enter',
  'ct_cpuidle_enter',
  'user_enter_irqoff',
  'guest_state_enter_irqoff',
  'guest_context_enter_irqoff',
  'context_tracking_guest_enter',
  'ct_irq_exit',
  'ct_nmi_exit',
]);

/** A leave primitive in a function whose own tail can then be traced. */
function switches(fn: FunctionFacts, ops: readonly NamedOp[]): PlacedFinding[] {
  if (legacyWrappers.test(fn.unit.path)) return [];
  const op = ops.find((one) => leaves(fn, one, 0));
  if (op === undefined) return [];
  const isUndone = undoes(ops, calledName(op) ?? '');
  return [
    at(op, fn, {
      rule: 'noinstr.context-switch-outside-noinstr',
      severity: isUndone || fn.declared.macros.has('__cpuidle') ? 'information' : 'warning',
      message: isUndone
        ? `${fn.name} leaves the context that it entered: where RCU was off before it is off again, and the function can be traced there; mark it noinstr`
        : `${fn.name} turns RCU off but can be traced; mark it noinstr or __cpuidle`,
      replacement: null,
    }),
  ];
}

/** Whether a nesting switch only takes back the one that the function made before it: `ct_nmi_enter()`, `ct_nmi_exit()`. */
function undoes(ops: readonly NamedOp[], leave: string): boolean {
  if (leave !== 'ct_nmi_exit' && leave !== 'ct_irq_exit') return false;
  const enter = leave.replace('exit', 'enter');
  return ops.some((op) => calledName(op) === enter);
}

const maxDepth = 6;

/** Whether an operation leaves the context: by its own name, or in a body that is always inlined. */
function leaves(fn: FunctionFacts, op: NamedOp, depth: number): boolean {
  const name = calledName(op);
  if (name === null) return false;
  if (leavesAlone.has(name)) return !isInsideSwitch(op);
  // Every other switch is a function of its own, or has a body that says what it does in order.
  if (op.kind !== 'call' || depth >= maxDepth || primitives.has(name)) return false;
  const callee = fn.unit.functionOf(name);
  if (callee === null || callee === fn || callee.class !== 'always-inline') return false;
  return reachedOps(callee).some((inner) => leaves(callee, inner, depth + 1));
}

/** What a macro that is a switch itself is made of: `nmi_exit()` is meant for ordinary code. */
function isInsideSwitch(op: NamedOp): boolean {
  for (let at = op.kind === 'use' ? op.expansion.parent : op.token.expansion; at !== null; at = at.parent) {
    if (primitives.has(at.macro.name) && !leavesAlone.has(at.macro.name)) return true;
  }
  return false;
}

/** The scheduler keeps the context of a task that sleeps in an exception; context tracking defines these calls. */
const keepsContext = /\/kernel\/(sched\/\w+|context_tracking)\.c$/;

/** Calls that keep the state of the context on the stack. */
function legacyCalls(fn: FunctionFacts, ops: readonly NamedOp[]): PlacedFinding[] {
  if (keepsContext.test(fn.unit.path)) return [];
  return ops.flatMap((op) => {
    const name = calledName(op);
    const named = name === null ? null : namedCall(name, 'raw');
    if (name === null || named?.rule !== 'noinstr.legacy-context-call' || named.severity !== null) return [];
    const message = legacyText(name, named.replacement);
    const severity = isEntryCode(fn.unit) ? ('error' as const) : ('information' as const);
    return [at(op, fn, { rule: named.rule, severity, message, replacement: null })];
  });
}

const entryCode = new WeakMap<Unit, boolean>();

/** Whether a file defines or calls switches of the context. */
export function isEntryCode(unit: Unit): boolean {
  let found = entryCode.get(unit);
  if (found === undefined) {
    found = [...primitives.keys()].some((name) => new RegExp(`\\b${name}\\b`).test(unit.text));
    entryCode.set(unit, found);
  }
  return found;
}
