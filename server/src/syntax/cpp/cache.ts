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
/** Definitions in all results that are kept; each takes some 24 bytes. */
const maxMemoWeight = 1_200_000;

/**
 * What runs share: scanned files by path and text, the macro table with its states, and the results of whole
 * included files (kept at the states they were entered from). Bounded; when a bound is met the oldest files
 * go, or all is dropped. Not to be used by two runs at the same time.
 */
export class CppCache {
  #names = new Names();
  #table = new MacroTable(emptyState());
  readonly #roots = new Map<string, MacroState>();
  readonly #files = new Map<string, SourceFile>();
  readonly #definitions = new Map<MacroState, ReadonlyMap<string, Macro>>();
  #characters = 0;
  #memos = 0;
  #memoWeight = 0;

  get names(): Names {
    return this.#names;
  }

  get table(): MacroTable {
    return this.#table;
  }

  /** Called before a run: forgets everything when the parts that only grow have grown too much. */
  trim(): void {
    if (this.#names.size > maxNames) {
      this.#names = new Names();
      this.#table = new MacroTable(emptyState());
      this.#files.clear();
      this.#characters = 0;
      this.#roots.clear();
      this.#memos = 0;
      this.#memoWeight = 0;
    } else if (this.#memos > maxMemos || this.#memoWeight > maxMemoWeight) {
      this.#roots.clear();
      this.#memos = 0;
      this.#memoWeight = 0;
    }
  }

  /** Counts a result that was kept at a state, of so many definitions. */
  countMemo(weight: number): void {
    this.#memos++;
    this.#memoWeight += weight;
  }

  /** The empty macro table of a set of options (`signature`); `make` lists its first definitions. */
  root(signature: string, make: () => readonly Macro[]): MacroState {
    const known = this.#roots.get(signature);
    if (known !== undefined) {
      this.#roots.delete(signature);
      this.#roots.set(signature, known);
      return known;
    }
    for (const oldest of this.#roots.keys()) {
      if (this.#roots.size < maxRoots) break;
      this.#roots.delete(oldest);
    }
    this.#table.goTo(emptyState());
    for (const macro of make()) this.#table.set(macro.id, macro);
    const made = this.#table.state;
    this.#roots.set(signature, made);
    return made;
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
