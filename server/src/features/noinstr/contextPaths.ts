import type { FunctionReport } from '../../noinstr/analysis.ts';
import { namedCall } from '../../noinstr/callNames.ts';
import { pointKey } from '../../noinstr/contextPoint.ts';
import { calledName } from '../../noinstr/flow/graph.ts';
import { type CheckedStep, checked } from '../../noinstr/models/contextRun.ts';
import {
  type ContextState,
  derive,
  differences,
  type Kept,
  keptOf,
  type StartMode,
  startContext,
  unknownContext,
} from '../../noinstr/models/contextState.ts';
import { contextSteps } from '../../noinstr/models/contextSteps.ts';
import { chainOf, type PathState, type Site, type Trail } from '../../noinstr/pathState.ts';
import { primitives } from '../../noinstr/primitives.ts';
import { namesAt } from '../../noinstr/report.ts';
import { type FunctionFacts, outermostPlace } from '../../noinstr/unit.ts';
import { calleeNamed, type OpenNoinstr } from './openNoinstr.ts';

/** How a function is thought to be entered. */
export interface ContextStart {
  readonly state: ContextState;
  /** Half a sentence: what the start is taken from. */
  readonly text: string;
}

/** One step of a path: a call, a condition, or the end. */
export interface FunctionStep extends CheckedStep {
  readonly site: Site;
  /** Which way a condition went; `null` for what is no condition. */
  readonly taken: boolean | null;
  /** The model goes on in another state. */
  readonly changes: boolean;
  /** Calls that are shown around it. */
  readonly level: number;
}

export type FunctionPath = readonly FunctionStep[];

/** Whether user space is tracked as far as the configuration tells. */
export function trackingOf({ analysis }: OpenNoinstr): ContextState['tracking'] {
  return analysis.unit.macros.has('CONFIG_CONTEXT_TRACKING_USER') ? 'active' : 'off';
}

interface Guess {
  readonly mode: StartMode;
  /** The exception that the CPU took before the function runs. */
  readonly exception: 'take exception' | 'take debug exception' | null;
  /** Steps that the entry made before the function runs. */
  readonly before: readonly string[];
}

const fromUser = ['lockdep_hardirqs_off', 'user_exit_irqoff', 'trace_hardirqs_off_finish'];
const fromTask = ['lockdep_hardirqs_off', 'trace_hardirqs_off_finish'];
const fromNmi = [
  '__nmi_enter',
  'lockdep_hardirqs_off',
  'lockdep_hardirq_enter',
  'ct_nmi_enter',
  'trace_hardirqs_off_finish',
];
const fromIdle = ['lockdep_hardirqs_off', 'ct_irq_enter', 'trace_hardirqs_off_finish'];
const fromDebug = ['lockdep_hardirqs_off', 'ct_nmi_enter', 'trace_hardirqs_off_finish'];

/** What a function whose first switch of the context has this name is entered from. */
function guessOf(name: string): Guess | null {
  const primitive = primitives.get(name);
  if (primitive === undefined) return null;
  const enters = primitive.effect === 'enter';
  const idle: Guess = { mode: 'task', exception: null, before: ['local_irq_disable'] };
  if (/guest/.test(name)) return enters ? { mode: 'guest', exception: null, before: [] } : idle;
  if (/idle/.test(name)) return enters ? { mode: 'idle', exception: null, before: [] } : idle;
  const exception = /dbg/.test(name) ? 'take debug exception' : 'take exception';
  if (/user/.test(name)) return { mode: 'user', exception, before: enters ? [] : fromUser };
  if (enters) return { mode: 'task', exception, before: [] };
  if (/^(ct|rcu)_irq_exit$/.test(name)) return { mode: 'idle', exception, before: fromIdle };
  return { mode: 'task', exception, before: /dbg/.test(name) ? fromDebug : /nmi/.test(name) ? fromNmi : fromTask };
}

/**
 * How a function is entered: from the mode that is named, else from what its first switch of the context says. Without
 * either, only what all its callers agree on is known.
 */
export function contextStart(
  report: FunctionReport,
  from: StartMode | null,
  tracking: ContextState['tracking'],
): ContextStart {
  const first = firstSwitch(report);
  const guess = first === null ? null : guessOf(first);
  if (from === null && guess === null) {
    const watching = report.entry === 'unknown' ? null : report.entry === 'in';
    const callers =
      watching === null
        ? 'its callers are not known or differ'
        : `all its callers have RCU ${watching ? 'watching' : 'not watching'}`;
    const text = `it makes no switch of the context, and ${callers}`;
    return { state: { ...unknownContext(tracking), watching }, text };
  }
  const mode = from ?? guess?.mode ?? 'task';
  const exception = guess?.exception ?? (from === 'user' ? 'take exception' : null);
  let state = startContext(mode, tracking);
  const before = from === null || from === guess?.mode ? (guess?.before ?? []) : [];
  for (const name of [exception ?? '', ...before]) state = contextSteps.get(name)?.effect(state) ?? state;
  const behind = before.length > 0 && exception !== null ? ', behind the steps of its entry' : '';
  const where = before.length > 0 && exception === null ? 'a task in the kernel with interrupts off' : modeText[mode];
  return {
    state,
    text: `${exception === null ? '' : 'an exception from '}${where}${behind}${from === null ? `, as ${first}() tells` : ''}`,
  };
}

const modeText: Readonly<Record<StartMode, string>> = {
  user: 'user space',
  guest: 'a guest',
  idle: 'idle while RCU does not watch',
  task: 'a task in the kernel with interrupts on',
  hardirq: 'an interrupt handler',
};

const maxDepth = 4;

/** The name of the first switch of the context that a function makes, itself or in what it calls. */
function firstSwitch(report: FunctionReport): string | null {
  if (primitives.has(report.fn.name)) return report.fn.name;
  for (const { site } of report.states()) {
    const name = namesAt(site).find((one) => primitives.has(one));
    if (name !== undefined && (site.op.kind === 'call' || site.op.kind === 'use')) return name;
  }
  return firstSwitchIn(report.fn, 0);
}

function firstSwitchIn(fn: FunctionFacts, depth: number): string | null {
  const names = fn.graph.nodes.flatMap(({ op }) => calledName(op) ?? []);
  for (const name of names) {
    if (primitives.has(name)) return name;
    const callee = depth < maxDepth ? fn.unit.functionOf(name) : null;
    if (callee === null || callee === fn || callee.class === 'plain') continue;
    const found = firstSwitchIn(callee, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

const maxPaths = 24;

/**
 * Paths of a function from a start to its returns: one for each way the model goes, those with the most steps of the
 * model first.
 */
export function contextPaths(open: OpenNoinstr, report: FunctionReport, start: ContextState): readonly FunctionPath[] {
  const paths = new Map<string, FunctionPath>();
  const seen = new Set<string>();
  const visited = report.modelStates(start);
  const ends = visited.filter(({ site }) => site.op.kind === 'return' && site.via === null);
  // What never comes back ends at its last step.
  const last = ends.length > 0 ? ends : visited.slice(-1);
  for (const { site, state } of last) {
    const passed = passedKey(state);
    if (seen.has(passed)) continue;
    seen.add(passed);
    const path = pathOf(open, report, start, site, state);
    const key = JSON.stringify(path.filter(isTelling).map((one) => [tableName(one.site), one.level, one.state]));
    if (!paths.has(key)) paths.set(key, path);
    if (paths.size >= maxPaths) break;
  }
  const weight = (path: FunctionPath): number => path.filter(isTelling).length;
  return [...paths.values()].sort((left, right) => weight(right) - weight(left));
}

/** What a path passes as far as it can tell: changes of the model, and calls where instrumentation is not allowed. */
function passedKey(end: PathState): string {
  const parts: string[] = [];
  let after = end.model;
  for (let at = end.trail; at !== null; at = at.parent) {
    const { model } = at.before;
    const changes =
      model !== null && after !== null && model.state !== after.state && pointKey(model) !== pointKey(after);
    const isCall = at.site.op.kind === 'call' && (model === null || derive(model.state).instrumentable !== true);
    if (changes || isCall) parts.push(`${at.site.op.token.file}${at.site.op.token.offset}`);
    after = model;
  }
  return parts.join(' ');
}

function isTelling(step: FunctionStep): boolean {
  return step.changes || step.problems.length > 0 || Object.values(step.ticks).includes(false);
}

function pathOf(
  open: OpenNoinstr,
  report: FunctionReport,
  start: ContextState,
  end: Site,
  last: PathState,
): FunctionPath {
  const trail: Trail[] = [];
  for (let at = last.trail; at !== null; at = at.parent) trail.unshift(at);
  const modelAt = (state: PathState | undefined): ContextState => (state ?? last).model?.state ?? start;
  const steps = trail.map((one, index) => {
    const before = modelAt(one.before);
    const after = modelAt(trail[index + 1]?.before ?? last);
    return {
      ...one,
      before,
      after,
      depth: one.before.depth,
      changes: before !== after && !isSameState(before, after),
    };
  });
  const shown = new Set<Site>();
  for (const { site, changes } of steps) if (changes) for (const one of chainOf(site)) shown.add(one);
  const rows = steps.flatMap(({ site, before, after, taken, depth, changes }): FunctionStep[] => {
    const isInSight = site.via === null || (shown.has(site.via) && open.analysis.unit.isOwn(site.fn.nameToken));
    const isOwnCall = isInSight && site.op.kind === 'call' && !isQuiet(site) && !report.isClaimed(site.op);
    const isChoice = taken !== null && (site.via === null || shown.has(site.via)) && isWritten(open, site);
    if (!changes && !shown.has(site) && !isOwnCall && !isChoice) return [];
    const name = tableName(site);
    const isPart = shown.has(site) && !changes;
    const done = checked(before, after, name, taken === null && !isPart && isOrdinary(open, site, depth));
    return [
      { ...done, site, taken, changes, level: chainOf(site).filter((one) => one !== site && shown.has(one)).length },
    ];
  });
  const once = rows.filter((row, at) => !asksAgain(row, rows[at + 1]));
  return [...once, ending(start, once, end, modelAt(last))];
}

function isSameState(left: ContextState, right: ContextState): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** A macro in a condition can ask several things: the last one stands for all. */
function asksAgain(row: FunctionStep, next: FunctionStep | undefined): boolean {
  if (row.taken === null || next === undefined || next.taken === null || row.site.via !== next.site.via) return false;
  const [left, right] = [row.site.op.token, next.site.op.token];
  return left.expansion !== null && outermostPlace(left).offset === outermostPlace(right).offset;
}

/** The end of a path: what was entered and left again must be as it was. */
function ending(start: ContextState, rows: readonly FunctionStep[], site: Site, state: ContextState): FunctionStep {
  const ways = rows.flatMap((row) => contextSteps.get(tableName(row.site))?.way ?? []);
  const interrupted = state.saved.at(-1);
  const isBack = interrupted === undefined ? ways.at(0) === 'back' && ways.at(-1) === 'in' : ways.at(-1) === 'back';
  const before: Kept = interrupted?.kept ?? keptOf(start);
  const changed = isBack
    ? differences(before, keptOf(state)).filter((one) => interrupted !== undefined || one !== 'lockdepOn')
    : [];
  const done = checked(state, state, 'return', false);
  // An exit alone may be a part of one: only that everything is as before can be said of it.
  const isWhole = ways.includes('in') && ways.includes('back');
  const restores = !isBack || (changed.length > 0 && !isWhole) ? null : changed.length === 0;
  const problems = restores === false ? [`not as it was on entry: ${changed.join(', ')}`] : [];
  return {
    ...done,
    problems: [...done.problems, ...problems],
    ticks: { ...done.ticks, V2: restores },
    site,
    taken: null,
    changes: false,
    level: 0,
  };
}

/** The name by which the table of steps knows an operation. */
export function tableName(site: Site): string {
  const names = namesAt(site);
  return names.find((name) => contextSteps.has(name)) ?? names[0] ?? (site.op.kind === 'return' ? 'return' : '');
}

/** Code that an ordinary function is, where no region covers it. */
function isOrdinary(open: OpenNoinstr, { op }: Site, depth: number): boolean {
  if (op.kind !== 'call' || op.callee === null || depth > 0) return false;
  if (contextSteps.has(op.callee)) return contextSteps.get(op.callee)?.plain === true;
  if (namedCall(op.callee, 'raw')?.rule === null) return false;
  const callee = calleeNamed(open, op.callee);
  if (callee.kind === 'function') return callee.fn.class === 'plain';
  return callee.kind === 'outside' && callee.outside.class === 'plain';
}

/** Calls that only read: accessors of registers and of flags. */
function isQuiet(site: Site): boolean {
  return namesAt(site).some((name) => name.startsWith('__builtin_') || namedCall(name, 'raw')?.rule === null);
}

/**
 * A condition that a reader finds in the file: what a macro asks inside itself is none, unless the macro stands in the
 * condition of a statement.
 */
function isWritten(open: OpenNoinstr, { op, fn }: Site): boolean {
  const { unit } = open.analysis;
  if (!unit.isOwn(fn.nameToken)) return false;
  if (op.token.expansion === null) return true;
  const { file, offset } = outermostPlace(op.token);
  const before = file === unit.path ? unit.text.slice(Math.max(0, offset - 400), offset) : '';
  const statement = before.slice(Math.max(...[';', '{', '}'].map((one) => before.lastIndexOf(one))) + 1);
  return /\b(if|while|switch)\s*\(/.test(statement);
}
