// Where the names of a tree are defined and used. The candidates come from one pass over each file (nameIndex/); what
// macros at file scope make is worked out when somebody asks for it (nameIndex/madeNames.ts).

import { type InvertedFiles, invertFiles } from './nameIndex/invertedFiles.ts';
import { readMacro } from './nameIndex/macroText.ts';
import { MadeNames, type MadeSymbol } from './nameIndex/madeNames.ts';
import { NameTable } from './nameIndex/nameTable.ts';
import { NameScanner } from './nameIndex/scanNames.ts';
import {
  argumentShift,
  declarationFlag,
  definitionKinds,
  definitionStride,
  kindCode,
  kindMask,
  makerMask,
  type StoredKind,
  staticFlag,
} from './nameIndex/scannedFile.ts';
import type { IndexedFile, StoredIndex } from './nameIndex/storedIndex.ts';

/** What a name is defined as. `macro` is one of the preprocessor, `asm-macro` one of the assembler. */
export type NameKind = Exclude<StoredKind, 'made'> | 'static-key' | 'static-call' | 'tracepoint';

/** A place that defines or declares a name. It is a candidate: conditions of the preprocessor are not looked at. */
export interface NameDefinition {
  readonly name: string;
  readonly path: string;
  /** UTF-16 offset of the name; of the argument that it is made from, where a macro makes it. */
  readonly offset: number;
  /** Length of what is written there. */
  readonly length: number;
  /** 1-based. */
  readonly line: number;
  readonly kind: NameKind;
  /** A prototype or `extern`. */
  readonly isDeclaration: boolean;
  readonly isStatic: boolean;
  /** Macro at file scope that makes it; `null` when it is written out. */
  readonly madeBy: string | null;
}

/** An argument of a macro at file scope, as written. */
export interface MadeCandidate {
  readonly argument: number;
  readonly maker: string;
  readonly definition: NameDefinition;
}

export interface IndexFigures {
  readonly files: number;
  /** Bytes of source text that were read. */
  readonly sourceBytes: number;
  readonly names: number;
  readonly definitions: number;
  /** Memory of the index itself. */
  readonly bytes: number;
}

/** `building`: answers are right as far as they go, and `definitionsOf` may not know a name that exists. */
export type IndexState = 'empty' | 'building' | 'ready';

/** Files of which the macros are remembered, to see whether an edit is one of them. */
const maxTyped = 8;
/** How many files may change before the lists by name are made anew. */
const maxLoose = 256;

/**
 * Names of the C and assembly files of one tree. Invariant: what is kept of a file is that of the text that was given
 * last; texts are not kept. Offsets are right as long as that text is.
 */
export class NameIndex {
  readonly root: string;
  #table: NameTable;
  #scanner: NameScanner;
  readonly #numbers = new Map<string, number>();
  #files: (IndexedFile | null)[] = [];
  #inverted: InvertedFiles | null = null;
  /** Files that are not as in `#inverted`. */
  readonly #loose = new Set<number>();
  #state: IndexState = 'empty';
  #version = 0;
  #macroVersion = 0;
  /** Macros of the files that changed last, as they are written. */
  readonly #typed = new Map<string, string>();
  readonly #made: MadeNames;

  /** `readText`: text of an indexed file now, to expand macros from. */
  constructor(root: string, readText: (path: string) => string | undefined) {
    this.root = root;
    this.#table = new NameTable();
    this.#scanner = new NameScanner(this.#table);
    this.#made = new MadeNames(this, readText);
  }

  get state(): IndexState {
    return this.#state;
  }

  /** Grows with every change of what is known. */
  get version(): number {
    return this.#version;
  }

  /** Grows with every change that may be one of a macro. */
  get macroVersion(): number {
    return this.#macroVersion;
  }

  set state(state: IndexState) {
    this.#state = state;
    if (state === 'ready') this.#invert();
  }

  get figures(): IndexFigures {
    let [files, sourceBytes, words, definitions] = [0, 0, 0, 0];
    for (const file of this.#files) {
      if (file === null) continue;
      files++;
      sourceBytes += file.nBytes;
      words += file.scanned.names.length + file.scanned.definitions.length;
      definitions += file.scanned.definitions.length / definitionStride;
    }
    const bytes = words * 4 + this.#table.nBytes + (this.#inverted?.nBytes ?? 0);
    return { files, sourceBytes, names: this.#table.size, definitions, bytes };
  }

  /** Paths of all files in it. */
  get paths(): readonly string[] {
    return this.#files.flatMap((file) => (file === null ? [] : [file.path]));
  }

  has(path: string): boolean {
    return this.#fileOf(path) !== null;
  }

  /** Stamp that the file had when it was read; `undefined` when it is not in the index. */
  stampOf(path: string): number | undefined {
    return this.#fileOf(path)?.stamp;
  }

  /** Takes in the present text of a file. `bytes` is UTF-8 and is not kept. */
  put(path: string, stamp: number, bytes: Uint8Array, length = bytes.length): void {
    const isAssembly = path.endsWith('.S') && !path.endsWith('.lds.S');
    const scanned = this.#scanner.scan(bytes, length, isAssembly);
    let number = this.#numbers.get(path);
    if (number === undefined) {
      number = this.#files.length;
      this.#numbers.set(path, number);
    }
    const before = this.#files[number] ?? null;
    this.#files[number] = { path, stamp, nBytes: length, scanned };
    this.#changed(number);
    // Typing beside macros leaves what they make as it is.
    if (before === null || hasMacros(before.scanned) || hasMacros(scanned)) {
      const macros = isAssembly ? null : macrosOf(this.definitionsIn(path), bytes.subarray(0, length));
      if (before === null || macros === null || macros !== this.#typed.get(path)) this.#macroVersion++;
      this.#typed.delete(path);
      if (before !== null && macros !== null) this.#typed.set(path, macros);
      const [oldest] = this.#typed.keys();
      if (this.#typed.size > maxTyped && oldest !== undefined) this.#typed.delete(oldest);
    }
  }

  remove(path: string): void {
    const number = this.#numbers.get(path);
    if (number === undefined || this.#files[number] === null) return;
    this.#files[number] = null;
    this.#typed.delete(path);
    this.#macroVersion++;
    this.#changed(number);
  }

  /** Forgets everything. */
  clear(): void {
    this.restore({ table: new NameTable(), files: [] });
    this.#state = 'empty';
  }

  /** What can be kept for the next run. Open documents are left out. */
  stored(): StoredIndex {
    const files = this.#files.filter((file) => file !== null && !Number.isNaN(file.stamp));
    return { table: this.#table, files: files as readonly IndexedFile[] };
  }

  /** Begins with what was kept. Whoever restores compares the stamps afterwards. */
  restore({ table, files }: StoredIndex): void {
    this.#table = table;
    this.#scanner = new NameScanner(table);
    this.#numbers.clear();
    this.#loose.clear();
    this.#files = [...files];
    this.#inverted = null;
    this.#typed.clear();
    for (const [number, { path }] of files.entries()) this.#numbers.set(path, number);
    this.#version++;
    this.#macroVersion++;
  }

  /**
   * Places that define or declare a name, also those where a macro makes it. In no order. Empty when none is known; see
   * `state` for what that means.
   */
  definitionsOf(name: string): readonly NameDefinition[] {
    return this.#made.definitionsOf(name);
  }

  /** The one name that a use of a macro gives (`STATIC_CALL_KEY(x)`); `null` when it gives something else. */
  expandName(expression: string): string | null {
    return this.#made.expandName(expression);
  }

  /** Definitions of a name as they are written: nothing that a macro makes. */
  writtenDefinitionsOf(name: string): readonly NameDefinition[] {
    return this.#written(name).filter((one): one is NameDefinition => !('argument' in one));
  }

  /** Uses of macros at file scope of which the name is an argument. */
  madeCandidatesOf(name: string): readonly MadeCandidate[] {
    return this.#written(name).filter((one): one is MadeCandidate => 'argument' in one);
  }

  /** Paths of the files whose code holds a name, outside of comments and strings. */
  usesOf(name: string): readonly string[] {
    const number = this.#table.numberOf(name);
    if (number < 0) return [];
    const found: string[] = [];
    for (const file of this.#inverted?.filesOf(number) ?? []) {
      const known = this.#files[file];
      if (known && !this.#loose.has(file)) found.push(known.path);
    }
    for (const file of this.#looseFiles()) {
      if (file.scanned.names.includes(number)) found.push(file.path);
    }
    return found;
  }

  /** Definitions in one file in order of offset, as written. */
  definitionsIn(path: string): readonly NameDefinition[] {
    const file = this.#fileOf(path);
    if (file === null) return [];
    const found: NameDefinition[] = [];
    for (let at = 0; at < file.scanned.definitions.length; at += definitionStride) {
      const one = this.#read(file, at);
      if (!('argument' in one)) found.push(one);
    }
    return found;
  }

  /** Keys, static calls and tracepoints that macros at file scope make. Worked out when first asked for. */
  madeSymbols(): readonly MadeSymbol[] {
    return this.#made.symbols();
  }

  /** Macros that are used at file scope, each once: work for `prepareMaker` ahead of the first question. */
  makers(): readonly string[] {
    const makers = new Set<string>();
    this.forEachCandidate((maker) => makers.add(maker));
    return [...makers];
  }

  /** Works out what one of them makes. */
  prepareMaker(macro: string): void {
    this.#made.prepare(macro);
  }

  /** Calls back for every argument of a macro at file scope that is a name. */
  forEachCandidate(each: (maker: string, argument: number, read: () => MadeCandidate) => void): void {
    const makers = new Map<number, string>();
    for (const file of this.#files) {
      if (file === null) continue;
      const { definitions } = file.scanned;
      for (let at = 0; at < definitions.length; at += definitionStride) {
        if (((definitions[at + 2] ?? 0) & kindMask) !== kindCode.made) continue;
        const number = (definitions[at + 3] ?? 0) & makerMask;
        let maker = makers.get(number);
        if (maker === undefined) {
          maker = this.#table.text(number);
          makers.set(number, maker);
        }
        each(maker, (definitions[at + 3] ?? 0) >>> argumentShift, () => this.#read(file, at) as MadeCandidate);
      }
    }
  }

  /** First arguments of the uses of macros at file scope, in order of offset: some of these begin a function (`SYSCALL_DEFINE1`). */
  candidatesIn(path: string): readonly MadeCandidate[] {
    const file = this.#fileOf(path);
    if (file === null) return [];
    const found: MadeCandidate[] = [];
    for (let at = 0; at < file.scanned.definitions.length; at += definitionStride) {
      const one = this.#read(file, at);
      if ('argument' in one && one.argument === 0) found.push(one);
    }
    return found;
  }

  /** Calls back for every definition that is written out: name, kind code and a function that gives the rest. */
  forEachDefinition(each: (name: string, kind: NameKind, read: () => NameDefinition) => void): void {
    for (const file of this.#files) {
      if (file === null) continue;
      const { definitions } = file.scanned;
      for (let at = 0; at < definitions.length; at += definitionStride) {
        const kind = definitionKinds[(definitions[at + 2] ?? 0) & kindMask] ?? 'made';
        if (kind === 'made' || ((definitions[at + 2] ?? 0) & declarationFlag) !== 0) continue;
        each(this.#table.text(definitions[at] ?? 0), kind, () => this.#read(file, at) as NameDefinition);
      }
    }
  }

  #fileOf(path: string): IndexedFile | null {
    const number = this.#numbers.get(path);
    return number === undefined ? null : (this.#files[number] ?? null);
  }

  #changed(number: number): void {
    this.#version++;
    if (this.#inverted !== null || this.#state === 'ready') this.#loose.add(number);
    if (this.#state === 'ready' && this.#loose.size > maxLoose) this.#invert();
  }

  #invert(): void {
    this.#inverted = invertFiles(
      this.#files.map((file) => file?.scanned ?? null),
      this.#table.size,
    );
    this.#loose.clear();
  }

  *#looseFiles(): Iterable<IndexedFile> {
    const all = this.#inverted === null ? this.#files.keys() : this.#loose;
    for (const number of all) {
      const file = this.#files[number];
      if (file) yield file;
    }
  }

  #written(name: string): readonly (NameDefinition | MadeCandidate)[] {
    const number = this.#table.numberOf(name);
    if (number < 0) return [];
    const found: (NameDefinition | MadeCandidate)[] = [];
    this.#inverted?.forEachDefinition(number, (at, place) => {
      const file = this.#files[at];
      if (file && !this.#loose.has(at)) found.push(this.#read(file, place));
    });
    for (const file of this.#looseFiles()) {
      const { names, definitions } = file.scanned;
      if (!names.includes(number)) continue;
      for (let at = 0; at < definitions.length; at += definitionStride) {
        if (definitions[at] === number) found.push(this.#read(file, at));
      }
    }
    return found;
  }

  #read(file: IndexedFile, at: number): NameDefinition | MadeCandidate {
    const [name = 0, offset = 0, lineAndKind = 0, maker = 0] = file.scanned.definitions.subarray(
      at,
      at + definitionStride,
    );
    const code = lineAndKind & kindMask;
    const text = this.#table.text(name);
    const kind = definitionKinds[code] ?? 'variable';
    const definition: NameDefinition = {
      name: text,
      path: file.path,
      offset,
      length: text.length,
      line: lineAndKind >>> 8,
      kind: kind === 'made' ? 'variable' : kind,
      isDeclaration: (lineAndKind & declarationFlag) !== 0,
      isStatic: (lineAndKind & staticFlag) !== 0,
      madeBy: null,
    };
    if (code !== kindCode.made) return definition;
    return { definition, argument: maker >>> argumentShift, maker: this.#table.text(maker & makerMask) };
  }
}

/** The texts of a file's macros, one after the other. */
function macrosOf(definitions: readonly NameDefinition[], bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  return definitions
    .filter(({ kind }) => kind === 'macro')
    .map(({ name, offset }) => {
      const { parameters, body } = readMacro(text, offset);
      return JSON.stringify([name, parameters, body]);
    })
    .join('\n');
}

function hasMacros({ definitions }: IndexedFile['scanned']): boolean {
  for (let at = 2; at < definitions.length; at += definitionStride) {
    if (((definitions[at] ?? 0) & kindMask) === kindCode.macro) return true;
  }
  return false;
}
