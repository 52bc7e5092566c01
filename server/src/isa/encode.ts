import { type EncodeContext, type EncodeState, type Relocation, refuse, type Slot } from './encodeState.ts';
import { atomicForms } from './forms/atomics.ts';
import { branchForms } from './forms/branch.ts';
import { cryptoForms } from './forms/crypto.ts';
import { floatForms } from './forms/float.ts';
import { integerForms } from './forms/integer.ts';
import { memoryForms } from './forms/memory.ts';
import { scalableForms } from './forms/scalable.ts';
import { simdForms } from './forms/simd.ts';
import { simdElementForms } from './forms/simdElement.ts';
import { simdUnaryForms } from './forms/simdUnary.ts';
import type { ParsedInsn } from './operands.ts';
import { baseSlot } from './slots.ts';
import { bitfieldSlot } from './slotsBitfield.ts';
import { memorySlot } from './slotsMemory.ts';
import { scalableSlot } from './slotsScalable.ts';
import { systemSlot } from './slotsSystem.ts';
import { vectorSlot } from './slotsVector.ts';
import { vectorElementSlot } from './slotsVectorElement.ts';
import { vectorImmediateSlot } from './slotsVectorImmediate.ts';
import { vectorListSlot } from './slotsVectorList.ts';

export type { EncodeContext, Relocation, Resolved } from './encodeState.ts';

export type Encoding =
  | { readonly word: number; readonly relocation: Relocation | null }
  | { readonly word: null; readonly reason: string };

interface Form {
  readonly word: number;
  readonly text: string;
  /** Compiled when the mnemonic is first used. */
  slots: readonly Slot[] | null;
}

const formsByMnemonic: ReadonlyMap<string, readonly Form[]> = readForms(
  [
    integerForms,
    branchForms,
    memoryForms,
    atomicForms,
    cryptoForms,
    simdForms,
    simdElementForms,
    simdUnaryForms,
    floatForms,
    scalableForms,
  ].join('\n'),
);

/**
 * The word GNU as emits for one parsed instruction: an unsigned 32-bit number, with the relocation that goes along
 * (its field is then zero in the word). Whatever is not certain is refused with `word: null` and a reason for people;
 * a wrong word is never given. Instruction-set extensions are not checked: everything known counts as enabled.
 * Never throws.
 */
export function encodeInsn(insn: ParsedInsn, ctx: EncodeContext): Encoding {
  const issue = insn.issues[0];
  if (issue !== undefined) return { word: null, reason: issue.message };
  if (insn.mnemonic === '') return { word: null, reason: 'there is no instruction' };
  const forms = formsByMnemonic.get(insn.mnemonic);
  if (forms === undefined) return { word: null, reason: `the instruction ${insn.mnemonic} is not known here` };
  const state: EncodeState = {
    operands: insn.operands,
    ctx,
    at: 0,
    word: 0,
    sf: -1,
    arrangement: '',
    scratch: 0,
    relocation: null,
    why: '',
  };
  let reason = '';
  let farthest = -1;
  for (const form of forms) {
    if (fits(state, form)) return { word: state.word >>> 0, relocation: state.relocation };
    // The form that got farthest knows best; of several, one that says more than which kind of operand it wants.
    const vague = state.why.endsWith('needed');
    if (state.at > farthest || (state.at === farthest && reason.endsWith('needed') && !vague)) {
      farthest = state.at;
      reason = state.why;
    }
  }
  return { word: null, reason: insn.operands.length === 0 ? reason : `operand ${farthest + 1}: ${reason}` };
}

/** Whether the encoder has any form of this mnemonic (lower case, conditions attached). */
export function isKnownMnemonic(mnemonic: string): boolean {
  return formsByMnemonic.has(mnemonic);
}

/** All forms as `mnemonic slots...`, for tests that generate operands. */
export function listForms(): readonly string[] {
  return [...formsByMnemonic].flatMap(([mnemonic, forms]) => forms.map((form) => `${mnemonic} ${form.text}`.trim()));
}

function fits(state: EncodeState, form: Form): boolean {
  state.at = 0;
  state.word = form.word | 0;
  state.sf = -1;
  state.arrangement = '';
  state.scratch = 0;
  state.relocation = null;
  state.why = '';
  form.slots ??= compileSlots(form.text);
  for (const slot of form.slots) {
    if (!slot(state)) return false;
  }
  if (state.at === state.operands.length) return true;
  return refuse(state, 'this operand is too many');
}

function readForms(text: string): Map<string, Form[]> {
  const forms = new Map<string, Form[]>();
  for (const line of text.split('\n')) {
    const match = /^(\S+)\s+([0-9a-f]{8})\s*(.*)$/.exec(line);
    if (match === null) continue;
    const [, mnemonic = '', word = '', slots = ''] = match;
    const form: Form = { word: Number.parseInt(word, 16), text: slots, slots: null };
    const known = forms.get(mnemonic);
    if (known === undefined) forms.set(mnemonic, [form]);
    else known.push(form);
  }
  return forms;
}

const slotTables: readonly ((token: string) => Slot | undefined)[] = [
  baseSlot,
  bitfieldSlot,
  memorySlot,
  systemSlot,
  vectorListSlot,
  vectorImmediateSlot,
  vectorElementSlot,
  vectorSlot,
  scalableSlot,
];

function compileSlots(text: string): Slot[] {
  const tokens = text.split(' ').filter((token) => token !== '');
  return tokens.map((token) => {
    for (const find of slotTables) {
      const slot = find(token);
      if (slot !== undefined) return slot;
    }
    throw new Error(`the form slot '${token}' does not exist`);
  });
}
