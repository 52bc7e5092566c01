import type { CppLanguage } from './lexer.ts';
import type { Macro } from './macro.ts';
import { definitionsOf, emptyState, type MacroState, MacroTable, Names } from './macroTable.ts';
import { SourceFile } from './sourceFile.ts';
import type { SourceRef } from './token.ts';

const maxFiles = 6000;
const maxCharacters = 96 << 20;
const maxNames = 600_000;
/** Sets of options whose macro states are kept: about a megabyte each for a file of the kernel. */
const maxRoots = 12;
const maxMemos = 500;
/** Tables that are kept as maps: one or two megabytes each. */
const maxDefinitions = 4;
/** Main files whose included files are kept in compact form, and bytes of all of them: up to 40 MB for one of the kernel. */
const maxMains = 3;
const maxMainBytes = 120_000_000;
/** Definitions in all results that are kept; each takes some 24 bytes. */
const maxMemoWeight = 1_200_000;

/** What included files did, kept for one main file: at which states, and how much memory it takes. */
interface KeptFor {
  bytes: number;
  readonly entries: { readonly state: MacroState; readonly key: string; bytes: number }[];
}

/** A run that may stop in between. */
export interface CacheUser {
  /** Notes the state of the macro table, which another run moves now. */
  park(): void;
}

/**
 * What runs share: scanned files by path and text, the macro table with its states, and the results of whole
 * included files (kept at the states they were entered from). Bounded; when a bound is met the oldest files
 * go, or all is dropped. One run has the macro table at a time (`claim`).
 */
export class CppCache {
  #names = new Names();
  #table = new MacroTable(emptyState());
  readonly #roots = new Map<string, { readonly state: MacroState; readonly isCompact: boolean }>();
  readonly #files = new Map<string, SourceFile>();
  readonly #definitions = new Map<MacroState, ReadonlyMap<string, Macro>>();
  /** Grows when all names are forgotten: no run from before can go on then. */
  #generation = 0;
  #user: CacheUser | null = null;
  #characters = 0;
  #memos = 0;
  #memoWeight = 0;
  /** What is kept of included files in compact form, by the main file that it was read for. */
  readonly #mains = new Map<string, KeptFor>();
  #mainBytes = 0;

  get names(): Names {
    return this.#names;
  }

  get table(): MacroTable {
    return this.#table;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Gives the macro table to a run; the one that had it takes note of where it stands. */
  claim(user: CacheUser): void {
    if (this.#user === user) return;
    this.#user?.park();
    this.#user = user;
  }

  /** The run has ended. */
  release(user: CacheUser): void {
    if (this.#user === user) this.#user = null;
  }

  /** Called before a run: forgets everything when the parts that only grow have grown too much. */
  trim(): void {
    if (this.#names.size > maxNames) {
      this.#generation++;
      this.#user = null;
      this.#names = new Names();
      this.#table = new MacroTable(emptyState());
      this.#files.clear();
      this.#characters = 0;
      this.#roots.clear();
      this.#mains.clear();
      this.#mainBytes = 0;
      this.#memos = 0;
      this.#memoWeight = 0;
    } else if (this.#memos > maxMemos || this.#memoWeight > maxMemoWeight) {
      // What is kept in compact form is bounded by itself.
      for (const [signature, { isCompact }] of this.#roots) if (!isCompact) this.#roots.delete(signature);
      this.#memos = 0;
      this.#memoWeight = 0;
    }
  }

  /** Counts a result that was kept at a state, of so many definitions. */
  countMemo(weight: number): void {
    this.#memos++;
    this.#memoWeight += weight;
  }

  /** Notes what was kept of an included file for the next reading of a main file; goes with the oldest main files. */
  keepFor(main: string, bytes: number, state: MacroState, key: string): void {
    const kept = this.touchMain(main) ?? { bytes: 0, entries: [] };
    this.#mains.set(main, kept);
    // What an edited file did takes the place of what it did before.
    const before = kept.entries.find((one) => one.state === state && one.key === key);
    const more = bytes - (before?.bytes ?? 0);
    if (before === undefined) kept.entries.push({ state, key, bytes });
    else before.bytes = bytes;
    kept.bytes += more;
    this.#mainBytes += more;
    for (const oldest of this.#mains.keys()) {
      if (this.#mains.size <= maxMains && this.#mainBytes <= maxMainBytes) break;
      this.forgetMain(oldest);
    }
  }

  /** A main file is read again: what is kept for it goes last. */
  touchMain(main: string): KeptFor | undefined {
    const kept = this.#mains.get(main);
    if (kept === undefined) return undefined;
    this.#mains.delete(main);
    this.#mains.set(main, kept);
    return kept;
  }

  /** Forgets what was kept of the files that a main file includes. */
  forgetMain(main: string): void {
    const kept = this.#mains.get(main);
    if (kept === undefined) return;
    for (const { state, key } of kept.entries) state.includes?.delete(key);
    this.#mains.delete(main);
    this.#mainBytes -= kept.bytes;
  }

  /** The empty macro table of a set of options (`signature`); `make` lists its first definitions. */
  root(signature: string, isCompact: boolean, make: () => readonly Macro[]): MacroState {
    const known = this.#roots.get(signature);
    if (known !== undefined) {
      this.#roots.delete(signature);
      this.#roots.set(signature, known);
      return known.state;
    }
    const others = [...this.#roots].filter(([, root]) => root.isCompact === isCompact);
    for (const [oldest] of others.slice(0, Math.max(0, others.length - maxRoots + 1))) this.#roots.delete(oldest);
    this.#table.goTo(emptyState());
    for (const macro of make()) this.#table.set(macro.id, macro);
    const { state } = this.#table;
    this.#roots.set(signature, { state, isCompact });
    return state;
  }

  /** The scanned form of a text; the same object for the same path, language and text. */
  file(path: string, text: string, language: CppLanguage): SourceFile {
    const key = `${language}:${path}`;
    const older = this.#files.get(key);
    if (older !== undefined) {
      if (older.text === text) return older;
      this.#files.delete(key);
      this.#characters -= older.text.length;
    }
    const ref: SourceRef = older?.ref ?? { path };
    const made = new SourceFile(ref, text, language, this.#names, older);
    this.#files.set(key, made);
    this.#characters += text.length;
    if (this.#files.size > maxFiles || this.#characters > maxCharacters) this.#dropOldest();
    return made;
  }

  /** A macro of a state. `generation`: that of the cache when the state was made. */
  definition(state: MacroState, generation: number, name: string): Macro | null {
    if (generation !== this.#generation) return this.definitions(state).get(name) ?? null;
    this.#user?.park();
    this.#user = null;
    this.#table.goTo(state);
    const id = this.#names.get(name);
    const { macro } = id;
    return macro !== null && macro.dynamic === null && macro.id === id ? macro : null;
  }

  /** All macros of a state. Large, so only those that were asked for last are kept. */
  definitions(state: MacroState): ReadonlyMap<string, Macro> {
    const known = this.#definitions.get(state) ?? definitionsOf(state);
    this.#definitions.delete(state);
    this.#definitions.set(state, known);
    for (const oldest of this.#definitions.keys()) {
      if (this.#definitions.size <= maxDefinitions) break;
      this.#definitions.delete(oldest);
    }
    return known;
  }

  /** Forgets a file that will not be read again soon. */
  forget(path: string, language: CppLanguage): void {
    const key = `${language}:${path}`;
    const file = this.#files.get(key);
    if (file === undefined) return;
    this.#files.delete(key);
    this.#characters -= file.text.length;
  }

  #dropOldest(): void {
    for (const [key, file] of this.#files) {
      if (this.#files.size <= maxFiles / 2 && this.#characters <= maxCharacters / 2) break;
      this.#files.delete(key);
      this.#characters -= file.text.length;
    }
  }
}
