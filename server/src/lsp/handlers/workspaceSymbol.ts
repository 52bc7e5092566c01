import { workspaceSymbols } from '../../features/workspaceSymbols.ts';
import { fileLookup, runRequest } from '../requestWrapper.ts';
import type { ServerState } from '../serverState.ts';
import { toWorkspaceSymbols } from '../toProto.ts';

export function registerWorkspaceSymbol(server: ServerState): void {
  server.connection.onWorkspaceSymbol(
    async (params, token) =>
      await runRequest(server, { method: 'workspace/symbol', path: null, token }, [], (ctx) =>
        toWorkspaceSymbols(workspaceSymbols(ctx, params.query), fileLookup(server)),
      ),
  );
}
