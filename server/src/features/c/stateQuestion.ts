import type { FeatureContext, SiteView } from '../featureContext.ts';
import { patchedState } from '../siteStates.ts';
import type { CFile } from './cFile.ts';
import type { CSite } from './cSites.ts';
import { preemptionKeys } from './preemption.ts';
import { asLinked, type SiteOutcome, type StateQuestion, siteOutcome } from './siteOutcome.ts';

/** What the chosen machine says, with the static keys that its preemption model sets. */
export function stateQuestion(ctx: FeatureContext, file: Pick<CFile, 'tree'>, state = ctx.state): StateQuestion {
  return { tree: file.tree, state, modelKeys: preemptionKeys(ctx, file.tree, state.preempt) };
}

/** The site as a view shows it: as linked, or as the chosen machine leaves it. */
export function outcomeInView(
  ctx: FeatureContext,
  file: CFile,
  site: CSite,
  view: Exclude<SiteView, 'both'>,
): SiteOutcome {
  if (view === 'unpatched') return asLinked(site);
  return siteOutcome(site, stateQuestion(ctx, file, patchedState(file.tree, ctx.state)));
}
