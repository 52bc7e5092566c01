import type { CancellationToken } from 'vscode-languageserver';
import { timelineAt } from '../../features/cost/timeline.ts';
import { costRequest } from '../costRequest.ts';
import type { CostTarget, Timeline } from '../protocol.ts';
import type { Answer } from '../requestWrapper.ts';
import { type ServerState, uriOf } from '../serverState.ts';
import { toOffset, toTextRange } from '../toProto.ts';
import { onClientRequest } from './request.ts';

const method = 'patchpoint/timeline';

export function registerTimeline(server: ServerState): void {
  onClientRequest(server, method, async (params, token) => await timeline(server, params, params.stream, token));
}

/** Timeline of one stream of the site at a position, or of a selection's code; `null` where there is none. */
export async function timeline(
  server: ServerState,
  target: CostTarget,
  stream: 'unpatched' | 'patched',
  token: CancellationToken,
): Answer<Timeline | null> {
  return await costRequest<Timeline | null>(server, { method, uri: target.uri, token }, null, (document) => {
    const place =
      'range' in target
        ? { range: toTextRange(document, target.range) }
        : { offset: toOffset(document, target.position) };
    const found = timelineAt(document.ctx, document.path, place, stream);
    if (found === null) return null;
    const sources = found.sources.map((one) => one && { uri: uriOf(server, one.path), line: one.line - 1 });
    return { ...found, sources };
  });
}
