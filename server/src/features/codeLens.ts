import type { TextRange } from '../base/text.ts';
import type { FeatureContext, SiteView } from './featureContext.ts';

export interface Lens {
  readonly range: TextRange;
  /** Opaque and small: goes to the editor and comes back with `resolveLens`. */
  readonly key: string;
  readonly kind: 'function' | 'site';
}

export type LensAction =
  | { readonly kind: 'cycle-view'; readonly path: string }
  | { readonly kind: 'show-patched'; readonly path: string };

export interface ResolvedLens {
  readonly title: string;
  readonly tooltip: string;
  readonly action: LensAction;
}

export function codeLenses(
  _ctx: FeatureContext,
  _path: string,
  _options: { readonly functions: boolean; readonly sites: boolean },
): readonly Lens[] {
  return [];
}

export function resolveLens(_ctx: FeatureContext, _path: string, _key: string, _view: SiteView): ResolvedLens | null {
  return null;
}
