/** What a directory holds under one name. */
export interface DirectoryEntry {
  readonly name: string;
  readonly kind: 'file' | 'directory';
}

/**
 * The only way the engine reads files. Synchronous, because analysis is: a host that can only read
 * asynchronously (a browser) answers `undefined`, remembers the path as wanted, loads it and runs the
 * request again. Paths are absolute with `/`. Nothing here throws.
 */
export interface FileSource {
  /** Text of a file, or `undefined` when it does not exist or cannot be read. */
  readText(path: string): string | undefined;
  /**
   * Bytes of a file as they are on disk, for who reads very many; valid until the next call. `undefined` as for
   * `readText`. A source that has no bytes at hand leaves it out.
   */
  readBytes?(path: string): Uint8Array | undefined;
  /** The text of a file is not needed for now; it can be read again. */
  release?(path: string): void;
  /** What the path is, symbolic links followed; `undefined` when there is nothing. */
  kindOf(path: string): 'file' | 'directory' | undefined;
  /** Entries of a directory in name order; empty when it is none. */
  list(path: string): readonly DirectoryEntry[];
  /** Target of a symbolic link as an absolute path; `undefined` when the path is none. */
  linkTarget(path: string): string | undefined;
  /** Number that changes when the file changes (for caches); `undefined` when there is no such file. */
  stamp(path: string): number | undefined;
}

/** The same files; every path whose text or kind is asked for, found or not, is noted in `reads`. */
export function recordingReads(files: FileSource, reads: Set<string>): FileSource {
  return {
    readText: (path) => {
      reads.add(path);
      return files.readText(path);
    },
    kindOf: (path) => {
      reads.add(path);
      return files.kindOf(path);
    },
    list: (path) => files.list(path),
    linkTarget: (path) => files.linkTarget(path),
    stamp: (path) => files.stamp(path),
  };
}
