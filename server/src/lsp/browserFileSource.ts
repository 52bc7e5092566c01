import { dirname } from '../base/path.ts';
import type { FileSource } from '../project/fileSource.ts';
import type { ReadFile } from './protocol.ts';

/** A file source that holds what the client has sent, and remembers what was asked for and is not there. */
export interface BrowserFileSource extends FileSource {
  /** Paths asked for since the last call. */
  readonly takeWanted: () => readonly string[];
  readonly knows: (path: string) => boolean;
  readonly put: (path: string, file: ReadFile) => void;
  readonly forget: (path: string) => void;
}

/** Reading never waits: an unknown path is `undefined` now and known after the client was asked. */
export function createBrowserFileSource(): BrowserFileSource {
  const known = new Map<string, ReadFile & { readonly stamp: number }>();
  /** Files whose text was let go. */
  const released = new Set<string>();
  const wanted = new Set<string>();
  let stamps = 0;
  /** What a path is, as far as a listing of its directory tells without asking for it. */
  const inListing = (path: string): 'file' | 'directory' | 'absent' | undefined => {
    const parent = known.get(dirname(path));
    if (parent === undefined) return undefined;
    if (parent.kind !== 'directory') return 'absent';
    const name = path.slice(path.lastIndexOf('/') + 1);
    return parent.entries?.find((entry) => entry.name === name)?.kind ?? 'absent';
  };
  const look = (path: string): (ReadFile & { readonly stamp: number }) | undefined => {
    const file = known.get(path);
    if (file === undefined && inListing(path) !== 'absent') wanted.add(path);
    return file;
  };
  const put = (path: string, file: ReadFile): void => {
    // Loaded again, it is what it was: a change would have been told, and forgotten.
    const stamp = released.delete(path) ? (known.get(path)?.stamp ?? ++stamps) : ++stamps;
    known.set(path, { ...file, stamp });
  };
  return {
    readText: (path) => {
      if (released.has(path)) wanted.add(path);
      return look(path)?.text;
    },
    release: (path) => {
      const file = known.get(path);
      if (file?.text === undefined) return;
      const { text: _text, ...rest } = file;
      known.set(path, rest);
      released.add(path);
    },
    kindOf: (path) => {
      const listed = known.has(path) ? undefined : inListing(path);
      if (listed !== undefined) return listed === 'absent' ? undefined : listed;
      const kind = look(path)?.kind;
      return kind === 'absent' ? undefined : kind;
    },
    list: (path) => look(path)?.entries ?? [],
    linkTarget: () => undefined,
    stamp: (path) => {
      const file = look(path);
      return file === undefined || file.kind === 'absent' ? undefined : file.stamp;
    },
    takeWanted: () => {
      const paths = [...wanted];
      wanted.clear();
      return paths;
    },
    knows: (path) => known.has(path) && !released.has(path),
    put,
    forget: (path) => {
      released.delete(path);
      known.delete(path);
      known.delete(dirname(path));
    },
  };
}
