import { noCpucaps, stateChoices } from '../features/stateChoices.ts';
import type { MachineState } from '../kernel/machineStates.ts';
import type { FileSource } from '../project/fileSource.ts';
import type { Workspace } from '../project/workspace.ts';
import { UsageError } from './command.ts';

/** The state that `--state` names: a state file, else one of the built-in ones. */
export function chooseState(
  wanted: { readonly given: string; readonly path: string } | null,
  workspace: Workspace,
  files: FileSource,
  near: string,
  note: (problem: string) => void,
): MachineState {
  if (wanted === null) return noCpucaps;
  const isFile = files.kindOf(wanted.path) === 'file';
  const { choices, problems, failed } = stateChoices(workspace, near, isFile ? [wanted.path] : []);
  if (failed) throw new UsageError(`--state ${problems.join('\n')}`);
  for (const problem of problems) note(problem);
  const found = isFile
    ? choices.find((choice) => choice.origin === 'file')
    : choices.find((choice) => choice.state.name === wanted.given);
  if (found) return found.state;
  const names = choices.map((choice) => choice.state.name).join(', ');
  throw new UsageError(`--state ${wanted.given}: no such file, and no built-in state of that name (${names})`);
}
