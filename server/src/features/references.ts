import type { Target } from './definition.ts';
import type { FeatureContext } from './featureContext.ts';
import { cReferences, isForC, usesOfName } from './navigation/cNames.ts';
import { definitionPlaces } from './navigation/definitionPlaces.ts';
import { type DocumentView, documentView } from './navigation/documentView.ts';
import { type Thing, thingAt } from './navigation/namedThing.ts';
import { isVisible, type NamedPlace, placesElsewhere, placesInDocument } from './navigation/occurrences.ts';

// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.18/specification/#textDocument_references

/** More than this many are of no use to anybody. */
const maxReferences = 5000;

/**
 * Places that name the thing at an offset: this document first, then the `.S` files and headers of `arch/arm64`
 * (for a `#define` also the headers that the document includes), by path; of a symbol of assembly also the C that names
 * it, once the tree is indexed. In C all uses of keys, static calls and what macros make. Throws only `CancelledError`.
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
  const ofC = path.endsWith('.S') || named.thing.kind !== 'symbol' ? null : cReferences(ctx, path, offset);
  if (ofC === null && isForC(path, named)) return [];
  const places: NamedPlace[] = ofC === null ? placesOf(view, named.thing) : [...ofC];
  const wanted = places.filter(({ isDefinition }) => options.includeDeclaration || !isDefinition);
  const targets: Target[] = wanted.slice(0, maxReferences).map(({ path: file, range }) => ({ path: file, range }));
  if (options.includeDeclaration && ofC === null) {
    // Definitions in files that hold no assembly: the cpucap list and its tables, headers of a build.
    const seen = new Set(targets.map((target) => `${target.path}:${target.range.start}`));
    for (const { path: file, range } of definitionPlaces(view, named)) {
      if (named.thing.kind !== 'include' && !seen.has(`${file}:${range.start}`)) targets.push({ path: file, range });
    }
  }
  return targets;
}

function placesOf(view: DocumentView, thing: Thing): NamedPlace[] {
  const places = [...placesInDocument(view, thing), ...placesElsewhere(view, thing)];
  if (thing.kind !== 'symbol' || view.tree === null || !isVisible(view, thing)) return places;
  const seen = new Set(places.map(({ path, range }) => `${path}:${range.start}`));
  for (const { path, range } of usesOfName(view.ctx, view.tree, thing.name)) {
    if (path !== view.path && !seen.has(`${path}:${range.start}`)) places.push({ path, range, isDefinition: false });
  }
  return places;
}
