import { noinstrPath } from '../noinstrPath.ts';
import { noinstrReach } from '../noinstrReach.ts';
import type { ServerState } from '../serverState.ts';
import { onClientRequest } from './request.ts';

export function registerNoinstrReach(server: ServerState): void {
  onClientRequest(
    server,
    'patchpoint/noinstrReach',
    async (target, token) => await noinstrReach(server, target, token),
  );
  onClientRequest(server, 'patchpoint/noinstrPath', async (target, token) => await noinstrPath(server, target, token));
}
