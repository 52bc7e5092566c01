import type { TextRange } from '../../base/text.ts';
import type { FeatureContext, SiteView } from '../featureContext.ts';
import { idleBlock } from './idleBlock.ts';
import { openCFile } from './openCFile.ts';
import { outcomeInView } from './stateQuestion.ts';

/** Whole lines of the blocks that do not run in the chosen view, in order. Empty in the view of both streams. */
export function cFadedRanges(ctx: FeatureContext, path: string, view: SiteView): readonly TextRange[] {
  if (view === 'both') return [];
  const file = openCFile(ctx, path);
  if (file === null) return [];
  const ranges = file.sites.flatMap((site) => idleBlock(file, site, outcomeInView(ctx, file, site, view)) ?? []);
  return ranges
    .map(({ first, last }) => ({ start: file.lines.lineStart(first), end: file.lines.lineRange(last, file.text).end }))
    .sort((left, right) => left.start - right.start);
}

/** Text that the preprocessor removes, for a C file; empty for others. */
export function inactiveRanges(ctx: FeatureContext, path: string): readonly TextRange[] {
  return openCFile(ctx, path)?.inactive ?? [];
}
