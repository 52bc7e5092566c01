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
        const settings = settingsOf(server, document.path);
        const { hintsOtherState, hintsExpansions: expansions, noinstrContextHints: context } = settings;
        if (!hintsOtherState && !expansions && !context) return [];
        const options = { view: viewOf(server, document.path), expansions, context };
        return inlayHints(document.ctx, document.path, toTextRange(document, params.range), options)
          .filter((hint) => hintsOtherState || hint.kind !== 'other-state')
          .map((hint) => toHint(hint, document.lines));
      }),
    ),
  );
}
