import { encodeBitmask } from './bitmask.ts';
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

// Slots of the base instruction set. A form's text names them: `Rd Rn #i5@16` and so on.

/** Bit positions of register fields by the letter used in forms. */
export const fieldOf: Readonly<Record<string, number>> = { d: 0, t: 0, n: 5, u: 10, a: 10, m: 16, s: 16 };

/**
 * General register: bank letter `X`, `W` or `R` (either; all `R` of a form agree and set bit 31), `S` behind it for
 * the stack pointer instead of the zero register, then the field letter.
 */
export function generalRegister(bank: string, allowSp: boolean, shift: number): Slot {
  const fixed = bank === 'X' ? 1 : bank === 'W' ? 0 : -1;
  return (state) => {
    const operand = current(state);
    if (operand?.kind !== 'reg' || operand.writeback) return refuse(state, 'a general register is needed');
    const reg = operand.reg;
    const wide = reg.bank === 'x' ? 1 : reg.bank === 'w' ? 0 : -1;
    if (wide < 0) return refuse(state, 'a general register is needed');
    if (allowSp ? reg.isZero : reg.isSp) {
      return refuse(state, allowSp ? 'the zero register is not allowed here' : 'sp is not allowed here');
    }
    if (fixed >= 0) {
      if (wide !== fixed) return refuse(state, fixed === 1 ? 'an x register is needed' : 'a w register is needed');
    } else if (state.sf < 0) {
      state.sf = wide;
      if (wide === 1) state.word |= 0x80000000;
    } else if (state.sf !== wide) return refuse(state, 'the registers have different widths');
    state.word |= reg.num << shift;
    state.at++;
    return true;
  };
}

/** Unsigned immediate of `bits` bits at `shift`. */
export function unsignedImmediate(bits: number, shift: number): Slot {
  const high = 2 ** bits - 1;
  return (state) => {
    const value = readInteger(state, 0, high, 'the immediate');
    if (Number.isNaN(value)) return false;
    state.word |= value << shift;
    return true;
  };
}

/** Signed, scaled immediate. */
export function signedImmediate(bits: number, shift: number, scale: number): Slot {
  const limit = 2 ** (bits - 1) * scale;
  const mask = 2 ** bits - 1;
  return (state) => {
    const value = readInteger(state, -limit, limit - scale, 'the immediate');
    if (Number.isNaN(value)) return false;
    if (value % scale !== 0) return refuse(state, `the immediate must be a multiple of ${scale}`);
    state.word |= ((value / scale) & mask) << shift;
    return true;
  };
}

const shiftCodes: Readonly<Record<string, number>> = { lsl: 0, lsr: 1, asr: 2, ror: 3 };
export const extendCodes: Readonly<Record<string, number>> = {
  uxtb: 0,
  uxth: 1,
  uxtw: 2,
  uxtx: 3,
  sxtb: 4,
  sxth: 5,
  sxtw: 6,
  sxtx: 7,
};

/** Optional `lsl|lsr|asr(|ror) #amount` of a shifted-register form. */
function shiftedRegister(allowRor: boolean): Slot {
  return (state) => {
    const operand = current(state);
    if (operand === undefined) return true;
    if (operand.kind !== 'shift') return refuse(state, 'a shift is needed');
    const code = shiftCodes[operand.op];
    if (code === undefined || (code === 3 && !allowRor)) return refuse(state, `${operand.op} is not allowed here`);
    if (operand.amount === null) return refuse(state, 'the shift amount is missing');
    const amount = integerOf(state, operand.amount, 0, state.sf === 1 ? 63 : 31, 'the shift amount', true);
    if (Number.isNaN(amount)) return false;
    state.word |= (code << 22) | (amount << 10);
    return true;
  };
}

/** `Rm{, extend {#amount}}` of an extended-register form. */
function extendedRegister(state: EncodeState): boolean {
  const operand = current(state);
  if (operand?.kind !== 'reg' || operand.writeback) return refuse(state, 'a general register is needed');
  const reg = operand.reg;
  if ((reg.bank !== 'x' && reg.bank !== 'w') || reg.isSp) return refuse(state, 'a general register is needed');
  const wide = reg.bank === 'x';
  if (wide && state.sf === 0) return refuse(state, 'the registers have different widths');
  state.word |= reg.num << 16;
  state.at++;
  const plainCode = wide ? 3 : 2;
  const extend = current(state);
  if (extend === undefined) {
    if (!usesSp(state)) return refuse(state, 'an extend operator is missing');
    state.word |= plainCode << 13;
    return true;
  }
  if (extend.kind !== 'shift') return refuse(state, 'an extend operator is needed');
  const isLsl = extend.op === 'lsl';
  if (isLsl && (!usesSp(state) || wide !== (state.sf === 1))) return refuse(state, 'lsl is not allowed here');
  const code = isLsl ? plainCode : extendCodes[extend.op];
  if (code === undefined) return refuse(state, `${extend.op} is not allowed here`);
  if (isLsl && extend.amount === null) return refuse(state, 'the shift amount is missing');
  // x registers go with uxtx and sxtx only, w registers of an x form with the others.
  if (state.sf === 1 && wide !== ((code & 3) === 3)) return refuse(state, `${extend.op} does not fit the register`);
  let amount = 0;
  if (extend.amount !== null) {
    amount = integerOf(state, extend.amount, 0, 4, 'the shift amount');
    if (Number.isNaN(amount)) return false;
  }
  state.word |= (code << 13) | (amount << 10);
  state.at++;
  return true;
}

function usesSp(state: EncodeState): boolean {
  for (let i = 0; i < state.at; i++) {
    const operand = state.operands[i];
    if (operand?.kind === 'reg' && operand.reg.isSp) return true;
  }
  return false;
}

/** Immediate of add/sub: 12 bits, optionally `lsl #12`; a negative value turns add into sub and back, as GNU as does. */
function addSubImmediate(state: EncodeState): boolean {
  const expr = expressionOf(current(state));
  if (expr === null) return refuse(state, 'an immediate is needed');
  if (expr.reloc !== '') return addRelocation(state, expr);
  const value = absoluteValue(state, expr);
  if (value === null) return false;
  state.at++;
  let magnitude = Number(value);
  if (magnitude < 0) {
    state.word ^= 0x40000000;
    magnitude = -magnitude;
  }
  const shift = current(state);
  if (shift !== undefined) {
    if (shift.kind !== 'shift' || shift.op !== 'lsl' || shift.amount === null)
      return refuse(state, 'only lsl #12 fits');
    const amount = integerOf(state, shift.amount, 0, 12, 'the shift amount', true);
    if (amount !== 0 && amount !== 12) return refuse(state, 'only lsl #0 and lsl #12 fit');
    if (amount === 12) magnitude *= 4096;
    if (magnitude > 4095 * (amount === 12 ? 4096 : 1)) return refuse(state, `the immediate ${expr.text} is too large`);
    state.word |= amount === 12 ? 0x400000 | ((magnitude / 4096) << 10) : magnitude << 10;
    return true;
  }
  if (magnitude <= 4095) state.word |= magnitude << 10;
  else if (magnitude % 4096 === 0 && magnitude <= 4095 * 4096) state.word |= 0x400000 | ((magnitude / 4096) << 10);
  else return refuseLast(state, `the immediate ${expr.text} fits neither 12 bits nor 12 bits shifted by 12`);
  return true;
}

const addRelocations: Readonly<Record<string, string>> = {
  lo12: 'ADD_ABS_LO12_NC',
  dtprel_hi12: 'TLSLD_ADD_DTPREL_HI12',
  dtprel_lo12: 'TLSLD_ADD_DTPREL_LO12',
  dtprel_lo12_nc: 'TLSLD_ADD_DTPREL_LO12_NC',
  tprel_hi12: 'TLSLE_ADD_TPREL_HI12',
  tprel_lo12: 'TLSLE_ADD_TPREL_LO12',
  tprel_lo12_nc: 'TLSLE_ADD_TPREL_LO12_NC',
  tlsdesc_lo12: 'TLSDESC_ADD_LO12',
  tlsgd_lo12: 'TLSGD_ADD_LO12_NC',
  tlsldm_lo12_nc: 'TLSLD_ADD_LO12_NC',
};

/** Only `add` without flags takes a relocation operator. */
function addRelocation(state: EncodeState, expr: Expr): boolean {
  const type = addRelocations[expr.reloc];
  const isAdd = (state.word & 0x7f000000) === 0x11000000;
  if (type === undefined || !isAdd) return refuse(state, `:${expr.reloc}: is not allowed here`);
  if (!relocate(state, type, expr)) return false;
  state.at++;
  return true;
}

/** Logical immediate; with `invert` the complement is encoded (bic as and). */
function logicalImmediate(invert: boolean): Slot {
  return (state) => {
    const expr = expressionOf(current(state));
    if (expr === null) return refuse(state, 'an immediate is needed');
    const value = absoluteValue(state, expr);
    if (value === null) return false;
    const field = bitmaskField(invert ? ~value : value, state.sf === 1);
    if (field < 0) return refuse(state, `${expr.text} is no bitmask immediate`);
    state.word |= field << 10;
    state.at++;
    return true;
  };
}

/** Bitmask field of a signed 64-bit value in a w or x form, -1 if there is none; w forms ignore a sign extension. */
export function bitmaskField(value: bigint, wide: boolean): number {
  if (wide) return encodeBitmask(BigInt.asUintN(64, value), 64);
  const high = value >> 32n;
  if (high !== 0n && high !== -1n) return -1;
  return encodeBitmask(BigInt.asUintN(32, value), 32);
}

const conditionNames: Readonly<Record<string, number>> = {
  eq: 0,
  none: 0,
  ne: 1,
  any: 1,
  cs: 2,
  hs: 2,
  nlast: 2,
  cc: 3,
  lo: 3,
  ul: 3,
  last: 3,
  mi: 4,
  first: 4,
  pl: 5,
  nfrst: 5,
  vs: 6,
  vc: 7,
  hi: 8,
  pmore: 8,
  ls: 9,
  plast: 9,
  ge: 10,
  tcont: 10,
  lt: 11,
  tstop: 11,
  gt: 12,
  le: 13,
  al: 14,
  nv: 15,
};

/** Condition names with their codes, as `b.` suffixes and operands take them. */
export const conditionCodes: ReadonlyMap<string, number> = new Map(Object.entries(conditionNames));

/** Condition at bits 15:12; `inverted` (cset, cinc and the like) refuses al and nv. */
function condition(inverted: boolean): Slot {
  return (state) => {
    const operand = current(state);
    const code = operand?.kind === 'name' ? conditionCodes.get(operand.name.toLowerCase()) : undefined;
    if (code === undefined) return refuse(state, 'a condition is needed');
    if (inverted && code >= 14) return refuse(state, 'al and nv are not allowed here');
    state.word |= (inverted ? code ^ 1 : code) << 12;
    state.at++;
    return true;
  };
}

/** Copies a register field into another one (aliases that name a register once). */
function copyField(from: number, to: number): Slot {
  return (state) => {
    state.word |= ((state.word >>> from) & 31) << to;
    return true;
  };
}

/** First register of eight consecutive ones: even and at most x22. */
function eightRegisters(state: EncodeState): boolean {
  const operand = current(state);
  if (operand?.kind !== 'reg' || operand.reg.bank !== 'x' || operand.reg.num > 22 || operand.reg.num % 2 !== 0) {
    return refuse(state, 'an even x register up to x22 is needed');
  }
  state.word |= operand.reg.num;
  state.at++;
  return true;
}

/** Two consecutive registers, the first one even. */
function evenPair(bank: 'x' | 'w', shift: number): Slot {
  return (state) => {
    const first = current(state);
    const second = state.operands[state.at + 1];
    if (first?.kind !== 'reg' || second?.kind !== 'reg') return refuse(state, 'a register pair is needed');
    if (first.reg.bank !== bank || second.reg.bank !== bank || first.reg.isSp || second.reg.isSp) {
      return refuse(state, `a pair of ${bank} registers is needed`);
    }
    if (first.reg.num % 2 !== 0 || second.reg.num !== first.reg.num + 1) {
      return refuse(state, 'the pair must be an even register and the next one');
    }
    state.word |= first.reg.num << shift;
    state.at += 2;
    return true;
  };
}

/** Scalar floating-point and SIMD register of one bank. */
export function scalarRegister(bank: string, shift: number): Slot {
  return (state) => {
    const operand = current(state);
    if (operand?.kind !== 'reg' || operand.reg.bank !== bank) return refuse(state, `${bank} register needed`);
    state.word |= operand.reg.num << shift;
    state.at++;
    return true;
  };
}

const exactSlots: Readonly<Record<string, Slot>> = {
  shift: shiftedRegister(false),
  'shift+ror': shiftedRegister(true),
  ext: extendedRegister,
  addimm: addSubImmediate,
  limm: logicalImmediate(false),
  '~limm': logicalImmediate(true),
  cond: condition(false),
  '!cond': condition(true),
  Xt8: eightRegisters,
  evenWs: evenPair('w', 16),
  evenWt: evenPair('w', 0),
  evenXs: evenPair('x', 16),
  evenXt: evenPair('x', 0),
  'm=n': copyField(5, 16),
  'n=d': copyField(0, 5),
};

/** Slot for one token of a form, or undefined when it is none of the base instruction set. */
export function baseSlot(token: string): Slot | undefined {
  const exact = exactSlots[token];
  if (exact !== undefined) return exact;
  const general = /^([XWR])(S?)([dtnuams])$/.exec(token);
  if (general !== null) return generalRegister(general[1] ?? '', general[2] === 'S', fieldOf[general[3] ?? ''] ?? 0);
  const scalar = /^F([bhsdq])([dtnuams])$/.exec(token);
  if (scalar !== null) return scalarRegister(scalar[1] ?? '', fieldOf[scalar[2] ?? ''] ?? 0);
  const unsigned = /^u(\d+)@(\d+)$/.exec(token);
  if (unsigned !== null) return unsignedImmediate(Number(unsigned[1]), Number(unsigned[2]));
  const signed = /^s(\d+)@(\d+)(?:\*(\d+))?$/.exec(token);
  if (signed !== null) return signedImmediate(Number(signed[1]), Number(signed[2]), Number(signed[3] ?? 1));
  return undefined;
}
