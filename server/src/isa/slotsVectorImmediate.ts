import {
  absoluteValue,
  current,
  type EncodeState,
  expressionOf,
  integerOf,
  readInteger,
  refuse,
  type Slot,
} from './encodeState.ts';
import type { Expr } from './operands.ts';

// Slots for modified immediates of SIMD and floating point.

function putImm8(state: EncodeState, imm8: number): true {
  state.word |= ((imm8 & 0xe0) << 11) | ((imm8 & 0x1f) << 5);
  return true;
}

/** Optional `lsl #n` (n a multiple of 8 up to `limit`) with n/8 at bits 14:13. */
function optionalByteShift(state: EncodeState, limit: number): boolean {
  const shift = current(state);
  if (shift === undefined) return true;
  if (shift.kind !== 'shift' || shift.op !== 'lsl' || shift.amount === null) return refuse(state, 'only lsl fits here');
  const n = integerOf(state, shift.amount, 0, limit, 'the shift amount', true);
  if (Number.isNaN(n)) return false;
  if (n % 8 !== 0) return refuse(state, 'the shift amount must be a multiple of 8');
  state.word |= (n / 8) << 13;
  return true;
}

/** `#imm8{, lsl #n}` of movi, mvni, orr, bic. */
function shiftedByte(limit: number): Slot {
  return (state) => {
    const imm8 = readInteger(state, -128, 255, 'the immediate');
    return !Number.isNaN(imm8) && putImm8(state, imm8 & 0xff) && optionalByteShift(state, limit);
  };
}

/** `#imm8, msl #8|#16`. */
function maskedByte(state: EncodeState): boolean {
  const imm8 = readInteger(state, -128, 255, 'the immediate');
  if (Number.isNaN(imm8)) return false;
  const shift = current(state);
  if (shift?.kind !== 'shift' || shift.op !== 'msl' || shift.amount === null) return refuse(state, 'msl is needed');
  const n = integerOf(state, shift.amount, 8, 16, 'the shift amount', true);
  if (n !== 8 && n !== 16) return refuse(state, 'only msl #8 and msl #16 fit');
  state.word |= n === 16 ? 0x1000 : 0;
  return putImm8(state, imm8 & 0xff);
}

/** 64-bit immediate whose bytes are all 0 or 0xff. */
function byteMask(state: EncodeState): boolean {
  const expr = expressionOf(current(state));
  const value = expr === null ? null : absoluteValue(state, expr);
  if (value === null) return refuse(state, 'an immediate is needed');
  let imm8 = 0;
  const bits = BigInt.asUintN(64, value);
  for (let i = 0; i < 8; i++) {
    const byte = Number((bits >> BigInt(8 * i)) & 0xffn);
    if (byte === 0xff) imm8 |= 1 << i;
    else if (byte !== 0) return refuse(state, 'each byte of the immediate must be 0 or 0xff');
  }
  state.at++;
  return putImm8(state, imm8);
}

/** 8-bit code of a floating-point immediate, -1 when it has none. Source: Arm DDI 0487, VFPExpandImm. */
function floatCode(value: number): number {
  for (let code = 0; code < 256; code++) {
    const sign = code & 0x80 ? -1 : 1;
    const exponent = (code & 0x40 ? -3 : 1) + ((code >> 4) & 3);
    if (sign * (16 + (code & 15)) * 2 ** (exponent - 4) === value) return code;
  }
  return -1;
}

const floatPattern = /^[+-]?(\d+\.\d*|\.\d+|\d+)(e[+-]?\d+)?$/i;

/** Value of a float literal such as `1.0`, `-0.5e0`, or a small integer; null for anything else. */
function floatLiteral(expr: Expr | null): number | null {
  if (expr === null || expr.reloc !== '' || !floatPattern.test(expr.text)) return null;
  return Number(expr.text);
}

function floatImmediate(state: EncodeState): number {
  const value = floatLiteral(expressionOf(current(state)));
  const code = value === null ? -1 : floatCode(value);
  if (code < 0) refuse(state, 'no such floating-point immediate');
  else state.at++;
  return code;
}

/** Number of fraction bits as 64 - n at 15:10, at most the width of the general register. */
function fractionBits(state: EncodeState): boolean {
  const n = readInteger(state, 1, state.sf === 1 ? 64 : 32, 'the number of fraction bits');
  if (Number.isNaN(n)) return false;
  state.word |= (64 - n) << 10;
  return true;
}

const slots: Readonly<Record<string, Slot>> = {
  'imm8<<8': shiftedByte(8),
  'imm8<<24': shiftedByte(24),
  imm8: shiftedByte(0),
  imm8msl: maskedByte,
  bytemask: byteMask,
  fimm: (state) => {
    const code = floatImmediate(state);
    if (code < 0) return false;
    state.word |= code << 13;
    return true;
  },
  vfimm: (state) => {
    const code = floatImmediate(state);
    return code >= 0 && putImm8(state, code);
  },
  fbits: fractionBits,
};

export function vectorImmediateSlot(token: string): Slot | undefined {
  return slots[token];
}
