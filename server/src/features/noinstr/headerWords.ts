import { dirname, normalizePath } from '../../base/path.ts';
import { primitives } from '../../noinstr/primitives.ts';
import type { KernelTree } from '../../project/kernelTree.ts';
import type { Workspace } from '../../project/workspace.ts';

interface KeptNames {
  readonly text: string;
  readonly names: readonly string[];
}

const kept = new WeakMap<Workspace, Map<string, KeptNames>>();
const maxDepth = 2;

/**
 * Whether a C file uses a macro or an inline function of a header it includes that stands for one of the words that
 * `concerns` looks for: another name for an attribute, a helper that switches the context. Headers are searched in the
 * file's folder and where the kernel's own lie; those that they include themselves are, where they name them by `"…"`.
 */
export function concernsThroughHeaders(
  workspace: Workspace,
  tree: KernelTree,
  path: string,
  text: string,
  concerns: (text: string) => boolean,
): boolean {
  const words = new Set(text.match(/\b[A-Za-z_]\w*/g));
  const seen = new Set<string>();
  const search = (file: string, included: string, depth: number): boolean => {
    for (const [, open, name = ''] of included.matchAll(/^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]+)[">]/gm)) {
      if (depth > 0 && open === '<') continue;
      const header = findHeader(workspace, tree, file, name, open === '"');
      const content = header === null ? undefined : workspace.textOf(header);
      if (header === null || content === undefined || seen.has(header)) continue;
      seen.add(header);
      if (namesIn(workspace, header, content, concerns).some((one) => words.has(one))) return true;
      if (depth < maxDepth && search(header, content, depth + 1)) return true;
    }
    return false;
  };
  return search(path, text, 0);
}

function findHeader(
  workspace: Workspace,
  tree: KernelTree,
  from: string,
  name: string,
  quoted: boolean,
): string | null {
  const folders = [`${tree.root}/arch/arm64/include`, `${tree.root}/include`];
  if (quoted) folders.unshift(dirname(from));
  for (const folder of folders) {
    const file = normalizePath(`${folder}/${name}`);
    if (workspace.textOf(file) !== undefined) return file;
  }
  return null;
}

/** Names of macros and inline functions of a header whose text concerns these rules; those of the kernel are known. */
function namesIn(
  workspace: Workspace,
  header: string,
  text: string,
  concerns: (text: string) => boolean,
): readonly string[] {
  let ofWorkspace = kept.get(workspace);
  if (ofWorkspace === undefined) {
    ofWorkspace = new Map();
    kept.set(workspace, ofWorkspace);
  }
  const before = ofWorkspace.get(header);
  if (before?.text === text) return before.names;
  const names: string[] = [];
  if (concerns(text)) {
    for (const [, name = '', body = ''] of text.matchAll(
      /^[ \t]*#[ \t]*define[ \t]+([A-Za-z_]\w*)((?:.*\\\r?\n)*.*)$/gm,
    )) {
      if (concerns(body)) names.push(name);
    }
    for (const [, name = '', body = ''] of text.matchAll(/^static[^;{}#]*?\b(\w+)\s*\([^;{}]*\)\s*(\{[\s\S]*?^\})/gm)) {
      if (concerns(body)) names.push(name);
    }
  }
  const own = names.filter((name) => !primitives.has(name) && !concerns(name));
  ofWorkspace.set(header, { text, names: own });
  return own;
}
