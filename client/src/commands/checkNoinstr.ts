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
    const count = (n: number, what: string): string => `${n === 0 ? 'no' : n} ${what}${n === 1 ? '' : 's'}`;
    const checked = `${count(findings, 'finding')} in ${count(files, 'noinstr source')}`;
    // Longer words would be cut off.
    void vscode.window.showInformationMessage(`Patchpoint: ${checked}${complete ? '' : ', then stopped'}.`);
  });
}
