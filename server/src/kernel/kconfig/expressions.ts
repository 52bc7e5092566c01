import { type CompareOperator, type Expr, type KconfigSymbol, newSymbol } from './model.ts';
import type { KconfigToken } from './tokens.ts';

/** The symbols and constants that expressions of one Kconfig tree name. */
export interface KconfigWords {
  readonly symbols: Map<string, KconfigSymbol>;
  symbolOf(name: string): KconfigSymbol;
  /** A quoted word or `y`, `m`, `n` is a constant, every other word a symbol. */
  operandOf(token: KconfigToken): KconfigSymbol;
}

export function createKconfigWords(): KconfigWords {
  const symbols = new Map<string, KconfigSymbol>();
  const constants = new Map<string, KconfigSymbol>();
  const symbolOf = (name: string): KconfigSymbol => {
    const known = symbols.get(name);
    if (known) return known;
    const symbol = newSymbol(name, false);
    symbols.set(name, symbol);
    return symbol;
  };
  const constantOf = (text: string): KconfigSymbol => {
    const known = constants.get(text);
    if (known) return known;
    const constant = newSymbol(text, true);
    if (text === 'y' || text === 'm' || text === 'n') constant.type = 'tristate';
    constants.set(text, constant);
    return constant;
  };
  return {
    symbols,
    symbolOf,
    operandOf: (token) =>
      token.kind === 'string' || token.text === 'y' || token.text === 'm' || token.text === 'n'
        ? constantOf(token.text)
        : symbolOf(token.text),
  };
}

// Deeper or longer expressions are cut: nobody writes them, and evaluation recurses over them.
const maxNesting = 200;
const maxTerms = 2000;

/** Expression from `tokens[start]` on; stops at `if` or at what cannot continue it. `null` when there is none. */
export function parseKconfigExpression(
  tokens: readonly KconfigToken[],
  start: number,
  operandOf: KconfigWords['operandOf'],
): { value: Expr | null; end: number } {
  let at = start;
  let nTerms = 0;
  const isOperator = (text: string): boolean => tokens[at]?.kind === 'operator' && tokens[at]?.text === text;
  const or = (depth: number): Expr | null => {
    let left = conjunction(depth);
    while (left && isOperator('||')) {
      at++;
      const right = conjunction(depth);
      left = right ? { kind: 'or', left, right } : left;
    }
    return left;
  };
  const conjunction = (depth: number): Expr | null => {
    let left = unary(depth);
    while (left && isOperator('&&')) {
      at++;
      const right = unary(depth);
      left = right ? { kind: 'and', left, right } : left;
    }
    return left;
  };
  const unary = (depth: number): Expr | null => {
    if (depth > maxNesting || ++nTerms > maxTerms) return null;
    if (isOperator('!')) {
      at++;
      const operand = unary(depth + 1);
      return operand ? { kind: 'not', operand } : null;
    }
    if (isOperator('(')) {
      at++;
      const inner = or(depth + 1);
      if (isOperator(')')) at++;
      return inner;
    }
    const token = tokens[at];
    if (!token || token.kind === 'operator') return null;
    at++;
    const left = operandOf(token);
    const operator = tokens[at];
    const next = tokens[at + 1];
    if (operator?.kind === 'operator' && next && isComparison(operator.text)) {
      at += 2;
      return { kind: 'compare', operator: operator.text, left, right: operandOf(next) };
    }
    return { kind: 'symbol', symbol: left };
  };
  const value = or(0);
  return { value, end: at };
}

/** The condition of `… if EXPRESSION` at `tokens[at]`, or `null`. */
export function parseKconfigCondition(
  tokens: readonly KconfigToken[],
  at: number,
  operandOf: KconfigWords['operandOf'],
): Expr | null {
  const token = tokens[at];
  return token?.kind === 'word' && token.text === 'if' ? parseKconfigExpression(tokens, at + 1, operandOf).value : null;
}

function isComparison(text: string): text is CompareOperator {
  return text === '=' || text === '!=' || text === '<' || text === '<=' || text === '>' || text === '>=';
}
