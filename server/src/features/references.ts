import type { Target } from './definition.ts';
import type { FeatureContext } from './featureContext.ts';
import { definitionPlaces } from './navigation/definitionPlaces.ts';
import { documentView } from './navigation/documentView.ts';
import { thingAt } from './navigation/namedThing.ts';
import { type NamedPlace, placesElsewhere, placesInDocument } from './navigation/occurrences.ts';

// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.18/specification/#textDocument_references

/** More than this many are of no use to anybody. */
const maxReferences = 5000;

/**
 * Places that name the thing at an offset: this document first, then the `.S` files and headers of `arch/arm64`
 * (for a `#define` also the headers that the document includes), by path. Throws only `CancelledError`.
 */
export function references(
  ctx: FeatureContext,
  path: string,
  offset: number,
  options: { readonly includeDeclaration: boolean },
): readonly Target[] {
  const view = documentView(ctx, path);
  const named = view === null ? null : thingAt(view, offset);
  if (view === null || named === null) return [];
  const places: NamedPlace[] = [...placesInDocument(view, named.thing), ...placesElsewhere(view, named.thing)];
  const wanted = places.filter(({ isDefinition }) => options.includeDeclaration || !isDefinition);
  const targets: Target[] = wanted.slice(0, maxReferences).map(({ path: file, range }) => ({ path: file, range }));
  if (options.includeDeclaration) {
    // Definitions in files that hold no assembly: the cpucap list and its tables, headers of a build.
    const seen = new Set(targets.map((target) => `${target.path}:${target.range.start}`));
    for (const { path: file, range } of definitionPlaces(view, named)) {
      if (named.thing.kind !== 'include' && !seen.has(`${file}:${range.start}`)) targets.push({ path: file, range });
    }
  }
  return targets;
}
