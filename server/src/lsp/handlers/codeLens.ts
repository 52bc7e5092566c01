import type { CodeLens } from 'vscode-languageserver';
import { codeLenses, resolveLens } from '../../features/codeLens.ts';
import { withC } from '../cAnalysis.ts';
import { costRequest } from '../costRequest.ts';
import { documentRequest, requestOn } from '../requestWrapper.ts';
import { type ServerState, settingsOf, viewOf } from '../serverState.ts';
import { toLens, toLensCommand } from '../toProto.ts';

export function registerCodeLens(server: ServerState): void {
  server.connection.onCodeLens(
    withC(
      server,
      documentRequest(server, 'textDocument/codeLens', [], (document) => {
        const { lensFunctions: functions, lensSites: sites, lensCost: cost } = settingsOf(server, document.path);
        const lenses = codeLenses(document.ctx, document.path, { functions, sites, cost });
        return lenses.map((lens) => toLens(lens, document));
      }),
    ),
  );
  server.connection.onCodeLensResolve(async (lens, token) => {
    const { uri, key } = lensData(lens);
    const ask = key.startsWith('c') ? costRequest : requestOn;
    return await ask(server, { method: 'codeLens/resolve', uri, token }, lens, (document) => {
      const resolved = resolveLens(document.ctx, document.path, key, viewOf(server, document.path));
      if (!resolved) return lens;
      const { title, tooltip } = resolved;
      // Only our own client has a command that shows places.
      const isOurs = server.client.status || resolved.action.kind !== 'show-references';
      const action = isOurs ? resolved.action : { kind: 'show-patched' as const, path: document.path };
      return { ...lens, command: { title, tooltip, ...toLensCommand(action, document) } };
    });
  });
}

function lensData(lens: CodeLens): { readonly uri: string; readonly key: string } {
  const data: { uri?: unknown; key?: unknown } = lens.data ?? {};
  return { uri: String(data.uri ?? ''), key: String(data.key ?? '') };
}
