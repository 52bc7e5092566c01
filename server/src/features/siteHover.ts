import { CancelledError } from '../base/cancellation.ts';
import { relativePath } from '../base/path.ts';
import { callbackKnowledge } from '../kernel/callbacks.ts';
import type { AlternativeSite } from '../kernel/patchSite.ts';
import { streamWhenSet } from '../patch/patchedStream.ts';
import type { AssemblyAnalysis } from '../project/assemblyAnalysis.ts';
import { constructConfig } from './constructText.ts';
import { type CostReport, costLine, costMarkdown } from './cost/costReport.ts';
import { type PlacedSite, siteCost } from './cost/siteCost.ts';
import { cpucapSummary } from './cpucapText.ts';
import type { FeatureContext } from './featureContext.ts';
import { byteCosts, stateSentence, streamTable } from './streamText.ts';

/** What a hover adds to both streams of a site. */
export interface SiteTextOptions {
  /** The site whose cost is shown: one with real operands and surroundings where there is one. */
  readonly placed: PlacedSite;
  /** How often the file's own statements make the site. */
  readonly nExpansions: number;
  /** Macro that holds it, `null` at file level. */
  readonly macro: string | null;
  /** Whether to say what the cpucap means; not where the hover says it anyway. */
  readonly withCpucap: boolean;
}

/** A site as Markdown: what the reader wrote, both streams in one table, then the cpucap, the bytes and the chosen state. */
export function siteText(
  ctx: FeatureContext,
  analysis: AssemblyAnalysis,
  site: AlternativeSite,
  { placed, nExpansions, macro, withCpucap }: SiteTextOptions,
): string {
  const head = [`**${site.construct}** \`${site.cpucap.text}\``];
  if (macro !== null) head.push(`in \`${macro}\``);
  if (nExpansions > 1) head.push(`${nExpansions} sites in this object`);
  const lines: string[] = [];
  if (site.callback !== null) {
    const knowledge = callbackKnowledge(site.callback);
    lines.push(`\`${site.callback}\` writes ${knowledge?.writes ?? 'what Patchpoint does not know'}.`);
  }
  const config = constructConfig(ctx.workspace, site);
  if (config !== null) lines.push(`Only with \`${config}\`: without it not even the unpatched sequence is there.`);
  if (site.conditions.length > 0) lines.push(`Only when ${site.conditions.map(conditionText).join(' and ')}.`);
  const patched = streamWhenSet(site);
  for (const note of [...site.issues, ...(patched.known ? patched.notes : [])]) lines.push(`⚠ ${note}`);
  const summary = withCpucap ? cpucapSummary(analysis, site.cpucap.text) : null;
  if (summary !== null) lines.push(summary);
  lines.push(byteCosts(site), stateSentence(site, analysis.tree, ctx.state));
  if (site.written.file !== analysis.path) {
    const file = analysis.tree === null ? site.written.file : relativePath(analysis.tree.root, site.written.file);
    lines.push(`Written in \`${file}:${site.written.openLine}\`.`);
  }
  const cost = costPart(ctx, analysis, placed);
  return [head.join(' · '), streamTable(site), ...cost, lines.join('  \n')].join('\n\n');
}

/** What the site costs on the chosen core, as much of it as the user wants in a hover. */
function costPart(ctx: FeatureContext, analysis: AssemblyAnalysis, placed: PlacedSite): string[] {
  const wanted = ctx.costInHover ?? 'line';
  if (wanted === 'off' || !ctx.cost) return [];
  let report: CostReport | null;
  try {
    report = siteCost(ctx, analysis, placed, wanted === 'table');
  } catch (error) {
    // A mistake in the simulator must not take both streams with it.
    if (error instanceof CancelledError) throw error;
    return [`⚠ no cost: the simulator failed (${error instanceof Error ? error.message : String(error)})`];
  }
  if (report === null) return [];
  return [wanted === 'line' ? costLine(report) : costMarkdown(report)];
}

/** `not (.if \\el==0)` as `\\el==0` does not hold; other directives than `.if` say themselves what they ask. */
function conditionText(condition: string): string {
  const negated = /^not \((.*)\)$/.exec(condition)?.[1];
  const text = (negated ?? condition).replace(/^\.if /, '');
  return negated === undefined ? `\`${text}\`` : `\`${text}\` does not hold`;
}
