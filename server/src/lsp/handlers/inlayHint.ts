import { inlayHints } from '../../features/inlayHints.ts';
import { withC } from '../cAnalysis.ts';
import { documentRequest } from '../requestWrapper.ts';
import { type ServerState, settingsOf, viewOf } from '../serverState.ts';
import { toHint, toTextRange } from '../toProto.ts';

export function registerInlayHint(server: ServerState): void {
  server.connection.languages.inlayHint.on(
    withC(
      server,
      documentRequest(server, 'textDocument/inlayHint', [], (document, params) => {
        const { hintsOtherState, hintsExpansions: expansions } = settingsOf(server, document.path);
        if (!hintsOtherState && !expansions) return [];
        const options = { view: viewOf(server, document.path), expansions };
        return inlayHints(document.ctx, document.path, toTextRange(document, params.range), options)
          .filter((hint) => hintsOtherState || hint.kind !== 'other-state')
          .map((hint) => toHint(hint, document.lines));
      }),
    ),
  );
}
