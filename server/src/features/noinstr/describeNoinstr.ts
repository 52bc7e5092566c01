import type { TextRange } from '../../base/text.ts';
import type { FunctionReport } from '../../noinstr/analysis.ts';
import { namedCall } from '../../noinstr/callNames.ts';
import type { FlowOp } from '../../noinstr/flow/graph.ts';
import type { PathState, Site } from '../../noinstr/pathState.ts';
import { orderSteps, primitives } from '../../noinstr/primitives.ts';
import { namesAt } from '../../noinstr/report.ts';
import { type FunctionFacts, outermostPlace } from '../../noinstr/unit.ts';
import type { Finding } from '../diagnostics.ts';
import type { FeatureContext } from '../featureContext.ts';
import { type NamedPlace, nameText } from './nameText.ts';
import type { NoinstrFile, NoinstrFunction, NoinstrName, Standing, StandingChange } from './noinstrFile.ts';
import type { OpenNoinstr } from './openNoinstr.ts';

/** What an analysis and its findings have to show in a file; `null` when the file cannot be read. */
export function describeNoinstr(
  ctx: FeatureContext,
  open: OpenNoinstr,
  findings: readonly Finding[],
): NoinstrFile | null {
  const { path } = open.analysis.unit;
  const text = ctx.workspace.textOf(path);
  const lines = ctx.workspace.lineIndexOf(path);
  if (text === undefined || lines === undefined) return null;
  const here = findings.filter((one) => one.path === path);
  const functions: NoinstrFunction[] = [];
  for (const report of open.analysis.functions) {
    const { fn, entry } = report;
    const { file, offset } = outermostPlace(fn.nameToken);
    if (file !== path) continue;
    const range = rangeOf(fn, text);
    const unverified = unverifiedOf(report, (at) => (at.file === path ? lines.lineAt(at.offset) : null));
    functions.push({
      name: fn.name,
      nameRange: { start: offset, end: Math.min(range.end, offset + fn.name.length) },
      range,
      entry,
      nCallees: calleesOf(report).length,
      nFindings: here.filter((one) => one.range.start >= range.start && one.range.start <= range.end).length,
      unverified,
    });
  }
  const places = namedPlaces(open, text);
  const names = places.map(
    (place): NoinstrName => ({ range: place.range, markdown: nameText(ctx, open, place, here) }),
  );
  return { path, text, lines, functions, names, changes: standingChanges(places, (offset) => lines.lineAt(offset)) };
}

/** Names of what a function calls itself as it is written, each once. */
function calleesOf(report: FunctionReport): readonly string[] {
  const names = report.fn.graph.nodes.flatMap(({ op }) => (op === null ? [] : (calledName(report, op) ?? [])));
  return [...new Set(names)];
}

/**
 * What an operation calls: a function, an expression, or a macro whose name says everything about it. `null` for other
 * operations, for what such a macro is made of, for markers, and for what compilers provide.
 */
export function calledName(report: FunctionReport, op: FlowOp): string | null {
  if (op.kind === 'use') {
    const { name } = op.expansion.macro;
    const rule = namedCall(name, 'raw')?.rule ?? null;
    return rule !== null || primitives.has(name) || orderSteps.has(name) ? name : null;
  }
  if (op.kind !== 'call' || report.isClaimed(op)) return null;
  const name = op.callee ?? op.text;
  return /^(__builtin_|__compiletime_assert_)/.test(name) ? null : name;
}

/** Callees of which nothing is claimed, each once, where they were met first. */
export function unverifiedOf(
  { unverified }: FunctionReport,
  lineAt: (place: { readonly file: string; readonly offset: number }) => number | null,
): NoinstrFunction['unverified'] {
  const found = new Map<string, NoinstrFunction['unverified'][number]>();
  for (const { name, reason, site } of unverified) {
    if (!found.has(name)) found.set(name, { name, reason, line: lineAt(outermostPlace(site.op.token)) });
  }
  return [...found.values()];
}

/** From a function's name to its closing brace. */
export function rangeOf(fn: FunctionFacts, text: string): TextRange {
  const { file, offset: start } = outermostPlace(fn.nameToken);
  const brace = fn.graph.nodes.findLast(({ op }) => op?.kind === 'return' && op.atEnd)?.op?.token;
  const end = brace === undefined ? null : outermostPlace(brace);
  if (end !== null && end.file === file && end.offset > start) return { start, end: end.offset + 1 };
  // A function that returns before has no such node, and one that a macro made has no brace of its own.
  const found = fn.nameToken.expansion === null ? text.indexOf('\n}', start) + 2 : text.indexOf('\n', start);
  return { start, end: found <= start ? text.length : found };
}

/** What the paths to a place have in common. */
export function standingOf(states: readonly PathState[]): Standing {
  if (states.every((state) => state.depth > 0)) return 'region';
  if (states.every((state) => state.depth > 0 || state.ctx === 'in')) return 'IN';
  return states.every((state) => state.ctx === 'out') ? 'OUT' : '?';
}

/** Places of a file that the paths of its noinstr functions pass, with the states there, those of inlined calls too. */
function namedPlaces(open: OpenNoinstr, text: string): readonly NamedPlace[] {
  const { path } = open.analysis.unit;
  const byPlace = new Map<string, { place: NamedPlace; sites: Site[]; states: PathState[]; roots: Set<string> }>();
  for (const report of open.analysis.functions) {
    for (const { site, state } of report.states()) {
      for (const { name, offset } of spelledAt(site, path, text)) {
        const key = `${offset}\0${name ?? ''}`;
        let known = byPlace.get(key);
        if (known === undefined) {
          const sites: Site[] = [];
          const states: PathState[] = [];
          const roots = new Set<string>();
          const range = { start: offset, end: offset + (name?.length ?? 1) };
          known = { place: { range, name, sites, states, roots }, sites, states, roots };
          byPlace.set(key, known);
        }
        known.sites.push(site);
        known.states.push(state);
        known.roots.add(report.fn.name);
      }
    }
  }
  return [...byPlace.values()].map(({ place }) => place).sort((left, right) => left.range.start - right.range.start);
}

/** Where an operation is spelled in a file: its own name, and the outermost macro that made it. */
function spelledAt(
  site: Site,
  path: string,
  text: string,
): readonly { readonly name: string | null; readonly offset: number }[] {
  const { op } = site;
  const found: { name: string | null; offset: number }[] = [];
  const outer = outermostPlace(op.token);
  const names = namesAt(site);
  const isAt = (name: string | undefined, offset: number): name is string =>
    name !== undefined && text.startsWith(name, offset) && !/\w/.test(text[offset + name.length] ?? '');
  if (outer.file === path) {
    const [first] = names;
    found.push({ name: isAt(first, outer.offset) ? first : null, offset: outer.offset });
  }
  // An argument of a macro is spelled where it stands.
  const own = names.at(-1);
  const { token } = op;
  if (token.file === path && token.offset !== outer.offset && op.kind === 'call' && isAt(own, token.offset)) {
    found.push({ name: own, offset: token.offset });
  }
  return found;
}

function standingChanges(places: readonly NamedPlace[], lineAt: (offset: number) => number): readonly StandingChange[] {
  const byLine = new Map<number, { readonly range: TextRange; readonly owner: string; readonly states: PathState[] }>();
  for (const { range, sites, states } of places) {
    const line = lineAt(range.start);
    const known = byLine.get(line);
    if (known !== undefined) known.states.push(...states);
    else byLine.set(line, { range, owner: sites[0]?.fn.name ?? '', states: [...states] });
  }
  const changes: StandingChange[] = [];
  let before = '';
  for (const [, { range, owner, states }] of [...byLine].sort(([left], [right]) => left - right)) {
    const standing = standingOf(states);
    const now = `${owner} ${standing}`;
    if (now !== before) changes.push({ range, standing });
    before = now;
  }
  return changes;
}
