import type { CheckedStep } from '../../noinstr/models/contextRun.ts';
import type { ContextState } from '../../noinstr/models/contextState.ts';
import { stepText } from '../../noinstr/models/trampolineRun.ts';
import type { ContextOfFunction } from './contextFunction.ts';
import { type ContextSteps, nmiText } from './contextTable.ts';
import type { TrampolineSteps } from './trampolineTable.ts';

/** A run of the model of trampolines as it is printed as JSON. */
export function trampolineRecord({ title, protocol, run }: TrampolineSteps): object {
  const { refused } = run;
  return {
    model: 'tramp',
    title,
    protocol,
    steps: run.rows.map((row, index) => ({
      index: index + 1,
      step: stepText(row.step),
      stack: row.state.task.stack.map(({ kind, interrupted, entered, softirq }) => ({
        kind,
        interrupted: interrupted.label,
        class: interrupted.class,
        entered,
        softirq,
      })),
      thread: row.state.task.stack[0]?.interrupted.label ?? row.state.task.now.label,
      cpu: row.state.other === null ? row.state.task.cpu : null,
      flag: row.state.task.flag,
      answer: row.answer,
      truth: row.truth,
      verdict: row.verdict,
      invariants: row.invariants,
    })),
    refused:
      refused === null ? null : { index: refused.index + 1, step: stepText(refused.step), reason: refused.reason },
  };
}

/** A scenario of context tracking as JSON. */
export function scenarioRecord({ title, start, rows }: ContextSteps): object {
  return {
    model: 'context',
    title,
    start: stateRecord(start),
    steps: rows.map((row, index) => ({ index: index + 1, step: row.step, via: row.via, ...checkedRecord(row) })),
  };
}

/** Context tracking along a function as JSON; `display` makes paths relative to the tree. */
export function functionRecord(found: ContextOfFunction, display: (path: string) => string): object {
  const { table } = found;
  return {
    model: 'context',
    function: found.name,
    start: { from: found.start.text, ...stateRecord(found.start.state) },
    paths: found.paths,
    steps: found.path.map((step, index) => {
      const place = table.rows[index]?.place ?? null;
      return {
        index: index + 1,
        step: table.rows[index]?.step ?? '',
        level: step.level,
        file: place === null ? null : display(place.path),
        line: place?.line ?? null,
        ...checkedRecord(step),
      };
    }),
  };
}

function checkedRecord({ state, derived, problems, ticks }: CheckedStep): object {
  return { state: stateRecord(state), derived, problems, invariants: ticks };
}

function stateRecord(state: ContextState): object {
  const { saved, base, nmiNesting, ...rest } = state;
  return { ...rest, nmiNesting: nmiNesting === null ? null : nmiText(nmiNesting), interrupted: saved.length };
}
