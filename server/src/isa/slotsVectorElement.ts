import { current, type EncodeState, integerOf, refuse, type Slot } from './encodeState.ts';
import { fieldOf } from './slots.ts';
import { sizeLetters, take } from './slotsVector.ts';

// Slots for one element of a vector register. `state.scratch` is the element size, as in slotsVector.ts.

/** Element `Vm.h[i]` of by-element forms; the size in scratch. h: H:L:M and a 4-bit register, s: H:L, d: H. */
function indexedElement(state: EncodeState): boolean {
  const operand = current(state);
  if (operand?.kind !== 'reg' || operand.reg.bank !== 'v' || operand.reg.index === null) {
    return refuse(state, 'a vector element is needed');
  }
  const { reg } = operand;
  const size = state.scratch;
  if (reg.arrangement !== sizeLetters.charAt(size) || size === 0) return refuse(state, 'the element size does not fit');
  const index = integerOf(state, operand.reg.index, 0, (16 >> size) - 1, 'the element index');
  if (Number.isNaN(index)) return false;
  if (size === 1) {
    if (reg.num > 15) return refuse(state, 'only v0 to v15 are allowed here');
    state.word |= ((index & 4) << 9) | ((index & 3) << 20);
  } else if (size === 2) state.word |= ((index & 2) << 10) | ((index & 1) << 21);
  else state.word |= (index & 1) << 11;
  return take(state, reg, 16);
}

/** Element of a group of bytes or halfwords (`v0.4b[1]`, `v0.2h[1]`) of the dot products; index in H:L. */
function groupElement(arrangement: string): Slot {
  return (state) => {
    const operand = current(state);
    if (operand?.kind !== 'reg' || operand.reg.bank !== 'v' || operand.reg.index === null) {
      return refuse(state, 'a vector element is needed');
    }
    if (operand.reg.arrangement !== arrangement) return refuse(state, `the element must be .${arrangement}`);
    const index = integerOf(state, operand.reg.index, 0, 3, 'the element index');
    if (Number.isNaN(index)) return false;
    state.word |= ((index & 2) << 10) | ((index & 1) << 21);
    return take(state, operand.reg, 16);
  };
}

/** Element with its size and index in imm5 at 20:16 (dup, ins, umov); `second` puts the index to imm4 at 14:11. */
function copiedElement(shift: number, allowed: string, second: boolean): Slot {
  return (state) => {
    const operand = current(state);
    if (operand?.kind !== 'reg' || operand.reg.bank !== 'v' || operand.reg.index === null) {
      return refuse(state, 'a vector element is needed');
    }
    const { reg } = operand;
    const size = reg.arrangement.length === 1 ? sizeLetters.indexOf(reg.arrangement) : -1;
    if (size < 0 || !allowed.includes(reg.arrangement)) return refuse(state, 'the element size does not fit');
    if (second && size !== state.scratch) return refuse(state, 'the elements have different sizes');
    const index = integerOf(state, operand.reg.index, 0, (16 >> size) - 1, 'the element index');
    if (Number.isNaN(index)) return false;
    state.word |= second ? (index << size) << 11 : ((2 * index + 1) << size) << 16;
    state.scratch = size;
    return take(state, reg, shift);
  };
}

/** Element whose size must be the one in scratch, as dup's source. */
function matchingElement(shift: number): Slot {
  const inner = copiedElement(shift, 'bhsd', false);
  return (state) => {
    const size = state.scratch;
    return inner(state) && (state.scratch === size || refuse(state, 'the element size does not fit'));
  };
}

/** The d[1] element of fmov between halves and x registers. */
function upperHalf(shift: number): Slot {
  return (state) => {
    const operand = current(state);
    if (operand?.kind !== 'reg' || operand.reg.bank !== 'v' || operand.reg.arrangement !== 'd') {
      return refuse(state, 'the element d[1] is needed');
    }
    const index = operand.reg.index === null ? Number.NaN : integerOf(state, operand.reg.index, 1, 1, 'the index');
    return Number.isNaN(index) ? false : take(state, operand.reg, shift);
  };
}

/** Halfword element with its index in H:L:M and a 4-bit register (fmlal, bfmlal by element). */
function halfElement(state: EncodeState): boolean {
  state.scratch = 1;
  return indexedElement(state);
}

/** Element of fcmla: pairs, so half as many as elements; h: H:L, s: H. */
function complexElement(state: EncodeState): boolean {
  const operand = current(state);
  const size = state.scratch;
  if (operand?.kind !== 'reg' || operand.reg.bank !== 'v' || operand.reg.index === null) {
    return refuse(state, 'a vector element is needed');
  }
  if (operand.reg.arrangement !== sizeLetters.charAt(size)) return refuse(state, 'the element size does not fit');
  const high = state.arrangement === '4h' || size === 2 ? 1 : 3;
  const index = integerOf(state, operand.reg.index, 0, high, 'the element index');
  if (Number.isNaN(index)) return false;
  state.word |= size === 1 ? ((index & 2) << 10) | ((index & 1) << 21) : index << 11;
  return take(state, operand.reg, 16);
}

/** `Vm.s[i]` of the SM3 forms, index at 13:12. */
function smElement(state: EncodeState): boolean {
  const operand = current(state);
  if (operand?.kind !== 'reg' || operand.reg.bank !== 'v' || operand.reg.arrangement !== 's') {
    return refuse(state, 'an element .s is needed');
  }
  const index = operand.reg.index === null ? Number.NaN : integerOf(state, operand.reg.index, 0, 3, 'the index');
  if (Number.isNaN(index)) return false;
  state.word |= index << 12;
  return take(state, operand.reg, 16);
}

const exact: Readonly<Record<string, Slot>> = {
  Em: indexedElement,
  Emh: halfElement,
  Emc: complexElement,
  'Esm@12': smElement,
  E4b: groupElement('4b'),
  E2h: groupElement('2h'),
};

/** Slot for one token of a form that takes an element, or undefined. */
export function vectorElementSlot(token: string): Slot | undefined {
  const known = exact[token];
  if (known !== undefined) return known;
  const match = /^([EH])([dn])(.?)(.*)$/.exec(token);
  if (match === null) return undefined;
  const [, kind = '', field = '', mark = '', tail = ''] = match;
  const shift = fieldOf[field] ?? 0;
  if (kind === 'H') return upperHalf(shift);
  return mark === '=' ? matchingElement(shift) : copiedElement(shift, tail, mark === '2');
}
