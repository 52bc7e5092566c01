import {
  type CheckedStep,
  type ContextRow,
  contextInvariantIds,
  contextInvariants,
  contextScenarios,
  runContext,
} from '../../noinstr/models/contextRun.ts';
import {
  type ContextState,
  type NmiNesting,
  type PreemptParts,
  startContext,
} from '../../noinstr/models/contextState.ts';
import type { StepLevel, StepRow, StepTable } from './stepTable.ts';

export interface ContextSteps {
  readonly title: string;
  readonly start: ContextState;
  readonly rows: readonly ContextRow[];
}

/** A scenario by its name; `problem` names those there are. */
export function scenarioSteps(
  name: string,
  tracking: ContextState['tracking'],
): ContextSteps | { readonly problem: string } {
  const scenario = contextScenarios.find((one) => one.name === name);
  if (scenario === undefined) {
    return { problem: `no scenario ${name}; there are ${contextScenarios.map((one) => one.name).join(', ')}` };
  }
  const start = startContext(scenario.from, tracking);
  return { title: `${scenario.name}: ${scenario.title}`, start, rows: runContext(scenario, start) };
}

const trackingText: Readonly<Record<ContextState['tracking'], string>> = {
  active: 'Context tracking of user space is active on this CPU (nohz_full).',
  inactive: 'Context tracking of user space is on, but not active on this CPU.',
  off: 'Context tracking of user space is off: RCU watches in user space.',
};

/** A scenario of the model as a table. */
export function scenarioTable({ title, start, rows }: ContextSteps): StepTable {
  return contextTable(
    `Context tracking, ${title}`,
    [trackingText[start.tracking]],
    rows.map((row) => {
      const isPoint = row.step.startsWith('*');
      return {
        ...contextCells(row),
        step: isPoint ? row.step.slice(1) : row.step,
        group: row.via === null ? null : `${row.via}()`,
        indent: row.via === null ? 0 : 1,
        place: null,
        isHere: false,
      };
    }),
    [],
  );
}

/** A table with the columns of the model of context tracking. */
export function contextTable(
  title: string,
  about: readonly string[],
  rows: readonly StepRow[],
  notes: readonly string[],
): StepTable {
  return {
    title,
    about,
    columns: ['mode', 'RCU', 'ct', 'nest', 'nmi', 'preempt', 'lockdep', 'trace', 'masked', 'instr', 'sched'],
    checks: contextInvariantIds.map((id) => ({ id, text: contextInvariants[id] })),
    rows,
    notes: [
      ...notes,
      'State after each step. nmi: N is the value that stands for "not idle" (CT_NESTING_IRQ_NONIDLE). preempt: c count, s softirq, h hardirq, n nmi. lockdep, trace: whether they were told that interrupts are on. masked: bits of DAIF. instr: instrumentation is allowed. sched: scheduling is. ?: not known.',
    ],
  };
}

/** Cells, ticks and picture of a step of the model. */
export function contextCells(row: CheckedStep): Pick<StepRow, 'cells' | 'ticks' | 'problems' | 'picture'> {
  const { state, derived } = row;
  return {
    cells: [
      derived.mode ?? '?',
      onOff(state.watching),
      state.ctState ?? '?',
      state.nesting === null ? '?' : String(state.nesting),
      nmiText(state.nmiNesting),
      preemptText(state.preempt),
      onOff(state.lockdepOn),
      onOff(state.traceOn),
      maskText(state),
      yesNo(derived.instrumentable),
      yesNo(derived.schedulable),
    ],
    ticks: contextInvariantIds.map((id) => row.ticks[id]),
    problems: row.problems,
    picture: contextPicture(row),
  };
}

/** The state as facts, one a line. */
export function contextPicture({ state, derived }: Pick<CheckedStep, 'state' | 'derived'>): readonly StepLevel[] {
  const fact = (name: string, value: string, marked = false): StepLevel => ({ name, value, marked });
  return [
    fact('mode', derived.mode ?? 'not known'),
    fact(
      'RCU',
      state.watching === null ? 'not known' : state.watching ? 'is watching' : 'is not watching',
      state.watching === false,
    ),
    fact('context', state.ctState ?? 'not known'),
    fact('nesting', state.nesting === null ? 'not known' : String(state.nesting)),
    fact('nmi_nesting', nmiText(state.nmiNesting) === '?' ? 'not known' : nmiText(state.nmiNesting)),
    fact('preempt count', preemptText(state.preempt) === '?' ? 'not known' : preemptText(state.preempt)),
    fact('lockdep', toldText(state.lockdepOn)),
    fact('tracing', toldText(state.traceOn)),
    fact('masked', maskText(state) === '?' ? 'not known' : maskText(state)),
    fact('instrumentation', allowedText(derived.instrumentable), derived.instrumentable === false),
    fact('scheduling', allowedText(derived.schedulable)),
    fact('a fault', allowedText(derived.mayFault)),
    fact('an interrupt', derived.mayTakeIrq === null ? 'not known' : derived.mayTakeIrq ? 'can come' : 'cannot come'),
  ];
}

function onOff(value: boolean | null): string {
  return value === null ? '?' : value ? 'on' : 'off';
}

function yesNo(value: boolean | null): string {
  return value === null ? '?' : value ? 'yes' : 'no';
}

function toldText(value: boolean | null): string {
  return value === null ? 'not known' : `told that interrupts are ${value ? 'on' : 'off'}`;
}

function allowedText(value: boolean | null): string {
  return value === null ? 'not known' : value ? 'is allowed' : 'is not allowed';
}

/** Nesting of NMI-like entries; `N` stands for the value that says "not idle", `?` for what is not known. */
export function nmiText(nesting: NmiNesting | null): string {
  if (nesting === null) return '?';
  const { nonIdle, count } = nesting;
  if (!nonIdle) return String(count);
  return count === 0 ? 'N' : `N${count > 0 ? '+' : ''}${count}`;
}

function preemptText(preempt: PreemptParts | null): string {
  if (preempt === null) return '?';
  const { count, softirq, hardirq, nmi } = preempt;
  const parts = [
    ['c', count],
    ['s', softirq],
    ['h', hardirq],
    ['n', nmi],
  ] as const;
  const shown = parts.filter(([, value]) => value !== 0).map(([letter, value]) => `${letter}${value}`);
  return shown.length === 0 ? '0' : shown.join(' ');
}

/** Masked exceptions; what masks interrupts without the bit in DAIF is the priority of the interrupt controller. */
function maskText({ daif, irqsMasked }: ContextState): string {
  if (daif === null) return irqsMasked === null ? '?' : irqsMasked ? 'I…' : '?';
  return daif === '' ? '–' : daif;
}
