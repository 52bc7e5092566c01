import type { CancellationToken } from 'vscode-languageserver';
import { bundledCostData } from '../cost/bundledCostData.ts';
import { coreChoice } from '../cost/cores.ts';
import { TableCache } from '../cost/records.ts';
import { type CostContext, openCost } from '../features/cost/costContext.ts';
import type { MachineState } from '../kernel/machineStates.ts';
import type { CoreOrigin } from './protocol.ts';
import { type Answer, type DocumentAt, requestOn } from './requestWrapper.ts';
import { type ServerState, settingsOf, stateOf } from './serverState.ts';
import type { Settings } from './settings.ts';

/** The core where neither the user nor the machine state names one. */
const defaultCore = 'neoverse-n1';

/** Tables of the cores whose cost was asked for: read at the first use, kept from then on. */
export class CostState {
  readonly #cache = new TableCache(bundledCostData);
  readonly #loaded = new Map<string, CostContext>();

  /** The core's tables if they are there; never waits. */
  loaded(core: string): CostContext | null {
    return this.#loaded.get(core) ?? null;
  }

  /** Rejects for a name that is not known. */
  async open(core: string): Promise<CostContext> {
    const known = this.#loaded.get(core) ?? (await openCost(this.#cache, core));
    this.#loaded.set(core, known);
    return known;
  }
}

/** A core's name, which may be one that nobody knows, and who said so. */
interface NamedCore {
  readonly name: string;
  readonly from: CoreOrigin;
}

/** The core whose cost is shown for a file. */
export function coreInForce(server: ServerState, path: string | null): NamedCore {
  const named = server.core ?? settingsOf(server, path).costCore;
  if (named !== 'auto') return { name: named, from: server.core === null ? 'setting' : 'chosen' };
  return automaticCore(stateOf(server, path));
}

/** What `auto` means in a machine state: its own core, where there is a model for that. */
export function automaticCore(state: MachineState): NamedCore {
  if (state.core !== null && coreChoice(state.core) !== null) return { name: state.core, from: 'machine state' };
  return { name: defaultCore, from: 'default' };
}

/** Loads the tables of the core in force for a file. A core that cannot be had is logged: features then add no cost. */
export async function loadCost(server: ServerState, path: string | null): Promise<void> {
  const { name } = coreInForce(server, path);
  if (server.cost.loaded(name) !== null) return;
  try {
    await server.cost.open(name);
  } catch (error) {
    server.logger.warn('no cost is shown', { core: name, error: String(error) });
  }
}

/** Like `requestOn`, with the tables of the core in force loaded first. */
export async function costRequest<R>(
  server: ServerState,
  request: { readonly method: string; readonly uri: string; readonly token: CancellationToken },
  empty: R,
  work: (document: DocumentAt) => R,
): Answer<R> {
  await loadCost(server, server.host.toPath(request.uri));
  return await requestOn(server, request, empty, work);
}

/** A handler before which the tables are loaded, where the settings want costs in its answer. */
export function withCost<P extends { readonly textDocument: { readonly uri: string } }, R>(
  server: ServerState,
  wanted: (settings: Settings) => boolean,
  handler: (params: P, token: CancellationToken) => Answer<R>,
): (params: P, token: CancellationToken) => Answer<R> {
  return async (params, token) => {
    const path = server.host.toPath(params.textDocument.uri);
    if (wanted(settingsOf(server, path))) await loadCost(server, path);
    return await handler(params, token);
  };
}
