import { constantValue } from './flow/expressions.ts';
import type { BranchOp, FlowOp } from './flow/graph.ts';
import { isMaskWrite } from './maskRules.ts';
import { contextSequences } from './models/contextRun.ts';
import type { ContextState } from './models/contextState.ts';
import { contextSteps, daifInherited, daifLetters, daifRestored, masked, maskedAs } from './models/contextSteps.ts';
import type { PathState, Site } from './pathState.ts';
import { primitives } from './primitives.ts';
import type { Frame, Walk } from './walk.ts';

/** The model of context tracking at one point of a path. */
export interface ModelPoint {
  readonly state: ContextState;
  /** Flags that entry code keeps for its exit, by their text: what was assigned last. */
  readonly flags: ReadonlyMap<string, boolean>;
  /** Masks that were saved, by the name they were saved under. */
  readonly masks: ReadonlyMap<string, Pick<ContextState, 'irqsMasked' | 'daif' | 'lockdepOn' | 'traceOn'>>;
}

/** The model where a walk begins. */
export function pointAt(state: ContextState): ModelPoint {
  return { state, flags: new Map(), masks: new Map() };
}

const keys = new WeakMap<object, string>();

/** States with the same key go on alike. */
export function pointKey({ state, flags, masks }: ModelPoint): string {
  return `${keyOf(state, state)}${flags.size === 0 ? '' : keyOf(flags, [...flags])}${masks.size === 0 ? '' : keyOf(masks, [...masks])}`;
}

/** Nothing of a point is changed in place: its text is made once. */
function keyOf(part: object, plain: object): string {
  let key = keys.get(part);
  if (key === undefined) {
    key = JSON.stringify(plain);
    keys.set(part, key);
  }
  return key;
}

/** A step of a walk with the model after it: what the table says of a name counts, else what its body did. */
export function withModel(walk: Walk, frame: Frame, site: Site, before: PathState, after: PathState): PathState {
  if (before.model === null) return after;
  const { op } = site;
  if (op.kind === 'assign') return { ...after, model: assigned(walk, site, before.model) };
  if (op.kind === 'asm') return { ...after, model: ofAsm(walk, site, before.model) };
  const name = nameOf(walk, frame, op);
  if (name === null) return after;
  const state = effectOf(walk, op, name, before.model);
  if (state !== null) return { ...after, model: state };
  const sequence = contextSequences.get(name);
  const seen = primitives.get(name)?.kind === 'wrapper' && walk.resolve(name).kind === 'function';
  if (sequence === undefined || seen) return after;
  let model = before.model.state;
  for (const one of sequence) model = contextSteps.get(one)?.effect(model) ?? model;
  return { ...after, model: { ...before.model, state: model } };
}

/** The name that a call or a use of a macro goes by; `null` where a macro around it says everything already. */
function nameOf(walk: Walk, frame: Frame, op: FlowOp): string | null {
  if (op.kind === 'use') return walk.claims.ofUse(op.expansion) === null ? op.expansion.macro.name : null;
  if (op.kind !== 'call' || op.callee === null || walk.claims.ofToken(op.token) !== null) return null;
  return frame.bindings.get(op.callee) ?? op.callee;
}

/** `null` for a name that the model knows nothing of. */
function effectOf(walk: Walk, op: FlowOp, name: string, point: ModelPoint): ModelPoint | null {
  const { state } = point;
  const row = contextSteps.get(name);
  if (row !== undefined) return { ...point, state: row.effect(state) };
  if (name === 'local_daif_inherit') return { ...point, state: daifInherited(state) };
  if (name === 'local_daif_restore') {
    const arg = op.kind === 'call' ? op.args[0] : undefined;
    const value = arg === undefined ? null : constantValue(arg);
    return { ...point, state: daifRestored(state, value === null ? null : daifLetters(value)) };
  }
  const saved = /^(raw_)?local_irq_(save|restore)$/.exec(name);
  if (saved === null) return null;
  const under = argumentText(walk, op);
  const { irqsMasked, daif, lockdepOn, traceOn } = state;
  if (saved[2] === 'save') {
    const masks = new Map(point.masks).set(under, { irqsMasked, daif, lockdepOn, traceOn });
    const now = masked(state, 'IF', true);
    return { ...point, masks, state: saved[1] === undefined ? { ...now, lockdepOn: false, traceOn: false } : now };
  }
  const old = point.masks.get(under) ?? { irqsMasked: null, daif: null, lockdepOn: null, traceOn: null };
  const masksOnly = { irqsMasked: old.irqsMasked, daif: old.daif };
  return { ...point, state: { ...state, ...(saved[1] === undefined ? old : masksOnly) } };
}

/** What stands in the parentheses of a call or of a use of a macro. */
function argumentText(walk: Walk, op: FlowOp): string {
  if (op.kind === 'call') return (op.args[0] ?? []).map((token) => token.text).join(' ');
  if (op.kind !== 'use') return '';
  const text = walk.hints.useText(op.expansion);
  return text.slice(text.indexOf('(') + 1, -1).trim();
}

/** Keeps flags that exits ask for, and follows what is written to the mask. */
function assigned(walk: Walk, site: Site, point: ModelPoint): ModelPoint {
  const { op } = site;
  if (op.kind !== 'assign') return point;
  if (isMaskWrite(walk, op)) {
    const value = op.value === null ? null : constantValue(op.value);
    return { ...point, state: maskedAs(point.state, value === null ? null : daifLetters(value)) };
  }
  const known = point.flags.has(op.target);
  const value = op.value === null ? null : flagValue(op.value, point);
  if (value === null && !known) return point;
  const flags = new Map(point.flags);
  if (value === null) flags.delete(op.target);
  else flags.set(op.target, value);
  return { ...point, flags };
}

/** `regs->lockdep_hardirqs` of arm64, `irq_state.lockdep` of generic entry code. */
const savedLockdep = /(^|\W)lockdep(_hardirqs)?$/;

function flagValue(
  value: readonly { text: string; expansion: FlowOp['token']['expansion'] }[],
  point: ModelPoint,
): boolean | null {
  for (let at = value[0]?.expansion ?? null; at !== null; at = at.parent) {
    if (at.macro.name === 'lockdep_hardirqs_enabled') return point.state.lockdepOn;
  }
  const text = value.map((token) => token.text).join(' ');
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  if (/^lockdep_hardirqs_enabled\b/.test(text)) return point.state.lockdepOn;
  const known = point.flags.get(text);
  if (known !== undefined) return known;
  // Saved by the entry, which is not in sight.
  const interrupted = point.state.saved.at(-1);
  return interrupted !== undefined && savedLockdep.test(text) ? interrupted.kept.lockdepOn : null;
}

function ofAsm(walk: Walk, site: Site, point: ModelPoint): ModelPoint {
  const { op } = site;
  if (op.kind !== 'asm' || walk.claims.ofToken(op.token) !== null) return point;
  const found = /\bdaif(set|clr)\s*,\s*#?\s*(0x[0-9a-fA-F]+|\d+)/.exec(op.template);
  if (found === null) return point;
  const letters = daifLetters(BigInt(found[2] ?? '0') << 6n);
  return { ...point, state: masked(point.state, letters, found[1] === 'set') };
}

/** Which way a condition goes in the model: flags kept by the entry, who was interrupted. `null`: both are possible. */
export function decidedBy(point: ModelPoint, op: BranchOp): boolean | null {
  const { state, flags } = point;
  const interrupted = state.saved.at(-1);
  const flag = flags.get(op.text);
  if (flag !== undefined) return flag;
  if (/(^|\W)exit_rcu$/.test(op.text)) {
    for (const [name, value] of flags) if (/(^|\W)exit_rcu$/.test(name)) return value;
    return interrupted === undefined || interrupted.base === null ? null : interrupted.base === 'idle';
  }
  if (op.calls.includes('is_idle_task')) {
    const { base } = interrupted ?? state;
    return base === null ? null : base === 'idle';
  }
  if (interrupted !== undefined && savedLockdep.test(op.text)) return interrupted.kept.lockdepOn;
  if (interrupted !== undefined && interrupted.base !== null && isUseOf(op, 'user_mode')) {
    return interrupted.base === 'user';
  }
  if (interrupted === undefined || interrupted.irqsMasked === null || !isUseOf(op, 'interrupts_enabled')) return null;
  // The macro asks the mask bit first, then, with pseudo-NMIs, the priority.
  if (/\bpstate\b/.test(op.text)) return interrupted.irqsMasked;
  return /\bpmr\w*\b/.test(op.text) || op.calls.includes('interrupts_enabled') ? !interrupted.irqsMasked : null;
}

function isUseOf(op: BranchOp, name: string): boolean {
  for (let at = op.token.expansion; at !== null; at = at.parent) if (at.macro.name === name) return true;
  return op.calls.includes(name);
}
