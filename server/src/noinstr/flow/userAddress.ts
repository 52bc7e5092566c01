import type { CExpr } from '../../syntax/cflow/model.ts';

/** Members of `struct pt_regs` that hold what user space put there (arch/arm64/include/asm/ptrace.h). */
const registers: ReadonlySet<string> = new Set(['pc', 'sp', 'regs']);

const readers: ReadonlySet<string> = new Set([
  'instruction_pointer',
  'user_stack_pointer',
  'regs_get_register',
  'pt_regs_read_reg',
]);

/**
 * Whether an expression is an address out of the interrupted code's registers. `known` holds the local variables that got
 * one; what a register belongs to is for the caller to check.
 */
export function isUserAddress(expr: CExpr, known: ReadonlySet<string>): boolean {
  switch (expr.kind) {
    case 'cast':
      return isUserAddress(expr.operand, known);
    case 'name':
      return known.has(expr.name);
    case 'member':
      return expr.arrow && expr.operand.kind === 'name' && registers.has(expr.name) && expr.name !== 'regs';
    case 'index':
      return expr.operand.kind === 'member' && expr.operand.arrow && expr.operand.name === 'regs';
    case 'call':
      return expr.callee.kind === 'name' && readers.has(expr.callee.name);
    case 'binary':
      return (
        (expr.op === '+' || expr.op === '-') && (isUserAddress(expr.left, known) || isUserAddress(expr.right, known))
      );
    default:
      return false;
  }
}

/** The address that an expression loads from or stores to, or `null` when it does neither. */
export function accessedAddress(expr: CExpr): CExpr | null {
  if (expr.kind === 'index') return expr.operand;
  if (expr.kind !== 'unary' || expr.op !== '*') return null;
  let address = expr.operand;
  while (address.kind === 'cast') address = address.operand;
  // `*&x` is `x`, which is looked at by itself.
  return address.kind === 'unary' && address.op === '&' ? null : address;
}
