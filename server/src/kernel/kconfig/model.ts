/** A tristate: 0 is `n`, 1 is `m`, 2 is `y`. */
export type Tristate = 0 | 1 | 2;

export type SymbolType = 'unknown' | 'bool' | 'tristate' | 'int' | 'hex' | 'string';

export type CompareOperator = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** An expression; `null` in its place means `y`. */
export type Expr =
  | { readonly kind: 'symbol'; readonly symbol: KconfigSymbol }
  | { readonly kind: 'choice'; readonly choice: KconfigChoice }
  | { readonly kind: 'and' | 'or'; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'not'; readonly operand: Expr }
  | {
      readonly kind: 'compare';
      readonly operator: CompareOperator;
      readonly left: KconfigSymbol;
      readonly right: KconfigSymbol;
    };

/** One `config` (all its definitions together), or a constant of an expression. Built by the parser, then only read. */
export interface KconfigSymbol {
  readonly name: string;
  type: SymbolType;
  /** A quoted word, a number or `y`, `m`, `n`: its value is its name. */
  isConstant: boolean;
  isDefined: boolean;
  /** Visibility of each prompt. */
  readonly prompts: (Expr | null)[];
  readonly defaults: { readonly value: Expr; readonly condition: Expr | null }[];
  readonly ranges: { readonly low: KconfigSymbol; readonly high: KconfigSymbol; readonly condition: Expr | null }[];
  /** Who selects it, and who implies it, each with the condition. */
  readonly selectedBy: Expr[];
  readonly impliedBy: Expr[];
  /** Dependencies of each definition. */
  readonly dependencies: (Expr | null)[];
  choice: KconfigChoice | null;
}

export interface KconfigChoice {
  readonly members: KconfigSymbol[];
  readonly prompts: (Expr | null)[];
  readonly defaults: { readonly symbol: KconfigSymbol; readonly condition: Expr | null }[];
  isTristate: boolean;
  isOptional: boolean;
}

/** All symbols of a Kconfig tree. */
export interface KconfigTree {
  readonly symbols: ReadonlyMap<string, KconfigSymbol>;
  /** The symbol of `modules`, usually `MODULES`. */
  readonly modules: KconfigSymbol | null;
  /** Files that were read, in order. */
  readonly files: readonly string[];
  /** Lines that were not understood, as `file:line: text`. */
  readonly problems: readonly string[];
}

export function newSymbol(name: string, isConstant: boolean): KconfigSymbol {
  return {
    name,
    type: 'unknown',
    isConstant,
    isDefined: false,
    prompts: [],
    defaults: [],
    ranges: [],
    selectedBy: [],
    impliedBy: [],
    dependencies: [],
    choice: null,
  };
}

/** `a && b`, either of which may be `null` (`y`). */
export function and(left: Expr | null, right: Expr | null): Expr | null {
  if (left === null) return right;
  if (right === null) return left;
  return { kind: 'and', left, right };
}
