import type { Target } from './definition.ts';
import type { FeatureContext } from './featureContext.ts';

export function references(
  _ctx: FeatureContext,
  _path: string,
  _offset: number,
  _options: { readonly includeDeclaration: boolean },
): readonly Target[] {
  return [];
}
