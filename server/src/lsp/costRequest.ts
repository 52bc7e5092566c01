import type { CancellationToken } from 'vscode-languageserver';
import { type Answer, type DocumentAt, requestOn } from './requestWrapper.ts';
import { coreOf, type ServerState, settingsOf } from './serverState.ts';
import type { Settings } from './settings.ts';

/** Loads the tables of the core in force for a file. Where they cannot be had features add no cost. */
export async function loadCost(server: ServerState, path: string | null): Promise<void> {
  const { name } = coreOf(server, path);
  if (server.cost.loaded(name) !== null) return;
  try {
    await server.cost.open(name);
  } catch (error) {
    // The status tells the user of a name that is no core's.
    server.logger.debug('no cost is shown', { core: name, error: String(error) });
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
