import { fadedRanges } from '../../features/fadedRanges.ts';
import type { FadedRanges } from '../protocol.ts';
import { requestOn } from '../requestWrapper.ts';
import { type ServerState, settingsOf, viewOf } from '../serverState.ts';
import { toRange } from '../toProto.ts';
import { onClientRequest } from './request.ts';

export function registerFadedRanges(server: ServerState): void {
  onClientRequest(server, 'patchpoint/fadedRanges', async ({ uri }, token) => {
    const method = 'patchpoint/fadedRanges';
    await server.c.ready(server.host.toPath(uri));
    return await requestOn<FadedRanges | null>(server, { method, uri, token }, null, (document) => {
      const view = viewOf(server, document.path);
      const version = server.documents.version(document.path) ?? 0;
      if (!settingsOf(server, document.path).fadeOtherStream) return { version, view, ranges: [] };
      const ranges = fadedRanges(document.ctx, document.path, view);
      return { version, view, ranges: ranges.map((range) => toRange(document.lines, range)) };
    });
  });
}
