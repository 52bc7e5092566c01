import { type CoreChoice, coreChoice } from '../../cost/cores.ts';
import { type CoreTables, type InsnBinder, makeBinder, type TableCache } from '../../cost/records.ts';
import { bareCpucapName } from '../../kernel/cpucaps.ts';
import type { MachineState } from '../../kernel/machineStates.ts';

/** A core with the tables that model it. */
export interface CostContext {
  readonly core: CoreChoice;
  readonly tables: CoreTables;
}

/** Loads the tables of a core, by its name or that of a core it stands in for. Rejects for a name that is not known. */
export async function openCost(cache: TableCache, name: string): Promise<CostContext> {
  const core = coreChoice(name);
  if (core === null) throw new Error(`no core is named ${name}; \`patchpoint cores\` lists them`);
  return { core, tables: await cache.core(core.model) };
}

/** The core and, where another one stands in, the model, with the word for what its figures are. */
export function coreTitle({ core }: CostContext): string {
  return core.modelledAs === null ? `${core.title} model` : `${core.title}, modelled as ${core.modelledAs}`;
}

const binders = new WeakMap<CoreTables, Map<string, InsnBinder>>();

/** A state that is no machine (`none`, `all`) says nothing about features: hints then count as the instructions they are. */
function machineFeatures(state: MachineState): ReadonlySet<string> {
  if (state.core === null && (state.name === 'none' || state.name === 'all')) return everyFeature;
  const present = new Set(state.cpucaps.map(bareCpucapName));
  return new Set(featureCpucaps.filter(([, cpucap]) => present.has(cpucap)).map(([feature]) => feature));
}

const everyFeature: ReadonlySet<string> = new Set(['PAuth', 'BTI', 'RAS', 'CLRBHB']);

/** Features that follow from a machine's cpucaps and decide whether a hint is a NOP there. */
const featureCpucaps: readonly (readonly [feature: string, cpucap: string])[] = [
  ['PAuth', 'HAS_ADDRESS_AUTH'],
  ['BTI', 'BTI'],
  ['RAS', 'HAS_RAS_EXTN'],
];

/** Binder of instruction texts in `kernel` mode for a machine; the same one for equal machines. */
export function binderFor(cost: CostContext, state: MachineState): InsnBinder {
  const features = machineFeatures(state);
  const key = [...features].join(' ');
  let known = binders.get(cost.tables);
  if (known === undefined) {
    known = new Map();
    binders.set(cost.tables, known);
  }
  let binder = known.get(key);
  if (binder === undefined) {
    binder = makeBinder(cost.tables, { mode: 'kernel', features });
    known.set(key, binder);
  }
  return binder;
}
