import { relativePath } from '../base/path.ts';
import { callbackKnowledge } from '../kernel/callbacks.ts';
import type { AlternativeSite } from '../kernel/patchSite.ts';
import { streamWhenSet } from '../patch/patchedStream.ts';
import type { AssemblyAnalysis } from '../project/assemblyAnalysis.ts';
import { constructConfig } from './constructText.ts';
import { cpucapSummary } from './cpucapText.ts';
import type { FeatureContext } from './featureContext.ts';
import { byteCosts, stateSentence, streamTable } from './streamText.ts';

/**
 * A site as Markdown: what the reader wrote, both streams in one table, the cpucap, the bytes, the chosen state.
 * `nExpansions` is how often the file's own statements make it; `macro` the macro that holds it.
 */
export function siteText(
  ctx: FeatureContext,
  analysis: AssemblyAnalysis,
  site: AlternativeSite,
  nExpansions: number,
  macro: string | null,
): string {
  const head = [`**${site.construct}** \`${site.cpucap.text}\``];
  if (macro !== null) head.push(`in \`${macro}\``);
  if (nExpansions > 1) head.push(`${nExpansions} sites in this object`);
  const parts = [head.join(' · ')];
  const config = constructConfig(ctx.workspace, site);
  if (config !== null) parts.push(`Only with \`${config}\`: without it not even the unpatched sequence is there.`);
  if (site.conditions.length > 0) parts.push(`Only when ${site.conditions.map((one) => `\`${one}\``).join(' and ')}.`);
  parts.push(streamTable(site));
  if (site.callback !== null) {
    const knowledge = callbackKnowledge(site.callback);
    parts.push(`\`${site.callback}\` writes ${knowledge?.writes ?? 'what Patchpoint does not know'}.`);
  }
  const summary = cpucapSummary(analysis, site.cpucap.text);
  if (summary !== null) parts.push(summary);
  const patched = streamWhenSet(site);
  const notes = [...site.issues, ...(patched.known ? patched.notes : [])];
  if (notes.length > 0) parts.push(notes.map((note) => `- ⚠ ${note}`).join('\n'));
  parts.push([byteCosts(site), stateSentence(site, analysis.tree, ctx.state)].join('  \n'));
  if (site.written.file !== analysis.path) {
    const file = analysis.tree === null ? site.written.file : relativePath(analysis.tree.root, site.written.file);
    parts.push(`Written in \`${file}:${site.written.openLine}\`.`);
  }
  return parts.join('\n\n');
}
