import { type Cancellation, neverCancelled, throwIfCancelled } from '../base/cancellation.ts';
import { relativePath } from '../base/path.ts';
import type { CFunction } from '../syntax/c/cModel.ts';
import type { CUnit } from './cUnit.ts';

/** What is asked of an index of names: candidates, conditionals not looked at. */
export interface DefinitionIndex {
  readonly state: 'empty' | 'building' | 'ready';
  readonly version: number;
  definitionsOf(name: string): readonly {
    readonly path: string;
    readonly kind: string;
    readonly line: number;
    readonly isDeclaration: boolean;
    readonly isStatic: boolean;
  }[];
}

/** What units come from; the workspace is one. */
export interface UnitSource {
  cUnit(path: string, cancellation?: Cancellation, object?: string | null, within?: string | null): CUnit | null;
  textOf(path: string): string | undefined;
  /** Grows with every change of a document, a file or a setting. */
  readonly changes: number;
}

/** Where a called name leads: a function of C, a symbol of assembly, or what is not known and why. */
export type ResolvedFunction =
  | { readonly kind: 'function'; readonly unit: CUnit; readonly fn: CFunction }
  | { readonly kind: 'assembly'; readonly path: string; readonly line: number }
  | { readonly kind: 'unknown'; readonly reason: string };

interface Place {
  readonly path: string;
  readonly object: string | null;
  readonly within: string | null;
}

type Remembered = Place | { readonly assembly: string; readonly line: number } | { readonly reason: string };

const maxRemembered = 50_000;
/** Files that are compiled in search of one name. */
const maxTried = 12;

/**
 * Finds the definition that a name means in a unit: the unit's own, an inline one of its headers, else the one that
 * another file exports. Answers are kept as places until something changes.
 */
export class CProgram {
  readonly #units: UnitSource;
  readonly #index: () => DefinitionIndex | null;
  readonly #known = new Map<string, Remembered>();
  #madeAt = '';

  constructor(units: UnitSource, index: () => DefinitionIndex | null = () => null) {
    this.#units = units;
    this.#index = index;
  }

  /** Throws only `CancelledError`. */
  resolveFunction(unit: CUnit, name: string, cancellation: Cancellation = neverCancelled): ResolvedFunction {
    const own = definitionIn(unit, name);
    if (own !== null) return { kind: 'function', unit, fn: own };
    const now = `${this.#units.changes} ${this.#index()?.version ?? 0}`;
    if (now !== this.#madeAt || this.#known.size > maxRemembered) {
      this.#known.clear();
      this.#madeAt = now;
    }
    const inHeader = `${unit.within}\0${unit.context?.object ?? ''}\0${name}`;
    const exported = `\0${this.#domainOf(unit)}\0${name}`;
    const known = this.#known.get(inHeader) ?? this.#known.get(exported);
    if (known !== undefined) {
      const again = this.#open(known, name, cancellation);
      if (again !== null) return again;
    }
    const header = this.#inHeaders(unit, name, cancellation);
    if (header !== null) {
      this.#known.set(inHeader, header);
      return this.#open(header, name, cancellation) ?? unknown(`${name}: its header cannot be read`);
    }
    const found = this.#exported(unit, name, cancellation);
    // A failed search in the headers is an answer for this unit alone, a definition elsewhere for all of them.
    this.#known.set('reason' in found ? inHeader : exported, found);
    return this.#open(found, name, cancellation) ?? unknown(`${name}: its file cannot be read`);
  }

  #open(known: Remembered, name: string, cancellation: Cancellation): ResolvedFunction | null {
    if ('reason' in known) return unknown(known.reason);
    if ('assembly' in known) return { kind: 'assembly', path: known.assembly, line: known.line };
    const unit = this.#units.cUnit(known.path, cancellation, known.object, known.within);
    const fn = unit === null ? null : definitionIn(unit, name);
    return unit === null || fn === null ? null : { kind: 'function', unit, fn };
  }

  /** The inline function of a header that the unit includes, read as this unit reads it. */
  #inHeaders(unit: CUnit, name: string, cancellation: Cancellation): Place | null {
    const headers = unit.files.filter((file) => file !== unit.path);
    const inside = new Set(headers);
    const index = this.#index();
    const indexed = index === null ? [] : index.definitionsOf(name);
    let candidates = indexed
      .filter(({ path, kind, isDeclaration }) => inside.has(path) && !isDeclaration && !notFunctions.has(kind))
      .map(({ path }) => path);
    if (index?.state !== 'ready') {
      candidates = [...candidates, ...headers.filter((path) => mayDefine(this.#units.textOf(path), name))];
    }
    for (const path of [...new Set(candidates)].slice(0, maxTried)) {
      throwIfCancelled(cancellation);
      const object = unit.context?.variant ?? null;
      for (const within of [null, unit.within]) {
        const header = this.#units.cUnit(path, cancellation, object, within);
        if (header !== null && definitionIn(header, name) !== null) return { path, object, within };
      }
    }
    return null;
  }

  /** The function that another file defines for all. */
  #exported(unit: CUnit, name: string, cancellation: Cancellation): Remembered {
    const index = this.#index();
    if (index === null) return { reason: `${name} is in none of the headers, and there is no index of other files` };
    const domain = this.#domainOf(unit);
    const all = index.definitionsOf(name).filter(({ isDeclaration, isStatic }) => !isDeclaration && !isStatic);
    const sources = [...new Set(all.filter(({ path }) => path.endsWith('.c')).map(({ path }) => path))];
    const strong: Place[] = [];
    const weak: Place[] = [];
    for (const path of sources.slice(0, maxTried)) {
      throwIfCancelled(cancellation);
      const object = domain === 'nvhe' ? 'nvhe' : null;
      const other = this.#units.cUnit(path, cancellation, object, null);
      const fn = other === null ? null : definitionIn(other, name);
      if (other === null || fn === null || fn.storage === 'static' || this.#domainOf(other) !== domain) continue;
      const isWeak = fn.attributes.some((attribute) => attribute.name === 'weak');
      (isWeak ? weak : strong).push({ path, object, within: null });
    }
    const assembly = all.find(({ path, kind }) => path.endsWith('.S') && kind === 'asm-symbol');
    const built = strong.filter((place) => this.#isBuilt(place, cancellation));
    const [only, ...others] = built.length > 0 ? built : strong;
    if (only !== undefined && others.length === 0) return only;
    if (only !== undefined) {
      return { reason: `${name} is defined in ${[only, ...others].map(({ path }) => path).join(', ')}` };
    }
    if (assembly !== undefined) return { assembly: assembly.path, line: assembly.line };
    if (weak[0] !== undefined) return weak[0];
    const state = index.state === 'ready' ? '' : ', as far as the index goes';
    return { reason: `no definition of ${name} in this configuration${state}` };
  }

  #isBuilt(place: Place, cancellation: Cancellation): boolean {
    const unit = this.#units.cUnit(place.path, cancellation, place.object, place.within);
    const evidence = unit?.context?.evidence;
    return evidence?.kind === 'cmd' || evidence?.notes.some((note) => note.startsWith('no makefile')) === false;
  }

  /** Code that is linked apart from the kernel and sees none of its symbols. */
  #domainOf(unit: CUnit): string {
    const inTree = unit.tree === null ? unit.path : relativePath(unit.tree.root, unit.within);
    if (unit.context?.variant === 'nvhe' || inTree.startsWith('arch/arm64/kvm/hyp/nvhe/')) return 'nvhe';
    return /^arch\/arm64\/kernel\/(vdso|pi)\/|^drivers\/firmware\/efi\/libstub\//.exec(inTree)?.[0] ?? 'kernel';
  }
}

const notFunctions: ReadonlySet<string> = new Set(['macro', 'asm-macro', 'type', 'enumerator', 'label']);

function unknown(reason: string): ResolvedFunction {
  return { kind: 'unknown', reason };
}

function definitionIn(unit: CUnit, name: string): CFunction | null {
  return unit.functions.find((fn) => fn.name === name) ?? null;
}

/** The text has the name before a `(`, or as an argument of a macro that may define it: calls and declarations count too. */
function mayDefine(text: string | undefined, name: string): boolean {
  if (text === undefined) return false;
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const end = at + name.length;
    if (isWord(text.charCodeAt(at - 1)) || isWord(text.charCodeAt(end))) continue;
    if (/^\s*[(,)]/.test(text.slice(end, end + 3))) return true;
  }
  return false;
}

function isWord(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95;
}
