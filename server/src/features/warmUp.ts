import { codeLenses, resolveLens } from './codeLens.ts';
import type { FeatureContext } from './featureContext.ts';
import { hover } from './hover.ts';
import { inlayHints } from './inlayHints.ts';

/** Rounds after which the engine answers at its usual speed. */
export const warmUpRounds = 4;

const warmUpSites = 6;

/**
 * One round of what a reader of an opened file will ask for next, so that his first hover and keystroke do not pay
 * for caches and compilation. Its answers are thrown away. Throws only `CancelledError`.
 */
export function warmUp(ctx: FeatureContext, path: string): void {
  const { workspace, cancellation } = ctx;
  workspace.rehearse(path, cancellation);
  const text = workspace.textOf(path) ?? '';
  const lenses = codeLenses(ctx, path, { functions: false, sites: true });
  const [first] = lenses;
  if (first === undefined) return;
  resolveLens(ctx, path, first.key, 'both');
  inlayHints(ctx, path, first.range, { view: 'both', expansions: false });
  const cpucap = text.slice(first.range.start, first.range.end).indexOf('ARM64_');
  hover(ctx, path, first.range.start + Math.max(0, cpucap));
  if (!ctx.cost) return;
  // The simulator takes other ways for other code: some sites from all over the file.
  const step = Math.max(1, Math.floor(lenses.length / warmUpSites));
  for (let index = step; index < lenses.length; index += step) hover(ctx, path, lenses[index]?.range.start ?? 0);
}
