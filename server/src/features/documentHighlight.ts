import type { TextRange } from '../base/text.ts';
import type { FeatureContext } from './featureContext.ts';
import { isForC } from './navigation/cNames.ts';
import { documentView } from './navigation/documentView.ts';
import { thingAt } from './navigation/namedThing.ts';
import { placesInDocument } from './navigation/occurrences.ts';

// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.18/specification/#textDocument_documentHighlight

export interface Highlight {
  readonly range: TextRange;
  readonly kind: 'read' | 'write';
}

/** Places in the document that name the thing at an offset, in order; what defines it is written. Throws only `CancelledError`. */
export function documentHighlights(ctx: FeatureContext, path: string, offset: number): readonly Highlight[] {
  // In C another server knows what a name is.
  if (isForC(ctx, path, offset)) return [];
  const view = documentView(ctx, path);
  const named = view === null ? null : thingAt(view, offset);
  if (view === null || named === null) return [];
  return placesInDocument(view, named.thing).map(({ range, isDefinition }) => ({
    range,
    kind: isDefinition ? 'write' : 'read',
  }));
}
