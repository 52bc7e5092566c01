import type { InsnForm } from '../isa/formKey.ts';
import type { CoreModel, FigureKind, InsnRecord, MachineFeatures, OwnBehavior, OwnRow } from './model.ts';

/** One bound of a figure: cycles, or a multiple of the core's mispredict penalty; with the id of its source. */
export interface BoundCycles {
  readonly cycles?: number;
  readonly mispredicts?: number;
  readonly source: string;
  readonly assumed?: boolean;
}

/** What one row says about some cores. */
export interface KernelFigure {
  /** Names of cores or of groups; `*` is every core. */
  readonly cores: readonly string[];
  readonly kind: FigureKind;
  readonly lo: BoundCycles;
  readonly hi: BoundCycles | null;
}

/** One row of `data/cost/kernelRows.json`, as it is in the file. */
export interface KernelRow {
  readonly id: string;
  /** Regular expression for the whole mnemonic. */
  readonly mnemonics: string;
  /** Regular expression for the whole name that the key leaves out: system register, barrier, operation. */
  readonly operands?: string;
  /** Regular expression for the whole form key. */
  readonly forms?: string;
  /** The row holds only on machines with or without a feature. */
  readonly feature?: { readonly name: string; readonly present: boolean };
  readonly behavior: OwnBehavior;
  readonly relative?: boolean;
  readonly orders?: OwnRow['orders'];
  readonly memory?: string;
  readonly boundary?: 'wait' | 'leaves';
  /** The row holds only where LLVM has no record. */
  readonly onlyWithoutRecord?: boolean;
  /** Mnemonics whose record stands in for a missing one. */
  readonly like?: Readonly<Record<string, string>>;
  readonly figures: readonly KernelFigure[];
  readonly note: string;
}

export interface KernelRowsFile {
  readonly sources: readonly { readonly id: string; readonly title: string; readonly url: string }[];
  readonly coreGroups: Readonly<Record<string, readonly string[]>>;
  readonly rows: readonly KernelRow[];
}

interface PreparedRow {
  readonly row: KernelRow;
  readonly mnemonics: RegExp;
  readonly operands: RegExp | null;
  readonly forms: RegExp | null;
}

/** Our own rows, ready to be asked. */
export interface KernelRows {
  readonly file: KernelRowsFile;
  readonly rows: readonly PreparedRow[];
  readonly like: ReadonlyMap<string, string>;
}

/** The rows of `data/cost/kernelRows.json`; tests check the file against its schema. */
export function readKernelRows(file: unknown): KernelRows {
  const typed = file as KernelRowsFile;
  const whole = (pattern: string): RegExp => new RegExp(`^(?:${pattern})$`);
  return {
    file: typed,
    rows: typed.rows.map((row) => ({
      row,
      mnemonics: whole(row.mnemonics),
      operands: row.operands === undefined ? null : whole(row.operands),
      forms: row.forms === undefined ? null : whole(row.forms),
    })),
    like: new Map(typed.rows.flatMap((row) => Object.entries(row.like ?? {}))),
  };
}

/**
 * What hint numbers stand for; any other one is a NOP.
 * Source: Arm DDI 0487 K.a, C6.2 HINT, table of CRm:op2.
 */
const hints: ReadonlyMap<number, string> = new Map([
  [0, 'nop'],
  [1, 'yield'],
  [2, 'wfe'],
  [3, 'wfi'],
  [4, 'sev'],
  [5, 'sevl'],
  [6, 'dgh'],
  [7, 'xpaclri'],
  [8, 'pacia1716'],
  [10, 'pacib1716'],
  [12, 'autia1716'],
  [14, 'autib1716'],
  [16, 'esb'],
  [17, 'psb'],
  [18, 'tsb'],
  [19, 'gcsb'],
  [20, 'csdb'],
  [22, 'clrbhb'],
  [24, 'paciaz'],
  [25, 'paciasp'],
  [26, 'pacibz'],
  [27, 'pacibsp'],
  [28, 'autiaz'],
  [29, 'autiasp'],
  [30, 'autibz'],
  [31, 'autibsp'],
  [32, 'bti'],
  [34, 'bti'],
  [36, 'bti'],
  [38, 'bti'],
]);

/** Mnemonic that decides the row: a numbered hint is the instruction it stands for. */
function rowMnemonic(form: InsnForm): string {
  if (form.mnemonic !== 'hint') return form.mnemonic;
  return hints.get(Number(form.detail)) ?? 'nop';
}

/** Keys whose record stands in for one that LLVM lacks or has only under another spelling; best first. */
export function rowKeys(rows: KernelRows, form: InsnForm): readonly string[] {
  const mnemonic = rowMnemonic(form);
  if (mnemonic !== form.mnemonic) return [mnemonic];
  const like = rows.like.get(mnemonic);
  if (like === undefined) return [];
  return [like + form.key.slice(mnemonic.length)];
}

/** Our figure for an instruction on a core, or null where LLVM's record (or nothing) is all there is. */
export function ownRowFor(
  rows: KernelRows,
  model: CoreModel,
  form: InsnForm,
  record: InsnRecord | null,
  features: MachineFeatures,
): OwnRow | null {
  const mnemonic = rowMnemonic(form);
  for (const { row, mnemonics, operands, forms } of rows.rows) {
    if (!mnemonics.test(mnemonic)) continue;
    if (operands !== null && !operands.test(form.detail)) continue;
    if (forms !== null && !forms.test(form.key)) continue;
    if (row.feature !== undefined && features.has(row.feature.name) !== row.feature.present) continue;
    if (row.onlyWithoutRecord === true && record !== null) continue;
    const figure = figureFor(rows, row, model.name);
    if (figure !== undefined) return ownRow(row, figure, model);
  }
  return null;
}

function figureFor(rows: KernelRows, row: KernelRow, core: string): KernelFigure | undefined {
  return row.figures.find(({ cores }) =>
    cores.some((name) => name === '*' || name === core || rows.file.coreGroups[name]?.includes(core) === true),
  );
}

function ownRow(row: KernelRow, figure: KernelFigure, model: CoreModel): OwnRow {
  const cycles = ({ cycles: own, mispredicts }: BoundCycles): number =>
    own ?? (mispredicts ?? 0) * model.mispredictPenaltyCycles;
  const bounds = figure.hi === null ? [figure.lo] : [figure.lo, figure.hi];
  return {
    id: row.id,
    behavior: row.behavior,
    kind: figure.kind,
    loCycles: cycles(figure.lo),
    hiCycles: figure.hi === null ? null : cycles(figure.hi),
    relative: row.relative === true,
    uops: 1,
    orders: row.orders ?? 'all',
    mayLoad: row.memory?.includes('load') === true,
    mayStore: row.memory?.includes('store') === true,
    boundary: row.boundary ?? null,
    assumed: bounds.some(({ assumed }) => assumed === true),
    note: row.note,
    sources: [...new Set(bounds.map(({ source }) => source))],
  };
}
