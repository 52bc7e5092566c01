import { type CoreChoice, coreChoice, coreChoices } from '../../cost/cores.ts';
import { automaticCore } from '../coreInForce.ts';
import type { Core, Cores } from '../protocol.ts';
import { changed } from '../refresh.ts';
import { coreOf, type ServerState, stateOf } from '../serverState.ts';
import { onClientRequest } from './request.ts';

export function registerCores(server: ServerState): void {
  onClientRequest(server, 'patchpoint/cores', ({ uri }) => cores(server, uri));
  onClientRequest(server, 'patchpoint/setCore', ({ name }) => ({ current: setCore(server, name) }));
}

/** The cores to choose from, and the one in force for a file (or for the workspace). */
export function cores(server: ServerState, uri: string | null): Cores {
  const path = uri === null ? null : server.host.toPath(uri);
  const { name: current, from } = coreOf(server, path);
  const auto = automaticCore(stateOf(server, path)).name;
  const choices = coreChoices.map((choice) => ({ ...describe(choice), current: choice.name === current }));
  return { choices, current, from, auto };
}

/** Chooses the core whose model gives costs; `auto` follows the machine state, `null` the setting. Result: its name. */
export function setCore(server: ServerState, name: string | null): string {
  if (server.core !== name) {
    server.core = name;
    changed(server, { what: 'core' });
  }
  return coreOf(server, null).name;
}

/** The core of that name for people; `null` when nobody knows it. */
export function namedCore(name: string): Core | null {
  const choice = coreChoice(name);
  return choice === null ? null : describe(choice);
}

function describe({ name, title, modelledAs, warning }: CoreChoice): Core {
  return { name, title, modelledAs, warning };
}
