import type { FeatureContext } from '../../features/featureContext.ts';
import { patchedView } from '../../features/patchedView.ts';
import { patchedState } from '../../features/siteStates.ts';
import { findState } from '../../features/stateChoices.ts';
import { parsePatchedUri, patchedUri } from '../patchedUri.ts';
import type { ClientRequests, PatchedOf } from '../protocol.ts';
import { requestOn, runRequest } from '../requestWrapper.ts';
import { type ServerState, stateFiles } from '../serverState.ts';
import { onClientRequest } from './request.ts';

type Patched = ClientRequests['patchpoint/patchedDocument']['result'];

const maxShown = 64;

export function registerPatchedDocument(server: ServerState): void {
  onClientRequest(server, 'patchpoint/patchedDocument', async ({ uri, of }, token) => {
    const method = 'patchpoint/patchedDocument';
    await server.c.ready(server.host.toPath(uri));
    return await requestOn<Patched>(server, { method, uri, token }, null, ({ ctx, path }) =>
      patchedDocument(server, ctx, path, of),
    );
  });
  server.connection.workspace.textDocumentContent.on(async ({ uri }, token) => {
    const wanted = parsePatchedUri(uri);
    if (!wanted) return { text: '' };
    remember(server, uri, wanted.path);
    const { path, of } = wanted;
    await server.c.ready(path);
    return await runRequest(server, { method: 'workspace/textDocumentContent', path, token }, { text: '' }, (ctx) => ({
      text: patchedDocument(server, ctx, path, of)?.text ?? `// ${path} lies in no arm64 kernel tree.\n`,
    }));
  });
}

/** The file as the wanted machine runs it, and the URI under which it can be opened; `null` outside a kernel tree. */
export function patchedDocument(server: ServerState, ctx: FeatureContext, path: string, of: PatchedOf): Patched {
  const state = of === 'unpatched' ? of : stateFor(server, ctx, path, of);
  const view = patchedView(ctx, path, state);
  if (view === null) return null;
  const lines = view.lines.map((line) => line - 1);
  return { uri: patchedUri(path, of), title: view.title, text: view.text, lines };
}

function stateFor(server: ServerState, ctx: FeatureContext, path: string, of: Exclude<PatchedOf, 'unpatched'>) {
  return of === 'chosen'
    ? patchedState(ctx.workspace.treeFor(path), ctx.state)
    : findState(ctx.workspace, path, of.state, stateFiles(server, path));
}

function remember(server: ServerState, uri: string, path: string): void {
  server.shownPatched.set(uri, path);
  const oldest = server.shownPatched.keys().next();
  if (server.shownPatched.size > maxShown && oldest.done !== true) server.shownPatched.delete(oldest.value);
}
