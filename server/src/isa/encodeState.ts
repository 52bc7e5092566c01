import type { Expr, Operand } from './operands.ts';

/** What the caller knows about an expression used as an operand. */
export type Resolved =
  | { readonly kind: 'absolute'; readonly value: bigint }
  /** A place in the same section: `delta` bytes from this instruction. */
  | { readonly kind: 'pc-relative'; readonly delta: bigint }
  | { readonly kind: 'external'; readonly symbol: string; readonly addend: bigint }
  | { readonly kind: 'unknown'; readonly reason: string };

export interface EncodeContext {
  /**
   * Value of an expression text; asked only for texts that are no integer literal. As in GNU as, a symbol that the
   * linker sees (`.globl`, `.weak`) or that lies in another section is `external` even where this file defines it.
   */
  readonly resolve: (exprText: string) => Resolved;
  /** Where the assembler put the literal of `ldr x0, =expr`; absent: such loads are refused. */
  readonly literalPool?: (exprText: string, sizeBytes: 4 | 8) => Resolved;
}

/** ELF relocation without its `R_AARCH64_` prefix, as GNU as emits it for the instruction's own offset. */
export interface Relocation {
  readonly type: string;
  /** Operand text the relocation comes from. */
  readonly expr: string;
  /** Symbol when the context named one; null for a place in this section or a plain number. */
  readonly symbol: string | null;
  /** Addend to the symbol; without symbol and delta the absolute value itself. */
  readonly addend: bigint;
  /** Bytes from this instruction for a place in this section, else null. */
  readonly delta: bigint | null;
}

/** Mutable record of one encoding attempt; a form's slots read operands in turn and or their bits into `word`. */
export interface EncodeState {
  readonly operands: readonly Operand[];
  readonly ctx: EncodeContext;
  /** Index of the next unread operand. */
  at: number;
  word: number;
  /** Width of the general registers seen so far: 0 w, 1 x, -1 none yet. */
  sf: number;
  /** Arrangement or element type fixed by the first vector operand; '' none yet. */
  arrangement: string;
  /** Scratch between slots of one form (a register number, an element size). */
  scratch: number;
  relocation: Relocation | null;
  why: string;
}

/** Reads operands from `state.at` on; false refuses the form and leaves the reason in `state.why`. */
export type Slot = (state: EncodeState) => boolean;

export function refuse(state: EncodeState, why: string): false {
  state.why = why;
  return false;
}

/** As `refuse`, for a slot that has already stepped over the operand it refuses. */
export function refuseLast(state: EncodeState, why: string): false {
  state.at--;
  return refuse(state, why);
}

export function current(state: EncodeState): Operand | undefined {
  return state.operands[state.at];
}

/** Value of a plain expression, or null with the reason noted: relocation operators and symbols have none. */
export function absoluteValue(state: EncodeState, expr: Expr): bigint | null {
  if (expr.reloc !== '') {
    refuse(state, `:${expr.reloc}: is not allowed here`);
    return null;
  }
  if (expr.value !== null) return literal64(state, expr.value);
  const resolved = state.ctx.resolve(expr.text);
  switch (resolved.kind) {
    case 'absolute':
      return BigInt.asIntN(64, resolved.value);
    case 'unknown':
      refuse(state, resolved.reason);
      return null;
    case 'pc-relative':
    case 'external':
      refuse(state, `'${expr.text}' is no constant`);
      return null;
  }
}

/** GNU as holds numbers in 64 bits, signed; a larger literal is a bignum, which no operand takes. */
function literal64(state: EncodeState, value: bigint): bigint | null {
  if (value < 0x8000000000000000n && value >= -0x8000000000000000n) return value;
  if (value > 0n && value <= 0xffffffffffffffffn) return value - 0x10000000000000000n;
  refuse(state, 'this number does not fit 64 bits');
  return null;
}

/** Expression of an immediate-like operand (also a bare name), or null. */
export function expressionOf(operand: Operand | undefined): Expr | null {
  if (operand === undefined) return null;
  return operand.kind === 'imm' || operand.kind === 'name' ? operand.expr : null;
}

const noInteger = Number.NaN;

/**
 * Integer of the current operand, which is then read; NaN when it is no constant or lies outside low..high. Named
 * by `what` in the reason.
 */
export function readInteger(state: EncodeState, low: number, high: number, what: string): number {
  const expr = expressionOf(current(state));
  if (expr === null) {
    refuse(state, `${what} is missing`);
    return noInteger;
  }
  return integerOf(state, expr, low, high, what, true);
}

/** Integer value of an expression within low..high, or NaN with the reason noted. */
export function integerOf(
  state: EncodeState,
  expr: Expr,
  low: number,
  high: number,
  what: string,
  advance = false,
): number {
  const value = absoluteValue(state, expr);
  if (value === null) return noInteger;
  const n = Number(value);
  if (n < low || n > high) {
    refuse(state, `${what} ${expr.text} is out of range ${low} to ${high}`);
    return noInteger;
  }
  if (advance) state.at++;
  return n;
}

/** Notes a relocation for an expression; at most one per instruction. */
export function relocate(state: EncodeState, type: string, expr: Expr): boolean {
  if (expr.value !== null) {
    state.relocation = { type, expr: expr.text, symbol: null, addend: expr.value, delta: null };
    return true;
  }
  const resolved = state.ctx.resolve(expr.text);
  switch (resolved.kind) {
    case 'unknown':
      return refuse(state, resolved.reason);
    case 'absolute':
      state.relocation = { type, expr: expr.text, symbol: null, addend: resolved.value, delta: null };
      return true;
    case 'pc-relative':
      state.relocation = { type, expr: expr.text, symbol: null, addend: 0n, delta: resolved.delta };
      return true;
    case 'external':
      state.relocation = { type, expr: expr.text, symbol: resolved.symbol, addend: resolved.addend, delta: null };
      return true;
  }
}
