import {
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs';
import { dirname, joinPath } from '../base/path.ts';
import type { DirectoryEntry, FileSource } from '../project/fileSource.ts';

/** A file source over the disk that can be told to forget what it knows about files. */
export interface NodeFileSource extends FileSource {
  /** Forgets what was seen of `path`, or of everything when no path is given. */
  forget(path?: string): void;
}

export interface NodeFileSourceOptions {
  /** How long, in milliseconds, an answer about a path's kind, stamp or entries stays good. Default: until `forget`. */
  readonly keepMs?: number;
}

interface Known {
  readonly kind: 'file' | 'directory' | undefined;
  readonly stamp: number | undefined;
  readonly at: number;
}

/**
 * The file source of Node hosts. Kinds and stamps are kept, because include search asks for the same
 * absent files thousands of times; texts are not kept (their readers cache them by stamp).
 */
export function createNodeFileSource(options: NodeFileSourceOptions = {}): NodeFileSource {
  const keepMs = options.keepMs ?? Number.POSITIVE_INFINITY;
  const known = new Map<string, Known>();
  const listed = new Map<string, { readonly entries: readonly DirectoryEntry[]; readonly at: number }>();
  const isFresh = (at: number): boolean => keepMs === Number.POSITIVE_INFINITY || Date.now() - at < keepMs;

  const look = (path: string): Known => {
    const before = known.get(path);
    if (before && isFresh(before.at)) return before;
    const now: Known = { ...describe(path), at: keepMs === Number.POSITIVE_INFINITY ? 0 : Date.now() };
    known.set(path, now);
    return now;
  };

  const buffer = new Uint8Array(1 << 20);

  return {
    readBytes: (path) => {
      if (look(path).kind !== 'file') return undefined;
      try {
        return readBytes(path, buffer);
      } catch {
        // As in `readText`.
        return undefined;
      }
    },
    readText: (path) => {
      // Directories and special files (a FIFO would block for ever) are not texts.
      if (look(path).kind !== 'file') return undefined;
      try {
        const text = readFileSync(path, 'utf8');
        // A byte order mark is no text: compilers and editors leave it out as well.
        return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
      } catch {
        // Gone or unreadable since the look: the contract answers `undefined`.
        return undefined;
      }
    },
    kindOf: (path) => look(path).kind,
    list: (path) => {
      const before = listed.get(path);
      if (before && isFresh(before.at)) return before.entries;
      const entries = listDirectory(path);
      listed.set(path, { entries, at: keepMs === Number.POSITIVE_INFINITY ? 0 : Date.now() });
      return entries;
    },
    linkTarget: (path) => {
      try {
        return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()
          ? joinPath(dirname(path), readlinkSync(path))
          : undefined;
      } catch {
        // Unreadable directory on the way: the same as no link.
        return undefined;
      }
    },
    stamp: (path) => look(path).stamp,
    forget: (path) => {
      if (path === undefined) {
        known.clear();
        listed.clear();
        return;
      }
      known.delete(path);
      listed.delete(path);
      listed.delete(dirname(path));
    },
  };
}

/** Most files fit into one buffer that is used again and again: no garbage, and no call for the size. */
function readBytes(path: string, buffer: Uint8Array): Uint8Array {
  const file = openSync(path, 'r');
  try {
    let length = 0;
    while (length < buffer.length) {
      const count = readSync(file, buffer, length, buffer.length - length, null);
      if (count === 0) return buffer.subarray(0, length);
      length += count;
    }
  } finally {
    closeSync(file);
  }
  return readFileSync(path);
}

function describe(path: string): { kind: Known['kind']; stamp: number | undefined } {
  let stats: Stats | undefined;
  try {
    stats = statSync(path, { throwIfNoEntry: false });
  } catch {
    // A file where a directory was expected, or no permission: nothing there for us.
    stats = undefined;
  }
  if (stats?.isFile()) return { kind: 'file', stamp: stats.mtimeMs };
  if (stats?.isDirectory()) return { kind: 'directory', stamp: stats.mtimeMs };
  return { kind: undefined, stamp: undefined };
}

function listDirectory(path: string): readonly DirectoryEntry[] {
  try {
    const entries: DirectoryEntry[] = [];
    for (const entry of readdirSync(path, { withFileTypes: true })) {
      if (entry.isFile()) entries.push({ name: entry.name, kind: 'file' });
      else if (entry.isDirectory()) entries.push({ name: entry.name, kind: 'directory' });
      else if (entry.isSymbolicLink()) {
        const kind = describe(`${path}/${entry.name}`).kind;
        if (kind) entries.push({ name: entry.name, kind });
      }
    }
    return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  } catch {
    // No directory, or not readable: the contract answers with no entries.
    return [];
  }
}
