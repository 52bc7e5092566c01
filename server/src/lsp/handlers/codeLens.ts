import type { CodeLens } from 'vscode-languageserver';
import { codeLenses, type LensAction, resolveLens } from '../../features/codeLens.ts';
import { documentRequest, requestOn } from '../requestWrapper.ts';
import { type ServerState, settingsOf, viewOf } from '../serverState.ts';
import { toLens } from '../toProto.ts';

export function registerCodeLens(server: ServerState): void {
  server.connection.onCodeLens(
    documentRequest(server, 'textDocument/codeLens', [], (document) => {
      const { lensFunctions: functions, lensSites: sites } = settingsOf(server, document.path);
      const lenses = codeLenses(document.ctx, document.path, { functions, sites });
      return lenses.map((lens) => toLens(lens, document.lines, document.uri));
    }),
  );
  server.connection.onCodeLensResolve(async (lens, token) => {
    const { uri, key } = lensData(lens);
    return await requestOn(server, { method: 'codeLens/resolve', uri, token }, lens, (document) => {
      const resolved = resolveLens(document.ctx, document.path, key, viewOf(server, document.path));
      if (!resolved) return lens;
      const { title, tooltip, action } = resolved;
      return { ...lens, command: { title, tooltip, command: serverCommand(action), arguments: [uri] } };
    });
  });
}

function lensData(lens: CodeLens): { readonly uri: string; readonly key: string } {
  const data: { uri?: unknown; key?: unknown } = lens.data ?? {};
  return { uri: String(data.uri ?? ''), key: String(data.key ?? '') };
}

function serverCommand(action: LensAction): string {
  return action.kind === 'cycle-view' ? 'patchpoint.server.cycleView' : 'patchpoint.server.showPatched';
}
