import type { MachineState } from '../kernel/machineStates.ts';
import type { Workspace } from '../project/workspace.ts';

/** State that is in force until somebody chooses another one: nothing patched. */
export const noCpucaps: MachineState = { name: 'none', core: null, cpucaps: [] };

/** A machine state with where it comes from. */
export interface StateChoice {
  readonly state: MachineState;
  readonly origin: 'built-in' | 'file';
}

export interface StateChoices {
  readonly choices: readonly StateChoice[];
  /** State files that could not be used, each as `file: reason`. */
  readonly problems: readonly string[];
}

/** Built-in machine states for the tree that `path` belongs to, then those of state files, in the order that a list shows. */
export function stateChoices(
  _workspace: Workspace,
  _path: string | null,
  _files: readonly string[] = [],
): StateChoices {
  return { choices: [{ state: noCpucaps, origin: 'built-in' }], problems: [] };
}

/** The state of that name; one that nobody knows has no cpucaps. */
export function findState(
  workspace: Workspace,
  path: string | null,
  name: string,
  files: readonly string[],
): MachineState {
  if (name === noCpucaps.name) return noCpucaps;
  return stateChoices(workspace, path, files).choices.find((choice) => choice.state.name === name)?.state ?? noCpucaps;
}
