import { semanticTokens } from '../../features/semanticTokens.ts';
import { documentRequest } from '../requestWrapper.ts';
import type { ServerState } from '../serverState.ts';
import { toSemanticTokens, toTextRange } from '../toProto.ts';

export function registerSemanticTokens(server: ServerState): void {
  const { semanticTokens: tokens } = server.connection.languages;
  tokens.on(
    documentRequest(server, 'textDocument/semanticTokens/full', { data: [] }, (document) => ({
      data: toSemanticTokens(semanticTokens(document.ctx, document.path, null), document.lines),
    })),
  );
  tokens.onRange(
    documentRequest(server, 'textDocument/semanticTokens/range', { data: [] }, (document, params) => {
      const range = toTextRange(document, params.range);
      return { data: toSemanticTokens(semanticTokens(document.ctx, document.path, range), document.lines) };
    }),
  );
}
