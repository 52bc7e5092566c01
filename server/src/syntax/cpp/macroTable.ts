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
 * One state of the macro table: the state before it and one change. States are immutable and shared, so a
 * state's identity stands for the whole table: a snapshot costs nothing, and work done from a state is
 * known to give the same result when that state comes again.
 */
export class MacroState {
  readonly parent: MacroState | null;
  readonly depth: number;
  readonly name: Name | null;
  readonly value: Macro | null;
  /** What the change replaced. */
  readonly previous: Macro | null;
  /** The state made last from this one; making it again gives the same object. */
  next: MacroState | null = null;
  /** Results of whole included files from here, by path. */
  includes: Map<string, unknown> | null = null;

  constructor(parent: MacroState | null, name: Name | null, value: Macro | null) {
    this.parent = parent;
    this.depth = parent === null ? 0 : parent.depth + 1;
    this.name = name;
    this.value = value;
    this.previous = name === null ? null : name.macro;
  }
}

/** Keeps the `macro` fields of the names equal to one state, and moves them to another. */
export class MacroTable {
  #current: MacroState;

  constructor(root: MacroState) {
    this.#current = root;
  }

  get state(): MacroState {
    return this.#current;
  }

  set(name: Name, value: Macro | null): void {
    const next = this.#current.next;
    if (next !== null && next.name === name && next.value === value) {
      this.#current = next;
    } else {
      const made = new MacroState(this.#current, name, value);
      this.#current.next = made;
      this.#current = made;
    }
    name.macro = value;
  }

  /** Takes back and repeats changes up to and from the nearest common state. */
  goTo(target: MacroState): void {
    let from: MacroState = this.#current;
    if (from === target) return;
    const forward: MacroState[] = [];
    let to: MacroState = target;
    while (from !== to) {
      if (from.depth >= to.depth) {
        if (from.name !== null) from.name.macro = from.previous;
        if (from.parent === null) break;
        from = from.parent;
      } else {
        forward.push(to);
        if (to.parent === null) break;
        to = to.parent;
      }
    }
    for (let i = forward.length - 1; i >= 0; i--) {
      const state = forward[i];
      if (state?.name) state.name.macro = state.value;
    }
    this.#current = target;
  }
}

/** Definitions of a state by name, in the order of their latest change. */
export function definitionsOf(state: MacroState): Map<string, Macro> {
  const seen = new Set<Name>();
  const latest: Macro[] = [];
  for (let at: MacroState | null = state; at !== null; at = at.parent) {
    if (at.name === null || seen.has(at.name)) continue;
    seen.add(at.name);
    if (at.value !== null && at.value.dynamic === null && at.value.id === at.name) latest.push(at.value);
  }
  const out = new Map<string, Macro>();
  for (let i = latest.length - 1; i >= 0; i--) {
    const macro = latest[i];
    if (macro !== undefined) out.set(macro.name, macro);
  }
  return out;
}
