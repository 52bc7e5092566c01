import { basename, dirname, relativePath } from '../base/path.ts';
import type { FileSource } from './fileSource.ts';

/** Files of a directory's objects that are looked at, and how deep they may lie. */
const limits = { files: 400, depth: 2 } as const;

const generalDirectories = /^(?:include|arch\/[^/]+\/include|tools|scripts|Documentation)\//;

/**
 * The `.c` files that include a header which belongs to the objects of one directory (`kernel/sched/sched.h`,
 * `arch/arm64/kvm/hyp/include/hyp/switch.h`), through other headers of the same directory too; in the order of their
 * paths. `null` for headers that everything may include, and where no file of the directory includes it. Which object
 * is compiled decides what such a header holds: the hypervisor's headers differ between its two variants.
 */
export function headerIncluders(files: FileSource, root: string, header: string): readonly string[] | null {
  const inTree = relativePath(root, header);
  if (inTree.startsWith('/') || inTree.startsWith('..') || generalDirectories.test(inTree)) return null;
  const directory = makefileDirectory(files, root, dirname(header));
  if (directory === null) return null;
  const texts = new Map<string, string>();
  collect(files, directory, limits.depth, texts);
  if (!texts.has(header)) collect(files, dirname(header), 0, texts);
  const includers = new Map<string, string[]>();
  for (const [path, text] of texts) {
    for (const match of text.matchAll(/^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]/gm)) {
      const name = basename(match[1] ?? '');
      const known = includers.get(name);
      if (known === undefined) includers.set(name, [`${path}\0${match[1]}`]);
      else known.push(`${path}\0${match[1]}`);
    }
  }
  const found = new Set<string>();
  const pending = [header];
  for (let current = pending.pop(); current !== undefined; current = pending.pop()) {
    for (const entry of includers.get(basename(current)) ?? []) {
      const [path = '', spelled = ''] = entry.split('\0');
      if (found.has(path) || !names(spelled, path, current)) continue;
      found.add(path);
      if (path.endsWith('.h')) pending.push(path);
    }
  }
  const sources = [...found].filter((path) => path.endsWith('.c')).sort();
  return sources.length === 0 ? null : sources;
}

/** Whether an include's words can mean a file: beside the includer, or by the end of its path. */
function names(spelled: string, includer: string, file: string): boolean {
  const plain = spelled.replace(/^(?:\.\.?\/)+/, '');
  if (!file.endsWith(`/${plain}`)) return false;
  return plain.includes('/') || dirname(includer) === dirname(file) || spelled !== plain || file.includes('/include/');
}

function makefileDirectory(files: FileSource, root: string, from: string): string | null {
  for (let directory = from; directory.length > root.length; directory = dirname(directory)) {
    if (files.kindOf(`${directory}/Makefile`) === 'file' || files.kindOf(`${directory}/Kbuild`) === 'file') {
      return directory;
    }
  }
  return null;
}

function collect(files: FileSource, directory: string, depth: number, texts: Map<string, string>): void {
  for (const { name, kind } of files.list(directory)) {
    if (texts.size >= limits.files) return;
    const path = `${directory}/${name}`;
    if (kind === 'directory') {
      if (depth > 0) collect(files, path, depth - 1, texts);
    } else if (/\.[ch]$/.test(name)) texts.set(path, files.readText(path) ?? '');
  }
}
