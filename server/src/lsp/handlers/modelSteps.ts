import { modelChoices } from '../../features/noinstr/modelChoices.ts';
import { modelSteps } from '../modelSteps.ts';
import type { ServerState } from '../serverState.ts';
import { onClientRequest } from './request.ts';

export function registerModelSteps(server: ServerState): void {
  onClientRequest(server, 'patchpoint/modelChoices', () => modelChoices());
  onClientRequest(server, 'patchpoint/modelSteps', async (wish, token) => await modelSteps(server, wish, token));
}
