import type { TextRange } from '../../base/text.ts';
import { causeText } from '../../cost/costRecord.ts';
import { estimateStream, type StreamCost } from '../../cost/estimate.ts';
import type { StreamInsn } from '../../cost/program.ts';
import type { AssemblyAnalysis } from '../../project/assemblyAnalysis.ts';
import type { FeatureContext } from '../featureContext.ts';
import type { SiteChoice, SourceLine } from './codeRegion.ts';
import { coreTitle } from './costContext.ts';
import { intervalText } from './costReport.ts';
import { rangeStream } from './rangeCost.ts';
import { type PlacedSite, siteAt, sitePath, unboundedTexts } from './siteCost.ts';
import { timelineSvg } from './timelineSvg.ts';

/** What one pass of a stream does in the pipeline, cycle by cycle. */
export interface Timeline {
  readonly title: string;
  /** A standalone picture that takes its colors from the editor's theme where there is one. */
  readonly svg: string;
  /** The same content as text. */
  readonly text: string;
  /** The line that makes each instruction, in order. */
  readonly sources: readonly (SourceLine | null)[];
}

/** One instruction of a timeline; cycles count from 0. */
export interface TimelineInsn {
  readonly text: string;
  readonly dispatched: number;
  readonly issued: number;
  readonly executed: number;
  readonly retired: number;
  /** It is part of the site that was asked for. */
  readonly isSite: boolean;
  /** Why it is on the critical path, or `null`. */
  readonly critical: string | null;
}

/** More of them would make the picture wide; the text has them all. */
const shownUnknown = 4;

export type TimelineTarget = { readonly offset: number } | { readonly range: TextRange };

/**
 * Timeline of one pass: of the code around the site at an offset, or of the lines of a range. `null` where there is no
 * code, its stream is not known, or no tables are loaded.
 */
export function timelineAt(
  ctx: FeatureContext,
  path: string,
  target: TimelineTarget,
  choice: SiteChoice,
): Timeline | null {
  const analysis = ctx.workspace.assembly(path, ctx.cancellation);
  if (analysis === null) return null;
  if ('range' in target) return rangeTimeline(ctx, analysis, target.range);
  const placed = siteAt(analysis, analysis.lines.lineAt(target.offset));
  return placed && siteTimeline(ctx, analysis, placed, choice);
}

function rangeTimeline(ctx: FeatureContext, analysis: AssemblyAnalysis, range: TextRange): Timeline | null {
  const first = analysis.lines.lineAt(range.start);
  const last = analysis.lines.lineAt(Math.max(range.start, range.end - 1));
  const stream = rangeStream(ctx, analysis, first, last);
  const title = `lines ${first} to ${last} in ${ctx.state.name}`;
  return drawn(ctx, { title, stream, siteStart: 0, siteEnd: 0, sources: stream.map(({ source }) => source) });
}

/** Timeline of the code around a site in one of its states. */
export function siteTimeline(
  ctx: FeatureContext,
  analysis: AssemblyAnalysis,
  placed: PlacedSite,
  choice: SiteChoice,
): Timeline | null {
  const window = ctx.cost ? sitePath(ctx, analysis, placed, ctx.cost, choice, new Set()) : null;
  return window && drawn(ctx, { ...window, title: `${placed.site.cpucap.text}, ${choice}` });
}

interface FoundStream {
  readonly title: string;
  readonly stream: readonly StreamInsn[];
  readonly siteStart: number;
  readonly siteEnd: number;
  readonly sources: readonly (SourceLine | null)[];
}

function drawn(ctx: FeatureContext, found: FoundStream): Timeline | null {
  const { cost, cancellation } = ctx;
  if (!cost || found.stream.length === 0) return null;
  const figures = estimateStream(cost.tables.model, found.stream, { mode: 'kernel', timeline: true, cancellation });
  if (figures.timeline.length === 0) return null;
  const insns = timelineInsns(found.stream, figures, found.siteStart, found.siteEnd);
  const title = `${found.title}, ${coreTitle(cost)}`;
  const total = `one pass ${intervalText(figures.cyclesOnce)} cycles in the model; drawn: the lower bound`;
  const unknown = unboundedTexts(figures);
  const caption = unknown.length === 0 ? total : `unknown: ${unknown.join('; ')} · ${total}`;
  const more = unknown.length > shownUnknown ? ` and ${unknown.length - shownUnknown} more` : '';
  const short =
    unknown.length === 0 ? total : `unknown: ${unknown.slice(0, shownUnknown).join('; ')}${more} · ${total}`;
  return {
    title,
    svg: timelineSvg(title, short, insns),
    text: timelineText(title, caption, insns),
    sources: found.sources,
  };
}

function timelineInsns(
  stream: readonly StreamInsn[],
  figures: StreamCost,
  siteStart: number,
  siteEnd: number,
): TimelineInsn[] {
  // People count instructions from 1, as the rows do.
  const causes = new Map(
    figures.criticalPath.map((step) => [
      step.index,
      causeText({ ...step, from: step.from === null ? null : step.from + 1 }),
    ]),
  );
  return stream.map(({ insn }, index) => {
    const [dispatched = 0, issued = 0, executed = 0, retired = 0] = figures.timeline[index] ?? [];
    const isSite = index >= siteStart && index < siteEnd;
    return { text: insn.text, dispatched, issued, executed, retired, isSite, critical: causes.get(index) ?? null };
  });
}

/** `D` dispatched, `=` waits, `e` executes, `-` waits to retire, `R` retired; `*` marks the critical path, `>` the site. */
function timelineText(title: string, caption: string, insns: readonly TimelineInsn[]): string {
  const width = Math.max(...insns.map((insn) => insn.text.length));
  const lines = [
    title,
    caption,
    'D dispatched, = waits, e executes, - waits to retire, R retired; * critical path, > site',
    '',
  ];
  for (const insn of insns) {
    const mark = `${insn.isSite ? '>' : ' '}${insn.critical === null ? ' ' : '*'}`;
    lines.push(
      `${mark} ${insn.text.padEnd(width)}  ${stages(insn)}${insn.critical === null ? '' : `   ${insn.critical}`}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function stages({ dispatched, issued, executed, retired }: TimelineInsn): string {
  let out = ' '.repeat(dispatched);
  for (let cycle = dispatched; cycle <= retired; cycle++) {
    if (cycle === retired) out += 'R';
    else if (cycle === dispatched) out += 'D';
    else if (cycle < issued) out += '=';
    else if (cycle < executed) out += 'e';
    else out += '-';
  }
  return out;
}
