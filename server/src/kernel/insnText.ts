import { readable } from '../syntax/gas/scrub.ts';
import { valueAt } from '../syntax/gas/labels.ts';
import type { GasResult, GasStatement } from '../syntax/gas/model.ts';
import { splitOperands } from '../syntax/gas/statement.ts';

/** Instruction text for people: one blank after the mnemonic, one after each comma, placeholders as `\name`. */
export function displayText(text: string): string {
  let out = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '"') quoted = !quoted;
    out += char;
    if (char === ',' && !quoted && text[at + 1] !== ' ') out += ' ';
  }
  return readable(out).replace(/^(\S+)\s+/, '$1 ');
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
