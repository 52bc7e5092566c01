import { dirname, joinPath } from '../../base/path.ts';
import type { CppCache } from './cache.ts';
import type { CppOptions } from './model.ts';
import type { SourceFile } from './sourceFile.ts';

/** How the preprocessor reads files. Paths are absolute. Nothing here throws. */
export interface CppHost {
  /** The same string (or an equal one) for the same content; `undefined` when it cannot be read. */
  readFile(path: string): { readonly text: string } | undefined;
  exists(path: string): boolean;
}

/** Where a file was found. `-1` for the includer's directory, else the index in the include paths. */
export interface FoundFile {
  readonly file: SourceFile;
  readonly directory: number;
}

/** What a piece of work asked of the file system: a file's content, or only whether it is there. */
export type Asked = Map<string, SourceFile | boolean>;

/** Looks files up for one run, asking the host about each path at most once, and records what was asked. */
export class IncludeSearch {
  readonly #host: CppHost;
  readonly #cache: CppCache;
  readonly #options: CppOptions;
  readonly #loaded = new Map<string, SourceFile | undefined>();
  readonly #present = new Map<string, boolean>();
  #asked: Asked | null = null;

  constructor(host: CppHost, cache: CppCache, options: CppOptions) {
    this.#host = host;
    this.#cache = cache;
    this.#options = options;
  }

  /** From now on notes in `asked` what is looked at; returns where it was noted before. */
  record(asked: Asked | null): Asked | null {
    const before = this.#asked;
    this.#asked = asked;
    return before;
  }

  /** The answers are still the same. */
  holds(asked: Asked): boolean {
    for (const [path, answer] of asked) {
      if (typeof answer === 'boolean') {
        if (this.#isThere(path) !== answer) return false;
      } else if (this.load(path) !== answer) return false;
    }
    return true;
  }

  load(path: string): SourceFile | undefined {
    let file = this.#loaded.get(path);
    if (file === undefined && !this.#loaded.has(path)) {
      const text = this.#host.readFile(path)?.text;
      file = text === undefined ? undefined : this.#cache.file(path, text, this.#options.language);
      this.#loaded.set(path, file);
    }
    this.#asked?.set(path, file ?? false);
    return file;
  }

  exists(path: string): boolean {
    const there = this.#isThere(path);
    if (this.#asked !== null && !this.#asked.has(path)) this.#asked.set(path, there);
    return there;
  }

  /**
   * Finds an included file: quoted names first in the includer's directory, then in the include paths; with
   * `next` only in the paths after the one the includer was found in (GNU cpp manual, "Search Path").
   */
  find(name: string, angled: boolean, includer: string, after: number | null): FoundFile | undefined {
    return this.#search(name, angled, includer, after, (path) => (this.exists(path) ? this.load(path) : undefined));
  }

  /** Whether `find` would find it, without reading it. */
  has(name: string, angled: boolean, includer: string, after: number | null): boolean {
    return this.#search(name, angled, includer, after, (path) => (this.exists(path) ? true : undefined)) !== undefined;
  }

  #search<T>(
    name: string,
    angled: boolean,
    includer: string,
    after: number | null,
    open: (path: string) => T | undefined,
  ): { file: T; directory: number } | undefined {
    if (name === '') return undefined;
    if (name.startsWith('/')) {
      const file = open(joinPath('/', name));
      return file === undefined ? undefined : { file, directory: -1 };
    }
    let first = 0;
    if (after !== null) first = after + 1;
    else if (!angled) {
      const file = open(joinPath(dirname(includer), name));
      if (file !== undefined) return { file, directory: -1 };
    }
    const { includePaths } = this.#options;
    for (let i = first; i < includePaths.length; i++) {
      const file = open(joinPath(includePaths[i] ?? '/', name));
      if (file !== undefined) return { file, directory: i };
    }
    return undefined;
  }

  #isThere(path: string): boolean {
    let there = this.#present.get(path);
    if (there === undefined) {
      there = this.#host.exists(path);
      this.#present.set(path, there);
    }
    return there;
  }
}
