import { coreChoice } from '../../cost/cores.ts';
import type { MachineState } from '../../kernel/machineStates.ts';

/** The core where neither the user nor the machine state names one. */
export const defaultCore = 'neoverse-n1';

/** Name of the machine state's own core, where there is a model or a stand-in for it; else `null`. */
export function ownCore({ core }: MachineState): string | null {
  return core === null ? null : (coreChoice(core)?.name ?? null);
}
