import type { CancellationToken, GenericRequestHandler } from 'vscode-languageserver';
import type { ClientRequests } from '../protocol.ts';
import type { Answer } from '../requestWrapper.ts';
import type { ServerState } from '../serverState.ts';

/** Registers one of our own requests with the types of `protocol.ts`. */
export function onClientRequest<K extends keyof ClientRequests>(
  server: ServerState,
  method: K,
  handler: (
    params: ClientRequests[K]['params'],
    token: CancellationToken,
  ) => Answer<ClientRequests[K]['result']> | ClientRequests[K]['result'],
): void {
  // The library's type for results is conditional, which no generic result satisfies; the signature above is the check.
  server.connection.onRequest(method, handler as GenericRequestHandler<unknown, void>);
}
