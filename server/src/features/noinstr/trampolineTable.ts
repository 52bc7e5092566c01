import { invariantIds, trampolineInvariants } from '../../noinstr/models/trampolineInvariants.ts';
import {
  type InterruptFrame,
  type ModelTask,
  type Protocol,
  runningTask,
  type TrampolineState,
  type TrampolineVerdict,
} from '../../noinstr/models/trampolineModel.ts';
import {
  parseSteps,
  runTrampolines,
  stepText,
  type TrampolineRow,
  type TrampolineRun,
  trampolineScenarios,
} from '../../noinstr/models/trampolineRun.ts';
import { classOfCode } from '../../noinstr/models/trampolineSymbols.ts';
import type { StepLevel, StepTable } from './stepTable.ts';

/** What is run: one of the scenarios, or steps in the words of `parseSteps`. */
export type TrampolineWish =
  | { readonly scenario: number; readonly protocol: Protocol; readonly pc?: string | null }
  | { readonly steps: string; readonly protocol: Protocol };

export interface TrampolineSteps {
  readonly title: string;
  readonly about: string;
  readonly protocol: Protocol;
  readonly run: TrampolineRun;
}

/** How each protocol answers. */
export const protocolText: Readonly<Record<Protocol, string>> = {
  'flag+frame': 'a flag of the task, and in each frame a mark whether it set the flag',
  'innermost-pc': 'the class of the innermost interrupted instruction',
  'saved-ip-per-cpu': 'the interrupted instruction, kept in one slot per CPU',
  'flag-per-cpu': 'a flag of the CPU, and in each frame a mark whether it set the flag',
};

const verdictText: Readonly<Record<TrampolineVerdict, string>> = {
  correct: 'correct',
  'false-negative': 'false negative',
  'false-positive': 'false positive',
  running: 'not asked',
};

const verdictMeaning: Readonly<Record<TrampolineVerdict, string | null>> = {
  correct: null,
  'false-negative': 'false negative: the trampoline could be freed while the task is still in it (use after free)',
  'false-positive': 'false positive: a grace period waits for a task that is in no trampoline',
  running: null,
};

/** Runs what is wished for; `problem` says why it cannot be run. */
export function trampolineSteps(wish: TrampolineWish): TrampolineSteps | { readonly problem: string } {
  const { protocol } = wish;
  if ('steps' in wish) {
    const parsed = parseSteps(wish.steps);
    if (parsed.problem !== null) return parsed;
    return { title: 'steps as given', about: '', protocol, run: runTrampolines(protocol, parsed.steps) };
  }
  const scenario = trampolineScenarios.find((one) => one.number === wish.scenario);
  if (scenario === undefined) return { problem: `scenarios are numbered 1 to ${trampolineScenarios.length}` };
  const parsed = parseSteps(scenario.steps);
  if (parsed.problem !== null) return parsed;
  const { pc } = wish;
  const first = parsed.steps[0];
  const code = pc === undefined || pc === null ? null : classOfCode(pc).code;
  const steps =
    code === null || first?.kind !== 'run' ? parsed.steps : [{ kind: 'run' as const, code }, ...parsed.steps.slice(1)];
  const title = `scenario ${scenario.number}: ${scenario.title}`;
  return { title, about: code === null ? scenario.about : '', protocol, run: runTrampolines(protocol, steps) };
}

/** The run as a table for people. */
export function trampolineTable({ title, about, protocol, run }: TrampolineSteps): StepTable {
  const wrong = [...new Set(run.rows.map((row) => verdictMeaning[row.verdict]))].filter((text) => text !== null);
  const { refused } = run;
  return {
    title: `Interrupted trampolines, ${title}`,
    about: [...(about === '' ? [] : [about]), `Protocol ${protocol}: ${protocolText[protocol]}.`],
    columns: ['stack', 'flag', 'answer', 'truth', 'verdict'],
    checks: invariantIds.map((id) => ({ id, text: trampolineInvariants[id] })),
    rows: run.rows.map((row) => ({
      step: stepText(row.step),
      group: null,
      indent: 0,
      cells: [stackText(row.state), flagText(row.state), yes(row.answer), yes(row.truth), verdictText[row.verdict]],
      ticks: invariantIds.map((id) => row.invariants[id]),
      problems:
        verdictMeaning[row.verdict] === null ? [] : [`the answer is ${yes(row.answer)}, the truth ${yes(row.truth)}`],
      picture: pictureOf(row),
      place: null,
      isHere: false,
    })),
    notes: [
      ...wrong,
      ...(refused === null
        ? []
        : [`Stopped at step ${refused.index + 1}, ${stepText(refused.step)}: ${refused.reason}.`]),
      'An interrupt with * set the flag. The question is whether the task may still need a trampoline that is to be freed.',
    ],
  };
}

function yes(value: boolean): string {
  return value ? 'yes' : 'no';
}

function flagText(state: TrampolineState): string {
  if (state.protocol === 'flag+frame') return state.task.flag ? 'set' : 'clear';
  const cpu = state.cpus[state.task.cpu];
  if (state.protocol === 'flag-per-cpu') return cpu.flag ? 'set' : 'clear';
  return state.protocol === 'saved-ip-per-cpu' ? (cpu.savedIp?.label ?? 'empty') : '–';
}

/** Levels of a task, outermost first, each with the code that runs in it. */
function levelsOf(
  task: ModelTask,
): readonly { readonly frame: InterruptFrame | null; readonly code: ModelTask['now'] }[] {
  const frames: readonly (InterruptFrame | null)[] = [null, ...task.stack];
  return frames.map((frame, at) => ({ frame, code: task.stack[at]?.interrupted ?? task.now }));
}

function stackText(state: TrampolineState): string {
  const of = (task: ModelTask): string =>
    levelsOf(task)
      .map(({ frame, code }) => {
        if (frame === null) return code.label;
        const inner = frame.softirq ? ` softirq:${code.label}` : code.label === 'plain' ? '' : `:${code.label}`;
        return `${frame.kind}${frame.entered ? '*' : ''}${inner}`;
      })
      .join(' < ');
  if (state.other !== null) return `${of(state.task)} (off CPU) | other: ${of(state.other)}`;
  return state.task.cpu === 0 ? of(state.task) : `${of(state.task)} (CPU ${state.task.cpu})`;
}

function pictureOf(row: TrampolineRow): readonly StepLevel[] {
  const { state } = row;
  const levels = (task: ModelTask): StepLevel[] =>
    levelsOf(task)
      .map(({ frame, code }, at): StepLevel => {
        const isNow = at === task.stack.length;
        const where =
          frame === null ? 'thread' : `${frame.kind}${frame.softirq ? ', softirq' : ''}${frame.entered ? ' *' : ''}`;
        const name = task.name === 'other' ? `other task, ${where}` : where;
        return { name, value: `${code.label}${isNow ? '' : ', interrupted'}`, marked: code.class === 'tramp' };
      })
      .reverse();
  const running = runningTask(state);
  const rest =
    running.name === 'other' ? levels(state.task).map((one) => ({ ...one, name: `task off CPU, ${one.name}` })) : [];
  return [
    ...levels(running),
    ...rest,
    { name: 'flag', value: flagText(state), marked: false },
    { name: 'answer', value: yes(row.answer), marked: false },
    { name: 'truth', value: yes(row.truth), marked: false },
    {
      name: 'verdict',
      value: verdictText[row.verdict],
      marked: row.verdict === 'false-negative' || row.verdict === 'false-positive',
    },
  ];
}
