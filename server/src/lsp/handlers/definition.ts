import { definition } from '../../features/definition.ts';
import { documentRequest, fileLookup } from '../requestWrapper.ts';
import type { ServerState } from '../serverState.ts';
import { toLinks, toLocations, toOffset } from '../toProto.ts';

export function registerDefinition(server: ServerState): void {
  server.connection.onDefinition(
    documentRequest(server, 'textDocument/definition', [], (document, params) => {
      const targets = definition(document.ctx, document.path, toOffset(document, params.position));
      if (!server.client.definitionLinks) return toLocations(targets, fileLookup(server));
      return toLinks(targets, fileLookup(server), document.lines);
    }),
  );
}
