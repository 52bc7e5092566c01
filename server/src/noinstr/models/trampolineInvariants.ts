import { answerOf, flagOf, interruptedInTrampoline, type ModelTask, type TrampolineState } from './trampolineModel.ts';

export type InvariantId = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7';

/** What each invariant says. */
export const trampolineInvariants: Readonly<Record<InvariantId, string>> = {
  I1: 'the flag is set exactly while a frame is marked "entered"',
  I2: 'at most one frame is marked "entered"',
  I3: 'the marked frame is the outermost one that interrupted a trampoline',
  I4: 'the answer is the truth about the interrupted levels',
  I5: 'an inner interrupt leaves the flag as it found it',
  I6: 'with no interrupt on the stack the answer is no',
  I7: 'preempting and moving the task does not change the answer',
};

export const invariantIds: readonly InvariantId[] = ['I1', 'I2', 'I3', 'I4', 'I5', 'I6', 'I7'];

/** Each invariant in a state that a step led to: kept, broken, or `null` where the protocol or the step has nothing to it. */
export type InvariantTicks = Readonly<Record<InvariantId, boolean | null>>;

/** The invariants after a step; `before` is the state it was taken in. They speak of the task that is asked about. */
export function checkTrampolines(before: TrampolineState, state: TrampolineState): InvariantTicks {
  const { task } = state;
  const flag = flagOf(state, task);
  const marked = task.stack.filter((frame) => frame.entered);
  const first = task.stack.findIndex((frame) => frame.interrupted.class === 'tramp');
  return {
    I1: flag === null ? null : flag === marked.length > 0,
    I2: flag === null ? null : marked.length <= 1,
    I3: flag === null ? null : marked.every((frame) => task.stack.indexOf(frame) === first),
    I4: answerOf(state) === interruptedInTrampoline(task),
    I5: innerPair(before, state, task),
    I6: task.stack.length > 0 ? null : !answerOf(state),
    I7: before.held === null && state.held === null ? null : answerOf(state) === (state.held ?? before.held),
  };
}

/** At a return: the flag is what it was before the entry, and a frame that is not marked changed nothing. */
function innerPair(before: TrampolineState, state: TrampolineState, task: ModelTask): boolean | null {
  const flag = flagOf(state, task);
  const top = before.task.stack.at(-1);
  if (flag === null || top === undefined || task.stack.length !== before.task.stack.length - 1) return null;
  return flag === top.flagBefore;
}
