import { documentHighlights } from '../../features/documentHighlight.ts';
import { documentRequest } from '../requestWrapper.ts';
import type { ServerState } from '../serverState.ts';
import { toHighlight, toOffset } from '../toProto.ts';

export function registerDocumentHighlight(server: ServerState): void {
  server.connection.onDocumentHighlight(
    documentRequest(server, 'textDocument/documentHighlight', [], (document, params) =>
      documentHighlights(document.ctx, document.path, toOffset(document, params.position)).map((highlight) =>
        toHighlight(highlight, document.lines),
      ),
    ),
  );
}
