import {
  absoluteValue,
  current,
  type EncodeState,
  expressionOf,
  integerOf,
  readInteger,
  refuse,
  refuseLast,
  relocate,
  type Slot,
} from './encodeState.ts';
import type { Expr } from './operands.ts';
import { bitmaskField } from './slots.ts';

// Slots for the bitfield aliases, for shifts by immediate and for mov.

function width(state: EncodeState): number {
  return state.sf === 1 ? 64 : 32;
}

function putImmr(state: EncodeState, immr: number, imms: number): true {
  // Bit 22 (N) repeats the width.
  state.word |= (state.sf === 1 ? 0x400000 : 0) | (immr << 16) | (imms << 10);
  return true;
}

/** `#immr, #imms` of sbfm, bfm, ubfm. */
function plainBitfield(state: EncodeState): boolean {
  const high = width(state) - 1;
  const immr = readInteger(state, 0, high, 'the rotation');
  if (Number.isNaN(immr)) return false;
  const imms = readInteger(state, 0, high, 'the last bit');
  return !Number.isNaN(imms) && putImmr(state, immr, imms);
}

/** `#lsb, #width` of ubfx, sbfx, bfxil. */
function extractBits(state: EncodeState): boolean {
  const size = width(state);
  const lsb = readInteger(state, 0, size - 1, 'the lowest bit');
  if (Number.isNaN(lsb)) return false;
  const nBits = readInteger(state, 1, size - lsb, 'the number of bits');
  return !Number.isNaN(nBits) && putImmr(state, lsb, lsb + nBits - 1);
}

/** `#lsb, #width` of bfi, bfc, ubfiz, sbfiz. */
function insertBits(state: EncodeState): boolean {
  const size = width(state);
  const lsb = readInteger(state, 0, size - 1, 'the lowest bit');
  if (Number.isNaN(lsb)) return false;
  const nBits = readInteger(state, 1, size - lsb, 'the number of bits');
  return !Number.isNaN(nBits) && putImmr(state, (size - lsb) % size, nBits - 1);
}

/** `lsl #n`. */
function shiftLeft(state: EncodeState): boolean {
  const size = width(state);
  const n = readInteger(state, 0, size - 1, 'the shift amount');
  return !Number.isNaN(n) && putImmr(state, (size - n) % size, size - 1 - n);
}

/** `lsr #n`, `asr #n`. */
function shiftRight(state: EncodeState): boolean {
  const size = width(state);
  const n = readInteger(state, 0, size - 1, 'the shift amount');
  return !Number.isNaN(n) && putImmr(state, n, size - 1);
}

/** Fixed bitfield up to bit `imms`, as of sxtb. */
function fixedBitfield(imms: number): Slot {
  return (state) => putImmr(state, 0, imms);
}

/** Bit number of extr and of ror by immediate. */
function extractRotation(state: EncodeState): boolean {
  const n = readInteger(state, 0, width(state) - 1, 'the bit number');
  if (Number.isNaN(n)) return false;
  state.word |= (state.sf === 1 ? 0x400000 : 0) | (n << 10);
  return true;
}

const movRelocations: Readonly<Record<string, readonly [type: string, shift: number]>> = {
  abs_g0: ['MOVW_UABS_G0', 0],
  abs_g0_nc: ['MOVW_UABS_G0_NC', 0],
  abs_g0_s: ['MOVW_SABS_G0', 0],
  abs_g1: ['MOVW_UABS_G1', 1],
  abs_g1_nc: ['MOVW_UABS_G1_NC', 1],
  abs_g1_s: ['MOVW_SABS_G1', 1],
  abs_g2: ['MOVW_UABS_G2', 2],
  abs_g2_nc: ['MOVW_UABS_G2_NC', 2],
  abs_g2_s: ['MOVW_SABS_G2', 2],
  abs_g3: ['MOVW_UABS_G3', 3],
  prel_g0: ['MOVW_PREL_G0', 0],
  prel_g0_nc: ['MOVW_PREL_G0_NC', 0],
  prel_g1: ['MOVW_PREL_G1', 1],
  prel_g1_nc: ['MOVW_PREL_G1_NC', 1],
  prel_g2: ['MOVW_PREL_G2', 2],
  prel_g2_nc: ['MOVW_PREL_G2_NC', 2],
  prel_g3: ['MOVW_PREL_G3', 3],
};

/** `#imm16{, lsl #n}` or `#:abs_gN:sym` of movz, movn, movk. */
function moveWide(state: EncodeState): boolean {
  const expr = expressionOf(current(state));
  if (expr === null) return refuse(state, 'an immediate is needed');
  if (expr.reloc !== '') {
    const entry = movRelocations[expr.reloc];
    if (entry === undefined) return refuse(state, `:${expr.reloc}: is not allowed here`);
    if (entry[1] > 1 && state.sf === 0) return refuse(state, `:${expr.reloc}: needs an x register`);
    const isMovk = (state.word & 0x60000000) === 0x60000000;
    if (isMovk && /_s$|^prel_g[0123]$/.test(expr.reloc))
      return refuse(state, `:${expr.reloc}: is not allowed with movk`);
    state.word |= entry[1] << 21;
    if (!moveRelocated(state, expr, entry[0], BigInt(16 * entry[1]))) return false;
    state.at++;
    return true;
  }
  const value = readInteger(state, 0, 0xffff, 'the immediate');
  if (Number.isNaN(value)) return false;
  state.word |= value << 5;
  const shift = current(state);
  if (shift === undefined) return true;
  if (shift.kind !== 'shift' || shift.op !== 'lsl' || shift.amount === null) return refuse(state, 'only lsl #n fits');
  const amount = integerOf(state, shift.amount, 0, state.sf === 1 ? 48 : 16, 'the shift amount', true);
  if (Number.isNaN(amount)) return false;
  if (amount % 16 !== 0) return refuse(state, 'the shift amount must be a multiple of 16');
  state.word |= (amount / 16) << 21;
  return true;
}

/**
 * `#:abs_gN:expr`: a symbol leaves a relocation, a number is filled in as gas/config/tc-aarch64.c:md_apply_fix
 * (binutils 2.40) does: `_s` turns movz into movn and back by sign, `_nc` drops the bits above.
 */
function moveRelocated(state: EncodeState, expr: Expr, type: string, scale: bigint): boolean {
  const value = expr.value ?? knownValue(state, expr);
  if (value === null) {
    return relocate(state, type, expr);
  }
  if (type.startsWith('MOVW_PREL')) return refuse(state, `:${expr.reloc}: of a number is not supported`);
  let bits = BigInt.asIntN(64, value);
  const size = scale + 16n;
  if (type.startsWith('MOVW_SABS')) {
    if (size < 64n && BigInt.asIntN(Number(size), bits) !== bits) return refuse(state, `${expr.text} is out of range`);
    state.word &= ~0x40000000;
    if (bits < 0n) bits = ~bits;
    else state.word |= 0x40000000;
  } else if (!type.endsWith('_NC') && size < 64n && BigInt.asUintN(64, bits) >> size !== 0n) {
    return refuse(state, `${expr.text} is out of range`);
  }
  state.word |= Number((bits >> scale) & 0xffffn) << 5;
  return true;
}

function knownValue(state: EncodeState, expr: Expr): bigint | null {
  const resolved = state.ctx.resolve(expr.text);
  return resolved.kind === 'absolute' ? resolved.value : null;
}

/** `mov Rd, #imm`: movz if it does, else movn, else orr with a bitmask immediate, the order of GNU as. */
function moveImmediate(state: EncodeState): boolean {
  const expr = expressionOf(current(state));
  if (expr === null) return refuse(state, 'an immediate is needed');
  const value = absoluteValue(state, expr);
  if (value === null) return false;
  state.at++;
  const wide = state.sf === 1;
  if (!wide) {
    const high = value >> 32n;
    if (high !== 0n && high !== -1n) return refuseLast(state, `${expr.text} does not fit 32 bits`);
  }
  const bits = wide ? 64 : 32;
  const field = wideMoveField(BigInt.asUintN(bits, value));
  if (field >= 0) {
    state.word |= 0x52800000 | field;
    return true;
  }
  const inverted = wideMoveField(BigInt.asUintN(bits, ~value));
  if (inverted >= 0) {
    state.word |= 0x12800000 | inverted;
    return true;
  }
  const first = state.operands[0];
  // orr with an immediate writes sp where movz and movn write the zero register.
  const bitmask = first?.kind === 'reg' && first.reg.isZero ? -1 : bitmaskField(value, wide);
  if (bitmask < 0) return refuseLast(state, `${expr.text} cannot be moved by one instruction`);
  state.word |= 0x320003e0 | (bitmask << 10);
  return true;
}

/** hw:imm16 at bits 22:5 when at most one 16-bit part of the unsigned value is not zero, else -1. */
function wideMoveField(value: bigint): number {
  if (value <= 0xffffn) return Number(value) << 5;
  for (let hw = 1; hw < 4; hw++) {
    const part = value >> BigInt(16 * hw);
    if (part <= 0xffffn) return part << BigInt(16 * hw) === value ? (hw << 21) | (Number(part) << 5) : -1;
  }
  return -1;
}

/** `mov Rd|SP, #bitmask` for the stack pointer. */
function moveBitmask(state: EncodeState): boolean {
  const first = state.operands[0];
  if (first?.kind !== 'reg' || !first.reg.isSp) return refuse(state, 'sp is needed');
  const expr = expressionOf(current(state));
  const value = expr === null ? null : absoluteValue(state, expr);
  if (value === null) return refuse(state, 'an immediate is needed');
  const field = bitmaskField(value, state.sf === 1);
  if (field < 0) return refuse(state, 'this is no bitmask immediate');
  state.word |= field << 10;
  state.at++;
  return true;
}

/** `mov` between registers is an add only where sp takes part. */
function requireSp(state: EncodeState): boolean {
  const usesSp = state.operands.some((operand) => operand.kind === 'reg' && operand.reg.isSp);
  return usesSp || refuse(state, 'sp is needed');
}

/** Bit number of tbz: b5 at 31, b40 at 23:19. The register before it must be an x register for bits above 31. */
function testBit(state: EncodeState): boolean {
  const bit = readInteger(state, 0, state.scratch === 1 ? 63 : 31, 'the bit number');
  if (Number.isNaN(bit)) return false;
  state.word |= ((bit >>> 5) << 31) | ((bit & 31) << 19);
  return true;
}

/** Register of tbz: its width is no part of the word, only limits the bit number. */
function testedRegister(state: EncodeState): boolean {
  const operand = current(state);
  if (operand?.kind !== 'reg' || operand.reg.isSp) return refuse(state, 'a general register is needed');
  if (operand.reg.bank !== 'x' && operand.reg.bank !== 'w') return refuse(state, 'a general register is needed');
  state.scratch = operand.reg.bank === 'x' ? 1 : 0;
  state.word |= operand.reg.num;
  state.at++;
  return true;
}

const slots: Readonly<Record<string, Slot>> = {
  bfm: plainBitfield,
  extract: extractBits,
  insert: insertBits,
  lslimm: shiftLeft,
  shrimm: shiftRight,
  extr: extractRotation,
  ext7: fixedBitfield(7),
  ext15: fixedBitfield(15),
  movw: moveWide,
  movimm: moveImmediate,
  movlimm: moveBitmask,
  hassp: requireSp,
  tbit: testBit,
  Tt: testedRegister,
};

export function bitfieldSlot(token: string): Slot | undefined {
  return slots[token];
}
