import { type EncodeContext, encodeInsn, type Resolved } from '../../server/src/isa/encode.ts';
import { parseInsn } from '../../server/src/isa/operands.ts';

/** Context that knows the given expressions and nothing else. */
export function contextOf(values: Readonly<Record<string, Resolved>> = {}): EncodeContext {
  return { resolve: (text) => values[text] ?? { kind: 'unknown', reason: `'${text}' has no value` } };
}

export function hexWord(word: number): string {
  return word.toString(16).padStart(8, '0');
}

/** Eight hexadecimal digits, then the relocation in braces; `-------- reason` when refused. */
export function encodeText(text: string, ctx: EncodeContext = contextOf()): string {
  const encoding = encodeInsn(parseInsn(text), ctx);
  if (encoding.word === null) return `-------- ${encoding.reason}`;
  const { relocation } = encoding;
  if (relocation === null) return hexWord(encoding.word);
  const where = relocation.symbol ?? (relocation.delta === null ? '*ABS*' : `.+${relocation.delta}`);
  const addend = relocation.addend === 0n ? '' : `+${relocation.addend}`;
  return `${hexWord(encoding.word)} {${relocation.type} ${where}${addend}}`;
}
