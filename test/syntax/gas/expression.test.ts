import { describe, expect, it } from 'vitest';
import { evaluateExpression, type GasValue } from '../../../server/src/syntax/gas/expression.ts';

const scope = {
  symbol: (name: string): GasValue =>
    name === 'three' ? { kind: 'absolute', value: 3n } : { kind: 'symbol', name, addend: 0n },
  numericLabel: (): GasValue => ({ kind: 'unknown', reason: 'no labels here' }),
  here: (): GasValue => ({ kind: 'unknown', reason: 'nowhere' }),
};

function shownValue(text: string): string {
  const { value } = evaluateExpression(text, scope);
  if (value.kind === 'absolute') return value.value.toString();
  if (value.kind === 'symbol') return `${value.name}${value.addend === 0n ? '' : `+${value.addend}`}`;
  return value.kind === 'unknown' ? `unknown: ${value.reason}` : value.kind;
}

// Values of GNU as 2.40, seen through `.if EXPRESSION == VALUE`.
const cases: readonly [string, string][] = [
  ['1==1', '-1'],
  ['1==2', '0'],
  ['1&&2', '1'],
  ['0||0', '0'],
  ['2+3<<1', '8'],
  ['1|2+4', '7'],
  ['-8>>1', '9223372036854775804'],
  ['-7/2', '-3'],
  ['-7%4', '-3'],
  ['!5', '0'],
  ['~0', '-1'],
  ['3!1', '-1'],
  ['1<<63', '-9223372036854775808'],
  ['1<<64', '0'],
  ['0x10+010+0b11', '27'],
  ['(1+2)*3', '9'],
  ['6^3&1', '1'],
  ['three*2', '6'],
  ['ext+4-1', 'ext+3'],
  ['ext-ext', '0'],
  ['1/0', 'unknown: division by zero'],
  ['1+', 'unknown: missing operand'],
  ['ext*2', "unknown: `*' of a symbol that is not constant"],
  ['1 < 2', '-1'],
  ['2 <> 2', '0'],
];

describe('expressions with the precedence of GNU as', () => {
  it.each(cases)('%s', (text, expected) => {
    expect(shownValue(text)).toBe(expected);
  });

  it('stops at what cannot continue the expression', () => {
    expect(evaluateExpression('1+2,3', scope).end).toBe(3);
  });

  it('survives any nesting', () => {
    expect(shownValue('('.repeat(5000))).toContain('unknown');
  });

  it('survives any number of signs and digits', () => {
    for (const sign of ['-', '+', '~', '!', '#']) expect(shownValue(`${sign.repeat(200_000)}1`)).toContain('unknown');
    expect(shownValue('9'.repeat(1_000_000))).toContain('unknown');
  });
});
