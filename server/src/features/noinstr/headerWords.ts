import { dirname, normalizePath } from '../../base/path.ts';
import { blankComments } from '../../noinstr/declarationHead.ts';
import { primitives } from '../../noinstr/primitives.ts';
import type { KernelTree } from '../../project/kernelTree.ts';
import type { Workspace } from '../../project/workspace.ts';

interface KeptNames {
  readonly text: string;
  readonly names: readonly string[];
  /** Functions that a prototype gives such a word. */
  readonly declared: readonly string[];
}

const kept = new WeakMap<Workspace, Map<string, KeptNames>>();
const maxDepth = 2;

/**
 * Whether a C file uses a macro or an inline function of a header it includes that stands for one of the words that
 * `concerns` looks for: another name for an attribute, a helper that switches the context; or defines a function whose
 * prototype there has such a word. Headers are searched in the
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
      const { names, declared } = namesIn(workspace, header, content, concerns);
      if (names.some((one) => words.has(one))) return true;
      if (declared.some((one) => words.has(one) && defines(text, one))) return true;
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

function defines(text: string, name: string): boolean {
  return new RegExp(`^[A-Za-z_][^;={}#]*\\b${name}\\s*\\([^;{}]*\\)\\s*\\{`, 'm').test(text);
}

/** Functions that are declared, not defined, with a word that concerns these rules. */
function declaredIn(text: string, concerns: (text: string) => boolean): string[] {
  const plain = blankComments(text).replace(/^[ \t]*#(?:.*\\\r?\n)*.*$/gm, '');
  return [...plain.matchAll(/[^;{}]+;/g)].flatMap(([statement]) => {
    if (!concerns(statement)) return [];
    const name = /\b([A-Za-z_]\w*)\s*\((?:[^()]|\([^()]*\))*\)[\w\s]*;$/.exec(statement)?.[1];
    return name === undefined ? [] : [name];
  });
}

/** Names of macros and functions of a header whose text concerns these rules; those of the kernel are known. */
function namesIn(workspace: Workspace, header: string, text: string, concerns: (text: string) => boolean): KeptNames {
  let ofWorkspace = kept.get(workspace);
  if (ofWorkspace === undefined) {
    ofWorkspace = new Map();
    kept.set(workspace, ofWorkspace);
  }
  const before = ofWorkspace.get(header);
  if (before?.text === text) return before;
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
  const isOwn = (name: string): boolean => !primitives.has(name) && !concerns(name);
  const declared = concerns(text) ? declaredIn(text, concerns) : [];
  const found: KeptNames = { text, names: names.filter(isOwn), declared: declared.filter(isOwn) };
  ofWorkspace.set(header, found);
  return found;
}
