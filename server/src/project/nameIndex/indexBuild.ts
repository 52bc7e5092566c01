import type { FileSource } from '../fileSource.ts';
import type { NameIndex } from '../nameIndex.ts';

/** What of a tree is indexed. Paths are relative to the root. */
export interface IndexScope {
  readonly folders: readonly string[];
  /** Folders below these that are left out. */
  readonly exclude: readonly string[];
}

/** The parts of a tree that matter to who reads arm64 code; the rest is read when one of its files is opened. */
export const defaultScope: IndexScope = {
  folders: ['arch/arm64', 'include', 'init', 'kernel', 'lib', 'mm', 'virt'],
  exclude: ['arch/arm64/boot/dts'],
};

const maxFiles = 40_000;
const maxDirectories = 10_000;
/** Files that are loaded together, where they have to be. */
const maxMissing = 60;
/** A larger file holds data. */
const maxFileBytes = 8_000_000;

/** Whether names of a file are of interest by its name. */
export function isIndexable(path: string): boolean {
  return /\.[chS]$/.test(path);
}

/** Whether a file belongs to what is indexed of a tree. */
export function isInScope(root: string, { folders, exclude }: IndexScope, path: string): boolean {
  const isBelow = (folder: string): boolean => path.startsWith(`${root}/${folder}/`);
  return isIndexable(path) && folders.some(isBelow) && !exclude.some(isBelow);
}

export interface BuildOptions {
  readonly files: FileSource;
  readonly scope: IndexScope;
  readonly isOpen: (path: string) => boolean;
}

/**
 * Brings an index up to date with the files of its scope, one file at a time, so that whoever drives it can stop in
 * between. Files whose stamp is that of last time are not read again. A host that loads files on request answers
 * "absent" first: those are asked for again in `retry`.
 */
export class IndexBuild {
  readonly #index: NameIndex;
  readonly #files: FileSource;
  readonly #scope: IndexScope;
  readonly #directories: string[];
  readonly #paths: string[] = [];
  readonly #seen = new Set<string>();
  #missing: { readonly kind: 'file' | 'directory'; readonly path: string }[] = [];
  #nDirectories = 0;
  #done = 0;
  #read = 0;
  #isEnded = false;

  readonly #isOpen: (path: string) => boolean;

  /** `isOpen`: the editor holds the file, whose text on disk does not count. */
  constructor(index: NameIndex, options: BuildOptions) {
    const { files, scope, isOpen } = options;
    this.#index = index;
    this.#files = files;
    this.#scope = scope;
    this.#isOpen = isOpen;
    this.#directories = scope.folders.map((folder) => `${index.root}/${folder}`);
    // While a finished index is brought up to date, it is as right as the files' last change.
    if (index.state === 'empty') index.state = 'building';
  }

  /** Files that are dealt with, all that are known so far, and how many of them were read. */
  get progress(): { readonly done: number; readonly total: number; readonly read: number } {
    return { done: this.#done, total: this.#paths.length, read: this.#read };
  }

  /** So many files are not there yet that they should be loaded, and asked for with `retry`, before there are more. */
  get isStarved(): boolean {
    return this.#missing.length >= maxMissing;
  }

  /** Does a piece of the work. Result: whether there is more. */
  step(): boolean {
    const directory = this.#directories.pop();
    if (directory !== undefined) {
      this.#list(directory);
      return true;
    }
    const path = this.#paths[this.#done];
    if (path !== undefined) {
      this.#done++;
      this.#update(path);
      return true;
    }
    return false;
  }

  /** Asks again for what was absent: for hosts that have loaded files since. Result: whether there is more to do. */
  retry(): boolean {
    const missing = this.#missing;
    this.#missing = [];
    for (const { kind, path } of missing) {
      if (kind === 'directory') this.#directories.push(path);
      else this.#update(path, true);
    }
    return this.#directories.length > 0;
  }

  /** Ends the work: what is in the index and was not found in the tree is forgotten. */
  finish(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    for (const path of this.#index.paths) {
      if (isInScope(this.#index.root, this.#scope, path) && !this.#seen.has(path)) this.#index.remove(path);
    }
    this.#index.state = 'ready';
  }

  #list(directory: string): void {
    if (++this.#nDirectories > maxDirectories) return;
    const entries = this.#files.list(directory);
    if (entries.length === 0) this.#missing.push({ kind: 'directory', path: directory });
    const { root } = this.#index;
    for (const { name, kind } of entries) {
      const path = `${directory}/${name}`;
      if (kind === 'directory') {
        if (!name.startsWith('.') && !this.#scope.exclude.includes(path.slice(root.length + 1)))
          this.#directories.push(path);
      } else if (isIndexable(path) && this.#paths.length < maxFiles && !this.#seen.has(path)) {
        this.#seen.add(path);
        this.#paths.push(path);
      }
    }
  }

  #update(path: string, isLoaded = false): void {
    if (this.#isOpen(path)) return;
    const stamp = this.#files.stamp(path);
    if (stamp !== undefined && this.#index.stampOf(path) === stamp) return;
    if (stamp !== undefined && readInto(this.#index, this.#files, path, stamp)) {
      this.#read++;
      // Loaded for the index alone: nobody else has asked for it.
      if (isLoaded) this.#files.release?.(path);
    } else if (!isLoaded) this.#missing.push({ kind: 'file', path });
  }
}

/** Brings one file up to date. Result: whether it could be read; an absent file is forgotten. */
export function updateFile(index: NameIndex, files: FileSource, path: string): boolean {
  const stamp = files.stamp(path);
  if (stamp === undefined) {
    index.remove(path);
    return false;
  }
  return index.stampOf(path) === stamp || readInto(index, files, path, stamp);
}

function readInto(index: NameIndex, files: FileSource, path: string, stamp: number): boolean {
  const bytes = files.readBytes?.(path);
  if (bytes !== undefined) {
    if (bytes.length <= maxFileBytes) index.put(path, stamp, bytes);
    return true;
  }
  const text = files.readText(path);
  if (text === undefined) return false;
  putText(index, path, stamp, text);
  return true;
}

/** Takes in a text. */
export function putText(index: NameIndex, path: string, stamp: number, text: string): void {
  if (text.length <= maxFileBytes) index.put(path, stamp, new TextEncoder().encode(text));
}
