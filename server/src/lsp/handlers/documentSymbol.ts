import { documentSymbols } from '../../features/documentSymbols.ts';
import { documentRequest } from '../requestWrapper.ts';
import type { ServerState } from '../serverState.ts';
import { toDocumentSymbol } from '../toProto.ts';

export function registerDocumentSymbol(server: ServerState): void {
  server.connection.onDocumentSymbol(
    documentRequest(server, 'textDocument/documentSymbol', [], (document) =>
      documentSymbols(document.ctx, document.path).map((node) => toDocumentSymbol(node, document.lines)),
    ),
  );
}
