import { CodeLensRefreshRequest } from 'vscode-languageserver';
import type { ServerNotifications, SiteView } from './protocol.ts';
import type { ServerState } from './serverState.ts';

/** Why what the editor shows is no longer right. */
export type Change =
  | { readonly what: 'view'; readonly uri: string; readonly view: SiteView }
  | { readonly what: 'state' }
  | { readonly what: 'core' }
  | { readonly what: 'settings' }
  | { readonly what: 'files' }
  /** The index of a tree is there. */
  | { readonly what: 'index' }
  /** It is being made: nothing else changes. */
  | { readonly what: 'indexing' }
  /** A C file was analyzed anew, with another result. */
  | { readonly what: 'analysis' }
  /** A text; `dependents` are the other open documents that it is part of. */
  | { readonly what: 'document'; readonly path: string; readonly dependents: readonly string[] };

/** Has the client ask again for everything that a change touches. Requests of the client are its own business: failures are only logged. */
export function changed(server: ServerState, change: Change): void {
  const { connection, client } = server;
  if (change.what === 'indexing') {
    if (client.status) notify(server, 'patchpoint/statusChanged', null);
    return;
  }
  const ask = (request: Promise<unknown>): void => {
    request.catch((error: unknown) => server.logger.debug('refresh refused', { error: String(error) }));
  };
  if (change.what !== 'document' || change.dependents.length > 0) {
    if (client.refreshHints) ask(connection.languages.inlayHint.refresh());
    if (client.refreshLenses) ask(connection.sendRequest(CodeLensRefreshRequest.type));
  }
  if (change.what === 'files' || change.what === 'settings') {
    if (client.refreshTokens) ask(connection.languages.semanticTokens.refresh());
    server.checkAll();
  }
  if (change.what === 'state' || change.what === 'index') server.checkAll();
  if (change.what === 'settings' || change.what === 'index') server.noinstr.refresh();
  if (change.what !== 'view' && change.what !== 'core' && change.what !== 'analysis' && client.textDocumentContent) {
    for (const [uri, path] of server.shownPatched) {
      if (change.what === 'document' && change.path !== path && !change.dependents.includes(path)) continue;
      ask(connection.workspace.textDocumentContent.refresh(uri));
    }
  }
  if (!client.status) return;
  if (change.what === 'view') notify(server, 'patchpoint/viewChanged', { uri: change.uri, view: change.view });
  else if (change.what !== 'document') notify(server, 'patchpoint/statusChanged', null);
}

function notify<K extends keyof ServerNotifications>(
  server: ServerState,
  method: K,
  params: ServerNotifications[K],
): void {
  server.connection
    .sendNotification(method, params)
    .catch((error: unknown) => server.logger.debug('notification failed', { method, error: String(error) }));
}
