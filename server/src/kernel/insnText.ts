import { type ExpressionScope, evaluateExpression } from '../syntax/gas/expression.ts';
import { scopeAt, valueAt } from '../syntax/gas/labels.ts';
import type { GasResult, GasStatement } from '../syntax/gas/model.ts';
import { readable } from '../syntax/gas/scrub.ts';
import { splitOperands } from '../syntax/gas/statement.ts';

/** Instruction text for people: one blank after the mnemonic, one after each comma, placeholders as `\name`. */
export function displayText(text: string): string {
  let shown = shownTexts.get(text);
  if (shown === undefined) {
    if (shownTexts.size >= maxShownTexts) shownTexts.clear();
    shown = makeDisplayText(text);
    shownTexts.set(text, shown);
  }
  return shown;
}

/** A kernel file shows the same few thousand texts again and again, after each keystroke. */
const shownTexts = new Map<string, string>();
const maxShownTexts = 50_000;

function makeDisplayText(text: string): string {
  let out = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '"') quoted = !quoted;
    out += char;
    if (char === ',' && !quoted && text[at + 1] !== ' ') out += ' ';
  }
  return foldConstants(readable(out).replace(/^(\S+)\s+/, '$1 '));
}

const noSymbols: ExpressionScope = {
  symbol: () => ({ kind: 'unknown', reason: 'no symbols here' }),
  numericLabel: () => ({ kind: 'unknown', reason: 'no labels here' }),
  here: () => ({ kind: 'unknown', reason: 'no place here' }),
};

/** Whole operands that are arithmetic on numbers (`#(14 + 0)`, `:abs_g1:((1) << 31)`) as the number they are. */
function foldConstants(text: string): string {
  if (text.startsWith('.') || !/[-+*|&^~<>(]/.test(text)) return text;
  return text.replace(
    /(^| )(#?(?::\w+:)?)([-~!(0-9][-+*/%|&^~!<>()0-9a-fA-FxX]*)(?=,|\]|$)/g,
    (whole, before, hash, expression) => {
      if (/^-?(0x[0-9a-fA-F]+|[0-9]+)$/.test(expression) || /^[0-9]+[bf]$/.test(expression)) return whole;
      const { value, end } = evaluateExpression(expression, noSymbols);
      if (value.kind !== 'absolute' || end < expression.length) return whole;
      const number = value.value;
      const small = number > -4096n && number < 4096n;
      return `${before}${hash}${small ? number : `0x${BigInt.asUintN(64, number).toString(16)}`}`;
    },
  );
}

/**
 * Instruction text for people, immediates that are arithmetic on labels and constants of the file
 * (`#(1b - .Lstart)`) as the number they are. A lone name stays: it says more than its value.
 */
export function insnText(result: GasResult, statement: GasStatement): string {
  return foldSymbols(result, statement, displayText(statement.text), /[-+*/<>|&^]/);
}

/** Text with the immediates that `wanted` matches as numbers, where the file knows their value. */
export function foldSymbols(result: GasResult, statement: GasStatement, text: string, wanted: RegExp): string {
  if (!text.includes('#')) return text;
  return text.replace(/#(?!:)([^,\]]*[A-Za-z_.][^,\]]*)/g, (whole, expression: string) => {
    if (!wanted.test(expression) || /^-?(0x)?[0-9a-f]+$/i.test(expression)) return whole;
    const { value, end } = evaluateExpression(expression, scopeAt(result, statement));
    return value.kind === 'absolute' && end >= expression.length ? `#${value.value}` : whole;
  });
}

/** Text of each 4-byte element of an `.inst`, `.word` or `.long` in code, its value in hexadecimal where it is constant. */
export function dataWords(result: GasResult, statement: GasStatement): { text: string; word: number | null }[] {
  return splitOperands(statement.operands).map((operand) => {
    const value = valueAt(result, statement, operand);
    if (value.kind !== 'absolute') return { text: `${statement.op} ${displayText(operand)}`, word: null };
    const word = Number(BigInt.asUintN(32, value.value));
    return { text: `${statement.op} 0x${word.toString(16).padStart(8, '0')}`, word };
  });
}
