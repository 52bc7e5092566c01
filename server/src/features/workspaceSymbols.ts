import { throwIfCancelled } from '../base/cancellation.ts';
import { relativePath } from '../base/path.ts';
import type { KernelTree } from '../project/kernelTree.ts';
import { nameIndexOf } from '../project/nameIndex/treeIndex.ts';
import type { NameDefinition, NameKind } from '../project/nameIndex.ts';
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
 * Macros and functions of `arch/arm64`, static keys, static calls, tracepoints and cpucaps whose names hold the letters of the query in order, best first,
 * at most 500. An empty query gives the first ones. Trees are those of open documents. Throws only `CancelledError`.
 */
export function workspaceSymbols(ctx: FeatureContext, query: string): readonly WorkspaceSymbolRecord[] {
  const found: Candidate[] = [];
  for (const tree of treesOf(ctx)) {
    for (const symbol of sourceIndexOf(ctx.workspace, tree, ctx.cancellation).symbols()) {
      const score = fuzzyScore(query, symbol.name);
      if (score !== null) found.push({ name: symbol.name, score, record: () => symbolRecord(tree, symbol) });
    }
    cCandidates(ctx, tree, query, found);
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

/** Static keys, static calls and tracepoints of the index; functions, variables and types where no other server has them. */
function cCandidates(ctx: FeatureContext, tree: KernelTree, query: string, found: Candidate[]): void {
  const index = nameIndexOf(ctx.workspace, tree);
  for (const { shown, definition } of index.madeSymbols()) {
    const score = fuzzyScore(query, shown);
    if (score !== null) found.push({ name: shown, score, record: () => cRecord(tree, shown, definition) });
  }
  if (ctx.allOfC !== true || query.length < 2) return;
  throwIfCancelled(ctx.cancellation);
  index.forEachDefinition((name, kind, read) => {
    if (kind === 'macro' || kind === 'enumerator' || kind.startsWith('asm')) return;
    const score = fuzzyScore(query, name);
    if (score !== null) found.push({ name, score, record: () => cRecord(tree, name, read()) });
  });
}

function cRecord(tree: KernelTree, name: string, definition: NameDefinition): WorkspaceSymbolRecord | null {
  const { path, offset, length, kind, madeBy } = definition;
  const range = { start: offset, end: offset + length };
  const shown = symbolKind(kind);
  const file = relativePath(tree.root, path);
  const detail = madeBy === null ? file : `${madeBy} in ${file}`;
  return shown === null ? null : { name, detail, kind: shown, range, selectionRange: range, path };
}

function symbolKind(kind: NameKind): SymbolNode['kind'] | null {
  switch (kind) {
    case 'function':
    case 'inline-function':
    case 'asm-symbol':
      return 'function';
    case 'macro':
    case 'asm-macro':
      return 'macro';
    case 'enumerator':
      return 'constant';
    case 'variable':
    case 'type':
    case 'static-key':
    case 'static-call':
    case 'tracepoint':
      return kind;
  }
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
