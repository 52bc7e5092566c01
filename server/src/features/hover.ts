import type { TextRange } from '../base/text.ts';
import type { AssemblyAnalysis } from '../project/assemblyAnalysis.ts';
import { absentText } from './absentText.ts';
import { builtImageText } from './builtImage.ts';
import { cHover } from './c/cHover.ts';
import { placedSite } from './cost/siteCost.ts';
import { cpucapText } from './cpucapText.ts';
import type { FeatureContext } from './featureContext.ts';
import { macroText } from './macroHover.ts';
import { noinstrHover } from './noinstr/noinstrViews.ts';
import { siteText } from './siteHover.ts';
import { wordAt } from './wordAt.ts';
import { blockAt, writtenSites } from './writtenBlocks.ts';

export interface HoverText {
  readonly range: TextRange;
  readonly markdown: string;
}

/**
 * What to say at an offset: the site whose block or line it is on, the macro invoked there, the cpucap named there.
 * The most specific comes first. `null` where Patchpoint has nothing to add. Throws only `CancelledError`.
 */
export function hover(ctx: FeatureContext, path: string, offset: number): HoverText | null {
  const found = withNoinstr(ctx, path, offset, assemblyHover(ctx, path, offset) ?? cHover(ctx, path, offset));
  const emitted = emittedAt(ctx, path, offset);
  if (found === null || emitted === null) return found ?? emitted;
  return { range: found.range, markdown: joined([found.markdown, emitted.markdown]) };
}

/** Before everything else, whether a call is allowed in noinstr code. */
function withNoinstr(ctx: FeatureContext, path: string, offset: number, found: HoverText | null): HoverText | null {
  const allowed = path.endsWith('.S') ? null : noinstrHover(ctx, path, offset);
  if (allowed === null) return found;
  return { range: allowed.range, markdown: joined([allowed.markdown, found?.markdown ?? null]) };
}

/** What the open image has of the line. */
function emittedAt(ctx: FeatureContext, path: string, offset: number): HoverText | null {
  if (!ctx.image) return null;
  const text = ctx.workspace.textOf(path);
  const lines = ctx.workspace.lineIndexOf(path);
  if (text === undefined || lines === undefined) return null;
  const line = lines.lineAt(offset);
  const markdown = builtImageText(ctx, path, line);
  return markdown === null ? null : { range: lineContent({ text, lines }, line), markdown };
}

function assemblyHover(ctx: FeatureContext, path: string, offset: number): HoverText | null {
  const analysis = ctx.workspace.assembly(path, ctx.cancellation);
  if (analysis === null) return null;
  const word = wordAt(analysis.text, offset, assemblyWord);
  const line = analysis.lines.lineAt(offset);
  const around = (withCpucap: boolean): string | null =>
    siteAt(ctx, analysis, line, withCpucap) ?? absentText(ctx, analysis, line);
  if (word !== null && /^ARM64_[A-Za-z0-9_]+$/.test(word.text)) {
    const markdown = cpucapText(analysis, word.text, ctx.state);
    if (markdown !== null) return { range: word.range, markdown: joined([around(false), markdown]) };
  }
  if (word !== null) {
    // What the parts of the construct itself expand to is the table above it.
    const ofConstruct = blockAt(writtenSites(analysis), line)?.construct === word.text;
    const markdown = ofConstruct ? null : macroText(analysis, word.text, line, offset);
    if (markdown !== null) return { range: word.range, markdown: joined([around(true), markdown]) };
  }
  const markdown = around(true);
  return markdown === null ? null : { range: lineContent(analysis, line), markdown };
}

/** Both streams of what stands on a line: the block it is in, or the sites that its macro makes. */
function siteAt(ctx: FeatureContext, analysis: AssemblyAnalysis, line: number, withCpucap: boolean): string | null {
  const sites = writtenSites(analysis);
  const block = blockAt(sites, line);
  const wrappers = sites.wrappers.filter((wrapper) => wrapper.line === line);
  const parts: string[] = [];
  if (block !== null) {
    const macro = block.macro?.macro.name ?? null;
    const placed = placedSite(analysis, block);
    parts.push(
      siteText(ctx, analysis, block.site, { placed, nExpansions: block.expansions.length, macro, withCpucap }),
    );
  }
  for (const wrapper of wrappers) {
    for (const site of wrapper.sites.slice(0, 6)) {
      const placed = { site, source: wrapper.macro ?? analysis };
      parts.push(siteText(ctx, analysis, site, { placed, nExpansions: 0, macro: wrapper.name, withCpucap }));
    }
    if (wrapper.sites.length > 6)
      parts.push(`… and ${wrapper.sites.length - 6} more alternatives in \`${wrapper.name}\`.`);
  }
  return parts.length === 0 ? null : parts.join('\n\n---\n\n');
}

function joined(parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null).join('\n\n---\n\n');
}

const assemblyWord = /[\w.$]/;

function lineContent(analysis: Pick<AssemblyAnalysis, 'text' | 'lines'>, line: number): TextRange {
  const { start, end } = analysis.lines.lineRange(line, analysis.text);
  const content = analysis.text.slice(start, end);
  const from = start + content.length - content.trimStart().length;
  return { start: from, end: Math.max(from, start + content.trimEnd().length) };
}
