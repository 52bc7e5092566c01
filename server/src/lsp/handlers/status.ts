import { treeStatus } from '../../features/treeStatus.ts';
import { unusedSymbolizer } from '../builtImages.ts';
import type { Status } from '../protocol.ts';
import { runRequest } from '../requestWrapper.ts';
import { coreOf, type ServerState } from '../serverState.ts';
import { namedCore } from './cores.ts';
import { onClientRequest } from './request.ts';

export function registerStatus(server: ServerState): void {
  onClientRequest(server, 'patchpoint/status', async ({ uri }, token) => {
    const path = uri === null ? (server.folders[0] ?? null) : server.host.toPath(uri);
    const none: Status = {
      root: null,
      version: null,
      buildDirectory: null,
      configSource: null,
      machineState: server.machineState,
      preemption: server.preemption,
      keys: [...server.keys].map(([key, value]) => ({ key, value })),
      index: server.index.statusOf(path),
      core: namedCore(coreOf(server, path).name),
      problems: [...server.settings.issues, ...unknownCore(server, path), ...unusedSymbolizer(server, path)],
    };
    return await runRequest(server, { method: 'patchpoint/status', path, token }, none, (ctx) => {
      // A file outside every tree must not be told of another one.
      const isOutside = uri !== null && (path === null || ctx.workspace.treeFor(path) === null);
      const status = isOutside ? null : treeStatus(ctx, path);
      if (!status) return none;
      const { root, version, buildDirectory, configSource, problems } = status;
      return { ...none, root, version, buildDirectory, configSource, problems: [...none.problems, ...problems] };
    });
  });
}

function unknownCore(server: ServerState, path: string | null): readonly string[] {
  const { name } = coreOf(server, path);
  return namedCore(name) === null ? [`no core is named ${name} (patchpoint.cost.core)`] : [];
}
