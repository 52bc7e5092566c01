// The index of each tree of a workspace, with the documents that the editor holds over the files on disk.

import { type Cancellation, throwIfCancelled } from '../../base/cancellation.ts';
import { dirname } from '../../base/path.ts';
import type { KernelTree } from '../kernelTree.ts';
import { NameIndex } from '../nameIndex.ts';
import type { Workspace } from '../workspace.ts';
import { defaultScope, IndexBuild, type IndexScope, isIndexable, putText, updateFile } from './indexBuild.ts';
import type { StoredIndex } from './storedIndex.ts';

interface OpenIndex {
  readonly index: NameIndex;
  /** Open documents as they are in the index. */
  readonly texts: Map<string, string>;
}

const indexes = new WeakMap<Workspace, Map<string, OpenIndex>>();

/**
 * The index of a tree as it is now, with the present texts of open documents. It is empty until somebody builds it
 * (`IndexBuild`, `completeIndex`); the files that are open are in it at once. Never waits.
 */
export function nameIndexOf(workspace: Workspace, tree: KernelTree): NameIndex {
  let byRoot = indexes.get(workspace);
  if (byRoot === undefined) {
    byRoot = new Map();
    indexes.set(workspace, byRoot);
  }
  let open = byRoot.get(tree.root);
  if (open === undefined) {
    open = { index: new NameIndex(tree.root, (path) => textNow(workspace, tree, path)), texts: new Map() };
    byRoot.set(tree.root, open);
  }
  overlay(workspace, tree, open);
  return open.index;
}

/** Builds the index of a tree to the end, for hosts that answer nobody meanwhile. Throws only `CancelledError`. */
export function completeIndex(
  workspace: Workspace,
  tree: KernelTree,
  cancellation: Cancellation,
  scope: IndexScope = defaultScope,
): NameIndex {
  const index = nameIndexOf(workspace, tree);
  if (index.state === 'ready') return index;
  const build = buildOf(workspace, tree, scope);
  while (build.step()) throwIfCancelled(cancellation);
  build.finish();
  return index;
}

/** The work that brings the index of a tree up to date. */
export function buildOf(workspace: Workspace, tree: KernelTree, scope: IndexScope): IndexBuild {
  const isOpen = (path: string): boolean => workspace.openPaths.includes(path);
  return new IndexBuild(nameIndexOf(workspace, tree), { files: tree.files, scope, isOpen });
}

/** Reads files now, whether they are in the scope or not: what an answer needs before the index is there. */
export function ensureFiles(workspace: Workspace, tree: KernelTree, paths: readonly string[]): NameIndex {
  const index = nameIndexOf(workspace, tree);
  const open = new Set(workspace.openPaths);
  for (const path of paths) if (!index.has(path) && !open.has(path)) updateFile(index, tree.files, path);
  return index;
}

/** Has the index of a tree begin with what was kept, or with nothing. Open documents stay in it. */
export function resetIndex(workspace: Workspace, tree: KernelTree, stored: StoredIndex | null): void {
  const index = nameIndexOf(workspace, tree);
  if (stored === null) index.clear();
  else index.restore(stored);
  indexes.get(workspace)?.get(tree.root)?.texts.clear();
  nameIndexOf(workspace, tree);
}

/** Text of a file now, without keeping that of a file that is not open. */
export function textNow(workspace: Workspace, tree: KernelTree, path: string): string | undefined {
  return workspace.openPaths.includes(path) ? workspace.textOf(path) : tree.files.readText(path);
}

/** Folders that have files in an index. */
export function foldersOf(index: NameIndex): readonly string[] {
  return [...new Set(index.paths.map(dirname))];
}

function overlay(workspace: Workspace, tree: KernelTree, { index, texts }: OpenIndex): void {
  const open = new Set<string>();
  for (const path of workspace.openPaths) {
    if (!path.startsWith(`${tree.root}/`) || !isIndexable(path)) continue;
    const text = workspace.textOf(path);
    if (text === undefined) continue;
    open.add(path);
    if (texts.get(path) === text) continue;
    texts.set(path, text);
    putText(index, path, Number.NaN, text);
  }
  for (const path of texts.keys()) {
    if (open.has(path)) continue;
    texts.delete(path);
    updateFile(index, tree.files, path);
  }
}
