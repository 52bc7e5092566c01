import { type MachineState, parseStateFile, stateForTree } from '../kernel/machineStates.ts';
import type { KernelTree } from '../project/kernelTree.ts';
import type { Workspace } from '../project/workspace.ts';

/** State that is in force until somebody chooses another one: nothing patched. */
export const noCpucaps: MachineState = {
  name: 'none',
  title: 'nothing patched: the kernel as it was linked',
  core: null,
  cpucaps: [],
};

/** A machine state with where it comes from. */
export interface StateChoice {
  readonly state: MachineState;
  readonly origin: 'built-in' | 'file';
}

export interface StateChoices {
  readonly choices: readonly StateChoice[];
  /** What a person should know about the state files: those that could not be used, and cpucaps the tree does not have. */
  readonly problems: readonly string[];
  /** Whether a state file could not be used. */
  readonly failed: boolean;
}

/** Built-in machine states of the tree that `path` belongs to (`null`: of the tree that is open), then those of state files. */
export function stateChoices(workspace: Workspace, path: string | null, files: readonly string[] = []): StateChoices {
  const tree = treeOf(workspace, path);
  const builtin = tree?.builtinStates() ?? [noCpucaps];
  const choices: StateChoice[] = builtin.map((state) => ({ state, origin: 'built-in' }));
  const problems: string[] = [];
  let failed = false;
  for (const file of files) {
    const text = workspace.textOf(file);
    const read = text === undefined ? null : parseStateFile(text, file);
    if (read === null) problems.push(`${file}: cannot be read`);
    else problems.push(...read.problems.map((problem) => problem.message));
    if (!read?.state) {
      failed = true;
      continue;
    }
    const ofCore = builtin.find((state) => state.core !== null && state.core === read.state?.core);
    const { cpucaps, depends, unknown } = ofCore ?? noCpucaps;
    const state = read.namesCpucaps ? read.state : { ...read.state, cpucaps, depends, unknown };
    const inTree = tree ? stateForTree(state, tree.cpucaps) : { state, notes: [] };
    problems.push(...inTree.notes.map((note) => `${file}: ${note}`));
    choices.push({ state: inTree.state, origin: 'file' });
  }
  return { choices, problems, failed };
}

/** The state of that name; one that nobody knows has no cpucaps. */
export function findState(
  workspace: Workspace,
  path: string | null,
  name: string,
  files: readonly string[],
): MachineState {
  if (name === noCpucaps.name) return noCpucaps;
  const builtin = treeOf(workspace, path)
    ?.builtinStates()
    .find((state) => state.name === name);
  if (builtin) return builtin;
  return stateChoices(workspace, path, files).choices.find((choice) => choice.state.name === name)?.state ?? noCpucaps;
}

function treeOf(workspace: Workspace, path: string | null): KernelTree | null {
  return (path === null ? null : workspace.treeFor(path)) ?? workspace.trees[0] ?? null;
}
