import type { TextRange } from '../base/text.ts';
import { cFadedRanges } from './c/cFaded.ts';
import type { FeatureContext, SiteView } from './featureContext.ts';
import { patchedState, questionFor } from './siteStates.ts';
import { runningHalf } from './streamText.ts';
import { type WrittenBlock, writtenSites } from './writtenBlocks.ts';

/** Whole lines of a file that do not run in the chosen view, in order. Empty in the view of both streams. */
export function fadedRanges(ctx: FeatureContext, path: string, view: SiteView): readonly TextRange[] {
  if (view === 'both') return [];
  const analysis = ctx.workspace.assembly(path, ctx.cancellation);
  const ofC = cFadedRanges(ctx, path, view);
  if (analysis === null) return ofC;
  const ask = questionFor(analysis.tree, patchedState(analysis.tree, ctx.state));
  const ranges: TextRange[] = [...ofC];
  for (const block of writtenSites(analysis).blocks) {
    const running = runningHalf(block.site, view, ask);
    if (running === 'unknown' || block.site.kind === 'callback-alternative') continue;
    const idle = halfLines(block, running === 'original' ? 'replacement' : 'original');
    if (idle === null) continue;
    const start = analysis.lines.lineStart(idle.first);
    ranges.push({ start, end: analysis.lines.lineRange(idle.last, analysis.text).end });
  }
  return ranges.sort((left, right) => left.start - right.start);
}

/** Lines between opener, divider and end that hold one of the two sequences; `null` when it has no line of its own. */
export function halfLines(
  block: WrittenBlock,
  half: 'original' | 'replacement',
): { first: number; last: number } | null {
  if (block.dividerLine === null) return null;
  const first = firstHalf(block) === half;
  const from = first ? block.openLine + 1 : block.dividerLine + 1;
  const to = first ? block.dividerLine - 1 : block.endLine - 1;
  return from > to ? null : { first: from, last: to };
}

/** Which sequence the reader sees first: the one whose start label comes first. */
function firstHalf(block: WrittenBlock): 'original' | 'replacement' {
  const { originalStart, replacementStart } = block.site.labels;
  if (originalStart === null) return 'replacement';
  return replacementStart !== null && replacementStart.seq < originalStart.seq ? 'replacement' : 'original';
}
