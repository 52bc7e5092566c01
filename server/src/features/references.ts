import type { TextRange } from '../base/text.ts';
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
  const isWanted = ({ isDefinition }: NamedPlace): boolean => options.includeDeclaration || !isDefinition;
  if (isForC(ctx, path, offset)) return toTargets((cReferences(ctx, path, offset) ?? []).filter(isWanted));
  const view = documentView(ctx, path);
  const named = view === null ? null : thingAt(view, offset);
  if (view === null || named === null) return [];
  // A header holds both languages.
  const ofC = path.endsWith('.S') || named.thing.kind !== 'symbol' ? null : cReferences(ctx, path, offset);
  if (ofC !== null) return toTargets(ofC.filter(isWanted));
  const targets = toTargets(placesOf(view, named.thing).filter(isWanted));
  if (options.includeDeclaration) {
    // Definitions in files that hold no assembly: the cpucap list and its tables, headers of a build.
    const isKnown = (file: string, { start, end }: TextRange): boolean =>
      targets.some((one) => one.path === file && one.range.start <= start && end <= one.range.end);
    for (const { path: file, range } of definitionPlaces(view, named)) {
      if (named.thing.kind !== 'include' && !isKnown(file, range)) targets.push({ path: file, range });
    }
  }
  return targets;
}

function toTargets(places: readonly NamedPlace[]): Target[] {
  return places.slice(0, maxReferences).map(({ path, range }) => ({ path, range }));
}

function placesOf(view: DocumentView, thing: Thing): NamedPlace[] {
  const places = [...placesInDocument(view, thing), ...placesElsewhere(view, thing)];
  const isElsewhere = thing.kind === 'cpucap' || (thing.kind === 'symbol' && isVisible(view, thing));
  if (view.tree === null || !isElsewhere) return places;
  const seen = new Set(places.map(({ path, range }) => `${path}:${range.start}`));
  for (const { path, range } of usesOfName(view.ctx, view.tree, thing.name)) {
    if (path !== view.path && !seen.has(`${path}:${range.start}`)) places.push({ path, range, isDefinition: false });
  }
  return places;
}
