import type { GasStatement } from '../syntax/gas/model.ts';

/**
 * Follows straight-line code, statement by statement, and gives for a branch through a register the symbol whose address
 * the register holds; `null` for any other statement, and where it is not known. A label forgets everything, a call what
 * the procedure call standard lets it change.
 */
export function addressTracker(): (statement: GasStatement) => string | null {
  const held = new Map<string, Map<number, string>>();
  return ({ kind, op, operands, bucket }) => {
    let registers = held.get(bucket.section);
    if (registers === undefined) {
      registers = new Map();
      held.set(bucket.section, registers);
    }
    if (kind === 'label') registers.clear();
    if (kind !== 'insn') return null;
    const parts = operands.split(',').map((part) => part.trim());
    const [first, second, third] = parts;
    const register = registerOf(first);
    if (/^(br|blr|bra[ab]z?|blra[ab]z?)$/.test(op)) {
      const target = register === null ? null : (registers.get(register) ?? null);
      if (op.startsWith('bl')) forgetCallClobbered(registers);
      else registers.clear();
      return target;
    }
    if (op === 'bl') forgetCallClobbered(registers);
    if (/^(b|ret|eret)$/.test(op)) registers.clear();
    if (register === null || readsOnly.test(op)) return null;
    const known = addressOf(op, second, third, registers);
    registers.delete(register);
    if (known !== null) registers.set(register, known);
    // A pair is loaded.
    const other = op.startsWith('ldp') || op.startsWith('ldxp') || op.startsWith('ldaxp') ? registerOf(second) : null;
    if (other !== null) registers.delete(other);
    return null;
  };
}

/** Instructions whose first operand is no result. */
const readsOnly = /^(st|cmp|cmn|tst|ccm|cb|tb|b\.|msr|prfm|dc|ic|at|tlbi|cas|swp)/;

const symbol = /^[A-Za-z_][\w.$]*$/;

/** The symbol whose address an instruction gives its first operand, or is half way to giving. */
function addressOf(
  op: string,
  second: string | undefined,
  third: string | undefined,
  registers: ReadonlyMap<number, string>,
): string | null {
  if (second === undefined) return null;
  if (op === 'adr' || op === 'adrp') return symbol.test(second) ? second : null;
  if (op === 'ldr') {
    const literal = /^=\s*(.*)$/.exec(second)?.[1];
    return literal !== undefined && symbol.test(literal) ? literal : null;
  }
  const from = registerOf(second);
  const before = from === null ? null : (registers.get(from) ?? null);
  if (op === 'mov') return before;
  if (op === 'add') return before !== null && third?.replace(/^#?\s*:lo12:\s*/, '') === before ? before : null;
  return null;
}

function registerOf(operand: string | undefined): number | null {
  if (operand === undefined) return null;
  const name = operand.toLowerCase();
  if (name === 'lr') return 30;
  const digits = /^x(\d+)$/.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** x0 to x18 and the link register: what a called function may change (AAPCS64, 6.1.1). */
function forgetCallClobbered(registers: Map<number, string>): void {
  for (const register of registers.keys()) if (register <= 18 || register === 30) registers.delete(register);
}
