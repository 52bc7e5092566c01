// The template of an `asm` statement as the text that the compiler gives to the assembler, operands that only the
// compiler knows left as placeholders (GCC 12 manual, 6.47.2 "Extended Asm"; 6.47.2.8 AArch64 operand modifiers).

import type { CAsmStmt } from '../../syntax/cflow/model.ts';
import { placeholderMark } from '../../syntax/gas/scrub.ts';
import type { AddressValue } from './values.ts';
import type { AsmOperand } from './walkModel.ts';

/** Characters that stand for brackets inside a placeholder, so that the assembler's rules keep it whole. */
const openMark = '\ue001';
const closeMark = '\ue002';

export interface AsmText {
  readonly text: string;
  /** Addresses by the symbol that stands for each in `text`. */
  readonly addresses: ReadonlyMap<string, AddressValue>;
  /** Labels of the C code by the symbol that stands for each. */
  readonly labels: ReadonlyMap<string, string>;
}

/** Text of a statement with its operands put in. */
export function asmText(asm: CAsmStmt, operands: readonly AsmOperand[]): AsmText {
  const addresses = new Map<string, AddressValue>();
  const labels = new Map<string, string>();
  const byName = (name: string): AsmOperand | undefined => operands.find((one) => one.name === name);
  const text = asm.template.replace(
    /%(?:([%=])|([a-zA-Z])?(?:\[(\w+)\]|(\d+)))/g,
    (
      whole,
      special: string | undefined,
      modifier: string | undefined,
      name: string | undefined,
      digits: string | undefined,
    ) => {
      if (special === '%') return '%';
      if (special === '=') return '0';
      if (modifier === 'l') {
        const label = name ?? asm.labels[Number(digits) - operands.length] ?? `label${digits}`;
        const symbol = `PP_LABEL_${label}`;
        labels.set(symbol, label);
        return symbol;
      }
      const operand = name === undefined ? operands[Number(digits)] : byName(name);
      if (operand === undefined) return whole;
      const { value } = operand;
      if (/[insI-NS]/.test(operand.constraint) && !/[rmwQ]/.test(operand.constraint)) {
        if (value.kind === 'int') return `${value.value}`;
        if (value.kind === 'address') {
          const symbol = `PP_ADDRESS_${addresses.size}`;
          addresses.set(symbol, value);
          return symbol;
        }
      }
      const bracketed = name === undefined ? digits : `${openMark}${name}${closeMark}`;
      return `${placeholderMark}${modifier ?? ''}${bracketed}`;
    },
  );
  return { text, addresses, labels };
}

/** Text for people: placeholders as the template has them, labels by their names. */
export function readableAsm(text: string, from: AsmText): string {
  return text
    .replaceAll(placeholderMark, '%')
    .replace(/\\([a-zA-Z]?)(?=\ue001)/g, '%$1')
    .replace(/\\([a-zA-Z]?\d+)/g, '%$1')
    .replaceAll(openMark, '[')
    .replaceAll(closeMark, ']')
    .replace(/PP_LABEL_(\w+)/g, (whole) => from.labels.get(whole) ?? whole)
    .replace(/PP_ADDRESS_\d+/g, (whole) => {
      const address = from.addresses.get(whole);
      return address === undefined ? whole : addressText(address);
    });
}

/** `symbol.member+8` */
export function addressText(address: AddressValue): string {
  const add = address.addBytes === 0n ? '' : `+${address.addBytes}`;
  return `${address.object}${address.path}${add}`;
}
