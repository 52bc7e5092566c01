import { dirname, joinPath, normalizePath } from '../../server/src/base/path.ts';
import type { DirectoryEntry, FileSource } from '../../server/src/project/fileSource.ts';

/** Files held in memory. `write` and `remove` change them; every write gives a new, larger stamp. */
export interface MemoryFileSource extends FileSource {
  write(path: string, text: string): void;
  remove(path: string): void;
  /** Makes `path` a symbolic link; the target may be relative to the link's directory. */
  link(path: string, target: string): void;
  /** Paths given to `readText` since the last call of `takeReads`, in order. */
  takeReads(): readonly string[];
}

/** A file source of the given path-to-text record. Directories exist as far as files need them. */
export function memoryFileSource(texts: Readonly<Record<string, string>> = {}): MemoryFileSource {
  const files = new Map<string, { text: string; stamp: number }>();
  const links = new Map<string, string>();
  let clock = 0;
  let reads: string[] = [];
  const write = (path: string, text: string): void => {
    files.set(normalizePath(path), { text, stamp: ++clock });
  };
  for (const [path, text] of Object.entries(texts)) write(path, text);

  /** Path with the symbolic links in it followed (at most 16 of them). */
  const real = (path: string): string => {
    let at = normalizePath(path);
    for (let hops = 0; hops < 16; hops++) {
      let changed = false;
      for (const [link, target] of links) {
        if (at !== link && !at.startsWith(`${link}/`)) continue;
        at = joinPath(dirname(link), target) + at.slice(link.length);
        changed = true;
        break;
      }
      if (!changed) break;
    }
    return at;
  };

  return {
    readText: (path) => {
      reads.push(path);
      return files.get(real(path))?.text;
    },
    kindOf: (path) => {
      const at = real(path);
      if (files.has(at)) return 'file';
      const prefix = at === '/' ? '/' : `${at}/`;
      for (const name of [...files.keys(), ...links.keys()]) if (name.startsWith(prefix)) return 'directory';
      return undefined;
    },
    list: (path) => {
      const at = real(path);
      const prefix = at === '/' ? '/' : `${at}/`;
      const found = new Map<string, DirectoryEntry>();
      for (const name of [...files.keys(), ...links.keys()]) {
        if (!name.startsWith(prefix)) continue;
        const rest = name.slice(prefix.length);
        const slash = rest.indexOf('/');
        const first = slash < 0 ? rest : rest.slice(0, slash);
        const target = links.get(prefix + first);
        const isDirectory = slash >= 0 || (target !== undefined && !files.has(real(prefix + first)));
        found.set(first, { name: first, kind: isDirectory ? 'directory' : 'file' });
      }
      return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    linkTarget: (path) => {
      const target = links.get(normalizePath(path));
      return target === undefined ? undefined : joinPath(dirname(normalizePath(path)), target);
    },
    stamp: (path) => files.get(real(path))?.stamp,
    write,
    remove: (path) => {
      files.delete(normalizePath(path));
      links.delete(normalizePath(path));
    },
    link: (path, target) => {
      links.set(normalizePath(path), target);
      clock++;
    },
    takeReads: () => {
      const taken = reads;
      reads = [];
      return taken;
    },
  };
}
