import { absoluteValue, current, type EncodeState, integerOf, refuse, type Slot } from './encodeState.ts';
import type { Operand } from './operands.ts';
import type { Reg } from './registers.ts';
import { shapeOf } from './slotsVector.ts';

// Slots for register lists and the structure loads and stores.

type ListOperand = Extract<Operand, { kind: 'list' }>;

/** The list at hand with `count` consecutive vector registers of one arrangement. */
function list(state: EncodeState, count: number): { readonly operand: ListOperand; readonly first: Reg } | null {
  const operand = current(state);
  const first = operand?.kind === 'list' ? operand.regs[0] : undefined;
  if (operand?.kind !== 'list' || first === undefined || operand.regs.length !== count) {
    refuse(state, `a list of ${count} registers is needed`);
    return null;
  }
  for (const [i, reg] of operand.regs.entries()) {
    const fits = reg.bank === 'v' && reg.num === (first.num + i) % 32 && reg.arrangement === first.arrangement;
    if (!fits || reg.index !== null) {
      refuse(state, 'the list must hold consecutive vector registers of one arrangement');
      return null;
    }
  }
  return { operand, first };
}

/** List of whole vectors: register, size at 11:10 and Q; bytes of the transfer go to scratch for the address. */
function wholeVectors(count: number, allow1d: boolean): Slot {
  return (state) => {
    const found = list(state, count);
    if (found === null) return false;
    const shape = shapeOf(found.first.arrangement);
    if (shape === undefined || found.operand.index !== null) return refuse(state, 'whole vectors are needed');
    if (found.first.arrangement === '1d' && !allow1d) return refuse(state, 'the arrangement .1d is not allowed here');
    state.word |= (shape.q << 30) | (shape.size << 10) | found.first.num;
    state.scratch = count * (8 << shape.q);
    state.at++;
    return true;
  };
}

/** As `wholeVectors` for the replicating loads, which transfer one element per register. */
function replicated(count: number): Slot {
  const inner = wholeVectors(count, true);
  return (state) => {
    if (!inner(state)) return false;
    state.scratch = count << ((state.word >>> 10) & 3);
    return true;
  };
}

/** `{v0.s, ...}[index]`: index in Q:S:size as far as the element size leaves room, opcode at 15:14 by the size. */
function lanes(count: number): Slot {
  return (state) => {
    const found = list(state, count);
    if (found === null) return false;
    const size = found.first.arrangement.length === 1 ? 'bhsd'.indexOf(found.first.arrangement) : -1;
    if (size < 0 || found.operand.index === null) return refuse(state, 'elements with an index are needed');
    const index = integerOf(state, found.operand.index, 0, (16 >> size) - 1, 'the element index');
    if (Number.isNaN(index)) return false;
    const placed = index << size;
    state.word |= ((placed & 8) << 27) | ((placed & 7) << 10) | (Math.min(size, 2) << 14) | found.first.num;
    if (size === 3) state.word |= 1 << 10;
    state.scratch = count << size;
    state.at++;
    return true;
  };
}

/** Address of structure loads and stores: base, or post-index by the transfer's size or by a register. */
function structureAddress(state: EncodeState): boolean {
  const operand = current(state);
  if (operand?.kind !== 'mem' || operand.base.bank !== 'x' || operand.base.isZero || operand.mode === 'pre') {
    return refuse(state, 'an address in brackets is needed');
  }
  state.word |= operand.base.num << 5;
  if (operand.mode === 'post') {
    if (operand.offsetReg !== null) {
      const { reg } = operand.offsetReg;
      if (reg.bank !== 'x' || reg.num === 31) return refuse(state, 'the post-index must be x0 to x30');
      state.word |= 0x00800000 | (reg.num << 16);
    } else {
      const value = operand.offset === null ? null : absoluteValue(state, operand.offset);
      if (value === null) return false;
      if (Number(value) !== state.scratch) return refuse(state, `the post-index must be ${state.scratch}`);
      state.word |= 0x009f0000;
    }
  } else if (operand.offsetReg !== null) return refuse(state, 'no offset register is allowed here');
  else if (operand.offset !== null) return refuse(state, 'no offset is allowed here');
  state.at++;
  return true;
}

/** Table of tbl and tbx: one to four .16b registers, the count at 14:13. */
function table(state: EncodeState): boolean {
  const operand = current(state);
  const count = operand?.kind === 'list' ? operand.regs.length : 0;
  if (count < 1 || count > 4) return refuse(state, 'a list of one to four registers is needed');
  const found = list(state, count);
  if (found === null) return false;
  if (found.first.arrangement !== '16b' || found.operand.index !== null)
    return refuse(state, 'the list must be of .16b');
  state.word |= ((count - 1) << 13) | (found.first.num << 5);
  state.at++;
  return true;
}

export function vectorListSlot(token: string): Slot | undefined {
  if (token === 'memst') return structureAddress;
  if (token === 'table') return table;
  const match = /^L([1-4])([ndrx])$/.exec(token);
  if (match === null) return undefined;
  const count = Number(match[1]);
  if (match[2] === 'x') return lanes(count);
  if (match[2] === 'r') return replicated(count);
  return wholeVectors(count, match[2] === 'd');
}
