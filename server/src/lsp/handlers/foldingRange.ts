import { foldingRanges } from '../../features/foldingRanges.ts';
import { documentRequest } from '../requestWrapper.ts';
import type { ServerState } from '../serverState.ts';
import { toFold } from '../toProto.ts';

export function registerFoldingRange(server: ServerState): void {
  server.connection.onFoldingRanges(
    documentRequest(server, 'textDocument/foldingRange', [], (document) =>
      foldingRanges(document.ctx, document.path).map(toFold),
    ),
  );
}
