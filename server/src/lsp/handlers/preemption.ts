import { modelChoices, readPreemption } from '../../features/c/preemption.ts';
import type { PreemptionModels } from '../protocol.ts';
import { changed } from '../refresh.ts';
import { runRequest } from '../requestWrapper.ts';
import type { ServerState } from '../serverState.ts';
import { onClientRequest } from './request.ts';

export function registerPreemption(server: ServerState): void {
  onClientRequest(server, 'patchpoint/preemptionModels', async ({ uri }, token) => {
    const method = 'patchpoint/preemptionModels';
    const path = uri === null ? (server.folders[0] ?? null) : server.host.toPath(uri);
    await server.c.loadParser();
    const empty: PreemptionModels = { choices: [], current: server.preemption, note: null };
    return await runRequest(server, { method, path, token }, empty, (ctx) => {
      const tree = path === null ? null : ctx.workspace.treeFor(path);
      return tree === null ? empty : { ...modelChoices(readPreemption(ctx, tree)), current: server.preemption };
    });
  });
  onClientRequest(server, 'patchpoint/setPreemption', async ({ name }) => ({
    current: await setPreemption(server, name),
  }));
}

/** Chooses the preemption model that the static keys follow. Result: its name. */
export async function setPreemption(server: ServerState, name: string | null): Promise<string | null> {
  if (server.preemption !== name) {
    server.preemption = name;
    await server.c.readPreemption();
    changed(server, { what: 'state' });
  }
  return name;
}
