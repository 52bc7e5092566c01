import type { App } from '../app.ts';
import { protocolPosition, sourceEditor } from '../views/sourceEditor.ts';
import { showCost } from './showCost.ts';

/** "Compare Cores": the site at the cursor on every core that has a model. */
export function registerCompareCores(app: App): void {
  app.command('patchpoint.compareCores', async () => {
    const { document, selection } = sourceEditor(app);
    const uri = app.server.uri(document.uri);
    const position = protocolPosition(selection.active);
    const answer = await app.server.request('patchpoint/compareCores', { uri, position });
    await showCost(app, answer, 'no alternative on this line');
  });
}
