import { type Cancellation, throwIfCancelled } from '../base/cancellation.ts';
import type { TextRange } from '../base/text.ts';
import { registerByName } from '../isa/registers.ts';
import type { FileSource } from './fileSource.ts';
import type { KernelTree } from './kernelTree.ts';
import { languageOf, type SourceOutline, type TokenRole } from './outlineModel.ts';
import { scanOutline } from './outlineScan.ts';
import { outlineOf } from './sourceOutline.ts';
import { type MacroText, mayHaveEffect, type SymbolEffects, symbolEffects } from './symbolMacros.ts';
import type { Workspace } from './workspace.ts';

/** Roles that an index keeps, by their code. */
const roles = [
  'operation',
  'operand',
  'label',
  'macro-name',
  'macro-mention',
  'alias',
  'alias-end',
  'constant',
  'cpp-name',
  'cpp-word',
  'body-operation',
  'body-word',
  'c-word',
] as const satisfies readonly TokenRole[];

export type IndexedRole = (typeof roles)[number];

const roleCodes: ReadonlyMap<string, number> = new Map(roles.map((role, code) => [role, code]));
const operationCode = roles.indexOf('operation');
const operandCode = roles.indexOf('operand');

/** One occurrence of a name in an indexed file. */
export interface Occurrence {
  readonly path: string;
  readonly range: TextRange;
  readonly role: IndexedRole;
  /** As it is spelled there. */
  readonly text: string;
}

/** A definition that many files could ask for. */
export interface IndexedSymbol extends Occurrence {
  readonly name: string;
  readonly kind: 'macro' | 'function';
}

interface IndexedFile {
  /** Stamp on disk, or the text of an open document. */
  readonly stamp: number | string | undefined;
  /** Index by index: number of the name, offset, code of the role. */
  readonly names: Uint32Array;
  readonly offsets: Uint32Array;
  readonly roles: Uint8Array;
  /** Macros of the file that may do something to a symbol, by name. */
  readonly macros: ReadonlyMap<string, MacroText>;
}

/** Limits: what is beyond them is not found, and that is all. */
const maxFiles = 4000;
const maxOccurrences = 4_000_000;
const maxFileLength = 2_000_000;
const maxNames = 500_000;
const maxDirectories = 2000;

export interface IndexFigures {
  readonly files: number;
  readonly occurrences: number;
  readonly names: number;
  readonly bytes: number;
}

/**
 * Names in the assembly and headers of `arch/arm64` of one tree, and in headers that were asked for besides.
 * Texts are not kept: nine bytes stand for an occurrence. Invariant: an entry is that of the file's present
 * stamp, or of the open document's present text, whenever `refresh` returns.
 */
export class SourceIndex {
  readonly #files = new Map<string, IndexedFile>();
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];
  /** Numbers of names by their lower-case spelling, for names of the assembler's macros. */
  readonly #byLower = new Map<string, number[]>();
  readonly #extra = new Set<string>();
  #occurrences = 0;
  #effects: SymbolEffects | null = null;
  #symbols: readonly IndexedSymbol[] | null = null;

  get figures(): IndexFigures {
    return {
      files: this.#files.size,
      occurrences: this.#occurrences,
      names: this.#names.length,
      bytes: this.#occurrences * 9 + this.#names.reduce((sum, name) => sum + name.length + 80, 0),
    };
  }

  get paths(): readonly string[] {
    return [...this.#files.keys()];
  }

  /**
   * Brings the index up to date: reads files that are new or changed, forgets those that are gone. `headers` are
   * files outside of `arch/arm64` to hold from now on. Throws only `CancelledError`; what was read until then stays.
   */
  refresh(workspace: Workspace, tree: KernelTree, cancellation: Cancellation, headers: readonly string[] = []): void {
    if (this.#names.length > maxNames) this.#clear();
    for (const header of headers) if (this.#extra.size < maxFiles) this.#extra.add(header);
    const open = new Set(workspace.openPaths);
    const wanted = new Set([...listSources(tree), ...this.#extra]);
    for (const path of this.#files.keys()) if (!wanted.has(path)) this.#drop(path);
    for (const path of wanted) {
      throwIfCancelled(cancellation);
      this.#update(path, open.has(path) ? workspace : null, tree.files);
    }
  }

  #update(path: string, workspace: Workspace | null, files: FileSource): void {
    const stamp = workspace === null ? files.stamp(path) : workspace.textOf(path);
    const known = this.#files.get(path);
    if (known !== undefined && known.stamp === stamp) return;
    this.#drop(path);
    if (stamp === undefined) return;
    if (this.#files.size >= maxFiles || this.#occurrences >= maxOccurrences) return;
    const outline = workspace === null ? readOutline(files, path) : outlineOf(workspace, path);
    if (outline === undefined) return;
    const file = this.#compact(outline, stamp);
    this.#files.set(path, file);
    this.#occurrences += file.names.length;
  }

  /** Names are never forgotten one by one: after a long session of typing they are read anew. */
  #clear(): void {
    for (const path of [...this.#files.keys()]) this.#drop(path);
    this.#numbers.clear();
    this.#byLower.clear();
    this.#names.length = 0;
  }

  #drop(path: string): void {
    const known = this.#files.get(path);
    this.#effects = null;
    this.#symbols = null;
    if (known === undefined) return;
    this.#occurrences -= known.names.length;
    this.#files.delete(path);
  }

  #compact(outline: SourceOutline, stamp: number | string | undefined): IndexedFile {
    const kept = outline.tokens.filter((token) => roleCodes.has(token.role) && token.end - token.start < 200);
    const names = new Uint32Array(kept.length);
    const offsets = new Uint32Array(kept.length);
    const codes = new Uint8Array(kept.length);
    let count = 0;
    for (const token of kept) {
      const name = outline.text.slice(token.start, token.end);
      const code = roleCodes.get(token.role) ?? 0;
      if (name.includes('\\') || (code === operandCode && registerByName(name) !== undefined)) continue;
      names[count] = this.#numberOf(name);
      offsets[count] = token.start;
      codes[count++] = code;
    }
    return {
      stamp,
      names: names.slice(0, count),
      offsets: offsets.slice(0, count),
      roles: codes.slice(0, count),
      macros: macroTexts(outline),
    };
  }

  #numberOf(name: string): number {
    const before = this.#numbers.get(name);
    if (before !== undefined) return before;
    const number = this.#names.length;
    const own = ownText(name);
    this.#numbers.set(own, number);
    this.#names.push(own);
    const lower = own.toLowerCase();
    const same = this.#byLower.get(lower);
    if (same === undefined) this.#byLower.set(lower, [number]);
    else same.push(number);
    return number;
  }

  /** Occurrences of a name in all files, in order of path and offset. `anyCase`: as the assembler compares macro names. */
  occurrences(name: string, anyCase = false): readonly Occurrence[] {
    const number = this.#numbers.get(name);
    const wanted = anyCase ? (this.#byLower.get(name.toLowerCase()) ?? []) : number === undefined ? [] : [number];
    if (wanted.length === 0) return [];
    const found: Occurrence[] = [];
    for (const [path, file] of this.#files) {
      for (const one of wanted) {
        for (let at = file.names.indexOf(one); at >= 0; at = file.names.indexOf(one, at + 1)) {
          found.push(occurrence(path, file, at, this.#names[one] ?? ''));
        }
      }
    }
    return found.sort(byPlace);
  }

  /** What macros do to symbols, by the texts of all indexed files. */
  effects(): SymbolEffects {
    if (this.#effects === null) {
      const macros = new Map<string, MacroText>();
      for (const file of this.#files.values()) {
        for (const [name, macro] of file.macros) if (!macros.has(name)) macros.set(name, macro);
      }
      this.#effects = symbolEffects((name) => macros.get(name) ?? null);
    }
    return this.#effects;
  }

  /** Macros of the assembler and functions, in order of path and offset. */
  symbols(): readonly IndexedSymbol[] {
    if (this.#symbols === null) {
      const effects = this.effects();
      const found: IndexedSymbol[] = [];
      for (const [path, file] of this.#files) this.#readSymbols(path, file, effects, found);
      this.#symbols = found.sort(byPlace);
    }
    return this.#symbols;
  }

  #readSymbols(path: string, file: IndexedFile, effects: SymbolEffects, found: IndexedSymbol[]): void {
    const macroCode = roles.indexOf('macro-name');
    for (let at = 0; at < file.names.length; at++) {
      const name = this.#names[file.names[at] ?? 0] ?? '';
      if (file.roles[at] === macroCode) {
        found.push({ ...occurrence(path, file, at, name), name, kind: 'macro' });
      } else if (file.roles[at] === operationCode && file.roles[at + 1] === operandCode) {
        const effect = effects(name);
        const symbol = this.#names[file.names[at + 1] ?? 0] ?? '';
        const gap = (file.offsets[at + 1] ?? 0) - (file.offsets[at] ?? 0) - name.length;
        // The name follows its macro at once, or it is a later argument.
        if (effect === null || (!effect.label && !effect.assigns) || gap < 1 || gap > 8) continue;
        if (!symbol.startsWith('.')) {
          found.push({ ...occurrence(path, file, at + 1, symbol), name: symbol, kind: 'function' });
        }
      }
    }
  }
}

function occurrence(path: string, file: IndexedFile, at: number, text: string): Occurrence {
  const start = file.offsets[at] ?? 0;
  return { path, range: { start, end: start + text.length }, role: roles[file.roles[at] ?? 0] ?? 'c-word', text };
}

const byPlace = (left: Occurrence, right: Occurrence): number =>
  left.path === right.path ? left.range.start - right.range.start : left.path < right.path ? -1 : 1;

function readOutline(files: FileSource, path: string): SourceOutline | undefined {
  const text = files.readText(path);
  return text === undefined || text.length > maxFileLength ? undefined : scanOutline(text, languageOf(path));
}

/** A copy of a piece of a text: the piece itself would keep the whole text in memory. */
function ownText(piece: string): string {
  return piece.split('').join('');
}

function macroTexts(outline: SourceOutline): ReadonlyMap<string, MacroText> {
  const macros = new Map<string, MacroText>();
  for (const macro of outlineMacroTexts(outline)) {
    if (!mayMatter(macro.text)) continue;
    const { language, parameters, body } = macro.text;
    macros.set(ownText(macro.name), { language, parameters: parameters.map(ownText), body: ownText(body) });
  }
  return macros;
}

const maxBodyLength = 2000;

function mayMatter({ parameters, body }: MacroText): boolean {
  const first = parameters[0];
  return first !== undefined && body.length <= maxBodyLength && body.includes(first) && mayHaveEffect(body);
}

/** Macros with parameters that a document defines, of both kinds, as texts. */
export function outlineMacroTexts(outline: SourceOutline): { readonly name: string; readonly text: MacroText }[] {
  const found: { name: string; text: MacroText }[] = [];
  for (const define of outline.defines) {
    if (define.parameters === null || define.parameters.length === 0) continue;
    const parameters = define.parameters.map((parameter) => parameter.name);
    const body = outline.text.slice(define.body.start, define.body.end);
    found.push({ name: define.name, text: { language: 'cpp', parameters, body } });
  }
  for (const block of outline.blocks) {
    if (block.kind !== 'macro' || block.name === null || block.close === null) continue;
    const parameters = block.parameters.map((parameter) => parameter.name);
    const body = outline.text.slice(block.headEnd, block.close.start);
    found.push({ name: block.name.name, text: { language: 'gas', parameters, body } });
  }
  return found;
}

/** Headers of other folders whose macros declare symbols in assembly. */
const symbolHeaders = ['include/linux/linkage.h', 'include/linux/cfi_types.h'];

/** `.S` and `.h` files below `arch/arm64` but for device trees, and the headers that declare symbols. */
function listSources(tree: KernelTree): readonly string[] {
  const found: string[] = symbolHeaders.map((header) => `${tree.root}/${header}`);
  const directories = [`${tree.root}/arch/arm64`];
  for (let at = 0; at < directories.length && at < maxDirectories && found.length < maxFiles; at++) {
    const directory = directories[at] ?? '';
    for (const entry of tree.files.list(directory)) {
      const path = `${directory}/${entry.name}`;
      if (entry.kind === 'directory') {
        if (entry.name !== 'dts' && !entry.name.startsWith('.')) directories.push(path);
      } else if (/\.[Sh]$/.test(entry.name)) found.push(path);
    }
  }
  return found;
}

const indexes = new WeakMap<Workspace, Map<string, SourceIndex>>();

/** The index of a tree, up to date. Throws only `CancelledError`. */
export function sourceIndexOf(
  workspace: Workspace,
  tree: KernelTree,
  cancellation: Cancellation,
  headers: readonly string[] = [],
): SourceIndex {
  let byRoot = indexes.get(workspace);
  if (byRoot === undefined) {
    byRoot = new Map();
    indexes.set(workspace, byRoot);
  }
  let index = byRoot.get(tree.root);
  if (index === undefined) {
    index = new SourceIndex();
    byRoot.set(tree.root, index);
  }
  index.refresh(workspace, tree, cancellation, headers);
  return index;
}
