import * as vscode from 'vscode';
import type { ServerCommands } from '../../../server/src/lsp/protocol.ts';
import type { App } from '../app.ts';

/** "Rebuild Index of Names": reads the kernel tree anew, without what was kept. */
export function registerRebuildIndex(app: App): void {
  app.command('patchpoint.rebuildIndex', async () => {
    await vscode.commands.executeCommand('patchpoint.server.rebuildIndex' satisfies keyof ServerCommands);
  });
}
