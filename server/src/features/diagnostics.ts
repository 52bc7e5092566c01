import type { TextRange } from '../base/text.ts';
import type { FeatureContext } from './featureContext.ts';

export type Severity = 'error' | 'warning' | 'information';

export interface RelatedPlace {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly range: TextRange;
  readonly message: string;
}

export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly path: string;
  readonly range: TextRange;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly message: string;
  readonly related: readonly RelatedPlace[];
  readonly fix: string | null;
}

export function diagnostics(_ctx: FeatureContext, _path: string): readonly Finding[] {
  return [];
}
