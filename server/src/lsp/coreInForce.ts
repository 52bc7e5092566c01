import { coreChoice } from '../cost/cores.ts';
import { defaultCore, ownCore } from '../features/cost/automaticCore.ts';
import type { MachineState } from '../kernel/machineStates.ts';
import type { CoreOrigin } from './protocol.ts';

/** A core's name, which may be one that nobody knows, and who said so. */
export interface NamedCore {
  readonly name: string;
  readonly from: CoreOrigin;
}

/** The core whose cost is shown: the one that was chosen, else that of the setting, else the machine state's. */
export function coreInForce(chosen: string | null, setting: string, state: MachineState): NamedCore {
  const named = chosen ?? setting;
  if (named === 'auto') return automaticCore(state);
  return { name: coreChoice(named)?.name ?? named, from: chosen === null ? 'setting' : 'chosen' };
}

/** What `auto` means in a machine state: its own core, where there is a model for that. */
export function automaticCore(state: MachineState): NamedCore {
  const own = ownCore(state);
  return own === null ? { name: defaultCore, from: 'default' } : { name: own, from: 'machine state' };
}
