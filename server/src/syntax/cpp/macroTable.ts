import type { Macro } from './macro.ts';

/** An identifier. One object per spelling in a cache, so that macro lookup is a field read. */
export class Name {
  readonly text: string;
  /** Its definition in the table's current state. */
  macro: Macro | null = null;
  /** Being expanded right now: met again, it is left alone. */
  disabled = false;

  constructor(text: string) {
    this.text = text;
  }
}

/** Interned identifiers of one cache. */
export class Names {
  readonly #byText = new Map<string, Name>();
  readonly defined = this.get('defined');
  readonly variableArguments = this.get('__VA_ARGS__');
  readonly variableOption = this.get('__VA_OPT__');
  readonly pragmaOperator = this.get('_Pragma');

  get size(): number {
    return this.#byText.size;
  }

  get(text: string): Name {
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const made = new Name(text);
    this.#byText.set(text, made);
    return made;
  }
}

/**
 * One state of the macro table: the state before it and the changes since. States are immutable and shared, so a
 * state's identity stands for the whole table: a snapshot costs nothing, and work done from a state is known to
 * give the same result when that state comes again.
 */
export class MacroState {
  readonly parent: MacroState | null;
  readonly depth: number;
  /** The changes in order: name, new definition, and what it replaced. Parallel arrays. */
  readonly names: readonly Name[];
  readonly values: readonly (Macro | null)[];
  readonly previous: readonly (Macro | null)[];
  /** The state made last from this one; the same changes again give the same object. */
  next: MacroState | null = null;
  /** Results of whole included files from here, by path. */
  includes: Map<string, unknown> | null = null;

  constructor(
    parent: MacroState | null,
    names: readonly Name[],
    values: readonly (Macro | null)[],
    previous: readonly (Macro | null)[],
  ) {
    this.parent = parent;
    this.depth = parent === null ? 0 : parent.depth + 1;
    this.names = names;
    this.values = values;
    this.previous = previous;
  }
}

/** An empty table. */
export function emptyState(): MacroState {
  return new MacroState(null, [], [], []);
}

/** Keeps the `macro` fields of the names equal to one state, and moves them to another. */
export class MacroTable {
  #base: MacroState;
  // Changes since the base that no state has been made of.
  #names: Name[] = [];
  #values: (Macro | null)[] = [];
  #previous: (Macro | null)[] = [];

  constructor(root: MacroState) {
    this.#base = root;
  }

  /** The state now. */
  get state(): MacroState {
    if (this.#names.length === 0) return this.#base;
    const next = this.#base.next;
    if (next !== null && sameItems(next.names, this.#names) && sameItems(next.values, this.#values)) {
      this.#base = next;
    } else {
      const made = new MacroState(this.#base, this.#names.slice(), this.#values.slice(), this.#previous.slice());
      this.#base.next = made;
      this.#base = made;
    }
    this.#forgetChanges();
    return this.#base;
  }

  set(name: Name, value: Macro | null): void {
    this.#names.push(name);
    this.#values.push(value);
    this.#previous.push(name.macro);
    name.macro = value;
  }

  /** Takes back and repeats changes up to and from the nearest common state. */
  goTo(target: MacroState): void {
    assign(this.#names, this.#previous, -1);
    this.#forgetChanges();
    let from: MacroState | null = this.#base;
    let to: MacroState | null = target;
    const forward: MacroState[] = [];
    while (from !== to) {
      if (from !== null && (to === null || from.depth >= to.depth)) {
        assign(from.names, from.previous, -1);
        from = from.parent;
      } else if (to !== null) {
        forward.push(to);
        to = to.parent;
      }
    }
    for (const state of forward.reverse()) assign(state.names, state.values, 1);
    this.#base = target;
  }

  #forgetChanges(): void {
    this.#names.length = 0;
    this.#values.length = 0;
    this.#previous.length = 0;
  }
}

function assign(names: readonly Name[], values: readonly (Macro | null)[], step: 1 | -1): void {
  for (let i = step > 0 ? 0 : names.length - 1; i >= 0 && i < names.length; i += step) {
    const name = names[i];
    if (name !== undefined) name.macro = values[i] ?? null;
  }
}

function sameItems<T>(a: readonly T[], b: readonly T[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Definitions of a state by name, in the order of their latest change. */
export function definitionsOf(state: MacroState): Map<string, Macro> {
  const seen = new Set<Name>();
  const latest: Macro[] = [];
  for (let at: MacroState | null = state; at !== null; at = at.parent) {
    for (let i = at.names.length - 1; i >= 0; i--) {
      const name = at.names[i];
      const value = at.values[i] ?? null;
      if (name === undefined || seen.has(name)) continue;
      seen.add(name);
      if (value !== null && value.dynamic === null && value.id === name) latest.push(value);
    }
  }
  const out = new Map<string, Macro>();
  for (let i = latest.length - 1; i >= 0; i--) {
    const macro = latest[i];
    if (macro !== undefined) out.set(macro.name, macro);
  }
  return out;
}
