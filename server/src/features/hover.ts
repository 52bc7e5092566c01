import type { TextRange } from '../base/text.ts';
import type { FeatureContext } from './featureContext.ts';

export interface HoverText {
  readonly range: TextRange;
  readonly markdown: string;
}

export function hover(_ctx: FeatureContext, _path: string, _offset: number): HoverText | null {
  return null;
}
