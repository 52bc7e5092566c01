import { type PathState, rootSite, type Site } from '../../noinstr/pathState.ts';
import { type PlacedFinding, placeOf } from '../../noinstr/place.ts';
import { namesAt } from '../../noinstr/report.ts';
import { findingTrail, type Interrupts, type TrailStep } from '../../noinstr/trail.ts';
import { outermostPlace } from '../../noinstr/unit.ts';
import type { Policy } from '../../noinstr/walk.ts';
import type { Finding } from '../diagnostics.ts';
import type { FeatureContext } from '../featureContext.ts';
import { type LinePlace, linePlace } from './linePlace.ts';
import { openNoinstr } from './openNoinstr.ts';

/** What holds behind a step. */
export interface StepState {
  /** Open instrumentation regions. */
  readonly depth: number;
  readonly context: 'IN' | 'OUT' | '?';
  readonly interrupts: Interrupts;
}

/** One step from the entry of a function to a finding. */
export interface PathStep extends LinePlace {
  /** Calls that are inlined around it. */
  readonly level: number;
  readonly text: string;
  readonly after: StepState;
}

/** How a finding comes about. */
export interface FindingPath {
  /** Function whose entry the path begins at. */
  readonly name: string;
  readonly rule: string;
  readonly message: string;
  readonly steps: readonly PathStep[];
}

/** Whether there is a path to show: not of what is wrong with a declaration, a key, a callback or assembly. */
export function hasPath(ctx: FeatureContext, path: string, finding: Finding, policy: Policy): boolean {
  const open = path.endsWith('.S') ? null : openNoinstr(ctx.workspace, path, policy, () => true);
  return open?.analysis.findings.some((one) => isIt(one, finding)) ?? false;
}

/**
 * The path from the entry of a noinstr function to a finding of `path`; `null` for findings that are no matter of paths:
 * of declarations, keys, callbacks and assembly. Throws only `CancelledError`.
 */
export function findingPath(ctx: FeatureContext, path: string, finding: Finding, policy: Policy): FindingPath | null {
  const open = openNoinstr(ctx.workspace, path, policy, () => true);
  if (open === null) return null;
  const placed = open.analysis.findings.find((one) => isIt(one, finding));
  const traced = placed?.finding == null ? null : open.analysis.traced(placed.finding);
  const trail = traced === null ? null : findingTrail(traced);
  if (traced === null || trail === null) return null;
  const { fn } = rootSite(traced.site);
  const { file, offset } = outermostPlace(fn.nameToken);
  const entry = linePlace(ctx, { file, offset, length: fn.name.length });
  const steps: PathStep[] = [];
  if (entry !== null) {
    const after = stateOf(trail.entry.state, trail.entry.interrupts);
    steps.push({ ...entry, level: 0, text: `${fn.name}() is entered`, after });
  }
  for (const [index, step] of trail.steps.entries()) {
    if (step.taken !== null && !isWritten(ctx, step.site)) continue;
    const at = linePlace(ctx, placeOf(step.site));
    if (at === null) continue;
    const isLast = index === trail.steps.length - 1;
    const text = isLast ? `${wordsOf(ctx, step)}: ${finding.rule}` : wordsOf(ctx, step);
    const made: PathStep = { ...at, level: levelOf(step.site), text, after: stateOf(step.after, step.interrupts) };
    const before = steps.at(-1);
    // A macro of several operations is one step to the reader.
    if (!isLast && before !== undefined && isSameStep(before, made)) steps[steps.length - 1] = made;
    else steps.push(made);
  }
  return { name: fn.name, rule: finding.rule, message: finding.message, steps };
}

/** A finding told at a shared helper stands for those of its callers: the first of them is shown. */
function isIt(placed: PlacedFinding, { rule, path, range }: Finding): boolean {
  if (placed.rule !== rule || placed.finding === null) return false;
  if (placed.file === path && placed.offset === range.start) return true;
  const { file, offset } = placeOf(placed.finding.site);
  return file === path && offset === range.start;
}

function isSameStep(left: PathStep, right: PathStep): boolean {
  return left.path === right.path && left.offset === right.offset && left.text === right.text;
}

function stateOf({ depth, ctx }: PathState, interrupts: Interrupts): StepState {
  return { depth, context: ctx === 'in' ? 'IN' : ctx === 'out' ? 'OUT' : '?', interrupts };
}

function levelOf(site: Site): number {
  let level = 0;
  for (let at = site.via; at !== null; at = at.via) level++;
  return level;
}

const maxCondition = 60;

function wordsOf(ctx: FeatureContext, { site, taken }: TrailStep): string {
  const { op } = site;
  if (taken !== null) return `${conditionText(ctx, site)} is ${taken ? 'true' : 'false'}`;
  if (op.kind === 'return') return op.atEnd ? 'the function ends' : 'return';
  const names = namesAt(site);
  const [name] = names;
  const own = names.at(-1);
  if (name !== undefined) return own === name ? `${name}()` : `${own}() in ${name}()`;
  if (op.kind === 'call') return `${op.text}()`;
  if (op.kind === 'asm') return 'inline assembly';
  return op.token.text;
}

/** Whether a condition stands in the source, with macros in it or not: those that macros make inside say nothing. */
function isWritten(ctx: FeatureContext, { op }: Site): boolean {
  if (op.token.expansion === null) return true;
  const { file, offset } = outermostPlace(op.token);
  return /(\(|!|&&|\|\||\?)\s*$/.test((ctx.workspace.textOf(file) ?? '').slice(Math.max(0, offset - 40), offset));
}

/** A condition as written: what macros made of it is of no use to a reader. */
export function conditionText(ctx: FeatureContext, { op }: Site): string {
  const { file, offset } = outermostPlace(op.token);
  const text = ctx.workspace.textOf(file) ?? '';
  const isWhole = op.kind === 'branch' && /&&|\|\|/.test(op.text);
  let depth = 0;
  let end = offset;
  for (; end < text.length; end++) {
    const at = text[end] ?? '';
    if (at === '(') depth++;
    else if (at === ')' && --depth < 0) break;
    else if (depth === 0 && (/[;{}?]/.test(at) || (!isWhole && /^(&&|\|\|)/.test(text.slice(end, end + 2))))) break;
  }
  const written = text.slice(offset, end).replace(/\s+/g, ' ').trim();
  return written.length > maxCondition ? `${written.slice(0, maxCondition - 1)}…` : written;
}

/** What a step says beside its words. */
export function stepWords({ depth, context, interrupts }: StepState): string {
  const parts = [context === '?' ? 'context not known' : context];
  if (depth !== 0) parts.push(depth === 1 ? 'in a region' : `region depth ${depth}`);
  if (interrupts !== 'unknown') parts.push(`interrupts ${interrupts}`);
  return parts.join(' · ');
}

/** A path as text, a line for each step: place, state behind it, what it is. `display` makes paths short. */
export function pathText({ steps }: FindingPath, display: (path: string) => string): string {
  const home = steps[0]?.path;
  const rows = steps.map(({ path, line, level, text, after }) => ({
    place: path === home ? String(line) : `${display(path)}:${line}`,
    context: after.context,
    depth: String(after.depth),
    interrupts: after.interrupts === 'unknown' ? '?' : after.interrupts,
    text: `${'  '.repeat(level)}${text}`,
  }));
  const all = [{ place: 'line', context: 'context', depth: 'depth', interrupts: 'irqs', text: 'step' }, ...rows];
  const width = (key: 'place' | 'context' | 'depth' | 'interrupts'): number =>
    Math.max(...all.map((row) => row[key].length));
  const columns = (['place', 'context', 'depth', 'interrupts'] as const).map((key) => [key, width(key)] as const);
  return all
    .map((row) => `  ${columns.map(([key, wide]) => row[key].padEnd(wide)).join('  ')}  ${row.text}`.trimEnd())
    .map((line) => `${line}\n`)
    .join('');
}
