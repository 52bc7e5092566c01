import type { CExpr } from '../../syntax/cflow/model.ts';
import { sizeOfPlainType } from './typeOf.ts';

/** Names whose value is known to a constant expression. */
export type KnownNames = Pick<ReadonlyMap<string, bigint>, 'get'>;

/**
 * Value of an expression of numbers and known names, or `null`. What C does not evaluate need not be known (`0 && x`).
 * Casts are ignored; `sizeof` is known for the basic types of arm64 (LP64).
 */
export function constantOf(expr: CExpr, known: KnownNames): bigint | null {
  switch (expr.kind) {
    case 'number':
      return expr.value;
    case 'name':
      return known.get(expr.name) ?? null;
    case 'cast':
      return constantOf(expr.operand, known);
    case 'unary': {
      const value = constantOf(expr.operand, known);
      if (value === null) return null;
      if (expr.op === '-') return -value;
      if (expr.op === '~') return ~value;
      if (expr.op === '!') return value === 0n ? 1n : 0n;
      return expr.op === '+' ? value : null;
    }
    case 'binary':
      return constantOfBinary(expr, known);
    case 'conditional': {
      const condition = constantOf(expr.condition, known);
      if (condition === null) return null;
      if (condition === 0n) return constantOf(expr.whenFalse, known);
      return expr.whenTrue === null ? condition : constantOf(expr.whenTrue, known);
    }
    case 'call': {
      // `__builtin_expect(x, n)` is `x`.
      const [value] = expr.args;
      const expects = expr.callee.kind === 'name' && expr.callee.name === '__builtin_expect';
      return expects && value !== undefined ? constantOf(value, known) : null;
    }
    case 'sizeof': {
      const size = expr.of.kind === 'type' ? sizeOfPlainType(expr.of.text) : null;
      return size === null ? null : BigInt(size);
    }
    default:
      return null;
  }
}

function constantOfBinary(expr: Extract<CExpr, { kind: 'binary' }>, known: KnownNames): bigint | null {
  const left = constantOf(expr.left, known);
  if (left === null) return null;
  if (expr.op === '&&' && left === 0n) return 0n;
  if (expr.op === '||' && left !== 0n) return 1n;
  const right = constantOf(expr.right, known);
  if (right === null) return null;
  if (expr.op === '&&' || expr.op === '||') return BigInt(right !== 0n);
  return arithmetic(expr.op, left, right);
}

/** Arithmetic of two constants as 64-bit signed numbers; `null` for what has no value. */
export function arithmetic(op: string, left: bigint, right: bigint): bigint | null {
  switch (op) {
    case '+':
      return wrap(left + right);
    case '-':
      return wrap(left - right);
    case '*':
      return wrap(left * right);
    case '/':
      return right === 0n ? null : left / right;
    case '%':
      return right === 0n ? null : left % right;
    case '&':
      return left & right;
    case '|':
      return left | right;
    case '^':
      return left ^ right;
    case '<<':
      return right < 0n || right > 63n ? null : wrap(left << right);
    case '>>':
      return right < 0n || right > 63n ? null : left >> right;
    case '==':
      return BigInt(left === right);
    case '!=':
      return BigInt(left !== right);
    case '<':
      return BigInt(left < right);
    case '>':
      return BigInt(left > right);
    case '<=':
      return BigInt(left <= right);
    case '>=':
      return BigInt(left >= right);
    default:
      return null;
  }
}

/** ASSUMPTION: constants of conditions fit 64 bits signed or unsigned alike; no kernel condition was seen that does not. */
function wrap(value: bigint): bigint {
  return value >= -(1n << 63n) && value < 1n << 64n ? value : BigInt.asIntN(64, value);
}
