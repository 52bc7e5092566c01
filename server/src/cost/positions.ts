import { anyWriteClass, type BoundInsn, callLatency, type InsnRecord, type OwnRow, registerIds } from './model.ts';
import type { Bound, ProgramOptions } from './program.ts';

/** What an instruction without a record of LLVM's counts as: one micro-op, one cycle, no unit. */
export const noUses: InsnRecord = {
  uops: 1,
  latencyCycles: 1,
  writes: [],
  reads: [],
  uses: [],
  buffers: [],
  groups: [],
  partlyOverlappingGroups: false,
  mayLoad: false,
  mayStore: false,
  beginGroup: false,
  endGroup: false,
  retireOutOfOrder: false,
  mustIssueImmediately: false,
};

/** One instruction with the figures that count in this mode at this bound. */
export interface Position {
  readonly own: OwnRow | null;
  readonly record: InsnRecord;
  readonly uops: number;
  readonly latency: number;
  /** Null when it neither reads nor writes: a slot. */
  readonly registers: BoundInsn | null;
  /** Cycles of our row, or -1 without one. */
  readonly figure: number;
  readonly callLatencyCycles: number;
}

/** The figures of an instruction at index `p` of a stream. */
export function positionOf(insn: BoundInsn, p: number, options: ProgramOptions): Position {
  const { callLatencyCycles } = options;
  const record = insn.record ?? noUses;
  const own = options.mode === 'kernel' ? insn.own : null;
  if (own === null) {
    const latency = cyclesOf(record.latencyCycles, callLatencyCycles);
    return { own, record, uops: record.uops, latency, registers: insn, figure: -1, callLatencyCycles };
  }
  if (own.behavior === 'slot')
    return { own, record, uops: 1, latency: 0, registers: null, figure: 0, callLatencyCycles };
  const figure = figureOf(own, options.rowBounds?.[p] ?? options.bound);
  const latency = own.relative ? cyclesOf(record.latencyCycles, callLatencyCycles) + figure : figure;
  const uops = insn.record === null ? own.uops : record.uops;
  return { own, record, uops, latency, registers: insn, figure, callLatencyCycles };
}

/** Cycles of a row at one bound; an unknown upper bound counts as the lower one, and the report says it is open. */
function figureOf(own: OwnRow, bound: Bound): number {
  return bound === 'hi' && own.hiCycles !== null ? Math.max(own.hiCycles, own.loCycles) : own.loCycles;
}

function cyclesOf(latencyCycles: number, callLatencyCycles: number): number {
  return latencyCycles === callLatency ? callLatencyCycles : latencyCycles;
}

/** Cycles until a write's value is there; an absolute figure of our own counts for all writes. */
export function writeLatency(position: Position, write: number): number {
  const { own, record, figure, callLatencyCycles } = position;
  if (own !== null && !own.relative) return figure;
  const known = record.writes[write]?.latencyCycles;
  const table = known === undefined ? position.latency : cyclesOf(known, callLatencyCycles);
  return own === null || known === undefined ? table : table + figure;
}

/** Cycles to the first write, or to completion without one. */
export function earliestWrite(position: Position): number {
  let first = position.latency;
  const writes = position.registers?.writes.length ?? 0;
  for (let w = 0; w < writes; w++) first = Math.min(first, writeLatency(position, w));
  return first;
}

/** A figure of our own comes from no bypass that LLVM's tables know. */
export function writeClassOf({ own, record }: Position, write: number): number {
  return own === null || own.relative ? (record.writes[write]?.writeClass ?? anyWriteClass) : anyWriteClass;
}

/** Whether a register carries something to the following code. */
export function hasResult(insn: BoundInsn): boolean {
  const leavesFlags = leavesFlagsAlone(insn);
  return insn.writes.some(({ registers }) => registers.some((one) => one !== registerIds.nzcv || !leavesFlags));
}

/** LLVM has every MRS and MSR write the flags, because MSR NZCV does. */
export function leavesFlagsAlone({ mnemonic, text }: BoundInsn): boolean {
  return (mnemonic === 'mrs' || mnemonic === 'msr') && !/nzcv/i.test(text);
}
