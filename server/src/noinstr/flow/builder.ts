import type { CppExpansion, CppToken } from '../../syntax/cpp/model.ts';
import type { FlowGraph, FlowNode, FlowOp } from './graph.ts';

/** A scope that calls something when it is left: variables with a `cleanup` attribute, innermost last. */
export interface CleanupScope {
  readonly calls: { readonly callee: string; readonly token: CppToken }[];
  /** Labels that are local to it (`__label__`), by name. */
  readonly labels: Map<string, string>;
}

interface OpenNode {
  readonly op: FlowOp | null;
  readonly next: number[];
}

/** Names of macros that are told as uses of their own. */
export type IsNamed = (name: string) => boolean;

/**
 * Makes the nodes of one function. Invariant: `current` is the node that the next one follows, or `null` where
 * nothing can come from.
 */
export class FlowBuilder {
  readonly tokens: readonly CppToken[];
  /** Index of the matching bracket of each bracket, -1 without one. */
  readonly match: readonly number[];
  readonly isTypeName: (name: string) => boolean;
  readonly scopes: CleanupScope[] = [];
  readonly loops: { readonly breakTo: number; readonly continueTo: number; readonly scopeDepth: number }[] = [];
  readonly labels = new Map<string, number>();
  readonly switches: {
    readonly cases: { node: number; from: number; to: number; value: bigint | null }[];
    other: number;
  }[] = [];
  /** Conditions of the `if`s that the current statement stands in. */
  guards: readonly (readonly CppToken[])[] = [];
  current: number | null = 0;
  readonly #nodes: OpenNode[] = [{ op: null, next: [] }];
  readonly #isNamed: IsNamed;
  #localLabels = 0;
  readonly #seen = new Set<CppExpansion>();
  readonly #known = new Map<CppExpansion, readonly CppExpansion[]>();

  constructor(tokens: readonly CppToken[], isTypeName: (name: string) => boolean, isNamed: IsNamed) {
    this.tokens = tokens;
    this.match = bracketMatches(tokens);
    this.isTypeName = isTypeName;
    this.#isNamed = isNamed;
  }

  text(at: number): string {
    return this.tokens[at]?.text ?? '';
  }

  slice(from: number, to: number): CppToken[] {
    return this.tokens.slice(from, to);
  }

  /** Makes a label local to the innermost scope. */
  declareLabel(name: string): void {
    this.scopes.at(-1)?.labels.set(name, `${name} ${++this.#localLabels}`);
  }

  /** A node that flow can join at. */
  place(): number {
    this.#nodes.push({ op: null, next: [] });
    return this.#nodes.length - 1;
  }

  emit(op: FlowOp): number {
    const node = this.#nodes.length;
    this.#nodes.push({ op, next: [] });
    this.link(this.current, node);
    this.current = node;
    return node;
  }

  link(from: number | null, to: number): void {
    if (from === null) return;
    this.#nodes[from]?.next.push(to);
  }

  /** Ends the current flow at a place. */
  goTo(place: number): void {
    this.link(this.current, place);
    this.current = null;
  }

  /** Goes on from a place, which the current flow falls into. */
  continueAt(place: number): void {
    this.link(this.current, place);
    this.current = place;
  }

  label(written: string): number {
    let name = written;
    for (let at = this.scopes.length - 1; at >= 0 && name === written; at--) {
      name = this.scopes[at]?.labels.get(written) ?? written;
    }
    let place = this.labels.get(name);
    if (place === undefined) {
      place = this.place();
      this.labels.set(name, place);
    }
    return place;
  }

  /** Tells the named macros that begin with a token. */
  note(at: number): void {
    const token = this.tokens[at];
    if (token === undefined || token.expansion === null) return;
    for (const expansion of this.#namedOf(token.expansion)) {
      if (this.#seen.has(expansion)) continue;
      this.#seen.add(expansion);
      this.emit({ kind: 'use', expansion, token, assigned: this.text(at - 1) === '=', guards: this.guards });
    }
  }

  /** Named expansions around one, outermost first. */
  #namedOf(expansion: CppExpansion): readonly CppExpansion[] {
    const known = this.#known.get(expansion);
    if (known !== undefined) return known;
    const outer = expansion.parent === null ? [] : this.#namedOf(expansion.parent);
    const all = this.#isNamed(expansion.macro.name) ? [...outer, expansion] : outer;
    this.#known.set(expansion, all);
    return all;
  }

  /** Calls what the scopes above a depth have to call, innermost first. */
  leaveScopes(depth: number): void {
    for (let at = this.scopes.length - 1; at >= depth; at--) {
      for (const { callee, token } of [...(this.scopes[at]?.calls ?? [])].reverse()) {
        this.emit({ kind: 'call', callee, text: callee, args: [], token, assigned: false, guards: [] });
      }
    }
  }

  graph(): FlowGraph {
    return { nodes: this.#nodes as readonly FlowNode[] };
  }
}

function bracketMatches(tokens: readonly CppToken[]): number[] {
  const match = new Array<number>(tokens.length).fill(-1);
  const open: number[] = [];
  const pairs: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' };
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined || token.kind !== 'punctuator') continue;
    const { text } = token;
    if (text === '(' || text === '[' || text === '{') open.push(at);
    else if (pairs[text] !== undefined) {
      // A closing bracket of another kind closes what was left open inside.
      let depth = open.length - 1;
      while (depth >= 0 && tokens[open[depth] ?? 0]?.text !== pairs[text]) depth--;
      if (depth < 0) continue;
      const from = open[depth] ?? 0;
      open.length = depth;
      match[from] = at;
      match[at] = from;
    }
  }
  return match;
}
