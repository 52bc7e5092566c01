import { functionSource } from '../../features/image/functionSource.ts';
import { imagePath } from '../imageRequest.ts';
import type { ClientRequests } from '../protocol.ts';
import { runRequest } from '../requestWrapper.ts';
import { type ServerState, uriOf } from '../serverState.ts';
import { onClientRequest } from './request.ts';

const method = 'patchpoint/imagePlace';

export function registerImagePlace(server: ServerState): void {
  onClientRequest(server, 'patchpoint/setImage', ({ file }) => {
    const path = file === null ? null : server.host.toPath(file);
    server.openedImages.choose(path);
    return { current: path };
  });
  onClientRequest(server, method, async ({ uri, function: name }, token) => {
    const path = imagePath(server, uri);
    return await runRequest<ClientRequests[typeof method]['result']>(server, { method, path, token }, null, (ctx) => {
      const tree = path === null ? null : ctx.workspace.treeFor(path);
      const found = tree === null ? null : functionSource(ctx.workspace, tree, name);
      return found === null ? null : { uri: uriOf(server, found.path), line: found.line - 1 };
    });
  });
}
