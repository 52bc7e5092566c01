import * as vscode from 'vscode';
import type { SwitchedKey } from '../../../server/src/lsp/protocol.ts';
import type { App } from '../app.ts';

const shownMs = 5000;

/** "Switch Static Key" at the cursor, in the machine that is shown, and back to what the machine state says. */
export function registerSwitchKey(app: App): void {
  app.command('patchpoint.switchKey', async () => {
    const editor = app.activeEditor();
    if (editor === undefined) throw new Error('open a C file of an arm64 kernel tree first');
    const { line, character } = editor.selection.active;
    const uri = app.server.uri(editor.document.uri);
    const command = 'patchpoint.server.switchKey';
    const switched = await vscode.commands.executeCommand<SwitchedKey | null>(command, uri, { line, character });
    const text = switched === null ? 'no static key here' : `${switched.key} is ${switched.value ? 'on' : 'off'} now`;
    void vscode.window.setStatusBarMessage(`Patchpoint: ${text}`, shownMs);
  });
  app.command('patchpoint.resetKeys', async () => {
    await vscode.commands.executeCommand('patchpoint.server.resetKeys');
  });
}
