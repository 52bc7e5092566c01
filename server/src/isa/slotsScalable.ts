import { absoluteValue, current, refuse, type Slot } from './encodeState.ts';

// Slots for the SVE forms of forms/scalable.ts.

function wholeRegister(bank: 'z' | 'p', arrangement: string, shift: number): Slot {
  return (state) => {
    const operand = current(state);
    if (operand?.kind !== 'reg' || operand.reg.bank !== bank || operand.reg.arrangement !== arrangement) {
      return refuse(state, `a ${bank} register is needed`);
    }
    if (operand.reg.index !== null || operand.reg.predication !== '' || operand.writeback) {
      return refuse(state, `a plain ${bank} register is needed`);
    }
    state.word |= operand.reg.num << shift;
    state.at++;
    return true;
  };
}

/** `[Xn|SP{, #imm9, mul vl}]`, the offset split into 21:16 and 12:10. */
const vectorLengthAddress: Slot = (state) => {
  const operand = current(state);
  if (operand?.kind !== 'mem' || operand.base.bank !== 'x' || operand.base.isZero || operand.mode !== 'offset') {
    return refuse(state, 'an address in brackets is needed');
  }
  if (operand.offsetReg !== null) return refuse(state, 'no offset register is allowed here');
  let offset = 0;
  if (operand.offset !== null) {
    const value = absoluteValue(state, operand.offset);
    if (value === null) return false;
    offset = Number(value);
    if (!operand.mulVl && offset !== 0) return refuse(state, '`mul vl` is missing');
  }
  if (offset < -256 || offset > 255) return refuse(state, `the offset ${offset} is out of range`);
  state.word |= (operand.base.num << 5) | (((offset >> 3) & 0x3f) << 16) | ((offset & 7) << 10);
  state.at++;
  return true;
};

const slots: Readonly<Record<string, Slot>> = {
  Zt: wholeRegister('z', '', 0),
  Pt: wholeRegister('p', '', 0),
  Pb: wholeRegister('p', 'b', 0),
  Pbn: wholeRegister('p', 'b', 5),
  memvl: vectorLengthAddress,
};

export function scalableSlot(token: string): Slot | undefined {
  return slots[token];
}
