import type { TextRange } from '../base/text.ts';
import type { FeatureContext } from './featureContext.ts';

export type SymbolNodeKind = 'function' | 'macro' | 'label' | 'alias' | 'constant' | 'site';

export interface SymbolNode {
  readonly name: string;
  readonly detail: string;
  readonly kind: SymbolNodeKind;
  readonly range: TextRange;
  readonly selectionRange: TextRange;
  readonly children: readonly SymbolNode[];
}

export function documentSymbols(_ctx: FeatureContext, _path: string): readonly SymbolNode[] {
  return [];
}
