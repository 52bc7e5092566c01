import type { Place } from '../../noinstr/place.ts';
import type { FeatureContext } from '../featureContext.ts';

/** A place for people and for editors; `line` from 1, `offset` and `length` in UTF-16. */
export interface LinePlace {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
  readonly line: number;
}

/** A place with its line; `null` when its file cannot be read. */
export function linePlace(ctx: FeatureContext, { file, offset, length }: Place): LinePlace | null {
  const lines = ctx.workspace.lineIndexOf(file);
  return lines === undefined ? null : { path: file, offset, length, line: lines.lineAt(offset) };
}
