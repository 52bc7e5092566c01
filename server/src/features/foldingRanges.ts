import type { FeatureContext } from './featureContext.ts';

/** Lines are 1-based. */
export interface Fold {
  readonly startLine: number;
  readonly endLine: number;
  readonly kind: 'region' | 'comment' | 'imports' | null;
}

export function foldingRanges(_ctx: FeatureContext, _path: string): readonly Fold[] {
  return [];
}
