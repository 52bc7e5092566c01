import type { Place, PlacedFinding } from '../../noinstr/place.ts';
import type { Finding, RelatedPlace } from '../diagnostics.ts';
import type { FeatureContext } from '../featureContext.ts';
import { suppressedAt } from './allowComments.ts';

/** Placed findings in the shape of all diagnostics, in order of place, without those that a comment allows. */
export function toFindings(ctx: FeatureContext, placed: readonly PlacedFinding[]): readonly Finding[] {
  const { workspace } = ctx;
  return placed
    .flatMap((one) => toFinding(ctx, one) ?? [])
    .filter((one) => !suppressedAt(workspace.textOf(one.path) ?? '', workspace.lineIndexOf(one.path), one))
    .sort((left, right) =>
      left.path === right.path ? left.range.start - right.range.start : left.path < right.path ? -1 : 1,
    );
}

function toFinding(ctx: FeatureContext, placed: PlacedFinding): Finding | null {
  const at = locate(ctx, placed);
  if (at === null) return null;
  const { path, range, line, column } = at;
  return {
    rule: placed.rule,
    severity: placed.severity,
    path,
    range,
    line,
    column,
    endLine: line,
    endColumn: column + (range.end - range.start),
    message: placed.message,
    related: placed.related.flatMap((one) => {
      const place = locate(ctx, one);
      return place === null ? [] : [{ ...place, message: one.message }];
    }),
    fix: placed.replacement === null ? null : `use ${placed.replacement}`,
  };
}

function locate(ctx: FeatureContext, place: Place): Omit<RelatedPlace, 'message'> | null {
  const lines = ctx.workspace.lineIndexOf(place.file);
  if (lines === undefined) return null;
  const { line, column } = lines.positionAt(place.offset);
  return { path: place.file, line, column, range: { start: place.offset, end: place.offset + place.length } };
}
