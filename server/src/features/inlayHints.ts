import type { TextRange } from '../base/text.ts';
import type { FeatureContext, SiteView } from './featureContext.ts';

export interface Hint {
  readonly offset: number;
  /** Below 40 characters. */
  readonly label: string;
  /** Markdown. */
  readonly tooltip: string;
  readonly kind: 'other-state' | 'expansion';
}

export function inlayHints(
  _ctx: FeatureContext,
  _path: string,
  _range: TextRange,
  _options: { readonly view: SiteView; readonly expansions: boolean },
): readonly Hint[] {
  return [];
}
