import type { TextRange } from '../base/text.ts';
import type { FeatureContext } from './featureContext.ts';

export interface Highlight {
  readonly range: TextRange;
  readonly kind: 'read' | 'write';
}

export function documentHighlights(_ctx: FeatureContext, _path: string, _offset: number): readonly Highlight[] {
  return [];
}
