import { throwIfCancelled } from '../base/cancellation.ts';
import { relativePath } from '../base/path.ts';
import type { KernelTree } from '../project/kernelTree.ts';
import { type IndexedSymbol, sourceIndexOf } from '../project/sourceIndex.ts';
import type { SymbolNode } from './documentSymbols.ts';
import type { FeatureContext } from './featureContext.ts';
import { fuzzyScore } from './navigation/fuzzyMatch.ts';

// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.18/specification/#workspace_symbol

export type WorkspaceSymbolRecord = Omit<SymbolNode, 'children'> & { readonly path: string };

const maxResults = 500;

interface Candidate {
  readonly name: string;
  readonly score: number;
  readonly record: () => WorkspaceSymbolRecord | null;
}

/**
 * Macros and functions of `arch/arm64` and cpucaps whose names hold the letters of the query in order, best first,
 * at most 500. An empty query gives the first ones. Trees are those of open documents. Throws only `CancelledError`.
 */
export function workspaceSymbols(ctx: FeatureContext, query: string): readonly WorkspaceSymbolRecord[] {
  const found: Candidate[] = [];
  for (const tree of treesOf(ctx)) {
    for (const symbol of sourceIndexOf(ctx.workspace, tree, ctx.cancellation).symbols()) {
      const score = fuzzyScore(query, symbol.name);
      if (score !== null) found.push({ name: symbol.name, score, record: () => symbolRecord(tree, symbol) });
    }
    for (const { name, definition } of tree.cpucaps.caps) {
      const score = fuzzyScore(query, `ARM64_${name}`);
      if (score === null || definition === null) continue;
      found.push({ name, score, record: () => cpucapRecord(ctx, name, definition.file, definition.line) });
    }
  }
  throwIfCancelled(ctx.cancellation);
  found.sort(
    (left, right) => right.score - left.score || (left.name < right.name ? -1 : left.name > right.name ? 1 : 0),
  );
  return found
    .slice(0, maxResults)
    .map(({ record }) => record())
    .filter((record) => record !== null);
}

function treesOf(ctx: FeatureContext): readonly KernelTree[] {
  const trees = new Set(ctx.workspace.trees);
  for (const path of ctx.workspace.openPaths) {
    const tree = ctx.workspace.treeFor(path);
    if (tree !== null) trees.add(tree);
  }
  return [...trees];
}

function symbolRecord(tree: KernelTree, { name, kind, path, range }: IndexedSymbol): WorkspaceSymbolRecord {
  return { name, detail: relativePath(tree.root, path), kind, range, selectionRange: range, path };
}

function cpucapRecord(ctx: FeatureContext, name: string, path: string, line: number): WorkspaceSymbolRecord | null {
  const text = ctx.workspace.textOf(path);
  const range = text === undefined ? undefined : ctx.workspace.lineIndexOf(path)?.lineRange(line, text);
  if (range === undefined) return null;
  return { name: `ARM64_${name}`, detail: 'cpucap', kind: 'constant', range, selectionRange: range, path };
}
