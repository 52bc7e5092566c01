import { current, type EncodeState, integerOf, readInteger, refuse, type Slot } from './encodeState.ts';
import {
  barrierOptions,
  findSystemOperation,
  findSystemRegister,
  prefetchOperation,
  pstateField,
} from './systemNames.ts';

// Slots for system instructions: names instead of registers and numbers.

function nameOf(state: EncodeState): string | null {
  const operand = current(state);
  return operand?.kind === 'name' ? operand.name.toLowerCase() : null;
}

/** System register name at bits 20:5. */
function systemRegister(state: EncodeState): boolean {
  const name = nameOf(state);
  const found = name === null ? undefined : findSystemRegister(name);
  if (found === undefined) return refuse(state, `the system register ${name ?? ''} is not known`);
  state.word |= found.encoding << 5;
  state.at++;
  return true;
}

/** `msr FIELD, #imm`. */
function pstateWrite(state: EncodeState): boolean {
  const name = nameOf(state);
  const field = name === null ? undefined : pstateField(name);
  if (field === undefined) return refuse(state, `the PSTATE field ${name ?? ''} is not known`);
  state.at++;
  const value = readInteger(state, 0, field.maximum, 'the immediate');
  if (Number.isNaN(value)) return false;
  state.word |= field.bits | (value << 8);
  return true;
}

/** Operation of dc, ic, at, tlbi, cfp, dvp, cpp with its register where it takes one. */
function systemOperation(group: string): Slot {
  return (state) => {
    const name = nameOf(state);
    const found = name === null ? undefined : findSystemOperation(group, name);
    if (found === undefined) return refuse(state, `the ${group} operation ${name ?? ''} is not known`);
    state.at++;
    state.word |= found.encoding << 5;
    if (!found.takesRegister) {
      state.word |= 31;
      return true;
    }
    const operand = current(state);
    if (operand?.kind !== 'reg' || operand.reg.bank !== 'x' || operand.reg.isSp) {
      return refuse(state, 'an x register is needed');
    }
    state.word |= operand.reg.num;
    state.at++;
    return true;
  };
}

/** `Cn` or `Cm` of sys and sysl. */
function controlRegister(shift: number): Slot {
  return (state) => {
    const match = /^c(\d|1[0-5])$/.exec(nameOf(state) ?? '');
    if (match === null) return refuse(state, 'c0 to c15 is needed');
    state.word |= Number(match[1]) << shift;
    state.at++;
    return true;
  };
}

/** Last, optional register; 31 without. */
function optionalRegister(state: EncodeState): boolean {
  const operand = current(state);
  if (operand === undefined) {
    state.word |= 31;
    return true;
  }
  if (operand.kind !== 'reg' || operand.reg.bank !== 'x' || operand.reg.isSp)
    return refuse(state, 'an x register is needed');
  state.word |= operand.reg.num;
  state.at++;
  return true;
}

/** Option of dmb and dsb: name or number at 11:8. */
function barrier(state: EncodeState): boolean {
  const name = nameOf(state);
  const value = name === null ? readInteger(state, 0, 15, 'the barrier option') : barrierOptions.get(name);
  if (value === undefined || Number.isNaN(value)) return refuse(state, 'the barrier option is not known');
  if (name !== null) state.at++;
  state.word |= value << 8;
  return true;
}

/** Option of dsb with the nXS qualifier: names, or 16, 20, 24, 28. */
function barrierNxs(state: EncodeState): boolean {
  const names = ['oshnxs', 'nshnxs', 'ishnxs', 'synxs'];
  const name = nameOf(state);
  let index: number;
  if (name !== null) {
    index = names.indexOf(name);
    if (index < 0) return refuse(state, 'the barrier option is not known');
    state.at++;
  } else {
    const value = readInteger(state, 16, 28, 'the barrier option');
    if (Number.isNaN(value)) return false;
    if (value % 4 !== 0) return refuse(state, 'the barrier option must be 16, 20, 24 or 28');
    index = value / 4 - 4;
  }
  state.word |= index << 10;
  return true;
}

/** Optional option of isb: `sy` or a number, 15 without. */
function isbOption(state: EncodeState): boolean {
  const operand = current(state);
  if (operand === undefined) {
    state.word |= 15 << 8;
    return true;
  }
  if (operand.kind === 'name') {
    if (operand.name.toLowerCase() !== 'sy') return refuse(state, 'only sy is allowed here');
    state.word |= 15 << 8;
    state.at++;
    return true;
  }
  return putNumber(state, 15, 8);
}

function putNumber(state: EncodeState, high: number, shift: number): boolean {
  const value = readInteger(state, 0, high, 'the immediate');
  if (Number.isNaN(value)) return false;
  state.word |= value << shift;
  return true;
}

/** Optional number at `shift` with a default. */
function optionalNumber(high: number, shift: number, fallback: number): Slot {
  return (state) => {
    if (current(state) !== undefined) return putNumber(state, high, shift);
    state.word |= fallback << shift;
    return true;
  };
}

/** One of a few names, each with its bits. */
function keyword(choices: Readonly<Record<string, number>>): Slot {
  return (state) => {
    const bits = choices[nameOf(state) ?? ''];
    if (bits === undefined) return refuse(state, `one of ${Object.keys(choices).join(', ')} is needed`);
    state.word |= bits;
    state.at++;
    return true;
  };
}

/** Prefetch operation by name or number at 4:0. */
function prefetch(state: EncodeState): boolean {
  const name = nameOf(state);
  if (name === null) return putNumber(state, 31, 0);
  const code = prefetchOperation(name);
  if (code === undefined) return refuse(state, `the prefetch operation ${name} is not known`);
  state.word |= code;
  state.at++;
  return true;
}

/** `#imm` that must be a multiple of 16, for addg and subg. */
function tagOffset(state: EncodeState): boolean {
  const operand = current(state);
  if (operand?.kind !== 'imm') return refuse(state, 'an immediate is needed');
  const value = integerOf(state, operand.expr, 0, 1008, 'the offset', true);
  if (Number.isNaN(value)) return false;
  if (value % 16 !== 0) return refuse(state, 'the offset must be a multiple of 16');
  state.word |= (value / 16) << 16;
  return true;
}

const slots: Readonly<Record<string, Slot>> = {
  sysreg: systemRegister,
  pstate: pstateWrite,
  dc: systemOperation('dc'),
  ic: systemOperation('ic'),
  at: systemOperation('at'),
  tlbi: systemOperation('tlbi'),
  cfp: systemOperation('cfp'),
  dvp: systemOperation('dvp'),
  cpp: systemOperation('cpp'),
  Cn: controlRegister(12),
  Cm: controlRegister(8),
  'Xt?': optionalRegister,
  barrier,
  barriernxs: barrierNxs,
  isb: isbOption,
  'crm?': optionalNumber(15, 8, 15),
  'i16?': optionalNumber(0xffff, 5, 0),
  csync: keyword({ csync: 0 }),
  bti: keyword({ c: 0x40, j: 0x80, jc: 0xc0 }),
  kwsm: keyword({ sm: 0 }),
  kwza: keyword({ za: 0 }),
  prfop: prefetch,
  tagoff: tagOffset,
};

export function systemSlot(token: string): Slot | undefined {
  return slots[token];
}
