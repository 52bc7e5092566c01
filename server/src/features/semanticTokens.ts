import type { TextRange } from '../base/text.ts';
import type { FeatureContext } from './featureContext.ts';

export const tokenTypes: readonly string[] = [];
export const tokenModifiers: readonly string[] = [];

export interface SemanticToken {
  readonly start: number;
  readonly length: number;
  /** Index into `tokenTypes`. */
  readonly type: number;
  /** Bit set over `tokenModifiers`. */
  readonly modifiers: number;
}

export function semanticTokens(
  _ctx: FeatureContext,
  _path: string,
  _range: TextRange | null,
): readonly SemanticToken[] {
  return [];
}
