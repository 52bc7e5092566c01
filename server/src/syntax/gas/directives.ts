// What directives do to the location counter. Sizes come from the manual of GNU as 2.40 and
// gas/config/tc-aarch64.c (`.inst`, `.word` is 4 bytes, `.align` is a power of two).

import { type ExpressionScope, evaluateExpression } from './expression.ts';
import { splitOperands } from './statement.ts';

/** Bytes of one element of each data directive. */
export const dataElementBytes: Readonly<Record<string, number>> = {
  '.byte': 1,
  '.1byte': 1,
  '.dc.b': 1,
  '.hword': 2,
  '.short': 2,
  '.2byte': 2,
  '.half': 2,
  '.dc.w': 2,
  '.word': 4,
  '.long': 4,
  '.int': 4,
  '.4byte': 4,
  '.inst': 4,
  '.dc.l': 4,
  '.dc': 2,
  '.float': 4,
  '.single': 4,
  '.quad': 8,
  '.xword': 8,
  '.dword': 8,
  '.8byte': 8,
  '.dc.a': 8,
  '.double': 8,
  '.octa': 16,
};

/** Directives that hold a count or alignment and move the location counter. */
export const alignmentDirectives: ReadonlySet<string> = new Set([
  '.align',
  '.p2align',
  '.p2alignw',
  '.p2alignl',
  '.balign',
  '.balignw',
  '.balignl',
]);

/** Bytes that an alignment directive aligns to; `null` when its operand is not constant. */
export function alignmentBytes(op: string, operands: string, scope: ExpressionScope): number | null {
  const first = splitOperands(operands)[0] ?? '';
  if (first === '') return op === '.align' ? 1 : 1;
  const { value } = evaluateExpression(first, scope);
  if (value.kind !== 'absolute' || value.value < 0n || value.value > 1n << 31n) return null;
  const number = Number(value.value);
  if (op.startsWith('.balign')) return number === 0 ? 1 : number;
  return number > 31 ? null : 2 ** number;
}

/** Bytes that a directive emits where the operands alone decide; `null` when source cannot tell. */
export function directiveBytes(op: string, operands: string, scope: ExpressionScope): number | null {
  const element = dataElementBytes[op];
  if (element !== undefined) return element * Math.max(1, splitOperands(operands).length);
  switch (op) {
    case '.ascii':
      return stringBytes(operands, 0);
    case '.asciz':
    case '.string':
    case '.string8':
      return stringBytes(operands, 1);
    case '.string16':
    case '.string32':
    case '.string64':
    case '.incbin':
    case '.uleb128':
    case '.sleb128':
    case '.nops':
    case '.nop':
      return null;
    case '.skip':
    case '.space':
    case '.zero':
      return constantOf(splitOperands(operands)[0] ?? '', scope);
    case '.fill': {
      const [count = '', size = '1'] = splitOperands(operands);
      const repeat = constantOf(count, scope);
      const bytes = constantOf(size === '' ? '1' : size, scope);
      return repeat === null || bytes === null ? null : Math.max(0, repeat) * Math.min(8, Math.max(0, bytes));
    }
    default:
      return 0;
  }
}

function constantOf(text: string, scope: ExpressionScope): number | null {
  const { value } = evaluateExpression(text, scope);
  return value.kind === 'absolute' && value.value >= 0n && value.value < 1n << 40n ? Number(value.value) : null;
}

function stringBytes(operands: string, terminator: number): number {
  let bytes = 0;
  let at = 0;
  while (at < operands.length) {
    if (operands[at] !== '"') {
      at++;
      continue;
    }
    at++;
    while (at < operands.length && operands[at] !== '"') {
      if (operands[at] === '\\') {
        const octal = /^[0-7]{1,3}/.exec(operands.slice(at + 1, at + 4));
        const hex = /^x[0-9a-fA-F]+/.exec(operands.slice(at + 1));
        at += 1 + (octal?.[0].length ?? hex?.[0].length ?? 1);
        bytes++;
        continue;
      }
      const code = operands.codePointAt(at) ?? 0;
      bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
      at += code >= 0x10000 ? 2 : 1;
    }
    at++;
    bytes += terminator;
  }
  return bytes;
}
