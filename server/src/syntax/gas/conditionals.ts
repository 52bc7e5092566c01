// The `.if` family (binutils 2.40, gas/cond.c).

import { type ExpressionScope, evaluateExpression } from './expression.ts';
import { placeholderMark } from './scrub.ts';

/** Outcome of a condition: decided, open (depends on an argument left as a name), or not evaluable. */
export type ConditionOutcome =
  | { readonly kind: 'decided'; readonly holds: boolean }
  | { readonly kind: 'open' }
  | { readonly kind: 'unknown'; readonly reason: string };

const decided = (holds: boolean): ConditionOutcome => ({ kind: 'decided', holds });

export interface SymbolPresence {
  /** Whether the name is defined so far as a label, constant or register alias. */
  isDefined(name: string): boolean;
}

/** Directives that open a conditional. */
export function opensConditional(op: string): boolean {
  return op.startsWith('.if');
}

/** Directives that `ignore_input` still looks at while input is being skipped. */
export function isConditionalDirective(op: string): boolean {
  return op.startsWith('.if') || op.startsWith('.else') || op === '.endif' || op === '.endc';
}

/** Outcome of an opening directive or of the expression of `.elseif`. */
export function evaluateCondition(
  op: string,
  operands: string,
  scope: ExpressionScope,
  presence: SymbolPresence,
): ConditionOutcome {
  switch (op) {
    case '.ifdef':
    case '.ifndef':
    case '.ifnotdef': {
      const name = operands.trim();
      if (name.includes(placeholderMark)) return { kind: 'open' };
      return decided(presence.isDefined(name) === (op === '.ifdef'));
    }
    case '.ifb':
    case '.ifnb': {
      if (operands.includes(placeholderMark)) return { kind: 'open' };
      return decided((operands.trim() === '') === (op === '.ifb'));
    }
    case '.ifc':
    case '.ifnc': {
      const comma = operands.indexOf(',');
      if (comma < 0) return { kind: 'unknown', reason: `bad format for ${op}` };
      const left = operands.slice(0, comma).trim();
      const right = operands.slice(comma + 1).trim();
      const open = left.includes(placeholderMark) || right.includes(placeholderMark);
      if (open && left !== right) return { kind: 'open' };
      return decided((left === right) === (op === '.ifc'));
    }
    case '.ifeqs':
    case '.ifnes': {
      if (operands.includes(placeholderMark)) return { kind: 'open' };
      const match = /^\s*"((?:[^"\\]|\\.)*)"\s*,\s*"((?:[^"\\]|\\.)*)"/.exec(operands);
      if (match === null) return { kind: 'unknown', reason: `${op} syntax error` };
      return decided((match[1] === match[2]) === (op === '.ifeqs'));
    }
    default: {
      const { value } = evaluateExpression(operands, scope);
      if (value.kind === 'open') return { kind: 'open' };
      if (value.kind !== 'absolute') {
        const reason = value.kind === 'unknown' ? value.reason : 'the value is not known while assembling';
        return { kind: 'unknown', reason: `non-constant expression in ${op}: ${reason}` };
      }
      return decided(compare(op, value.value));
    }
  }
}

function compare(op: string, value: bigint): boolean {
  switch (op) {
    case '.ifeq':
      return value === 0n;
    case '.iflt':
      return value < 0n;
    case '.ifle':
      return value <= 0n;
    case '.ifgt':
      return value > 0n;
    case '.ifge':
      return value >= 0n;
    default:
      return value !== 0n;
  }
}
