import { type InsnForm, insnForm, nearKeys } from '../isa/formKey.ts';
import { zeroRegId } from '../isa/registerIds.ts';
import { type CoreRecords, type CostDataSource, type FormTable, readCore, readForms } from './coreData.ts';
import { fusionOf } from './fusion.ts';
import { type KernelRows, ownRowFor, readKernelRows, rowKeys } from './kernelRows.ts';
import type {
  BoundInsn,
  BoundRegisters,
  BranchKind,
  InsnRecord,
  MachineFeatures,
  MachineMode,
  RegisterMap,
  RegisterSlot,
} from './model.ts';

/** Everything that is known about instructions on one core. */
export interface CoreTables extends CoreRecords {
  readonly forms: FormTable;
  readonly rows: KernelRows;
}

/** What one binding of texts to a core depends on beside the tables. */
export interface BinderOptions {
  /** Our own rows are looked up in `kernel` mode only. */
  readonly mode: MachineMode;
  /** The machine's features: a hint of an absent one is a NOP. */
  readonly features: MachineFeatures;
}

/** Gives one instruction's text its records and registers. */
export type InsnBinder = (text: string) => BoundInsn;

const cacheLimit = 20_000;

/**
 * The tables of one core, through the caller's source: in Node files, in a browser worker a bundled import. Rejects when
 * the source does, for a core that is not shipped.
 */
export async function loadCoreTables(source: CostDataSource, core: string): Promise<CoreTables> {
  const [forms, rows, fusion, records] = await Promise.all([
    source('forms'),
    source('kernelRows'),
    source('fusion'),
    source(core),
  ]);
  return tablesOf(records, fusion, readForms(forms), readKernelRows(rows));
}

function tablesOf(file: unknown, fusion: unknown, forms: FormTable, rows: KernelRows): CoreTables {
  const core = readCore(file);
  return { ...core, model: { ...core.model, fusion: fusionOf(fusion, core.model.name) }, forms, rows };
}

/** Tables of many cores with the files of all cores read once; each file is read at its first use. */
export class TableCache {
  readonly #source: CostDataSource;
  #forms: Promise<FormTable> | undefined;
  #rows: Promise<KernelRows> | undefined;
  #fusion: Promise<unknown> | undefined;
  readonly #cores = new Map<string, Promise<CoreTables>>();

  constructor(source: CostDataSource) {
    this.#source = source;
  }

  /** Rejects when the core's file can't be had; a later call tries again. */
  core(name: string): Promise<CoreTables> {
    const known = this.#cores.get(name);
    if (known !== undefined) return known;
    this.#forms ??= this.#source('forms').then(readForms);
    this.#rows ??= this.#source('kernelRows').then(readKernelRows);
    this.#fusion ??= this.#source('fusion');
    const tables = Promise.all([this.#source(name), this.#fusion, this.#forms, this.#rows])
      .then(([file, fusion, forms, rows]) => tablesOf(file, fusion, forms, rows))
      .catch((error: unknown) => {
        this.#cores.delete(name);
        this.#forms = undefined;
        this.#rows = undefined;
        this.#fusion = undefined;
        throw error;
      });
    this.#cores.set(name, tables);
    return tables;
  }
}

/** A binder for one core, mode and machine; equal texts give the same object. Never throws. */
export function makeBinder(tables: CoreTables, options: BinderOptions): InsnBinder {
  const cache = new Map<string, BoundInsn>();
  return (text) => {
    const known = cache.get(text);
    if (known !== undefined) return known;
    const insn = bindInsn(tables, text, options);
    if (cache.size >= cacheLimit) cache.clear();
    cache.set(text, insn);
    return insn;
  };
}

/** Looks one instruction up, without a cache. */
export function bindInsn(tables: CoreTables, text: string, options: BinderOptions): BoundInsn {
  const form = insnForm(text);
  const found = findForm(tables, form.key);
  let record = found?.record ?? null;
  let map = found?.map ?? noMap;
  const isKernel = options.mode === 'kernel' && form.problem === null;
  if (isKernel) {
    // A numbered hint, a load without a record: the row is that of another spelling or a near relative.
    for (const key of rowKeys(tables.rows, form)) {
      if (record !== null && !form.key.startsWith('hint ')) break;
      const like = findForm(tables, key);
      if (like?.record === undefined) continue;
      record = like.record;
      map = like.map;
    }
  }
  const own = isKernel ? ownRowFor(tables.rows, tables.model, form, record, options.features) : null;
  return {
    text,
    mnemonic: form.mnemonic,
    form: found?.key ?? form.key,
    record,
    own,
    unknownReason: record === null && own === null ? reasonUnknown(tables, form, found !== undefined) : null,
    writes: bindAll(map.writes, form),
    reads: bindAll(map.reads, form),
    branch: branchKind(form.mnemonic),
    target: form.target,
  };
}

/** True when some table of ours knows the form, whether or not this core has a record for it. */
export function isKnownForm(tables: CoreTables, text: string): boolean {
  const form = insnForm(text);
  return form.problem === null && findForm(tables, form.key) !== undefined;
}

interface FoundForm {
  readonly key: string;
  readonly map: RegisterMap;
  readonly record: InsnRecord | undefined;
}

const noMap: RegisterMap = { writes: [], reads: [] };

function findForm(tables: CoreTables, key: string): FoundForm | undefined {
  const exact = formAt(tables, key);
  if (exact !== undefined) return exact;
  for (const near of nearKeys(key)) {
    const found = formAt(tables, near);
    if (found !== undefined) return found;
  }
  return undefined;
}

function formAt(tables: CoreTables, key: string): FoundForm | undefined {
  const entry = tables.forms.forms.get(key);
  if (entry === undefined) return undefined;
  return { key, map: tables.forms.maps[entry[0]] ?? noMap, record: tables.records[entry[1]] };
}

function bindAll(operands: readonly (readonly RegisterSlot[])[], form: InsnForm): readonly BoundRegisters[] {
  return operands.map((slots) => {
    const registers: number[] = [];
    for (const slot of slots) {
      const id = slot < 0 ? -1 - slot : form.regs[slot];
      if (id !== undefined && id !== zeroRegId) registers.push(id);
    }
    return { registers };
  });
}

function reasonUnknown(tables: CoreTables, form: InsnForm, isForm: boolean): string {
  if (form.problem !== null) return form.problem;
  if (!isForm) return `no table knows the form ${form.key}`;
  return `LLVM ${tables.llvmVersion} has no record for it on ${tables.model.name}`;
}

const branchKinds: ReadonlyMap<string, BranchKind> = new Map<string, BranchKind>([
  ...'cbz cbnz tbz tbnz'.split(' ').map((name): [string, BranchKind] => [name, 'conditional']),
  ...'b br braa brab braaz brabz'.split(' ').map((name): [string, BranchKind] => [name, 'jump']),
  ...'bl blr blraa blrab blraaz blrabz'.split(' ').map((name): [string, BranchKind] => [name, 'call']),
  ...'ret retaa retab'.split(' ').map((name): [string, BranchKind] => [name, 'return']),
  ...'eret eretaa eretab drps'.split(' ').map((name): [string, BranchKind] => [name, 'exception-return']),
]);

const conditionalBranch = /^(?:bc?\.[a-z]+|b(?:eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le|al|nv))$/;

function branchKind(mnemonic: string): BranchKind | null {
  const known = branchKinds.get(mnemonic);
  if (known !== undefined) return known;
  return mnemonic.charCodeAt(0) === 98 && conditionalBranch.test(mnemonic) ? 'conditional' : null;
}
