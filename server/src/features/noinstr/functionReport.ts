import type { FunctionReport } from '../../noinstr/analysis.ts';
import type { PathState } from '../../noinstr/pathState.ts';
import { placeOf } from '../../noinstr/place.ts';
import { outermostPlace } from '../../noinstr/unit.ts';
import type { Policy } from '../../noinstr/walk.ts';
import type { Finding } from '../diagnostics.ts';
import type { FeatureContext } from '../featureContext.ts';
import { calledName, rangeOf, standingOf, unverifiedOf } from './describeNoinstr.ts';
import { findingPath, pathText } from './findingPath.ts';
import { noinstrFindings } from './noinstrFindings.ts';
import { entryText } from './noinstrViews.ts';
import { calleeNamed, type OpenNoinstr, openNoinstr } from './openNoinstr.ts';
import { functionAt } from './reachability.ts';

/**
 * Everything that is known of the noinstr function at an offset, as text for people: how it is entered, each finding with
 * the path to it, its calls with where instrumentation stands, and the callees of which nothing is claimed. Result:
 * `null` where there is none. `display` makes paths short. Throws only `CancelledError`.
 */
export function functionReport(
  ctx: FeatureContext,
  path: string,
  offset: number,
  policy: Policy,
  display: (path: string) => string,
): { readonly title: string; readonly text: string } | null {
  const name = functionAt(ctx, path, offset, policy);
  const open = openNoinstr(ctx.workspace, path, policy, () => true);
  const report = open?.analysis.functions.find((one) => one.fn.name === name);
  const text = ctx.workspace.textOf(path);
  const lines = ctx.workspace.lineIndexOf(path);
  if (open === null || report === undefined || text === undefined || lines === undefined) return null;
  const { fn } = report;
  const place = outermostPlace(fn.nameToken);
  const range = rangeOf(fn, text);
  const findings = noinstrFindings(ctx, path, policy).filter(
    (one) => one.path === path && one.range.start >= range.start && one.range.start <= range.end,
  );
  const lineAt = (at: { readonly file: string; readonly offset: number }): number | null =>
    ctx.workspace.lineIndexOf(at.file)?.lineAt(at.offset) ?? null;
  const unverified = unverifiedOf(report, lineAt);
  const parts = [
    `${fn.name}()\n${display(place.file)}:${lineAt(place) ?? '?'}\n`,
    `${entryText(report)}\n`,
    heading('Findings', findings.length),
    ...findings.map((one) => findingText(ctx, path, one, policy, display)),
    heading('Calls', null),
    callsText(open, report, path, lineAt),
    ...(unverified.length === 0 ? [] : [heading('Callees of which nothing is claimed', unverified.length)]),
    ...unverified.map((one) => `  ${String(one.line ?? '').padEnd(6)}${one.name}(): ${one.reason}\n`),
  ];
  return { title: `noinstr ${fn.name}`, text: parts.join('') };
}

function heading(title: string, count: number | null): string {
  return `\n${title}${count === null ? '' : `: ${count === 0 ? 'none' : count}`}\n`;
}

function findingText(
  ctx: FeatureContext,
  path: string,
  finding: Finding,
  policy: Policy,
  display: (path: string) => string,
): string {
  const way = findingPath(ctx, path, finding, policy);
  const head = `  ${String(finding.line).padEnd(6)}${finding.severity} ${finding.rule}\n`;
  const message = wrapped(finding.message).map((line) => `        ${line}\n`);
  return `${head}${message.join('')}${way === null ? '' : indented(pathText(way, display))}`;
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '      ');
}

/** The report stands beside the source, where half a window is left for it. */
const maxColumns = 62;

function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < maxColumns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Calls that stand in the function's own text, in order, with where instrumentation stands there. */
function callsText(
  open: OpenNoinstr,
  report: FunctionReport,
  path: string,
  lineAt: (at: { readonly file: string; readonly offset: number }) => number | null,
): string {
  const calls = new Map<string, { line: number; offset: number; name: string; kind: string; states: PathState[] }>();
  for (const { site, state } of report.states()) {
    const { op } = site;
    const name = site.via === null ? calledName(report, op) : null;
    if (name === null) continue;
    const at = placeOf(site);
    const key = `${at.offset}\0${name}`;
    const known = calls.get(key);
    if (known !== undefined) known.states.push(state);
    else if (at.file === path) {
      const kind =
        op.kind === 'use' ? 'macro' : op.kind === 'call' && op.callee === null ? 'pointer' : classOf(open, name);
      calls.set(key, { line: lineAt(at) ?? 0, offset: at.offset, name, kind, states: [state] });
    }
  }
  if (calls.size === 0) return '  none\n';
  const rows = [...calls.values()].sort((left, right) => left.offset - right.offset);
  return rows
    .map(({ line, name, kind, states }) => {
      const standing = standingOf(states);
      return `  ${String(line).padEnd(6)}${standing.padEnd(8)}${kind.padEnd(14)}  ${name}()\n`;
    })
    .join('');
}

function classOf(open: OpenNoinstr, name: string): string {
  const callee = calleeNamed(open, name);
  if (callee.kind === 'function') return callee.fn.class;
  return callee.kind === 'outside' ? callee.outside.class : callee.kind === 'builtin' ? 'builtin' : 'unknown';
}
