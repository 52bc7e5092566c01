// Statements and expressions of C function bodies after preprocessing, as far as following their control flow needs.
// `at` and `end` are UTF-16 offsets into the text that was read.

export type CExpr =
  | { readonly kind: 'number'; readonly value: bigint | null; readonly at: number; readonly end: number }
  | { readonly kind: 'string'; readonly text: string; readonly at: number; readonly end: number }
  | { readonly kind: 'name'; readonly name: string; readonly at: number; readonly end: number }
  | {
      readonly kind: 'call';
      readonly callee: CExpr;
      readonly args: readonly CExpr[];
      readonly at: number;
      readonly end: number;
    }
  | {
      readonly kind: 'unary';
      readonly op: '-' | '+' | '!' | '~' | '*' | '&' | '++' | '--';
      readonly operand: CExpr;
      readonly at: number;
      readonly end: number;
    }
  | {
      readonly kind: 'binary';
      readonly op: string;
      readonly left: CExpr;
      readonly right: CExpr;
      readonly at: number;
      readonly end: number;
    }
  | {
      readonly kind: 'assign';
      readonly op: string;
      readonly left: CExpr;
      readonly right: CExpr;
      readonly at: number;
      readonly end: number;
    }
  | {
      readonly kind: 'conditional';
      readonly condition: CExpr;
      /** `null` for `a ?: b`. */
      readonly whenTrue: CExpr | null;
      readonly whenFalse: CExpr;
      readonly at: number;
      readonly end: number;
    }
  | { readonly kind: 'cast'; readonly type: string; readonly operand: CExpr; readonly at: number; readonly end: number }
  | {
      readonly kind: 'member';
      readonly operand: CExpr;
      readonly name: string;
      readonly arrow: boolean;
      readonly at: number;
      readonly end: number;
    }
  | {
      readonly kind: 'index';
      readonly operand: CExpr;
      readonly index: CExpr;
      readonly at: number;
      readonly end: number;
    }
  /** `({ … })`; its value is the last statement's. */
  | { readonly kind: 'block'; readonly body: readonly CStmt[]; readonly at: number; readonly end: number }
  /** A type where an expression stands: argument of a builtin. */
  | { readonly kind: 'type'; readonly text: string; readonly at: number; readonly end: number }
  | { readonly kind: 'sizeof'; readonly of: CExpr; readonly at: number; readonly end: number }
  /** `{ … }` of an initializer or compound literal. */
  | {
      readonly kind: 'list';
      readonly type: string | null;
      readonly items: readonly CExpr[];
      readonly at: number;
      readonly end: number;
    }
  | {
      readonly kind: 'generic';
      readonly of: CExpr;
      readonly choices: readonly { readonly type: string | null; readonly value: CExpr }[];
      readonly at: number;
      readonly end: number;
    }
  /** What is not understood; `text` is what was written. */
  | { readonly kind: 'unknown'; readonly text: string; readonly at: number; readonly end: number };

export interface CAsmOperand {
  /** Name in brackets, or `null`. */
  readonly name: string | null;
  readonly constraint: string;
  readonly value: CExpr;
}

export interface CAsmStmt {
  readonly kind: 'asm';
  readonly template: string;
  readonly isVolatile: boolean;
  readonly isGoto: boolean;
  readonly outputs: readonly CAsmOperand[];
  readonly inputs: readonly CAsmOperand[];
  readonly clobbers: readonly string[];
  readonly labels: readonly string[];
  readonly at: number;
  readonly end: number;
}

export type CStmt =
  | { readonly kind: 'expr'; readonly value: CExpr; readonly at: number; readonly end: number }
  | {
      readonly kind: 'declare';
      readonly name: string;
      readonly type: string;
      readonly isStatic: boolean;
      readonly isExtern: boolean;
      readonly init: CExpr | null;
      /** Function of `__attribute__((cleanup(f)))`. */
      readonly cleanup: string | null;
      readonly at: number;
      readonly end: number;
    }
  | {
      readonly kind: 'if';
      readonly condition: CExpr;
      readonly then: CStmt;
      readonly otherwise: CStmt | null;
      readonly at: number;
      readonly end: number;
    }
  | { readonly kind: 'switch'; readonly on: CExpr; readonly body: CStmt; readonly at: number; readonly end: number }
  | {
      readonly kind: 'loop';
      readonly init: readonly CStmt[];
      readonly condition: CExpr | null;
      readonly step: CExpr | null;
      readonly body: CStmt;
      /** `do … while`: the body runs at least once. */
      readonly atLeastOnce: boolean;
      readonly at: number;
      readonly end: number;
    }
  | { readonly kind: 'block'; readonly body: readonly CStmt[]; readonly at: number; readonly end: number }
  | { readonly kind: 'return'; readonly value: CExpr | null; readonly at: number; readonly end: number }
  /** `label` is `null` for a computed `goto`. */
  | { readonly kind: 'goto'; readonly label: string | null; readonly at: number; readonly end: number }
  | { readonly kind: 'label'; readonly name: string; readonly at: number; readonly end: number }
  /** `__label__ a, b;`: labels of the block that it begins. */
  | { readonly kind: 'local-labels'; readonly names: readonly string[]; readonly at: number; readonly end: number }
  /** `low` is `null` for `default`. */
  | {
      readonly kind: 'case';
      readonly low: CExpr | null;
      readonly high: CExpr | null;
      readonly at: number;
      readonly end: number;
    }
  | { readonly kind: 'break' | 'continue' | 'empty'; readonly at: number; readonly end: number }
  | CAsmStmt;
