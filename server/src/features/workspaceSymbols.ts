import type { SymbolNode } from './documentSymbols.ts';
import type { FeatureContext } from './featureContext.ts';

export type WorkspaceSymbolRecord = Omit<SymbolNode, 'children'> & { readonly path: string };

export function workspaceSymbols(_ctx: FeatureContext, _query: string): readonly WorkspaceSymbolRecord[] {
  return [];
}
