import {
  absoluteValue,
  current,
  type EncodeState,
  expressionOf,
  integerOf,
  type Resolved,
  refuse,
  refuseLast,
  relocate,
  type Slot,
} from './encodeState.ts';
import type { Expr, Operand, RegisterOffset } from './operands.ts';
import { extendCodes } from './slots.ts';

// Slots for addresses: memory operands and labels.

type MemOperand = Extract<Operand, { kind: 'mem' }>;

/** The memory operand at hand with an x base, whose number goes to bits 9:5. */
function memory(state: EncodeState): MemOperand | null {
  const operand = current(state);
  if (operand?.kind !== 'mem') {
    refuse(state, 'an address in brackets is needed');
    return null;
  }
  if (operand.base.bank !== 'x' || operand.base.isZero || operand.base.index !== null || operand.mulVl) {
    refuse(state, 'the base must be an x register or sp');
    return null;
  }
  state.word |= operand.base.num << 5;
  return operand;
}

function offsetValue(state: EncodeState, offset: Expr | null): number {
  if (offset === null) return 0;
  const value = absoluteValue(state, offset);
  return value === null ? Number.NaN : Number(value);
}

const writebackBits = { post: 0x400, pre: 0xc00 } as const;

/** All addressing modes of one-register loads and stores; `log2` is the size of the access. */
function singleAccess(log2: number, allowWriteback: boolean): Slot {
  return advancing(singleAddress(log2, allowWriteback));
}

/** Steps over the operand that the slot accepts. */
function advancing(slot: Slot): Slot {
  return (state) => {
    if (!slot(state)) return false;
    state.at++;
    return true;
  };
}

function singleAddress(log2: number, allowWriteback: boolean): Slot {
  const size = 2 ** log2;
  return (state) => {
    const operand = memory(state);
    if (operand === null) return false;
    if (operand.mode !== 'offset') {
      if (!allowWriteback) return refuse(state, 'writeback is not allowed here');
      if (operand.offset === null) return refuse(state, 'an immediate offset is needed');
      state.word |= writebackBits[operand.mode];
      return unscaledOffset(state, operand.offset);
    }
    if (operand.offsetReg !== null) return registerOffset(state, operand.offsetReg, log2);
    if (operand.offset !== null && operand.offset.reloc !== '') return relocatedOffset(state, operand.offset, log2);
    const value = offsetValue(state, operand.offset);
    if (Number.isNaN(value)) return false;
    if (value >= 0 && value % size === 0 && value / size <= 4095) {
      state.word |= 0x01000000 | ((value / size) << 10);
      return true;
    }
    return unscaledOffset(state, operand.offset);
  };
}

function unscaledOffset(state: EncodeState, offset: Expr | null): boolean {
  const value = offsetValue(state, offset);
  if (Number.isNaN(value)) return false;
  if (value < -256 || value > 255) return refuse(state, `the offset ${value} is out of range`);
  state.word |= (value & 0x1ff) << 12;
  return true;
}

const lo12Sizes = ['8', '16', '32', '64', '128'];

function relocatedOffset(state: EncodeState, offset: Expr, log2: number): boolean {
  let type: string | undefined;
  if (offset.reloc === 'lo12') type = `LDST${lo12Sizes[log2]}_ABS_LO12_NC`;
  else if (offset.reloc === 'got_lo12' && (state.word & 0xffc00000) >>> 0 === 0xf8400000) type = 'LD64_GOT_LO12_NC';
  if (type === undefined) return refuse(state, `:${offset.reloc}: is not supported here`);
  state.word |= 0x01000000;
  return relocate(state, type, offset);
}

function registerOffset(state: EncodeState, offset: RegisterOffset, log2: number): boolean {
  const { reg, extend, amount } = offset;
  if ((reg.bank !== 'x' && reg.bank !== 'w') || reg.isSp) return refuse(state, 'the offset must be a general register');
  let option = 3;
  if (extend !== '' && extend !== 'lsl') option = extendCodes[extend] ?? 0;
  if (extend === 'lsl' && amount === null) return refuse(state, 'the shift amount is missing');
  const isWord = option === 2 || option === 6;
  if (extend === 'uxtx' || (!isWord && option !== 3 && option !== 7))
    return refuse(state, `${extend} is not allowed here`);
  if (isWord !== (reg.bank === 'w')) return refuse(state, 'the extend operator does not fit the offset register');
  let shifted = 0;
  if (amount !== null) {
    const n = integerOf(state, amount, 0, log2, 'the shift amount');
    if (Number.isNaN(n)) return false;
    if (n !== 0 && n !== log2) return refuse(state, `the shift amount must be 0 or ${log2}`);
    // For bytes a written #0 sets the bit, no amount clears it.
    shifted = log2 === 0 || n !== 0 ? 1 : 0;
  }
  state.word |= 0x00200800 | (reg.num << 16) | (option << 13) | (shifted << 12);
  return true;
}

/** `[Xn|SP{, #simm9}]`, no writeback. */
function unscaledAccess(state: EncodeState): boolean {
  const operand = memory(state);
  if (operand === null) return false;
  if (operand.mode !== 'offset' || operand.offsetReg !== null) return refuse(state, 'only an immediate offset fits');
  return unscaledOffset(state, operand.offset);
}

/** `[Xn|SP]`; an offset of zero may be written. */
function plainBase(state: EncodeState): boolean {
  const operand = memory(state);
  if (operand === null) return false;
  if (operand.mode !== 'offset' || operand.offsetReg !== null) return refuse(state, 'only a base register fits');
  if (operand.offset !== null) {
    const value = offsetValue(state, operand.offset);
    if (value !== 0) return Number.isNaN(value) ? false : refuse(state, 'only the offset 0 fits');
  }
  state.at++;
  return true;
}

/** Register pairs: bits 24:23 tell post (1), offset (2) and pre (3); `size` scales the 7-bit offset. */
function pairAccess(size: number, allowWriteback: boolean): Slot {
  return (state) => {
    const operand = memory(state);
    if (operand === null) return false;
    if (operand.offsetReg !== null) return refuse(state, 'only an immediate offset fits');
    if (operand.mode === 'offset') state.word |= allowWriteback ? 0x01000000 : 0;
    else {
      if (!allowWriteback || operand.offset === null) return refuse(state, 'this address form is not allowed here');
      state.word |= operand.mode === 'pre' ? 0x01800000 : 0x00800000;
    }
    return scaledOffset(state, operand.offset, size, 7, 15);
  };
}

function scaledOffset(state: EncodeState, offset: Expr | null, size: number, bits: number, shift: number): boolean {
  const value = offsetValue(state, offset);
  if (Number.isNaN(value)) return false;
  const limit = 2 ** (bits - 1);
  const field = value / size;
  if (!Number.isInteger(field)) return refuse(state, `the offset must be a multiple of ${size}`);
  if (field < -limit || field >= limit) return refuse(state, `the offset ${value} is out of range`);
  state.word |= (field & (2 * limit - 1)) << shift;
  state.at++;
  return true;
}

/** Tag stores: offset in granules of 16 bytes, mode in bits 11:10. */
function tagAccess(allowWriteback: boolean): Slot {
  return (state) => {
    const operand = memory(state);
    if (operand === null) return false;
    if (operand.offsetReg !== null) return refuse(state, 'only an immediate offset fits');
    if (operand.mode !== 'offset') {
      if (!allowWriteback || operand.offset === null) return refuse(state, 'this address form is not allowed here');
      state.word |= writebackBits[operand.mode];
    } else if (allowWriteback) state.word |= 0x800;
    return scaledOffset(state, operand.offset, 16, 9, 12);
  };
}

/** ldraa, ldrab: 10-bit offset of doublewords, its sign at bit 22, pre-index at bit 11. */
function authenticatedLoad(state: EncodeState): boolean {
  const operand = memory(state);
  if (operand === null) return false;
  if (operand.offsetReg !== null || operand.mode === 'post') return refuse(state, 'only an immediate offset fits');
  if (operand.mode === 'pre') state.word |= 0x800;
  const value = offsetValue(state, operand.offset);
  if (Number.isNaN(value)) return false;
  if (value % 8 !== 0 || value < -4096 || value > 4088) return refuse(state, `the offset ${value} does not fit`);
  state.word |= (((value / 8) & 0x1ff) << 12) | (value < 0 ? 0x400000 : 0);
  state.at++;
  return true;
}

/** `[Xd]!`, an address of the memory copy and set instructions; register number at `shift`. */
function steppedBase(shift: number): Slot {
  return (state) => {
    const operand = current(state);
    if (operand?.kind !== 'mem' || operand.mode !== 'pre' || operand.offset !== null || operand.offsetReg !== null) {
      return refuse(state, 'an address of the form [x0]! is needed');
    }
    if (operand.base.bank !== 'x' || operand.base.num === 31) return refuse(state, 'an x register is needed');
    state.word |= operand.base.num << shift;
    state.at++;
    return true;
  };
}

/** `Xn!`, the counter of the memory copy and set instructions. */
function steppedRegister(state: EncodeState): boolean {
  const operand = current(state);
  if (operand?.kind !== 'reg' || !operand.writeback || operand.reg.bank !== 'x' || operand.reg.num === 31) {
    return refuse(state, 'a register of the form x0! is needed');
  }
  state.word |= operand.reg.num << 5;
  state.at++;
  return true;
}

/** A place `bits` wide counted in units of 4 bytes at `shift`; a symbol elsewhere becomes a relocation. */
function label(bits: number, shift: number, relocationType: string): Slot {
  const limit = 2 ** (bits + 1);
  return (state) => {
    const delta = labelDelta(state, relocationType);
    if (delta === null) return state.relocation !== null;
    if (delta % 4 !== 0) return refuseLast(state, 'the target is not aligned to 4 bytes');
    if (delta < -limit || delta >= limit) return refuseLast(state, 'the target is out of range');
    state.word |= ((delta / 4) & (2 ** bits - 1)) << shift;
    return true;
  };
}

/**
 * Bytes to the label at hand, or null with either the relocation or the reason noted. A plain number counts bytes
 * from the instruction, as GNU as takes it.
 */
function labelDelta(state: EncodeState, relocationType: string): number | null {
  const expr = expressionOf(current(state));
  if (expr === null || expr.reloc !== '') {
    refuse(state, 'a label is needed');
    return null;
  }
  state.at++;
  if (expr.value !== null) {
    const value = absoluteValue(state, expr);
    if (value === null) state.at--;
    return value === null ? null : Number(value);
  }
  return resolvedDelta(state, expr, relocationType, state.ctx.resolve(expr.text));
}

/** Numbers and operators, no names and no `1f`. */
const numericPattern = /^(?:0x[0-9a-f]+(?![.\w])|\d+(?![.\w])|[\s+\-*/()<>&|^~%])+$/i;

/** As `labelDelta` once the place is known; the operand has been stepped over. */
function resolvedDelta(state: EncodeState, expr: Expr, relocationType: string, resolved: Resolved): number | null {
  switch (resolved.kind) {
    case 'absolute':
      // A constant defined further down makes GNU as emit a relocation against *ABS*; nobody branches to either.
      if (numericPattern.test(expr.text)) return Number(BigInt.asIntN(64, resolved.value));
      refuseLast(state, 'a constant is no label');
      return null;
    case 'pc-relative':
      return Number(resolved.delta);
    case 'external': {
      const { symbol, addend } = resolved;
      state.relocation = { type: relocationType, expr: expr.text, symbol, addend, delta: null };
      return null;
    }
    case 'unknown':
      refuseLast(state, resolved.reason);
      return null;
  }
}

/** adr: 21 bits of bytes, the low two at 30:29. */
function adrLabel(state: EncodeState): boolean {
  const delta = labelDelta(state, 'ADR_PREL_LO21');
  if (delta === null) return state.relocation !== null;
  if (delta < -0x100000 || delta >= 0x100000) return refuseLast(state, 'the target is out of range');
  state.word |= ((delta & 3) << 29) | (((delta >> 2) & 0x7ffff) << 5);
  return true;
}

const adrpRelocations: Readonly<Record<string, string>> = {
  '': 'ADR_PREL_PG_HI21',
  pg_hi21: 'ADR_PREL_PG_HI21',
  pg_hi21_nc: 'ADR_PREL_PG_HI21_NC',
  got: 'ADR_GOT_PAGE',
  gottprel: 'TLSIE_ADR_GOTTPREL_PAGE21',
  tlsdesc: 'TLSDESC_ADR_PAGE21',
  tlsgd: 'TLSGD_ADR_PAGE21',
  tlsldm: 'TLSLD_ADR_PAGE21',
};

/** adrp always leaves a relocation: the page is known only after linking. */
function adrpLabel(state: EncodeState): boolean {
  const expr = expressionOf(current(state));
  if (expr === null) return refuse(state, 'a label is needed');
  const operand = current(state);
  if (expr.reloc !== '' && operand?.kind === 'imm' && operand.hash) return refuse(state, '# is not allowed here');
  const type = adrpRelocations[expr.reloc];
  if (type === undefined) return refuse(state, `:${expr.reloc}: is not allowed here`);
  if (!relocate(state, type, expr)) return false;
  state.at++;
  return true;
}

/** `=expr`: a load from the literal pool, whose place only the caller knows. */
function pooledLiteral(sizeBytes: 4 | 8): Slot {
  return (state) => {
    const operand = current(state);
    if (operand?.kind !== 'literal') return refuse(state, 'a label is needed');
    const place = state.ctx.literalPool?.(operand.expr.text, sizeBytes);
    if (place === undefined) return refuse(state, 'a literal pool entry has no known place');
    state.at++;
    const delta = resolvedDelta(state, operand.expr, 'LD_PREL_LO19', place);
    if (delta === null) return state.relocation !== null;
    if (delta % 4 !== 0 || delta < -0x100000 || delta >= 0x100000)
      return refuseLast(state, 'the literal is out of range');
    state.word |= ((delta / 4) & 0x7ffff) << 5;
    return true;
  };
}

/** The copy and set instructions want three different registers. */
function threeDistinct(state: EncodeState): boolean {
  const { word } = state;
  const d = word & 31;
  const n = (word >>> 5) & 31;
  const s = (word >>> 16) & 31;
  return (d !== n && d !== s && n !== s) || refuse(state, 'the three registers must be different');
}

const slots: Readonly<Record<string, Slot>> = {
  mem0: singleAccess(0, true),
  mem1: singleAccess(1, true),
  mem2: singleAccess(2, true),
  mem3: singleAccess(3, true),
  mem4: singleAccess(4, true),
  memprf: singleAccess(3, false),
  memu: advancing(unscaledAccess),
  membase: plainBase,
  pair4: pairAccess(4, true),
  pair8: pairAccess(8, true),
  pair16: pairAccess(16, true),
  npair4: pairAccess(4, false),
  npair8: pairAccess(8, false),
  npair16: pairAccess(16, false),
  memtag: tagAccess(true),
  memtagoff: tagAccess(false),
  memauth: authenticatedLoad,
  'd!': steppedBase(0),
  's!': steppedBase(16),
  'n!': steppedRegister,
  distinct: threeDistinct,
  label26j: label(26, 0, 'JUMP26'),
  label26c: label(26, 0, 'CALL26'),
  label19b: label(19, 5, 'CONDBR19'),
  label19l: label(19, 5, 'LD_PREL_LO19'),
  label14: label(14, 5, 'TSTBR14'),
  labeladr: adrLabel,
  labeladrp: adrpLabel,
  pool4: pooledLiteral(4),
  pool8: pooledLiteral(8),
};

export function memorySlot(token: string): Slot | undefined {
  return slots[token];
}
