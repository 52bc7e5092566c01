import type { TextRange } from '../base/text.ts';
import type { FeatureContext } from './featureContext.ts';

export interface Target {
  readonly path: string;
  readonly range: TextRange;
  readonly fullRange?: TextRange;
  readonly originRange?: TextRange;
}

export function definition(_ctx: FeatureContext, _path: string, _offset: number): readonly Target[] {
  return [];
}
