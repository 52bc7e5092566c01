import { current, type EncodeState, expressionOf, readInteger, refuse, type Slot } from './encodeState.ts';
import type { Expr } from './operands.ts';
import type { Reg } from './registers.ts';
import { fieldOf } from './slots.ts';

// Slots for SIMD and floating-point registers. `state.scratch` holds the element size (0 byte to 3 doubleword) that
// the first vector operand fixed, `state.arrangement` its spelling.

interface Shape {
  readonly q: number;
  readonly size: number;
}

const shapes: ReadonlyMap<string, Shape> = new Map([
  ['8b', { q: 0, size: 0 }],
  ['16b', { q: 1, size: 0 }],
  ['4h', { q: 0, size: 1 }],
  ['8h', { q: 1, size: 1 }],
  ['2s', { q: 0, size: 2 }],
  ['4s', { q: 1, size: 2 }],
  ['1d', { q: 0, size: 3 }],
  ['2d', { q: 1, size: 3 }],
]);
export const sizeLetters = 'bhsd';

/** Arrangement of 64 (q = 0) or 128 bits with elements of a size. */
export function arrangementOf(q: number, size: number): string {
  return `${(q === 0 ? 8 : 16) >> size}${sizeLetters.charAt(size)}`;
}

export function shapeOf(arrangement: string): Shape | undefined {
  return shapes.get(arrangement);
}

/** Whole vector register (no index) at hand, not yet read, or null. */
function vector(state: EncodeState): Reg | null {
  const operand = current(state);
  if (operand?.kind === 'reg' && operand.reg.bank === 'v' && operand.reg.index === null && !operand.writeback) {
    return operand.reg;
  }
  refuse(state, 'a vector register is needed');
  return null;
}

export function take(state: EncodeState, reg: Reg, shift: number): true {
  state.word |= reg.num << shift;
  state.at++;
  return true;
}

/**
 * First vector of a form. `allowed` lists element sizes (`d` means 2d, `1` allows 1d too). Q goes to bit 30; the size
 * goes to bits 23:22 (`:`), nowhere (`;`), or as the sz bit 22 of floating point (`%`, h elements get no bit).
 */
function firstVector(shift: number, placement: string, allowed: string): Slot {
  return (state) => {
    const reg = vector(state);
    if (reg === null) return false;
    const shape = shapes.get(reg.arrangement);
    const letter = reg.arrangement === '1d' ? '1' : sizeLetters.charAt(shape?.size ?? 9);
    if (shape === undefined || !allowed.includes(letter) || letter === '') {
      return refuse(state, `the arrangement .${reg.arrangement} is not allowed here`);
    }
    state.word |= shape.q << 30;
    if (placement === ':') state.word |= shape.size << 22;
    else if (placement === '%' && shape.size === 3) state.word |= 0x400000;
    state.arrangement = reg.arrangement;
    state.scratch = shape.size;
    return take(state, reg, shift);
  };
}

/** Vector with the arrangement of the first one. */
function sameVector(shift: number): Slot {
  return (state) => {
    const reg = vector(state);
    if (reg === null) return false;
    if (reg.arrangement !== state.arrangement) return refuse(state, `the arrangement must be .${state.arrangement}`);
    return take(state, reg, shift);
  };
}

function fixedVector(shift: number, arrangement: string): Slot {
  return (state) => {
    const reg = vector(state);
    if (reg === null) return false;
    if (reg.arrangement !== arrangement) return refuse(state, `the arrangement must be .${arrangement}`);
    return take(state, reg, shift);
  };
}

/** Wide vector (8h, 4s, 2d) whose elements have twice the size that goes to 23:22 (or nowhere with `placed` off). */
function wideVector(shift: number, allowed: string, placed: boolean): Slot {
  return (state) => {
    const reg = vector(state);
    if (reg === null) return false;
    const shape = shapes.get(reg.arrangement);
    const size = (shape?.size ?? 0) - 1;
    if (shape === undefined || shape.q !== 1 || size < 0 || !allowed.includes(sizeLetters.charAt(size))) {
      return refuse(state, `the arrangement .${reg.arrangement} is not allowed here`);
    }
    if (placed) state.word |= size << 22;
    state.scratch = size;
    state.arrangement = reg.arrangement;
    return take(state, reg, shift);
  };
}

/** Narrow vector of 64 or 128 bits with elements of the size in scratch; the upper half (`2` forms) sets Q. */
function narrowVector(shift: number, q: number): Slot {
  return (state) => {
    const reg = vector(state);
    if (reg === null) return false;
    const wanted = arrangementOf(q, state.scratch);
    if (reg.arrangement !== wanted) return refuse(state, `the arrangement must be .${wanted}`);
    return take(state, reg, shift);
  };
}

/** First, narrow vector of the narrowing forms: fixes the size, `wideAgain` checks the other one. */
function narrowFirst(shift: number, q: number, allowed: string, placed: boolean): Slot {
  return (state) => {
    const reg = vector(state);
    if (reg === null) return false;
    const shape = shapes.get(reg.arrangement);
    if (shape === undefined || shape.q !== q || !allowed.includes(sizeLetters.charAt(shape.size))) {
      return refuse(state, `the arrangement .${reg.arrangement} is not allowed here`);
    }
    if (placed) state.word |= shape.size << 22;
    state.scratch = shape.size;
    return take(state, reg, shift);
  };
}

function wideAgain(shift: number): Slot {
  return (state) => {
    const reg = vector(state);
    if (reg === null) return false;
    const wanted = arrangementOf(1, state.scratch + 1);
    if (reg.arrangement !== wanted) return refuse(state, `the arrangement must be .${wanted}`);
    return take(state, reg, shift);
  };
}

/** Pairwise-long: the destination has half as many elements of twice the size as the source, same Q. */
function pairwiseLong(shift: number): Slot {
  return (state) => {
    const reg = vector(state);
    if (reg === null) return false;
    const shape = shapes.get(reg.arrangement);
    if (shape === undefined || shape.size === 0) return refuse(state, 'this arrangement is not allowed here');
    state.word |= (shape.q << 30) | ((shape.size - 1) << 22);
    state.arrangement = arrangementOf(shape.q, shape.size - 1);
    return take(state, reg, shift);
  };
}

/** Scalar register whose bank, one of `allowed`, gives the size for 23:22 (`:`), for sz (`%`) or for nothing (`;`). */
function firstScalar(shift: number, placement: string, allowed: string): Slot {
  return (state) => {
    const operand = current(state);
    const bank = operand?.kind === 'reg' ? operand.reg.bank : '';
    const size = bank.length === 1 ? sizeLetters.indexOf(bank) : -1;
    if (operand?.kind !== 'reg' || size < 0 || !allowed.includes(bank)) {
      return refuse(state, `a scalar register of ${[...allowed].join(', ')} is needed`);
    }
    if (placement === ':') state.word |= size << 22;
    else if (placement === '%' && size === 3) state.word |= 0x400000;
    else if (placement === '~') state.word |= (size === 3 ? 1 : size === 1 ? 3 : 0) << 22;
    state.scratch = size;
    return take(state, operand.reg, shift);
  };
}

/** Scalar register `step` sizes away from the first one. */
function otherScalar(shift: number, step: number): Slot {
  return (state) => {
    const operand = current(state);
    const wanted = sizeLetters.charAt(state.scratch + step);
    if (operand?.kind !== 'reg' || wanted === '' || operand.reg.bank !== wanted) {
      return refuse(state, `a scalar register of ${wanted} is needed`);
    }
    return take(state, operand.reg, shift);
  };
}

/** Vector source of the across-lanes forms: gives Q and size; `check` compares with the scalar destination. */
function acrossSource(shift: number, step: number, allowed: string): Slot {
  return (state) => {
    const reg = vector(state);
    if (reg === null) return false;
    const shape = shapes.get(reg.arrangement);
    if (shape === undefined || !allowed.split('+').includes(reg.arrangement) || shape.size + step !== state.scratch) {
      return refuse(state, `the arrangement .${reg.arrangement} is not allowed here`);
    }
    state.word |= (shape.q << 30) | (shape.size << 22);
    return take(state, reg, shift);
  };
}

/** imm5 of dup from a general register: the size in scratch alone. */
function sizeMark(state: EncodeState): boolean {
  state.word |= 1 << (16 + state.scratch);
  return true;
}

/** Shift count in immh:immb; left counts from 0, right from 1, both up to the element size of scratch. */
function shiftCount(left: boolean): Slot {
  return (state) => {
    const bits = 8 << state.scratch;
    const n = readInteger(state, left ? 0 : 1, left ? bits - 1 : bits, 'the shift amount');
    if (Number.isNaN(n)) return false;
    state.word |= (left ? bits + n : 2 * bits - n) << 16;
    return true;
  };
}

/** immh alone, the shift count being 0 (sxtl, uxtl). */
function zeroShift(state: EncodeState): boolean {
  state.word |= (8 << state.scratch) << 16;
  return true;
}

/** shll's count must be the element size. */
function fullShift(state: EncodeState): boolean {
  const bits = 8 << state.scratch;
  return !Number.isNaN(readInteger(state, bits, bits, 'the shift amount'));
}

/** Start byte of ext, below the vector's length. */
function extractIndex(state: EncodeState): boolean {
  const n = readInteger(state, 0, state.arrangement === '8b' ? 7 : 15, 'the index');
  if (Number.isNaN(n)) return false;
  state.word |= n << 11;
  return true;
}

/** `#0` or `#0.0`, which comparisons with zero ask for. */
function zero(float: boolean): Slot {
  return (state) => {
    const expr: Expr | null = expressionOf(current(state));
    const fits = expr?.value === 0n || (float && expr !== null && /^0+\.0*(e[+-]?\d+)?$/i.test(expr.text));
    if (!fits) return refuse(state, 'only #0 is allowed here');
    state.at++;
    return true;
  };
}

/** Rotation of complex-number instructions. */
function rotation(choices: readonly number[], shift: number): Slot {
  return (state) => {
    const n = readInteger(state, 0, 270, 'the rotation');
    const index = choices.indexOf(n);
    if (index < 0) return refuse(state, `the rotation must be one of ${choices.join(', ')}`);
    state.word |= index << shift;
    return true;
  };
}

const exact: Readonly<Record<string, Slot>> = {
  sizemark: sizeMark,
  shl: shiftCount(true),
  shr: shiftCount(false),
  shl0: zeroShift,
  shlfull: fullShift,
  extidx: extractIndex,
  zero: zero(false),
  fzero: zero(true),
  rot90: rotation([90, 270], 12),
  rot0: rotation([0, 90, 180, 270], 11),
  rotel: rotation([0, 90, 180, 270], 13),
};

/** Slot for one token of a SIMD form, or undefined. */
export function vectorSlot(token: string): Slot | undefined {
  const known = exact[token];
  if (known !== undefined) return known;
  const match = /^([VS])([dntuam])(.*)$/.exec(token);
  if (match === null) return undefined;
  const [, kind = '', field = '', rest = ''] = match;
  const shift = fieldOf[field] ?? 0;
  const mark = rest.charAt(0);
  const tail = rest.slice(1);
  if (kind === 'S') {
    if (mark === '=') return otherScalar(shift, 0);
    if (mark === '+') return otherScalar(shift, 1);
    if (mark === '-') return otherScalar(shift, -1);
    return firstScalar(shift, mark, tail);
  }
  switch (mark) {
    case '=':
      return sameVector(shift);
    case '.':
      return fixedVector(shift, tail);
    case '>':
      return wideVector(shift, tail, true);
    case ')':
      return wideVector(shift, tail, false);
    case '0':
    case '1':
      return narrowVector(shift, Number(mark));
    case '<':
      return narrowFirst(shift, Number(tail.charAt(0)), tail.slice(1), true);
    case '(':
      return narrowFirst(shift, Number(tail.charAt(0)), tail.slice(1), false);
    case '+':
      return wideAgain(shift);
    case '*':
      return pairwiseLong(shift);
    case 'A':
      return acrossSource(shift, Number(tail.charAt(0)), tail.slice(1));
    default:
      return firstVector(shift, mark, tail);
  }
}
