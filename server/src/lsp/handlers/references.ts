import { references } from '../../features/references.ts';
import { documentRequest, fileLookup } from '../requestWrapper.ts';
import type { ServerState } from '../serverState.ts';
import { toLocations, toOffset } from '../toProto.ts';

export function registerReferences(server: ServerState): void {
  server.connection.onReferences(
    documentRequest(server, 'textDocument/references', [], (document, params) => {
      const options = { includeDeclaration: params.context.includeDeclaration };
      const targets = references(document.ctx, document.path, toOffset(document, params.position), options);
      return toLocations(targets, fileLookup(server));
    }),
  );
}
