/** `llvm`: what llvm-mca 19 computes. `kernel`: the same machine with our own figures where LLVM has none. */
export type MachineMode = 'llvm' | 'kernel';

/**
 * One core's pipeline as LLVM describes it. Cycles and micro-ops are LLVM's.
 * Source: llvm/MC/MCSchedule.h, LLVM 19.1.7.
 */
export interface CoreModel {
  /** Lower case `-mcpu` name, such as `neoverse-n1`. */
  readonly name: string;
  /** LLVM's model name, such as `NeoverseN1Model`. */
  readonly llvmModel: string;
  readonly kind: 'out-of-order' | 'in-order';
  /** Micro-ops dispatched (out of order) or issued (in order) in one cycle. */
  readonly widthUops: number;
  /** Entries of the reorder buffer in micro-ops; 0 in order. */
  readonly bufferUops: number;
  readonly mispredictPenaltyCycles: number;
  /** In LLVM's order without its invalid first entry; indices below are into this array. */
  readonly resources: readonly CoreResource[];
  /** Instructions decoded in one cycle where the core's guide says so; `kernel` mode only. */
  readonly decodeLimitInsns: number | null;
  /** Pairs that may be fused (`data/cost/fusion.json`); `kernel` mode only, and only when asked for. */
  readonly fusion?: readonly FusedPairs[];
}

/** Two neighbors that some cores run as one micro-op. */
export type FusionKind =
  /** AESE and AESMC, AESD and AESIMC. */
  | 'aes'
  | 'adrp-add'
  /** CMP, CMN or TST, and B.cond. */
  | 'compare-branch'
  /** Any of ADDS, SUBS, ANDS, BICS, with or without a result, and B.cond. */
  | 'arithmetic-branch'
  /** ALU instruction without flags, and CBZ or CBNZ of its result. */
  | 'arithmetic-cbz'
  | 'movz-movk';

/** What a source says of one kind of pair on a core. */
export interface FusedPairs {
  readonly kind: FusionKind;
  /** Source id of the data file. */
  readonly source: string;
  readonly status: 'assumed';
}

/** A kind of execution unit, or a group of them. */
export interface CoreResource {
  /** LLVM's name, such as `V2UnitL01`; reports add `.0`, `.1` when there are several units. */
  readonly name: string;
  /** Identical units; 1 for a group. */
  readonly units: number;
  /** Resource indices of a group's members in ascending order; `null` for a unit. */
  readonly members: readonly number[] | null;
  /** Scheduler entries: -1 no limit, 0 must issue at dispatch, else the number of entries. */
  readonly bufferEntries: number;
}

/** Matches writes of every class in an `Advance`, and marks a write without a class. */
export const anyWriteClass = 0;

/** How many cycles before its full latency a value may be read. First matching entry of a read wins. */
export interface Advance {
  /** Write class of the producer (LLVM's WriteResourceID), or `anyWriteClass`. */
  readonly writeClass: number;
  readonly cycles: number;
}

/**
 * A latency that is the simulation's call latency parameter: calls, and what LLVM has no latency for (Cyclone's `mrs`).
 * Source: llvm/lib/MCA/InstrBuilder.cpp:computeMaxLatency, LLVM 19.1.7. The tables say `"call"`.
 */
export const callLatency = -1;

export interface WriteRecord {
  /** Cycles, or `callLatency`. */
  readonly latencyCycles: number;
  readonly writeClass: number;
}

export interface ReadRecord {
  readonly advances: readonly Advance[];
}

export interface ResourceUse {
  /** Index into `CoreModel.resources`. */
  readonly resource: number;
  /** Cycles for which a unit is busy; more than 0. */
  readonly cycles: number;
  /** Units that must be free (LLVM's NumUnits); one of them becomes busy. */
  readonly units: number;
  /** The whole group is reserved for `cycles` (LLVM's CycleSegment.Reserved). */
  readonly reserved: boolean;
}

/** Scheduling record of one instruction form on one core. */
export interface InsnRecord {
  readonly uops: number;
  /** Latency to completion, or `callLatency`. */
  readonly latencyCycles: number;
  /** In the order of `RegisterMap.writes`. */
  readonly writes: readonly WriteRecord[];
  /** In the order of `RegisterMap.reads`. */
  readonly reads: readonly ReadRecord[];
  /** In LLVM's order (InstrDesc.Resources): units before groups, small groups before large ones. */
  readonly uses: readonly ResourceUse[];
  /** Resources with a finite scheduler of which one entry is taken from dispatch to issue. */
  readonly buffers: readonly number[];
  /** Groups that must not be reserved when it issues (InstrDesc.UsedProcResGroups). */
  readonly groups: readonly number[];
  /** Check before issue that every request can be served by a different member. */
  readonly partlyOverlappingGroups: boolean;
  readonly mayLoad: boolean;
  readonly mayStore: boolean;
  readonly beginGroup: boolean;
  readonly endGroup: boolean;
  readonly retireOutOfOrder: boolean;
  readonly mustIssueImmediately: boolean;
}

/**
 * Register of a read or write in a form: 0 and up is a register token of the text in textual order (lists written
 * out); below 0 is a fixed register, `-1 - id`.
 */
export type RegisterSlot = number;

/** Which textual registers a form writes and reads; each entry may cover several (a register list or pair). */
export interface RegisterMap {
  readonly writes: readonly (readonly RegisterSlot[])[];
  readonly reads: readonly (readonly RegisterSlot[])[];
}

/**
 * Registers as the simulator numbers them. 0..30: x0..x30 (w is the same register). 31: sp. 32..63: v0..v31 (b, h, s,
 * d, q, z are the same). 64..79: p0..p15. Then the ones below. A zero register is `noRegister`.
 */
export const registerIds = {
  x0: 0,
  lr: 30,
  sp: 31,
  v0: 32,
  p0: 64,
  nzcv: 80,
  ffr: 81,
  fpcr: 82,
  za: 83,
  vg: 84,
  other: 85,
} as const;
export const registerCount = 96;
/** A zero register: reading and writing it makes no dependency. */
export const noRegister = -1;

/** How a row of our own makes an instruction behave in `kernel` mode. */
export type OwnBehavior =
  /** A dispatch slot; no unit, no order, no result: NOP and hints that do nothing. */
  | 'slot'
  /** A record with latency lo or hi. */
  | 'point'
  /** Waits for older memory instructions, younger ones wait for it. */
  | 'order-memory'
  /** Waits for older memory instructions; everything younger waits for it. */
  | 'drain-memory'
  /** Waits for everything older; nothing younger dispatches before it is done. */
  | 'serialize';

/** Point, range, unknown with lower bound 1. */
export type FigureKind = 'point' | 'range' | 'unknown';

/** Figure of our own for an instruction on one core (`data/cost/own*`), for `kernel` mode only. */
export interface OwnRow {
  /** Name of the row in the data file, such as `lse-atomic`. */
  readonly id: string;
  readonly behavior: OwnBehavior;
  readonly kind: FigureKind;
  /** Cycles that the following code waits; `relative`: on top of the table's own latencies. */
  readonly loCycles: number;
  /** `null`: no bound known. */
  readonly hiCycles: number | null;
  readonly relative: boolean;
  /** Micro-ops when LLVM has no record. */
  readonly uops: number;
  /** Which older memory instructions an ordering row waits for. */
  readonly orders: 'loads' | 'stores' | 'all';
  readonly mayLoad: boolean;
  readonly mayStore: boolean;
  /** A wait (WFE, WFI) is not a cost; a crossing (SVC, ERET, BRK) leaves the code. */
  readonly boundary: 'wait' | 'leaves' | null;
  /** Rests on an assumption: shown with the word `assumed`. */
  readonly assumed: boolean;
  /** For people: what is not known, such as `contention is not modelled`. */
  readonly note: string;
  /** Source ids of the data file, such as `L`, `J`. */
  readonly sources: readonly string[];
}

export type BranchKind = 'conditional' | 'jump' | 'call' | 'return' | 'exception-return';

/** Reads or writes of one operand: all registers of a list or pair; zero registers are left out. */
export interface BoundRegisters {
  readonly registers: readonly number[];
}

/** One instruction of a stream: what the tables know about its form, and its registers. */
export interface BoundInsn {
  readonly text: string;
  readonly mnemonic: string;
  /** Key of the form that was found (it may be a near one), or the one looked for. */
  readonly form: string;
  /** LLVM's record; `null`: LLVM refuses it on this core, or the form is unknown. */
  readonly record: InsnRecord | null;
  /** Our row; used in `kernel` mode only. */
  readonly own: OwnRow | null;
  /** Why there is neither record nor row, or null. */
  readonly unknownReason: string | null;
  /** Same order and length as `record.writes` where there is a record. */
  readonly writes: readonly BoundRegisters[];
  /** Same order and length as `record.reads` where there is a record. */
  readonly reads: readonly BoundRegisters[];
  readonly branch: BranchKind | null;
  /** Target as written, for direct branches. */
  readonly target: string | null;
}

/** Cycles between two bounds, both included; `hi` null: no bound known. */
export interface Interval {
  readonly lo: number;
  readonly hi: number | null;
}

/** What widened an interval. */
export interface Cause {
  /** Index of the instruction in the stream, or null for a cause that belongs to no single one. */
  readonly index: number | null;
  readonly text: string;
  readonly reason: string;
  readonly cycles: Interval;
  readonly assumed: boolean;
  readonly sources: readonly string[];
}

/** Features of the machine that decide whether a hint is a NOP, as a set of `FEAT_` names without the prefix. */
export type MachineFeatures = ReadonlySet<string>;
