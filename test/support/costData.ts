import { readProjectFile } from './projectFiles.ts';

/** The data files of the cost model by name: `forms`, `kernelRows` or a core. */
export function readCostFile(name: string): unknown {
  return JSON.parse(readProjectFile(`server/data/cost/${name}.json`));
}

/** Problems of a form table: order and doubles of its keys in the text, maps and classes that are not there. */
export function formProblems(text: string, nClasses: number): readonly string[] {
  const { maps, forms } = JSON.parse(text) as FormsData;
  const problems: string[] = [];
  const body = text.slice(text.indexOf('"forms"'));
  const written = [...body.matchAll(/^ {4}"(.*)": \[/gm)].map((match) => match[1] ?? '');
  const known = new Set<string>();
  for (const key of written) {
    if (known.has(key)) problems.push(`duplicate form: ${key}`);
    known.add(key);
  }
  for (const [key, [map, recordClass]] of Object.entries(forms)) {
    if (maps[map] === undefined) problems.push(`${key}: no register map ${map}`);
    if (recordClass >= nClasses) problems.push(`${key}: no record class ${recordClass}`);
  }
  return problems;
}

/** Problems of a core's tables that a schema can't see. `mapOfClass`: operand counts of the forms of each class. */
export function coreProblems(core: CoreData, forms: FormsData): readonly string[] {
  const problems: string[] = [];
  const names = core.resources.map((resource) => resource.name);
  for (const name of new Set(names)) {
    if (names.indexOf(name) !== names.lastIndexOf(name)) problems.push(`two resources are named ${name}`);
  }
  const asked = new Set(core.advances.flat().map(([writeClass]) => writeClass));
  const written = new Set(core.records.flatMap((record) => record.writes.map(([, writeClass]) => writeClass)));
  for (const writeClass of written) {
    if (writeClass !== 0 && !asked.has(writeClass)) problems.push(`no read asks for write class ${writeClass}`);
  }
  core.resources.forEach(({ name, members }) => {
    for (const member of members ?? []) {
      if (core.resources[member] === undefined) problems.push(`${name}: unknown unit ${member}`);
    }
  });
  core.records.forEach((record, index) => {
    for (const [resource, , units] of record.uses) {
      const capacity = capacityOf(core, resource);
      if (capacity === 0) problems.push(`record ${index}: unknown unit ${resource}`);
      else if (units > capacity) problems.push(`record ${index}: ${units} of ${capacity} units of ${names[resource]}`);
    }
    for (const buffer of record.buffers ?? []) {
      if ((core.resources[buffer]?.bufferEntries ?? -1) < 0) problems.push(`record ${index}: no buffer ${buffer}`);
    }
    for (const group of record.coveredGroups ?? []) {
      if ((core.resources[group]?.members ?? null) === null) problems.push(`record ${index}: no group ${group}`);
    }
    for (const read of record.reads) {
      if (core.advances[read] === undefined) problems.push(`record ${index}: no advances ${read}`);
    }
  });
  const used = new Set(core.recordOfClass);
  core.records.forEach((_, index) => {
    if (!used.has(index)) problems.push(`record ${index} belongs to no class`);
  });
  for (const [key, [map, recordClass]] of Object.entries(forms.forms)) {
    const index = core.recordOfClass[recordClass] ?? -1;
    if (index < 0) continue;
    const record = core.records[index];
    if (record === undefined) {
      problems.push(`missing record ${index}`);
      continue;
    }
    const [writes = '', reads = ''] = (forms.maps[map] ?? '').split('<');
    if (operandCount(writes) !== record.writes.length)
      problems.push(`${key}: ${record.writes.length} writes, map ${writes}`);
    if (operandCount(reads) !== record.reads.length)
      problems.push(`${key}: ${record.reads.length} reads, map ${reads}`);
  }
  return problems;
}

/** Records whose latency is below the cycles that they keep a unit busy: right for stores and for what returns nothing. */
export function shortLatencies(core: CoreData): number {
  return core.records.filter(({ latency, uses, writes }) => {
    if (latency === 'call' || writes.length === 0) return false;
    return uses.some(([resource, cycles]) => cycles / capacityOf(core, resource) > latency);
  }).length;
}

function operandCount(list: string): number {
  return list === '' ? 0 : list.split(',').length;
}

function capacityOf(core: CoreData, resource: number): number {
  const one = core.resources[resource];
  if (one === undefined) return 0;
  return one.members === null ? one.units : one.members.reduce((sum, member) => sum + capacityOf(core, member), 0);
}

export interface FormsData {
  readonly maps: readonly string[];
  readonly forms: Readonly<Record<string, readonly [map: number, recordClass: number]>>;
}

export interface CoreData {
  readonly name: string;
  readonly resources: readonly {
    readonly name: string;
    readonly units: number;
    readonly members: readonly number[] | null;
    readonly bufferEntries: number;
  }[];
  readonly advances: readonly (readonly (readonly [writeClass: number, cycles: number])[])[];
  readonly records: readonly {
    readonly uops: number;
    readonly latency: number | 'call';
    readonly writes: readonly (readonly [latency: number | 'call', writeClass: number])[];
    readonly reads: readonly number[];
    readonly uses: readonly (readonly [resource: number, cycles: number, units: number, reserved?: string])[];
    readonly buffers?: readonly number[];
    readonly coveredGroups?: readonly number[];
  }[];
  readonly recordOfClass: readonly number[];
}
