import type { TextRange } from '../../base/text.ts';
import type { FunctionReport } from '../../noinstr/analysis.ts';
import { namedCall } from '../../noinstr/callNames.ts';
import type { PathState, Site } from '../../noinstr/pathState.ts';
import { primitives } from '../../noinstr/primitives.ts';
import { namesAt } from '../../noinstr/report.ts';
import { type FunctionFacts, outermostPlace } from '../../noinstr/unit.ts';
import type { FeatureContext } from '../featureContext.ts';
import { keptNoinstr, type OpenNoinstr } from './openNoinstr.ts';

/** Where instrumentation stands at a place: what the paths to it have in common. */
export type Standing = 'OUT' | 'IN' | 'region' | '?';

/** What a lens over a protected function says. */
export interface NoinstrLens {
  readonly name: string;
  readonly range: TextRange;
  readonly title: string;
  readonly tooltip: string;
}

/** One lens for each noinstr function of a file that was checked. Never starts an analysis. */
export function noinstrLenses(ctx: FeatureContext, path: string): readonly NoinstrLens[] {
  const open = keptNoinstr(ctx.workspace, path);
  if (open === null) return [];
  return open.analysis.functions.flatMap(({ fn, findings, unverified, entry }) => {
    const { file, offset } = outermostPlace(fn.nameToken);
    if (file !== path) return [];
    const callees = new Set(calleesOf(fn));
    const unknown = new Set(unverified.map((one) => one.name)).size;
    const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
    const parts = ['noinstr', count(callees.size, 'callee'), count(findings.length, 'finding')];
    return [
      {
        name: fn.name,
        range: { start: offset, end: offset + fn.name.length },
        title: parts.join(' · '),
        tooltip: `${entryText(entry)}${unknown === 0 ? '' : ` ${count(unknown, 'callee')} could not be resolved.`}`,
      },
    ];
  });
}

function entryText(entry: FunctionReport['entry']): string {
  if (entry === 'out') return 'Entered while RCU does not watch.';
  return entry === 'in' ? 'Entered while RCU watches.' : 'Whether RCU watches on entry is not known.';
}

function calleesOf(fn: FunctionFacts): string[] {
  return fn.graph.nodes.flatMap(({ op }) => (op?.kind === 'call' ? [op.callee ?? op.text] : []));
}

/** Why the call at an offset is or is not allowed in noinstr code, as Markdown; `null` elsewhere. */
export function noinstrHover(
  ctx: FeatureContext,
  path: string,
  offset: number,
): { readonly range: TextRange; readonly markdown: string } | null {
  const open = keptNoinstr(ctx.workspace, path);
  const text = ctx.workspace.textOf(path);
  if (open === null || text === undefined) return null;
  const range = wordAt(text, offset);
  if (range === null) return null;
  const word = text.slice(range.start, range.end);
  for (const report of open.analysis.functions) {
    if (!holds(open, report, path, offset)) continue;
    const here = report.states().filter(({ site }) => isAt(site, path, range.start) && namesAt(site).includes(word));
    if (here.length > 0)
      return {
        range,
        markdown: explain(
          open,
          report,
          word,
          here.map((one) => one.state),
        ),
      };
  }
  return null;
}

function explain(open: OpenNoinstr, report: FunctionReport, word: string, states: readonly PathState[]): string {
  const standing = standingOf(states);
  const where = {
    OUT: 'RCU is not watching here',
    IN: 'RCU is watching here',
    region: 'this is inside an instrumentation region',
    '?': 'whether RCU watches here depends on the caller or the path',
  }[standing];
  const isFine = standing === 'IN' || standing === 'region';
  const said = report.findings.find((one) => one.subject === word);
  const verdict =
    said !== undefined && !isFine ? `not allowed: ${said.message}` : `allowed: ${reasonOf(open, word, isFine)}`;
  return `**noinstr** \`${word}()\` in \`${report.fn.name}()\`: ${where}; ${verdict}.`;
}

function reasonOf(open: OpenNoinstr, word: string, isFine: boolean): string {
  const primitive = primitives.get(word);
  if (primitive !== undefined) return primitive.effect === 'enter' ? 'it enters the context' : 'it leaves the context';
  if (namedCall(word, 'raw')?.rule === null) return 'it is safe everywhere';
  const fn = open.analysis.unit.functionOf(word);
  if (fn?.class === 'noinstr') return 'it is noinstr itself';
  if (fn?.class === 'always-inline') return 'it is always inlined, and its own calls are checked here';
  const outside = open.knowledge.functionNamed(word);
  if (outside?.class === 'noinstr') return 'it is noinstr itself';
  return isFine
    ? 'it can be instrumented, and may be here'
    : 'nothing speaks against it, as far as its definition is known';
}

/** A mark where the standing changes along a noinstr function. */
export interface ContextMark {
  readonly offset: number;
  readonly label: Standing;
}

/** Marks in a range, in order, for the protected functions of a file that was checked. */
export function contextMarks(ctx: FeatureContext, path: string, range: TextRange): readonly ContextMark[] {
  const open = keptNoinstr(ctx.workspace, path);
  const lines = ctx.workspace.lineIndexOf(path);
  const text = ctx.workspace.textOf(path);
  if (open === null || lines === undefined || text === undefined) return [];
  const marks: ContextMark[] = [];
  for (const report of open.analysis.functions) {
    const byLine = new Map<number, PathState[]>();
    for (const { site, state } of report.states()) {
      const place = outermostPlace(site.op.token);
      if (site.via !== null || place.file !== path) continue;
      const line = lines.lineAt(place.offset);
      const list = byLine.get(line);
      if (list === undefined) byLine.set(line, [state]);
      else list.push(state);
    }
    let before: Standing | null = null;
    for (const [line, states] of [...byLine].sort(([left], [right]) => left - right)) {
      const label = standingOf(states);
      if (label !== before) marks.push({ offset: lines.lineRange(line, text).end, label });
      before = label;
    }
  }
  return marks.filter(({ offset }) => offset >= range.start && offset <= range.end).sort((a, b) => a.offset - b.offset);
}

/** What a place's paths have in common. */
export function standingOf(states: readonly PathState[]): Standing {
  if (states.every((state) => state.depth > 0)) return 'region';
  if (states.every((state) => state.depth > 0 || state.ctx === 'in')) return 'IN';
  return states.every((state) => state.ctx === 'out') ? 'OUT' : '?';
}

/** Whether a place of a file is in the text of a function of it, from its name to its end. */
export function holds(open: OpenNoinstr, { fn }: FunctionReport, path: string, offset: number): boolean {
  const { file, offset: start } = outermostPlace(fn.nameToken);
  const end = open.analysis.unit.text.indexOf('\n}', start);
  return file === path && offset >= start && (end < 0 || offset <= end);
}

function isAt(site: Site, path: string, offset: number): boolean {
  const place = outermostPlace(site.op.token);
  return site.via === null && place.file === path && place.offset === offset;
}

export function wordAt(text: string, offset: number): TextRange | null {
  let start = offset;
  let end = offset;
  while (start > 0 && /\w/.test(text[start - 1] ?? '')) start--;
  while (/\w/.test(text[end] ?? '')) end++;
  return start === end ? null : { start, end };
}
