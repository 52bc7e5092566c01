import type { Code } from './trampolineSymbols.ts';

/** How "is this task in a trampoline?" is answered. */
export type Protocol = 'flag+frame' | 'innermost-pc' | 'saved-ip-per-cpu' | 'flag-per-cpu';

export const protocols: readonly Protocol[] = ['flag+frame', 'innermost-pc', 'saved-ip-per-cpu', 'flag-per-cpu'];

export type FrameKind = 'irq' | 'softirq-irq' | 'nmi';

/** One interrupt on the stack of a task. */
export interface InterruptFrame {
  readonly kind: FrameKind;
  readonly interrupted: Code;
  /** This frame set the flag, and clears it when it returns. */
  readonly entered: boolean;
  /** Softirq code runs in the exit of this frame, interrupts open. */
  readonly softirq: boolean;
  /** The flag before this frame was entered; only looked at by the invariants. */
  readonly flagBefore: boolean;
}

export interface ModelTask {
  readonly name: 'task' | 'other';
  /** What runs at its innermost level. */
  readonly now: Code;
  readonly flag: boolean;
  /** Outermost first. */
  readonly stack: readonly InterruptFrame[];
  readonly cpu: 0 | 1;
}

interface ModelCpu {
  readonly flag: boolean;
  readonly savedIp: Code | null;
}

/** The task that is asked about, the one that runs in its place while it is preempted, and two CPUs. */
export interface TrampolineState {
  readonly protocol: Protocol;
  readonly task: ModelTask;
  /** Runs in its place; `null` while `task` runs itself. */
  readonly other: ModelTask | null;
  readonly cpus: readonly [ModelCpu, ModelCpu];
  /** The answer when it was preempted: while nobody runs it, another answer cannot be right. */
  readonly held: boolean | null;
}

export type TrampolineStep =
  | { readonly kind: 'run'; readonly code: Code }
  | { readonly kind: 'irqEnter'; readonly nmi: boolean }
  | { readonly kind: 'softirq' | 'softirqEnd' | 'irqExit' | 'preempt' | 'resume' | 'migrate' | 'ask' };

const plain: Code = { class: 'plain', label: 'plain' };

function freshTask(name: ModelTask['name'], cpu: 0 | 1): ModelTask {
  return { name, now: plain, flag: false, stack: [], cpu };
}

export function startTrampolines(protocol: Protocol): TrampolineState {
  const cpu: ModelCpu = { flag: false, savedIp: null };
  return { protocol, task: freshTask('task', 0), other: null, cpus: [cpu, cpu], held: null };
}

export function runningTask(state: TrampolineState): ModelTask {
  return state.other ?? state.task;
}

/** Why a step cannot happen in a state; `null` when it can. */
export function refusal(state: TrampolineState, step: TrampolineStep): string | null {
  const { stack } = runningTask(state);
  const top = stack.at(-1);
  switch (step.kind) {
    case 'run':
    case 'ask':
      return null;
    case 'irqEnter':
      if (step.nmi) return top?.kind === 'nmi' ? 'an NMI masks the next one' : null;
      return top === undefined || top.softirq ? null : 'interrupts are masked in a handler; only an NMI comes through';
    case 'softirq':
      if (top === undefined) return 'softirqs run in the exit of an interrupt here';
      if (top.kind !== 'irq') return 'softirqs run in the exit of the outermost interrupt only';
      return top.softirq ? 'softirq code runs already' : null;
    case 'softirqEnd':
      return top?.softirq === true ? null : 'no softirq code runs';
    case 'irqExit':
      return top === undefined ? 'there is no interrupt to return from' : null;
    case 'preempt':
      if (state.other !== null) return 'the task is preempted already';
      if (top === undefined) return 'a task is preempted from the exit of an interrupt';
      return stack.length === 1 && top.kind === 'irq' && !top.softirq
        ? null
        : 'the preempt count is not 0 here: softirq, nested interrupt or NMI';
    case 'resume':
    case 'migrate':
      if (state.other === null) return 'the task has not been preempted';
      return stack.length === 0 || (stack.length === 1 && top?.kind === 'irq' && !top.softirq)
        ? null
        : 'the other task cannot be switched away from here: its preempt count is not 0';
  }
}

/** The state after a step that can happen (`refusal` says `null`). Any other gives a state that means nothing. */
export function applyStep(state: TrampolineState, step: TrampolineStep): TrampolineState {
  const running = runningTask(state);
  switch (step.kind) {
    case 'ask':
      return state;
    case 'run':
      return withRunning(state, { ...running, now: step.code });
    case 'irqEnter':
      return enter(state, running, step.nmi);
    case 'softirq':
    case 'softirqEnd': {
      const top = running.stack.at(-1);
      if (top === undefined) return state;
      const stack = [...running.stack.slice(0, -1), { ...top, softirq: step.kind === 'softirq' }];
      return withRunning(state, { ...running, stack, now: plain });
    }
    case 'irqExit':
      return exit(state, running);
    case 'preempt':
      return { ...state, other: freshTask('other', state.task.cpu), held: answerOf(state) };
    case 'resume':
      return { ...state, other: null, held: null };
    case 'migrate':
      return { ...state, task: { ...state.task, cpu: state.task.cpu === 0 ? 1 : 0 }, other: null, held: null };
  }
}

function withRunning(state: TrampolineState, running: ModelTask): TrampolineState {
  return running.name === 'task' ? { ...state, task: running } : { ...state, other: running };
}

function withCpu(state: TrampolineState, cpu: 0 | 1, change: Partial<ModelCpu>): TrampolineState {
  const [first, second] = state.cpus;
  return { ...state, cpus: cpu === 0 ? [{ ...first, ...change }, second] : [first, { ...second, ...change }] };
}

/** The flag that a protocol keeps for a task; `null` for one that keeps none. */
export function flagOf(state: TrampolineState, task: ModelTask): boolean | null {
  if (state.protocol === 'flag+frame') return task.flag;
  return state.protocol === 'flag-per-cpu' ? state.cpus[task.cpu].flag : null;
}

function enter(state: TrampolineState, running: ModelTask, nmi: boolean): TrampolineState {
  const flag = flagOf(state, running);
  const entered = flag === false && running.now.class === 'tramp';
  const kind: FrameKind = nmi ? 'nmi' : running.stack.length > 0 ? 'softirq-irq' : 'irq';
  const frame = { kind, interrupted: running.now, entered, softirq: false, flagBefore: flag === true };
  const ownFlag = running.flag || (state.protocol === 'flag+frame' && entered);
  const inside = { ...running, flag: ownFlag, stack: [...running.stack, frame], now: plain };
  const change = { savedIp: running.now, ...(state.protocol === 'flag-per-cpu' && entered ? { flag: true } : {}) };
  return withCpu(withRunning(state, inside), running.cpu, change);
}

function exit(state: TrampolineState, running: ModelTask): TrampolineState {
  const top = running.stack.at(-1);
  if (top === undefined) return state;
  const ownFlag = running.flag && !(state.protocol === 'flag+frame' && top.entered);
  const outside = { ...running, flag: ownFlag, stack: running.stack.slice(0, -1), now: top.interrupted };
  const after = withRunning(state, outside);
  return state.protocol === 'flag-per-cpu' && top.entered ? withCpu(after, running.cpu, { flag: false }) : after;
}

/** What the protocol says of the task: in a trampoline or not. */
export function answerOf(state: TrampolineState): boolean {
  const { task, cpus } = state;
  switch (state.protocol) {
    case 'flag+frame':
      return task.flag;
    case 'innermost-pc':
      return task.stack.at(-1)?.interrupted.class === 'tramp';
    case 'saved-ip-per-cpu':
      return cpus[task.cpu].savedIp?.class === 'tramp';
    case 'flag-per-cpu':
      return cpus[task.cpu].flag;
  }
}

/** Whether any level of the task that was interrupted is in a trampoline. */
export function interruptedInTrampoline(task: ModelTask): boolean {
  return task.stack.some((frame) => frame.interrupted.class === 'tramp');
}

/** Truth G: the thread level is in a trampoline, or any interrupted level is. */
export function truthOf(state: TrampolineState): boolean {
  const { task } = state;
  const thread = task.stack[0]?.interrupted ?? task.now;
  return thread.class === 'tramp' || interruptedInTrampoline(task);
}

/**
 * `running`: the task runs, nothing has interrupted it. Then no answer is asked for: Tasks RCU waits for a running task
 * anyway, and the question comes from an interrupt or from a task that is not running.
 */
export type TrampolineVerdict = 'correct' | 'false-negative' | 'false-positive' | 'running';

export function verdictOf(state: TrampolineState): TrampolineVerdict {
  const answer = answerOf(state);
  const truth = truthOf(state);
  if (answer === truth) return 'correct';
  if (answer) return 'false-positive';
  return state.task.stack.length === 0 ? 'running' : 'false-negative';
}
