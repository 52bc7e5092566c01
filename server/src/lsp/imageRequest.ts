import { type CancellationToken, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { CancelledError } from '../base/cancellation.ts';
import type { FeatureContext } from '../features/featureContext.ts';
import { filesOfFunctions } from '../features/image/functionSource.ts';
import type { OpenedImage } from '../features/image/openedImage.ts';
import type { FileOf } from '../features/image/siteGroups.ts';
import type { KernelTree } from '../project/kernelTree.ts';
import { onClientRequest } from './handlers/request.ts';
import type { ClientRequests } from './protocol.ts';
import { runRequest } from './requestWrapper.ts';
import type { ServerState } from './serverState.ts';

/** Requests about a built image; all their answers have `problem`. */
export type ImageRequest =
  | 'patchpoint/imageGroups'
  | 'patchpoint/imageSites'
  | 'patchpoint/disassembly'
  | 'patchpoint/imageReport';

export interface AskedImage {
  readonly opened: OpenedImage;
  readonly ctx: FeatureContext;
  /** Tree of the file that was asked about. */
  readonly tree: KernelTree | null;
  readonly fileOf: FileOf;
}

/** Registers a request that needs the image: without one its answer is the reason. */
export function onImageRequest<K extends ImageRequest>(
  server: ServerState,
  method: K,
  work: (params: ClientRequests[K]['params'], asked: AskedImage) => ClientRequests[K]['result'],
): void {
  const failed = (problem: string): ClientRequests[K]['result'] => ({ problem }) as ClientRequests[K]['result'];
  onClientRequest(server, method, async (params, token: CancellationToken) => {
    const path = imagePath(server, params.uri);
    const empty = failed('the image could not be read; the log has more');
    try {
      const opened = await server.openedImages.open(path, token);
      if ('problem' in opened) return failed(opened.problem);
      return await runRequest(server, { method, path, token }, empty, (ctx) => {
        const tree = path === null ? null : ctx.workspace.treeFor(path);
        return work(params, { opened, ctx, tree, fileOf: filesOfFunctions(ctx.workspace, tree) });
      });
    } catch (error) {
      if (error instanceof CancelledError) return new ResponseError(LSPErrorCodes.RequestCancelled, 'cancelled');
      server.logger.error(`${method} failed`, { error: String(error) });
      return empty;
    }
  });
}

/** The file whose tree is meant: that of the request, else one of the first folder. */
export function imagePath(server: ServerState, uri: string | null): string | null {
  if (uri !== null) return server.host.toPath(uri);
  const [folder] = server.folders;
  return folder === undefined ? null : `${folder}/Makefile`;
}
