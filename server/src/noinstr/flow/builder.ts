import type { CExpr, CStmt } from '../../syntax/cflow/model.ts';
import type { CppExpansion, CppToken } from '../../syntax/cpp/model.ts';
import type { BodyTokens } from './bodyTokens.ts';
import type { FlowGraph, FlowNode, FlowOp } from './graph.ts';
import { accessedAddress, isUserAddress } from './userAddress.ts';

/** A scope that calls something when it is left: variables with a `cleanup` attribute, innermost last. */
export interface CleanupScope {
  readonly body: readonly CStmt[];
  readonly calls: { readonly callee: string; readonly token: CppToken }[];
  /** Labels that are local to it (`__label__`), by name. */
  readonly labels: Map<string, string>;
}

/** A loop or `switch` that is being read. */
export interface Breakable {
  readonly breakTo: number;
  /** `null` for a `switch`. */
  readonly continueTo: number | null;
  /** Number of scopes around it. */
  readonly scopeDepth: number;
}

/** A `switch` that is being read: the places of its labels. */
export interface OpenSwitch {
  readonly cases: { readonly node: number; readonly value: bigint | null }[];
  other: number;
}

interface OpenNode {
  readonly op: FlowOp | null;
  readonly next: number[];
}

/** Names of macros that are told as uses of their own. */
export type IsNamed = (name: string) => boolean;

/** Whether a label stands among statements or in what they hold. */
function holdsLabel(statements: readonly CStmt[], name: string): boolean {
  return statements.some((one) => {
    if (one.kind === 'label') return one.name === name;
    if (one.kind === 'block') return holdsLabel(one.body, name);
    if (one.kind === 'loop' || one.kind === 'switch') return holdsLabel([one.body], name);
    return one.kind === 'if' && holdsLabel(one.otherwise === null ? [one.then] : [one.then, one.otherwise], name);
  });
}

/**
 * Makes the nodes of one function. Invariant: `current` is the node that the next one follows, or `null` where
 * nothing can come from.
 */
export class FlowBuilder {
  readonly body: BodyTokens;
  readonly readStatement: (flow: FlowBuilder, statement: CStmt) => void;
  readonly scopes: CleanupScope[] = [];
  readonly breakables: Breakable[] = [];
  readonly switches: OpenSwitch[] = [];
  /** Conditions of the `if`s that the current statement stands in. */
  guards: readonly (readonly CppToken[])[] = [];
  current: number | null = 0;
  readonly #labels = new Map<string, number>();
  readonly #computed: number[] = [];
  readonly #nodes: OpenNode[] = [{ op: null, next: [] }];
  readonly #isNamed: IsNamed;
  #localLabels = 0;
  /** Tokens before this one have told their macros. */
  #noted = 0;
  readonly #seen = new Set<CppExpansion>();
  readonly #userAddresses = new Set<string>();
  readonly #known = new Map<CppExpansion, readonly CppExpansion[]>();

  /** `readStatement` is what reads the statements of a statement expression. */
  constructor(body: BodyTokens, isNamed: IsNamed, readStatement: (flow: FlowBuilder, statement: CStmt) => void) {
    this.body = body;
    this.#isNamed = isNamed;
    this.readStatement = readStatement;
  }

  openScope(body: readonly CStmt[]): void {
    this.scopes.push({ body, calls: [], labels: new Map() });
  }

  closeScope(): void {
    if (this.current !== null) this.leaveScopes(this.scopes.length - 1);
    this.scopes.pop();
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
    let place = this.#labels.get(name);
    if (place === undefined) {
      place = this.place();
      this.#labels.set(name, place);
    }
    return place;
  }

  /** Tells the named macros of the tokens up to an index, each with the first token that came out of it. */
  noteTo(end: number): void {
    for (; this.#noted < end; this.#noted++) this.#note(this.#noted);
  }

  /** Ends the current flow at a computed `goto`. */
  goToAddress(): void {
    if (this.current !== null) this.#computed.push(this.current);
    this.current = null;
  }

  /** Lets every computed `goto` go to every label whose address the function takes. */
  linkAddresses(): void {
    if (this.#computed.length === 0) return;
    const { tokens } = this.body;
    for (const [at, { text }] of tokens.entries()) {
      const place = text === '&&' ? this.#labels.get(tokens[at + 1]?.text ?? '') : undefined;
      if (place === undefined || !/^[{,=(?:[\]]$/.test(tokens[at - 1]?.text ?? '')) continue;
      for (const from of this.#computed) this.link(from, place);
    }
  }

  /** Number of scopes around a label that a `goto` names; those with nothing to call on the way count as around it. */
  depthOfLabel(name: string): number {
    let depth = this.scopes.length;
    for (let at = depth - 1; at >= 0; at--) {
      const scope = this.scopes[at];
      if (scope === undefined || scope.calls.length === 0) continue;
      if (holdsLabel(scope.body, name)) break;
      depth = at;
    }
    return depth;
  }

  /** Goes on with the macros of tokens from here: what stands before is not evaluated, or elsewhere. */
  noteFrom(start: number): void {
    this.#noted = start;
  }

  #note(at: number): void {
    const token = this.body.tokens[at];
    if (token === undefined || token.expansion === null) return;
    for (const expansion of this.#namedOf(token.expansion)) {
      if (this.#seen.has(expansion)) continue;
      this.#seen.add(expansion);
      const assigned = this.body.tokens[at - 1]?.text === '=';
      this.emit({ kind: 'use', expansion, token, assigned, guards: this.guards });
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

  /** Remembers whether a variable got an address out of the interrupted code's registers. */
  noteAddress(name: string, value: CExpr): void {
    if (isUserAddress(value, this.#userAddresses)) this.#userAddresses.add(name);
    else this.#userAddresses.delete(name);
  }

  /** Tells an access through such an address. */
  noteAccess(expr: CExpr): void {
    const address = accessedAddress(expr);
    if (address === null || !isUserAddress(address, this.#userAddresses)) return;
    const token = this.body.tokens[this.body.indexAt(expr.at)];
    if (token !== undefined) this.emit({ kind: 'access', address: this.body.slice(address), token });
  }

  /** Calls what the scopes above a depth have to call, innermost first. */
  leaveScopes(depth: number): void {
    for (let at = this.scopes.length - 1; at >= depth; at--) {
      for (const { callee, token } of [...(this.scopes[at]?.calls ?? [])].reverse()) {
        this.emit({
          kind: 'call',
          callee,
          text: callee,
          through: [token],
          args: [],
          token,
          assigned: false,
          guards: [],
          atScopeEnd: true,
        });
      }
    }
  }

  graph(): FlowGraph {
    return { nodes: this.#nodes as readonly FlowNode[] };
  }
}
