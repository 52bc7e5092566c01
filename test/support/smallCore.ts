import type { BoundInsn, CoreModel, InsnRecord, OwnRow } from '../../server/src/cost/model.ts';
import { compileProgram, type Program, type ProgramOptions } from '../../server/src/cost/program.ts';
import { defaultSimulation, simulate } from '../../server/src/cost/simulate.ts';
import { reasonKinds, type Trace } from '../../server/src/cost/trace.ts';

/** A made-up core: two ALUs A and B in the group AB, one load/store unit M, a divider D with two copies. */
export const smallCore: CoreModel = {
  name: 'small',
  llvmModel: 'SmallModel',
  kind: 'out-of-order',
  widthUops: 2,
  bufferUops: 8,
  mispredictPenaltyCycles: 10,
  resources: [
    { name: 'A', units: 1, members: null, bufferEntries: -1 },
    { name: 'B', units: 1, members: null, bufferEntries: -1 },
    { name: 'M', units: 1, members: null, bufferEntries: 2 },
    { name: 'D', units: 2, members: null, bufferEntries: -1 },
    { name: 'AB', units: 1, members: [0, 1], bufferEntries: -1 },
  ],
  decodeLimitInsns: null,
};

export const smallInOrder: CoreModel = { ...smallCore, name: 'small-in-order', kind: 'in-order', bufferUops: 0 };

const plain: InsnRecord = {
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

const use = (resource: number, cycles = 1): InsnRecord['uses'] => [{ resource, cycles, units: 1, reserved: false }];
const write = (latencyCycles: number, writeClass = 0): InsnRecord['writes'] => [{ latencyCycles, writeClass }];
const read = { advances: [] };
/** Takes a product one cycle before its end. */
const early = { advances: [{ writeClass: 7, cycles: 3 }] };

/** Mnemonics of the made-up core. Operands: the written register first, then those read. */
const records: Readonly<Record<string, InsnRecord>> = {
  add: { ...plain, writes: write(1), reads: [read, read], uses: use(4) },
  onA: { ...plain, writes: write(1), reads: [read, read], uses: use(0) },
  onB: { ...plain, writes: write(1), reads: [read, read], uses: use(1) },
  mul: { ...plain, latencyCycles: 4, writes: write(4, 7), reads: [read, read], uses: use(1) },
  madd: { ...plain, latencyCycles: 4, writes: write(4, 7), reads: [read, read, early], uses: use(1) },
  div: { ...plain, latencyCycles: 6, writes: write(6), reads: [read, read], uses: use(3, 6) },
  mov: { ...plain, latencyCycles: 0, writes: write(0), reads: [read] },
  ldr: { ...plain, latencyCycles: 3, writes: write(3), reads: [read], uses: use(2), buffers: [2], mayLoad: true },
  str: { ...plain, latencyCycles: 1, reads: [read, read], uses: use(2), buffers: [2], mayStore: true },
  wide: { ...plain, uops: 5, latencyCycles: 2, writes: write(2), reads: [read], uses: use(4) },
  b: { ...plain, uses: use(1) },
};

const row: OwnRow = {
  id: 'test',
  behavior: 'point',
  kind: 'range',
  loCycles: 1,
  hiCycles: 1,
  relative: false,
  uops: 1,
  orders: 'all',
  mayLoad: false,
  mayStore: false,
  boundary: null,
  assumed: false,
  note: 'made up',
  sources: ['X'],
};

const rows: Readonly<Record<string, OwnRow>> = {
  nop: { ...row, behavior: 'slot', kind: 'point', loCycles: 0, hiCycles: 0 },
  dmb: { ...row, behavior: 'order-memory', loCycles: 2, hiCycles: 8 },
  dmbst: { ...row, behavior: 'order-memory', loCycles: 2, hiCycles: 8, orders: 'stores' },
  dsb: { ...row, behavior: 'drain-memory', loCycles: 3, hiCycles: null },
  isb: { ...row, behavior: 'serialize', loCycles: 5, hiCycles: 9 },
  swp: { ...row, loCycles: 4, hiCycles: 12, mayLoad: true, mayStore: true },
};

const readsOnly: ReadonlySet<string> = new Set(['str', 'b']);

/** An instruction of the made-up core: `add 1 2 3` writes register 1 and reads 2 and 3; unknown names have no record. */
export function smallInsn(text: string): BoundInsn {
  const [mnemonic = '', ...numbers] = text.split(' ');
  const registers = numbers.map(Number);
  const record = records[mnemonic] ?? null;
  const own = rows[mnemonic] ?? null;
  const writes = record === null || readsOnly.has(mnemonic) ? [] : registers.slice(0, 1);
  const isSwap = mnemonic === 'swp';
  return {
    text,
    mnemonic,
    form: mnemonic,
    record,
    own,
    unknownReason: record === null && own === null ? 'made up' : null,
    writes: (isSwap ? registers.slice(0, 1) : writes).map((one) => ({ registers: [one] })),
    reads: registers.slice(isSwap ? 1 : writes.length).map((one) => ({ registers: [one] })),
    branch: mnemonic === 'b' ? 'jump' : null,
    target: null,
  };
}

export function smallProgram(core: CoreModel, text: string, options: Partial<ProgramOptions> = {}): Program {
  const stream = text
    .trim()
    .split('\n')
    .map((line) => smallInsn(line.trim()))
    .map((insn) => ({ insn, taken: insn.branch !== null }));
  return compileProgram(core, stream, { mode: 'llvm', bound: 'lo', callLatencyCycles: 100, ...options });
}

const reasonName: ReadonlyMap<number, string> = new Map(
  Object.entries(reasonKinds).map(([name, kind]) => [kind, name]),
);

/** A traced run for people: one line per instruction with its cycles and why it issued then; then the total. */
export function runText(program: Program, iterations = 1): string {
  const result = simulate(program, iterations, { ...defaultSimulation, tracedIterations: iterations });
  if (result.kind === 'failed') return result.reason;
  const { trace } = result;
  const lines = Array.from({ length: trace.count }, (_, i) => traceLine(trace, i));
  return [...lines, `total ${result.totalCycles}`].join('\n');
}

function traceLine(trace: Trace, i: number): string {
  const reason = reasonName.get(trace.reason[i] ?? -1) ?? '?';
  const from = trace.from[i] ?? -1;
  const cycles = [trace.dispatched[i], trace.issued[i], trace.executed[i], trace.retired[i]];
  return `${i}: ${cycles.join(' ')}  ${reason}${from >= 0 ? ` ${from}` : ''}`;
}
