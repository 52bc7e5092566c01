import type { CppLanguage } from './lexer.ts';
import type { Macro } from './macro.ts';
import { type MacroState, type MacroTable, Names, MacroState as State, MacroTable as Table } from './macroTable.ts';
import { SourceFile } from './sourceFile.ts';
import type { SourceRef } from './token.ts';

const maxFiles = 6000;
const maxCharacters = 96 << 20;
const maxNames = 600_000;
const maxRoots = 64;
const maxMemos = 2000;

/**
 * What runs share: scanned files by path and text, the macro table with its states, and the results of whole
 * included files (kept at the states they were entered from). Bounded; when a bound is met the oldest files
 * go, or all is dropped. Not to be used by two runs at the same time.
 */
export class CppCache {
  #names = new Names();
  #table: MacroTable = new Table(new State(null, null, null));
  readonly #roots = new Map<string, MacroState>();
  readonly #files = new Map<string, SourceFile>();
  #characters = 0;
  #memos = 0;

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
      this.#table = new Table(new State(null, null, null));
      this.#files.clear();
      this.#characters = 0;
      this.#roots.clear();
      this.#memos = 0;
    } else if (this.#roots.size > maxRoots || this.#memos > maxMemos) {
      this.#roots.clear();
      this.#memos = 0;
    }
  }

  /** Counts a result that was kept at a state. */
  countMemo(): void {
    this.#memos++;
  }

  /** The empty macro table of a set of options (`signature`); `make` lists its first definitions. */
  root(signature: string, make: () => readonly Macro[]): MacroState {
    const known = this.#roots.get(signature);
    if (known !== undefined) return known;
    const start = new State(null, null, null);
    this.#table.goTo(start);
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

  #dropOldest(): void {
    for (const [key, file] of this.#files) {
      if (this.#files.size <= maxFiles / 2 && this.#characters <= maxCharacters / 2) break;
      this.#files.delete(key);
      this.#characters -= file.text.length;
    }
  }
}
