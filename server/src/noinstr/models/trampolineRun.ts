import { checkTrampolines, type InvariantTicks } from './trampolineInvariants.ts';
import {
  answerOf,
  applyStep,
  type Protocol,
  refusal,
  startTrampolines,
  type TrampolineState,
  type TrampolineStep,
  type TrampolineVerdict,
  truthOf,
  verdictOf,
} from './trampolineModel.ts';
import { classOfCode } from './trampolineSymbols.ts';

/** One step of a run with everything that is shown of the state after it. */
export interface TrampolineRow {
  readonly step: TrampolineStep;
  readonly state: TrampolineState;
  readonly answer: boolean;
  readonly truth: boolean;
  readonly verdict: TrampolineVerdict;
  readonly invariants: InvariantTicks;
}

/** A run up to its end, or up to the step that cannot happen. */
export interface TrampolineRun {
  readonly rows: readonly TrampolineRow[];
  readonly refused: { readonly index: number; readonly step: TrampolineStep; readonly reason: string } | null;
}

export function runTrampolines(protocol: Protocol, steps: readonly TrampolineStep[]): TrampolineRun {
  const rows: TrampolineRow[] = [];
  let state = startTrampolines(protocol);
  for (const [index, step] of steps.entries()) {
    const reason = refusal(state, step);
    if (reason !== null) return { rows, refused: { index, step, reason } };
    const before = state;
    state = applyStep(state, step);
    const invariants = checkTrampolines(before, state);
    const verdict = verdictOf(state);
    rows.push({ step, state, answer: answerOf(state), truth: truthOf(state), verdict, invariants });
  }
  return { rows, refused: null };
}

export interface TrampolineScenario {
  readonly number: number;
  readonly title: string;
  /** What it shows. */
  readonly about: string;
  readonly steps: string;
}

/** The situations worth knowing, in the words of `parseSteps`. */
export const trampolineScenarios: readonly TrampolineScenario[] = [
  {
    number: 1,
    title: 'plain, interrupted',
    about: 'Nothing to protect: every protocol says no.',
    steps: 'run plain, irq, ask, exit',
  },
  {
    number: 2,
    title: 'trampoline, interrupted',
    about: 'The simple case: the interrupted instruction is in the trampoline.',
    steps: 'run tramp, irq, ask, exit',
  },
  {
    number: 3,
    title: 'trampoline, interrupted; its softirq interrupted in plain code',
    about: 'The innermost interrupted instruction is plain, and the thread below is still in the trampoline.',
    steps: 'run tramp, irq, softirq, irq, ask, exit, ask, exit',
  },
  {
    number: 4,
    title: 'plain, interrupted; its softirq interrupted in a trampoline',
    about: 'Only the inner level is in a trampoline; the inner frame carries the mark.',
    steps: 'run plain, irq, softirq, run tramp, irq, ask, exit, ask, exit',
  },
  {
    number: 5,
    title: 'trampoline, interrupted; its softirq interrupted in a trampoline too',
    about: 'Two interrupted trampolines: the second entry finds the flag set and changes nothing.',
    steps: 'run tramp, irq, softirq, run tramp, irq, ask, exit, ask, exit',
  },
  {
    number: 6,
    title: 'trampoline, interrupted, preempted; another task is interrupted; the task goes on elsewhere',
    about: 'What is kept per CPU is overwritten by the other task, or stays behind when the task moves.',
    steps: 'run tramp, irq, preempt, irq, ask, exit, migrate, ask, exit',
  },
  {
    number: 7,
    title: 'an NMI over scenario 3',
    about: 'One level more: the NMI interrupts a handler, which is plain code.',
    steps: 'run tramp, irq, softirq, irq, nmi, ask, exit, ask, exit, exit',
  },
];

/** Words for steps, those of the model and short ones. */
const words: ReadonlyMap<string, TrampolineStep> = new Map<string, TrampolineStep>([
  ['irq', { kind: 'irqEnter', nmi: false }],
  ['irqenter', { kind: 'irqEnter', nmi: false }],
  ['irqenter irq', { kind: 'irqEnter', nmi: false }],
  ['irqenter softirq-irq', { kind: 'irqEnter', nmi: false }],
  ['nmi', { kind: 'irqEnter', nmi: true }],
  ['irqenter nmi', { kind: 'irqEnter', nmi: true }],
  ['softirq', { kind: 'softirq' }],
  ['softirqend', { kind: 'softirqEnd' }],
  ['exit', { kind: 'irqExit' }],
  ['irqexit', { kind: 'irqExit' }],
  ['preempt', { kind: 'preempt' }],
  ['resume', { kind: 'resume' }],
  ['migrate', { kind: 'migrate' }],
  ['ask', { kind: 'ask' }],
]);

const stepWords = 'run CODE, irq, nmi, softirq, softirqEnd, exit, preempt, resume, migrate, ask';

/**
 * Steps as written: apart by commas, semicolons or arrows; `run tramp` and `run(tramp)` are the same, and a symbol may
 * stand instead of the class. The first word that is none is `problem`.
 */
export function parseSteps(
  text: string,
): { readonly steps: readonly TrampolineStep[]; readonly problem: null } | { readonly problem: string } {
  const steps: TrampolineStep[] = [];
  for (const part of text.split(/[,;]|->|→/)) {
    const said = part.trim();
    if (said === '') continue;
    const run = /^run\b\s*\(?\s*([^()]+?)\s*\)?$/i.exec(said)?.[1];
    const step =
      run === undefined ? words.get(normalized(said)) : { kind: 'run' as const, code: classOfCode(run).code };
    if (step === undefined) return { problem: `"${said}" is no step; steps are ${stepWords}` };
    steps.push(step);
  }
  return steps.length === 0 ? { problem: `no steps; steps are ${stepWords}` } : { steps, problem: null };
}

function normalized(text: string): string {
  return text.toLowerCase().replace(/[()]/g, ' ').trim().replace(/\s+/g, ' ');
}

/** A step in the words of `parseSteps`. */
export function stepText(step: TrampolineStep): string {
  if (step.kind === 'run') {
    const { label, class: kind } = step.code;
    return classOfCode(label).code.class === kind ? `run ${label}` : `run ${label} as ${kind}`;
  }
  if (step.kind === 'irqEnter') return step.nmi ? 'nmi' : 'irq';
  return step.kind === 'irqExit' ? 'exit' : step.kind;
}
