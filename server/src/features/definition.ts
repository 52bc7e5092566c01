import type { TextRange } from '../base/text.ts';
import type { FeatureContext } from './featureContext.ts';
import { bestOf, indexedName, isForC, isOurs } from './navigation/cNames.ts';
import { definitionPlaces } from './navigation/definitionPlaces.ts';
import { documentView } from './navigation/documentView.ts';
import { thingAt } from './navigation/namedThing.ts';

// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.18/specification/#textDocument_definition

export interface Target {
  readonly path: string;
  readonly range: TextRange;
  readonly fullRange?: TextRange;
  readonly originRange?: TextRange;
}

/**
 * Places that define what is named at an offset, the one in force there first: of several definitions of a macro
 * the one that this configuration used. A cpucap leads to its line in the list and to its entry in the tables.
 * In C the places of what macros make, of keys and of what assembly defines; the rest is for a language server of C, which
 * knows it better. Empty for registers and instructions. Throws only `CancelledError`.
 */
export function definition(ctx: FeatureContext, path: string, offset: number): readonly Target[] {
  if (isForC(ctx, path, offset)) return cDefinition(ctx, path, offset);
  const view = documentView(ctx, path);
  const named = view === null ? null : thingAt(view, offset);
  const places = view === null || named === null ? [] : definitionPlaces(view, named);
  if (named === null || places.length === 0) return cDefinition(ctx, path, offset);
  return places.map(({ path: file, range, full }) => ({
    path: file,
    range,
    originRange: { start: named.range.start, end: named.range.end },
    ...(full === undefined ? {} : { fullRange: full }),
  }));
}

function cDefinition(ctx: FeatureContext, path: string, offset: number): readonly Target[] {
  if (!/\.[chS]$/.test(path)) return [];
  const named = indexedName(ctx, path, offset);
  if (named === null) return [];
  // From assembly all of C is elsewhere.
  const wanted = path.endsWith('.S') ? named.definitions : named.definitions.filter((one) => isOurs(ctx, one));
  return bestOf(wanted).map(({ path: file, offset: start, length }) => ({
    path: file,
    range: { start, end: start + length },
    originRange: named.range,
  }));
}
