import type { CExpr } from '../../syntax/cflow/model.ts';
import { arithmetic } from './constant.ts';
import type { FunctionSource } from './functionSource.ts';
import { sizeOfType } from './typeOf.ts';
import { type AddressValue, intValue, mapChoice, truthOf, unknownValue, type Value, zero } from './values.ts';

/** What a parameter points to, as an address of its own. */
export function parameterAddress(expr: CExpr): AddressValue | null {
  if (expr.kind === 'cast') return parameterAddress(expr.operand);
  return expr.kind === 'name' ? { kind: 'address', object: expr.name, path: '', addBytes: 0n, isLocal: true } : null;
}

/** A value as a condition has it. */
export function booleanOf(value: Value): Value {
  const truth = truthOf(value);
  return truth === null ? unknownValue : intValue(truth);
}

/** Value of a binary operator. */
export function compute(op: string, left: Value, right: Value): Value {
  if (left.kind === 'int' && right.kind === 'int') {
    const value = arithmetic(op, left.value, right.value);
    return value === null ? unknownValue : intValue(value);
  }
  // `x & 0` and `x * 0` are constant whatever x is.
  const zeroSide = (value: Value): boolean => value.kind === 'int' && value.value === 0n;
  if ((op === '&' || op === '*') && (zeroSide(left) || zeroSide(right))) return zero;
  return unknownValue;
}

/** Value of `left && right` (`decides` false) or `left || right` (`decides` true) when both are evaluated. */
export function logical(decides: boolean, left: Value, right: Value): Value {
  if (truthOf(left) !== null) return right;
  if (left.kind === 'choice') {
    return mapChoice(left, (each) => {
      const own = truthOf(each);
      if (own === decides) return intValue(decides);
      return own === null || right.kind === 'choice' ? unknownValue : right;
    });
  }
  if (truthOf(right) === decides) return intValue(decides);
  // `runtime && site`: when the site's side decides, it decides.
  return mapChoice(right, (each) => (truthOf(each) === decides ? each : unknownValue));
}

/** A value in another type; `resolve` gives what stands behind a `typeof`. */
export function castValue(value: Value, type: string, resolve: (type: string) => string | null): Value {
  if (type === 'void') return unknownValue;
  if (type === 'bool' || type === '_Bool') return mapChoice(value, booleanOf);
  if (value.kind !== 'int') return value;
  const resolved = resolve(type);
  const size = resolved === null ? null : sizeOfType(resolved);
  if (size === null || size > 8) return value;
  const isUnsigned = /unsigned|^u|^__u|size_t/.test(resolved ?? '');
  return intValue(isUnsigned ? BigInt.asUintN(size * 8, value.value) : BigInt.asIntN(size * 8, value.value));
}

/** An index that is longer is not shown. */
const maxIndexCharacters = 60;

/** Text of an expression, where it is short enough to be read. */
export function shortText(fn: FunctionSource, { at, end }: CExpr): string {
  const text = fn.text.slice(at, end).replace(/\s+/g, ' ').trim();
  return text.length > maxIndexCharacters ? '…' : text;
}

/** Whether callers decide about an expression of an inline function. */
export function namesParameter(fn: FunctionSource, { at, end }: CExpr): boolean {
  if (!fn.isInline) return false;
  const text = fn.text.slice(at, end);
  return fn.parameters.some(({ name }) => new RegExp(`\\b${name}\\b`).test(text));
}

/** Value of `!`, `-`, `~` and `+`. */
export function unary(op: string, value: Value): Value {
  if (op === '!') {
    const truth = truthOf(value);
    return truth === null ? unknownValue : intValue(!truth);
  }
  if (value.kind !== 'int') return unknownValue;
  return op === '-' ? intValue(-value.value) : op === '~' ? intValue(~value.value) : value;
}
