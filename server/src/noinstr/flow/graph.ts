import type { CppExpansion, CppToken } from '../../syntax/cpp/model.ts';

/** A stretch of tokens of one function. */
export type TokenText = readonly CppToken[];

/** What happens at one node of a function's flow. */
export type FlowOp =
  | CallOp
  | UseOp
  | AssignOp
  | BranchOp
  | AsmOp
  /** A load or store through an address out of the interrupted code's registers. */
  | { readonly kind: 'access'; readonly address: TokenText; readonly token: CppToken }
  | { readonly kind: 'jump'; readonly token: CppToken }
  | ReturnOp;

export interface AssignOp {
  readonly kind: 'assign';
  readonly target: string;
  /** `null` when it is made of the old value, or comes out of `asm`. */
  readonly value: TokenText | null;
  /** What is done to the old value, where flags and counters are kept like that. */
  readonly change: { readonly operator: '|=' | '&=' | '++'; readonly by: TokenText } | null;
  readonly token: CppToken;
}

export interface CallOp {
  readonly kind: 'call';
  /** Name that is called; `null` when it goes through an expression. */
  readonly callee: string | null;
  /** The callee as written after expansion. */
  readonly text: string;
  /** Its tokens. */
  readonly through: TokenText;
  readonly args: readonly TokenText[];
  readonly token: CppToken;
  /** The result is stored right away. */
  readonly assigned: boolean;
  /** Conditions of the `if`s around it. */
  readonly guards: readonly TokenText[];
  /** Nobody wrote it: a variable with a `cleanup` attribute went out of scope. */
  readonly atScopeEnd?: true;
}

/** A use of a macro whose name means something here, at the first token that came out of it. */
export interface UseOp {
  readonly kind: 'use';
  readonly expansion: CppExpansion;
  readonly token: CppToken;
  readonly assigned: boolean;
  readonly guards: readonly TokenText[];
}

/** Inline assembly; `operands` in the order of their numbers. */
export interface AsmOp {
  readonly kind: 'asm';
  readonly template: string;
  readonly operands: readonly { readonly name: string | null; readonly value: TokenText }[];
  readonly token: CppToken;
}

/** Two ways to go: `next[0]` when the condition holds, `next[1]` when not. */
export interface BranchOp {
  readonly kind: 'branch';
  /** The condition after expansion, blanks normalized. */
  readonly text: string;
  readonly identifiers: readonly string[];
  /** Functions called in it. */
  readonly calls: readonly string[];
  readonly token: CppToken;
}

export interface ReturnOp {
  readonly kind: 'return';
  /** The `return`, or the brace that ends the function. */
  readonly token: CppToken;
  readonly value: TokenText;
  readonly atEnd: boolean;
}

export interface FlowNode {
  readonly op: FlowOp | null;
  readonly next: readonly number[];
}

/** Control flow of one function: node 0 is the entry; a node without `next` that is no return never comes back. */
export interface FlowGraph {
  readonly nodes: readonly FlowNode[];
}

/** Name that a call or a use of a macro goes by; `null` for a call through an expression and for every other operation. */
export function calledName(op: FlowOp | null | undefined): string | null {
  if (op?.kind === 'use') return op.expansion.macro.name;
  return op?.kind === 'call' ? op.callee : null;
}

/** Texts of tokens, apart by blanks. */
export function textOf(tokens: TokenText): string {
  return tokens.map((token) => token.text).join(' ');
}
