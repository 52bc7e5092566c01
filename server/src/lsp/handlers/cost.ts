import type { CancellationToken } from 'vscode-languageserver';
import { costHere } from '../../features/c/cCost.ts';
import { type CostReport, costMarkdown, costText } from '../../features/cost/costReport.ts';
import { rangeCost } from '../../features/cost/rangeCost.ts';
import { costRequest } from '../costRequest.ts';
import type { CostTarget, CostText } from '../protocol.ts';
import type { Answer, DocumentAt } from '../requestWrapper.ts';
import type { ServerState } from '../serverState.ts';
import { toOffset, toTextRange } from '../toProto.ts';
import { onClientRequest } from './request.ts';

export function registerCost(server: ServerState): void {
  for (const method of ['patchpoint/siteCost', 'patchpoint/rangeCost'] as const) {
    onClientRequest(server, method, async (target, token) => await costOf(server, method, target, token));
  }
}

/** Cost of the site at a position, or of the code of a selection; `null` where there is none. */
export async function costOf(
  server: ServerState,
  method: string,
  target: CostTarget,
  token: CancellationToken,
): Answer<CostText | null> {
  return await costRequest<CostText | null>(server, { method, uri: target.uri, token }, null, (document) => {
    const report = reportOf(document, target);
    return report && { title: report.title, markdown: costMarkdown(report), text: costText(report) };
  });
}

function reportOf(document: DocumentAt, target: CostTarget): CostReport | null {
  const { ctx, path } = document;
  if ('range' in target) return rangeCost(ctx, path, toTextRange(document, target.range));
  return costHere(ctx, path, toOffset(document, target.position));
}
