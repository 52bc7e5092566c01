import type { TextRange } from '../base/text.ts';
import type { FeatureContext, SiteView } from './featureContext.ts';

export function fadedRanges(_ctx: FeatureContext, _path: string, _view: SiteView): readonly TextRange[] {
  return [];
}
