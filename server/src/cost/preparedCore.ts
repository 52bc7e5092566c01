import type { CoreModel, InsnRecord } from './model.ts';

/**
 * A core model in the form the machines run on. Units are numbered in the model's order; a "bit" is the number of a
 * unit resource among the unit resources, which is how groups name their members.
 */
export interface PreparedCore {
  readonly model: CoreModel;
  /** Resources in the model's order: 1 when it is a group. */
  readonly isGroup: Uint8Array;
  /** Units of a unit resource (1 bit each), or bits of a group's members. */
  readonly fullMask: Int32Array;
  /** Bit of a unit resource; -1 for a group. */
  readonly bitOf: Int32Array;
  /** Unit resource of a bit. */
  readonly resourceOfBit: Int32Array;
  /** First unit number of a unit resource. */
  readonly unitBase: Int32Array;
  /** Groups that have a unit resource as a member. */
  readonly groupsOf: readonly Int32Array[];
  /** Scheduler entries per resource, -1 without a limit. */
  readonly bufferEntries: Int32Array;
  readonly unitCount: number;
  /** Name of each unit, as llvm-mca prints it. */
  readonly unitNames: readonly string[];
  /** Units that a resource stands for: its own, or those of all members. */
  readonly capacity: Int32Array;
  readonly plans: Map<InsnRecord, ResourcePlan>;
  readonly plansByKey: Map<string, ResourcePlan>;
}

/** What one or more records ask of the units; records with equal requests share one plan. */
export interface ResourcePlan {
  /** Number of the plan on its core, from 0. */
  readonly id: number;
  readonly resource: Int32Array;
  readonly cycles: Int32Array;
  readonly units: Int32Array;
  readonly reserved: Int32Array;
  readonly groups: Int32Array;
  readonly buffers: Int32Array;
  readonly partlyOverlapping: boolean;
  /** Nothing is asked for. */
  readonly free: boolean;
}

const prepared = new WeakMap<CoreModel, PreparedCore>();

/** The model in the machines' form; computed once per model object. */
export function prepareCore(model: CoreModel): PreparedCore {
  const known = prepared.get(model);
  if (known !== undefined) return known;
  const made = make(model);
  prepared.set(model, made);
  return made;
}

/** The plan of a record on a core; equal requests give the same object. */
export function planOf(core: PreparedCore, record: InsnRecord): ResourcePlan {
  const known = core.plans.get(record);
  if (known !== undefined) return known;
  const { uses, groups, buffers, partlyOverlappingGroups } = record;
  const finite = buffers.filter((resource) => (core.bufferEntries[resource] ?? -1) > 0);
  const words = uses.map((use) => `${use.resource}:${use.cycles}:${use.units}:${use.reserved ? 1 : 0}`);
  const key = `${words.join()}|${groups.join()}|${finite.join()}|${partlyOverlappingGroups}`;
  let plan = core.plansByKey.get(key);
  if (plan === undefined) {
    plan = {
      id: core.plansByKey.size,
      resource: Int32Array.from(uses, (use) => use.resource),
      cycles: Int32Array.from(uses, (use) => use.cycles),
      units: Int32Array.from(uses, (use) => (use.reserved ? 0 : use.units)),
      reserved: Int32Array.from(uses, (use) => (use.reserved ? 1 : 0)),
      groups: Int32Array.from(groups),
      buffers: Int32Array.from(finite),
      partlyOverlapping: partlyOverlappingGroups,
      free: uses.length === 0,
    };
    core.plansByKey.set(key, plan);
  }
  core.plans.set(record, plan);
  return plan;
}

function make(model: CoreModel): PreparedCore {
  const { resources } = model;
  const n = resources.length;
  const isGroup = new Uint8Array(n);
  const fullMask = new Int32Array(n);
  const bitOf = new Int32Array(n).fill(-1);
  const unitBase = new Int32Array(n);
  const capacity = new Int32Array(n);
  const resourceOfBit: number[] = [];
  const unitNames: string[] = [];
  resources.forEach((resource, index) => {
    if (resource.members !== null) {
      isGroup[index] = 1;
      return;
    }
    bitOf[index] = resourceOfBit.length;
    resourceOfBit.push(index);
    unitBase[index] = unitNames.length;
    fullMask[index] = (1 << resource.units) - 1;
    capacity[index] = resource.units;
    for (let unit = 0; unit < resource.units; unit++) {
      unitNames.push(resource.units === 1 ? resource.name : `${resource.name}.${unit}`);
    }
  });
  const groupLists: number[][] = resources.map(() => []);
  resources.forEach((resource, index) => {
    for (const member of resource.members ?? []) {
      fullMask[index] = (fullMask[index] ?? 0) | (1 << (bitOf[member] ?? 0));
      capacity[index] = (capacity[index] ?? 0) + (capacity[member] ?? 0);
      groupLists[member]?.push(index);
    }
  });
  return {
    model,
    isGroup,
    fullMask,
    bitOf,
    resourceOfBit: Int32Array.from(resourceOfBit),
    unitBase,
    groupsOf: groupLists.map((list) => Int32Array.from(list)),
    bufferEntries: Int32Array.from(resources, (resource) => resource.bufferEntries),
    unitCount: unitNames.length,
    unitNames,
    capacity,
    plans: new Map(),
    plansByKey: new Map(),
  };
}
