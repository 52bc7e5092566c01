import { relativePath } from '../../base/path.ts';
import type { KernelTree } from '../../project/kernelTree.ts';
import { nameIndexOf } from '../../project/nameIndex/treeIndex.ts';
import type { Workspace } from '../../project/workspace.ts';
import type { FileOf } from './siteGroups.ts';

/** Suffixes of functions that a compiler makes of one. */
const madeOf = /\.(?:constprop|isra|part|cold|llvm)\b.*$/;

/** Where a function of an image is written, by the index of names; `null` when none or several files define it. */
export function functionSource(
  workspace: Workspace,
  tree: KernelTree,
  functionName: string,
): { readonly path: string; readonly line: number } | null {
  const name = functionName.replace(madeOf, '').replace(/^__kvm_nvhe_/, '');
  const isOurs = (file: string): boolean => !/^arch\/(?!arm64\/)|^tools\//.test(relativePath(tree.root, file));
  const found = nameIndexOf(workspace, tree)
    .definitionsOf(name)
    .filter(({ isDeclaration, kind, path }) => !isDeclaration && kind !== 'macro' && isOurs(path));
  const [only] = found;
  return only !== undefined && new Set(found.map((one) => one.path)).size === 1 ? only : null;
}

/** Files of functions relative to the tree; what was looked up is kept. */
export function filesOfFunctions(workspace: Workspace, tree: KernelTree | null): FileOf {
  const known = new Map<string, string | null>();
  if (tree === null) return () => null;
  return (name) => {
    let file = known.get(name);
    if (file === undefined) {
      const found = functionSource(workspace, tree, name);
      file = found === null ? null : relativePath(tree.root, found.path);
      known.set(name, file);
    }
    return file;
  };
}
