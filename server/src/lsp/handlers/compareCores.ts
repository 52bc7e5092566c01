import { type CancellationToken, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { modelNames } from '../../cost/cores.ts';
import { costHere } from '../../features/c/cCost.ts';
import { compareReports } from '../../features/cost/compareCores.ts';
import type { CostReport } from '../../features/cost/costReport.ts';
import { forEachYielding } from '../progress.ts';
import type { CostText, Position } from '../protocol.ts';
import { type Answer, requestOn } from '../requestWrapper.ts';
import type { ServerState } from '../serverState.ts';
import { toOffset } from '../toProto.ts';
import { onClientRequest } from './request.ts';

const method = 'patchpoint/compareCores';

export function registerCompareCores(server: ServerState): void {
  onClientRequest(server, method, async (params, token) => await compareCores(server, params, token));
}

/** Cost of a site on every core that has a model, core by core, so that other requests get through. */
export async function compareCores(
  server: ServerState,
  { uri, position }: { readonly uri: string; readonly position: Position },
  token: CancellationToken,
): Answer<CostText | null> {
  const reports: CostReport[] = [];
  let refused: ResponseError<void> | null = null;
  const work = { title: 'Patchpoint: comparing cores', items: modelNames, token, cancellable: true };
  const complete = await forEachYielding(server, work, async (name) => {
    const cost = await server.cost.open(name);
    const report = await requestOn<CostReport | null>(server, { method, uri, token }, null, (document) =>
      costHere({ ...document.ctx, cost }, document.path, toOffset(document, position)),
    );
    if (report instanceof ResponseError) refused = report;
    else if (report !== null) reports.push(report);
  });
  if (!complete) return new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
  return refused ?? compareReports(reports);
}
