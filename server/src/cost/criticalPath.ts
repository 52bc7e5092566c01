import type { Program } from './program.ts';
import { reasonKinds, type Trace } from './trace.ts';

/** Why the path goes through an instruction. */
export type CriticalReason =
  | 'start'
  | 'value'
  | 'unit'
  | 'dispatch width'
  | 'reorder buffer full'
  | 'scheduler full'
  | 'memory order'
  | 'serializing'
  | 'taken branch'
  | 'write-back order'
  | 'issue group';

/** One instruction of the chain that decided a pass. */
export interface CriticalStep {
  /** Index in the stream. */
  readonly index: number;
  readonly reason: CriticalReason;
  /** Instruction that it waited for, or null. */
  readonly from: number | null;
  /** Unit that was busy, for the reason `unit`. */
  readonly unit: string | null;
  /** Cycles between the issue of `from` (or the first cycle) and its own. */
  readonly cycles: number;
}

const reasonNames: ReadonlyMap<number, CriticalReason> = new Map([
  [reasonKinds.start, 'start'],
  [reasonKinds.value, 'value'],
  [reasonKinds.unit, 'unit'],
  [reasonKinds.width, 'dispatch width'],
  [reasonKinds.buffer, 'reorder buffer full'],
  [reasonKinds.scheduler, 'scheduler full'],
  [reasonKinds.memory, 'memory order'],
  [reasonKinds.serialize, 'serializing'],
  [reasonKinds.frontEnd, 'taken branch'],
  [reasonKinds.writeBack, 'write-back order'],
  [reasonKinds.group, 'issue group'],
]);

/** The chain of waits that decided one traced pass, oldest instruction first; empty for an empty stream. */
export function criticalPath(program: Program, trace: Trace): readonly CriticalStep[] {
  if (trace.count === 0) return [];
  const steps: CriticalStep[] = [];
  let index: number | null = lastToFinish(trace);
  while (index !== null && index >= 0) {
    const reason: CriticalReason = reasonNames.get(trace.reason[index] ?? 0) ?? 'start';
    const known: number = trace.from[index] ?? -1;
    const from: number | null = known >= 0 && known < index ? known : null;
    const unit = trace.unit[index] ?? -1;
    const began: number = from === null ? 0 : (trace.issued[from] ?? 0);
    steps.push({
      index,
      reason,
      from,
      unit: unit < 0 ? null : (program.core.unitNames[unit] ?? null),
      cycles: (trace.issued[index] ?? 0) - began,
    });
    index = from;
  }
  return steps.reverse();
}

/** The instruction whose end let the last one retire: the first of those that finished last. */
function lastToFinish(trace: Trace): number {
  let last = 0;
  for (let i = 1; i < trace.count; i++) if ((trace.executed[i] ?? 0) > (trace.executed[last] ?? 0)) last = i;
  return last;
}
