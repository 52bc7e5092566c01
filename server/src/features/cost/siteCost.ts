import { addedCycles, windowInsns } from '../../cost/addedCycles.ts';
import { compareStreams, differenceText } from '../../cost/compareStates.ts';
import { estimateStream, type StreamCost } from '../../cost/estimate.ts';
import type { Cause, CoreModel } from '../../cost/model.ts';
import { type Path, straightWindow } from '../../cost/paths.ts';
import type { AlternativeSite } from '../../kernel/patchSite.ts';
import type { AssemblyAnalysis } from '../../project/assemblyAnalysis.ts';
import type { FeatureContext } from '../featureContext.ts';
import { questionFor } from '../siteStates.ts';
import { blockAt, type WrittenBlock, writtenSites } from '../writtenBlocks.ts';
import {
  type BuiltRegion,
  buildRegion,
  type SiteChoice,
  type SiteSource,
  type SourceLine,
  sourceLine,
} from './codeRegion.ts';
import { binderFor, type CostContext, coreTitle } from './costContext.ts';
import type { CostReport, CostRow } from './costReport.ts';

/** A site with the expansion that it is part of. */
export interface PlacedSite {
  readonly site: AlternativeSite;
  readonly source: SiteSource;
}

/** Both streams of the site at an offset, each in its surroundings; `null` where there is none, or no tables yet. */
export function siteCostAt(ctx: FeatureContext, path: string, offset: number): CostReport | null {
  const analysis = ctx.workspace.assembly(path, ctx.cancellation);
  if (analysis === null) return null;
  const placed = siteAt(analysis, analysis.lines.lineAt(offset));
  return placed === null ? null : siteCost(ctx, analysis, placed);
}

/** The site that a line shows: that of its block, else the first one that its macro makes. */
export function siteAt(analysis: AssemblyAnalysis, line: number): PlacedSite | null {
  return sitesAt(analysis, line)[0] ?? null;
}

/** All sites that a line shows: that of its block, else those that its macro makes. */
export function sitesAt(analysis: AssemblyAnalysis, line: number): readonly PlacedSite[] {
  const sites = writtenSites(analysis);
  const block = blockAt(sites, line);
  if (block !== null) return [placedSite(analysis, block)];
  const wrappers = sites.wrappers.filter((one) => one.line === line);
  return wrappers.flatMap((one) => one.sites.map((site) => ({ site, source: one.macro ?? analysis })));
}

/** A block's site: an expansion of the file itself, which has real operands and surroundings, else the one in the macro. */
export function placedSite(analysis: AssemblyAnalysis, block: WrittenBlock): PlacedSite {
  const expanded = block.expansions[0];
  if (expanded !== undefined) return { site: expanded, source: analysis };
  return { site: block.site, source: block.macro ?? analysis };
}

/**
 * Cost of both streams of a site on the context's core; `null` while its tables are not loaded. Without `inTable` what
 * only a table shows is left out, the difference and looped cycles, which take as long as the rest.
 */
export function siteCost(
  ctx: FeatureContext,
  analysis: AssemblyAnalysis,
  placed: PlacedSite,
  inTable = true,
): CostReport | null {
  const cost = ctx.cost ?? null;
  if (cost === null) return null;
  const unknown = new Set<string>();
  const notes = new Set<string>();
  const rows: CostRow[] = [];
  const streams: (Path | null)[] = [];
  for (const choice of ['unpatched', 'patched'] as const) {
    const path = sitePath(ctx, analysis, placed, cost, choice, notes);
    streams.push(path);
    if (path === null) {
      rows.push(
        failedRow(choice, placed.site.kind === 'callback-alternative' ? 'written at boot' : 'not known from source'),
      );
      continue;
    }
    const { row, figures } = pathRow(choice, cost.tables.model, path, { ctx, inTable });
    rows.push(row);
    for (const text of unboundedTexts(figures)) unknown.add(text);
    for (const cause of figures.causes) {
      if (cause.assumed) notes.add(assumedNote(cause));
    }
    for (const { callee } of path.callees) notes.add(`without the callee ${callee ?? '(indirect)'}`);
    if (path.end.kind === 'unclear') notes.add(path.end.reason);
  }
  return {
    title: `${placed.site.construct} ${placed.site.cpucap.text}`,
    core: coreTitle(cost),
    rows,
    unknown: [...unknown],
    notes: [...notes].slice(0, 8),
    difference: inTable ? differenceSentence(cost.tables.model, streams, ctx) : null,
  };
}

/** A path with the line that each of its instructions comes from. */
export interface SourcedPath extends Path {
  readonly sources: readonly (SourceLine | null)[];
}

/** The straight window through a site in one of its states; `null` when that state is not known. */
export function sitePath(
  ctx: FeatureContext,
  analysis: AssemblyAnalysis,
  placed: PlacedSite,
  cost: CostContext,
  choice: SiteChoice,
  notes: Set<string>,
): SourcedPath | null {
  const built = siteRegion(ctx, analysis, placed, cost, choice);
  if (built === null) return null;
  for (const note of built.notes) notes.add(note);
  const window = straightWindow(built.region);
  const inMacro = placed.source !== analysis;
  const sources = window?.indices.map((index) => {
    const statement = built.statements[index];
    return statement === undefined ? null : sourceLine(statement, inMacro);
  });
  return window && { ...window, sources: sources ?? [] };
}

/** The function around a site with the site in one of its states; `null` when that state is not known. */
export function siteRegion(
  ctx: FeatureContext,
  analysis: AssemblyAnalysis,
  { site, source }: PlacedSite,
  cost: CostContext,
  choice: SiteChoice,
): BuiltRegion | null {
  const ask = questionFor(analysis.tree, ctx.state);
  return buildRegion(source, site, choice, ask, binderFor(cost, ctx.state));
}

function pathRow(
  label: string,
  model: CoreModel,
  path: Path,
  { ctx, inTable }: { readonly ctx: FeatureContext; readonly inTable: boolean },
): { row: CostRow; figures: StreamCost } {
  const { cancellation } = ctx;
  const figures = estimateStream(model, path.stream, {
    mode: 'kernel',
    timeline: false,
    looped: inTable,
    cancellation,
  });
  const window = {
    before: path.stream.slice(Math.max(0, path.siteStart - windowInsns), path.siteStart),
    site: path.stream.slice(path.siteStart, path.siteEnd),
    after: path.stream.slice(path.siteEnd, path.siteEnd + windowInsns),
  };
  const added = addedCycles(model, window, { mode: 'kernel', cancellation });
  return { figures, row: { ...costRow(label, figures), added } };
}

/** Instructions without an upper bound, each once: what makes a figure `>=`. */
export function unboundedTexts({ causes }: StreamCost): readonly string[] {
  return [...new Set(causes.filter((one) => one.cycles.hi === null).map((one) => one.text))];
}

/** A row without added cycles. */
export function costRow(label: string, figures: StreamCost): CostRow {
  return {
    label,
    instructions: figures.instructions,
    bytes: figures.bytes,
    takenBranches: figures.takenBranches,
    uops: figures.uops,
    cyclesOnce: figures.cyclesOnce,
    looped: figures.looped,
    added: null,
    failure: figures.failure,
  };
}

function failedRow(label: string, failure: string): CostRow {
  const none = { instructions: 0, bytes: 0, takenBranches: 0, uops: 0, cyclesOnce: null, looped: null, added: null };
  return { label, ...none, failure };
}

function differenceSentence(
  model: CoreModel,
  [first, second]: readonly (Path | null)[],
  ctx: FeatureContext,
): string | null {
  if (!first || !second) return null;
  const difference = compareStreams(model, first.stream, second.stream, ctx.cancellation);
  if (difference === null) return null;
  const parts = [`patched against unpatched: one pass ${differenceText(difference.cyclesOnce)} cycles`];
  parts.push(`looped ${differenceText(difference.cyclesLooped)}`);
  if (difference.equalInBoth.length > 0) parts.push('unknown parts that are equal in both cancel');
  return parts.join(', ');
}

/** One note for an assumption; which of several taken branches it was does not matter. */
export function assumedNote({ text, reason }: Cause): string {
  return /taken branch/.test(text)
    ? `assumed: ${reason.replace(/^assumed:?\s*/, '')}`
    : `assumed: ${text} ${reason}`.trim();
}
