import { namedRegId, stackPointerId } from '../isa/registerIds.ts';
import {
  type Advance,
  type CoreModel,
  type CoreResource,
  callLatency,
  type InsnRecord,
  type RegisterMap,
  type RegisterSlot,
} from './model.ts';

/** Where the data files come from: `forms`, `kernelRows`, `fusion` or a core's name; the parsed JSON of `data/cost/NAME.json`. */
export type CostDataSource = (name: string) => Promise<unknown>;

/** The form table: what decides a record, and which registers are read and written, for every core alike. */
export interface FormTable {
  readonly maps: readonly RegisterMap[];
  /** Key to map number and record class. */
  readonly forms: ReadonlyMap<string, readonly [map: number, recordClass: number]>;
}

/** One core's tables. */
export interface CoreRecords {
  readonly model: CoreModel;
  /** LLVM release that the records were made from. */
  readonly llvmVersion: string;
  /** `-mcpu` names that LLVM gives this model. */
  readonly cpus: readonly string[];
  /** By record class; undefined: LLVM has no record for it on this core. Equal records are one object. */
  readonly records: readonly (InsnRecord | undefined)[];
}

interface FormsFile {
  readonly maps: readonly string[];
  readonly forms: Readonly<Record<string, readonly [number, number]>>;
}

interface RecordLine {
  readonly uops: number;
  readonly latency: number | 'call';
  readonly writes: readonly (readonly [latency: number | 'call', writeClass: number])[];
  readonly reads: readonly number[];
  readonly uses: readonly (readonly [resource: number, cycles: number, units: number, reserved?: 'reserved'])[];
  readonly buffers?: readonly number[];
  readonly coveredGroups?: readonly number[];
  readonly flags?: readonly string[];
}

interface CoreFile {
  readonly llvmVersion: string;
  readonly cpus: readonly string[];
  readonly name: string;
  readonly llvmModel: string;
  readonly kind: CoreModel['kind'];
  readonly widthUops: number;
  readonly bufferUops: number;
  readonly mispredictPenaltyCycles: number;
  readonly resources: readonly CoreResource[];
  readonly advances: readonly (readonly (readonly [writeClass: number, cycles: number])[])[];
  readonly records: readonly RecordLine[];
  /** Place of the record by record class; -1: none. */
  readonly recordOfClass: readonly number[];
}

/** The form table of `data/cost/forms.json`. The shape of the file is what the generator writes; tests check it. */
export function readForms(file: unknown): FormTable {
  const { maps, forms } = file as FormsFile;
  return { maps: maps.map(readMap), forms: new Map(Object.entries(forms)) };
}

/** The tables of one core from its file in `data/cost`. */
export function readCore(file: unknown): CoreRecords {
  const core = file as CoreFile;
  const advances = core.advances.map((list) => list.map(([writeClass, cycles]): Advance => ({ writeClass, cycles })));
  const isGroup = core.resources.map((resource) => resource.members !== null);
  const distinct = core.records.map((line) => readRecord(line, advances, isGroup));
  const records = core.recordOfClass.map((index) => distinct[index]);
  const { name, llvmModel, kind, widthUops, bufferUops, mispredictPenaltyCycles, resources } = core;
  const model: CoreModel = {
    name,
    llvmModel,
    kind,
    widthUops,
    bufferUops,
    mispredictPenaltyCycles,
    resources,
    // LLVM has no front end; no guide's figure has been taken over yet.
    decodeLimitInsns: null,
  };
  return { model, llvmVersion: core.llvmVersion, cpus: core.cpus, records };
}

function readRecord(
  line: RecordLine,
  advances: readonly (readonly Advance[])[],
  isGroup: readonly boolean[],
): InsnRecord {
  const flags = new Set(line.flags);
  const cycles = (latency: number | 'call'): number => (latency === 'call' ? callLatency : latency);
  const usedGroups = line.uses.map(([resource]) => resource).filter((resource) => isGroup[resource] === true);
  return {
    uops: line.uops,
    latencyCycles: cycles(line.latency),
    writes: line.writes.map(([latency, writeClass]) => ({ latencyCycles: cycles(latency), writeClass })),
    reads: line.reads.map((index) => ({ advances: advances[index] ?? [] })),
    uses: line.uses.map(([resource, busy, units, reserved]) => ({
      resource,
      cycles: busy,
      units,
      reserved: reserved !== undefined,
    })),
    buffers: line.buffers ?? [],
    groups: [...usedGroups, ...(line.coveredGroups ?? [])].sort((a, b) => a - b),
    partlyOverlappingGroups: flags.has('overlappingGroups'),
    mayLoad: flags.has('load'),
    mayStore: flags.has('store'),
    beginGroup: flags.has('beginGroup'),
    endGroup: flags.has('endGroup'),
    retireOutOfOrder: flags.has('retireOutOfOrder'),
    mustIssueImmediately: flags.has('issueAtOnce'),
  };
}

/** `0+1,nzcv<2,x30`: writes, then reads; each operand one or more places or names. */
function readMap(text: string): RegisterMap {
  const [writes = '', reads = ''] = text.split('<');
  const side = (list: string): readonly (readonly RegisterSlot[])[] =>
    list === '' ? [] : list.split(',').map((operand) => operand.split('+').map(readSlot));
  return { writes: side(writes), reads: side(reads) };
}

function readSlot(text: string): RegisterSlot {
  if (/^\d+$/.test(text)) return Number(text);
  return -1 - fixedRegister(text);
}

function fixedRegister(name: string): number {
  if (name === 'sp') return stackPointerId;
  const general = /^[xw](\d+)$/.exec(name);
  return general === null ? namedRegId(name) : Number(general[1]);
}
