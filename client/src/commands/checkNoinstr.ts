import * as vscode from 'vscode';
import type { ServerCommands } from '../../../server/src/lsp/protocol.ts';
import type { App } from '../app.ts';

/** "Check noinstr Code of the Tree": findings come into Problems while the server goes through the sources. */
export function registerCheckNoinstr(app: App): void {
  app.command('patchpoint.checkNoinstr', async () => {
    const editor = app.activeEditor();
    const uri = editor === undefined ? [] : [app.server.uri(editor.document.uri)];
    const command = 'patchpoint.server.checkNoinstr' satisfies keyof ServerCommands;
    const answer = await vscode.commands.executeCommand<{ files: number; findings: number; complete: boolean } | null>(
      command,
      ...uri,
    );
    if (answer === null) throw new Error('no kernel tree is open');
    const { files, findings, complete } = answer;
    const found = findings === 0 ? 'nothing found' : `${findings} finding${findings === 1 ? '' : 's'}, see Problems`;
    const checked = `${files} source${files === 1 ? '' : 's'} with noinstr code checked${complete ? '' : ', then stopped'}`;
    void vscode.window.showInformationMessage(`Patchpoint: ${checked}: ${found}.`);
  });
}
