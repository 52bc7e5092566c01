import type { App } from '../app.ts';

/** "Restart Language Server". */
export function registerRestartServer(app: App): void {
  app.command('patchpoint.restartServer', async () => await app.server.restart());
}
