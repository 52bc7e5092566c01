import { type StateChoice, stateChoices } from '../../features/stateChoices.ts';
import type { MachineStates } from '../protocol.ts';
import { changed } from '../refresh.ts';
import { runRequest } from '../requestWrapper.ts';
import { type ServerState, stateFiles } from '../serverState.ts';
import { onClientRequest } from './request.ts';

export function registerMachineState(server: ServerState): void {
  onClientRequest(server, 'patchpoint/machineStates', async ({ uri }, token) => {
    const path = uri === null ? null : server.host.toPath(uri);
    const empty: MachineStates = { choices: [], current: server.machineState, problems: [] };
    return await runRequest(server, { method: 'patchpoint/machineStates', path, token }, empty, () =>
      machineStates(server, path),
    );
  });
  onClientRequest(server, 'patchpoint/setMachineState', ({ name }) => ({ current: setMachineState(server, name) }));
}

export function machineStates(server: ServerState, path: string | null): MachineStates {
  const { choices, problems } = stateChoices(
    server.workspace,
    path ?? server.folders[0] ?? null,
    stateFiles(server, path),
  );
  return { choices: choices.map(describe), current: server.machineState, problems };
}

/** Chooses the machine that every feature follows. Result: its name. */
export function setMachineState(server: ServerState, name: string): string {
  if (server.machineState !== name) {
    server.machineState = name;
    changed(server, { what: 'state' });
  }
  return name;
}

function describe({ state, origin }: StateChoice): MachineStates['choices'][number] {
  const n = state.cpucaps.length;
  return { name: state.name, title: state.title ?? '', description: `${n} cpucap${n === 1 ? '' : 's'}`, origin };
}
