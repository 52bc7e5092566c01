import type { SiteView } from '../../features/featureContext.ts';
import { changed } from '../refresh.ts';
import { type ServerState, uriOf, viewOf } from '../serverState.ts';
import { onClientRequest } from './request.ts';

const nextView: Readonly<Record<SiteView, SiteView>> = { both: 'unpatched', unpatched: 'patched', patched: 'both' };

export function registerView(server: ServerState): void {
  onClientRequest(server, 'patchpoint/setView', ({ uri, view }) => ({ view: setView(server, uri, view) }));
}

/** Sets the view of a file, or goes to the next one, and has the editor draw it. Result: the view in force. */
export function setView(server: ServerState, uri: string, wanted: SiteView | 'next'): SiteView {
  const path = server.host.toPath(uri);
  if (path === null) return 'both';
  const view = wanted === 'next' ? nextView[viewOf(server, path)] : wanted;
  server.views.set(path, view);
  changed(server, { what: 'view', uri: uriOf(server, path), view });
  return view;
}
