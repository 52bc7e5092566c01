import { type CancellationToken, ResponseError } from 'vscode-languageserver';
import { askMca, type OpinionQuestion, opinionOnSite, opinionText } from '../../features/cost/secondOpinion.ts';
import { costRequest } from '../costRequest.ts';
import type { McaAnswer, Position } from '../protocol.ts';
import type { Answer } from '../requestWrapper.ts';
import { folderOf, type ServerState, settingPath, settingsOf } from '../serverState.ts';
import { toOffset } from '../toProto.ts';
import { onClientRequest } from './request.ts';

const method = 'patchpoint/askMca';

export function registerAskMca(server: ServerState): void {
  onClientRequest(server, method, async (params, token) => await secondOpinion(server, params, token));
}

/** What llvm-mca says of a site beside our model. It runs here alone, and only the program that the settings name. */
export async function secondOpinion(
  server: ServerState,
  { uri, position }: { readonly uri: string; readonly position: Position },
  token: CancellationToken,
): Answer<McaAnswer | null> {
  const path = server.host.toPath(uri);
  const { llvmMcaPath } = settingsOf(server, path);
  const { mca: runner } = server.host;
  if (runner === null) return { problem: 'llvm-mca cannot be started here: there are no processes in a browser' };
  if (llvmMcaPath === null) return { problem: 'set patchpoint.cost.llvmMcaPath to the path of llvm-mca first' };
  const program = /[\\/]/.test(llvmMcaPath) ? settingPath(folderOf(server, path), llvmMcaPath) : llvmMcaPath;
  const question = await costRequest<OpinionQuestion | null>(server, { method, uri, token }, null, (document) =>
    opinionOnSite(document.ctx, document.path, toOffset(document, position)),
  );
  if (question === null || question instanceof ResponseError) return question;
  server.logger.info('llvm-mca is asked', { program, streams: question.streams.length });
  const answer = await askMca(question, { runner, program }, token);
  return 'problem' in answer ? answer : opinionText(question, answer);
}
