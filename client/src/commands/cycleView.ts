import type { App } from '../app.ts';
import { fileOf } from '../views/patchedDocument.ts';

/** "Switch View": this file's lenses and hints speak of both streams, of the unpatched one, of the patched one. */
export function registerCycleView(app: App): void {
  app.command('patchpoint.cycleView', async (argument) => {
    await app.server.request('patchpoint/setView', { uri: app.server.uri(fileOf(app, argument)), view: 'next' });
  });
}
