import { hover } from '../../features/hover.ts';
import { withC } from '../cAnalysis.ts';
import { withCost } from '../costRequest.ts';
import { documentRequest } from '../requestWrapper.ts';
import type { ServerState } from '../serverState.ts';
import { toOffset, toRange } from '../toProto.ts';

export function registerHover(server: ServerState): void {
  server.connection.onHover(
    withC(
      server,
      withCost(
        server,
        ({ costHover }) => costHover !== 'off',
        documentRequest(server, 'textDocument/hover', null, (document, params) => {
          server.images.want(document.path);
          const found = hover(document.ctx, document.path, toOffset(document, params.position));
          if (!found) return null;
          return { contents: { kind: 'markdown', value: found.markdown }, range: toRange(document.lines, found.range) };
        }),
      ),
    ),
  );
}
