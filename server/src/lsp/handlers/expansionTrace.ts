import { expansionTrace } from '../../features/expand.ts';
import { requestOn } from '../requestWrapper.ts';
import type { ServerState } from '../serverState.ts';
import { toOffset } from '../toProto.ts';
import { onClientRequest } from './request.ts';

export function registerExpansionTrace(server: ServerState): void {
  onClientRequest(server, 'patchpoint/expansionTrace', async ({ uri, position }, token) => {
    const method = 'patchpoint/expansionTrace';
    return await requestOn<{ readonly text: string } | null>(server, { method, uri, token }, null, (document) => {
      const text = expansionTrace(document.ctx, document.path, toOffset(document, position));
      return text === null ? null : { text };
    });
  });
}
