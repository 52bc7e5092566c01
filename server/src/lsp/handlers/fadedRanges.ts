import { inactiveRanges } from '../../features/c/cFaded.ts';
import { fadedRanges } from '../../features/fadedRanges.ts';
import type { FadedRanges, Range } from '../protocol.ts';
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
      const { ctx, path, lines } = document;
      const { fadeOtherStream, fadeInactive } = settingsOf(server, path);
      const ranges = fadeOtherStream ? fadedRanges(ctx, path, view) : [];
      const inactive = fadeInactive === 'off' ? [] : inactiveRanges(ctx, path);
      const shown = (all: typeof ranges): Range[] => all.map((range) => toRange(lines, range));
      return { version, view, ranges: shown(ranges), inactive: shown(inactive) };
    });
  });
}
