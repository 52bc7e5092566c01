import * as vscode from 'vscode';
import type { App } from '../app.ts';

/** "Expand Macro at Cursor": the expansion of the statement under the cursor, one level at a time. */
export function registerExpandMacro(app: App): void {
  app.command('patchpoint.expandMacro', async () => {
    const editor = app.activeEditor();
    if (!editor) throw new Error('open a .S file or a header of an arm64 kernel tree first');
    const { document, selection } = editor;
    const { line, character } = selection.active;
    const uri = app.server.uri(document.uri);
    const answer = await app.server.request('patchpoint/expansionTrace', { uri, position: { line, character } });
    if (answer === null) {
      void vscode.window.setStatusBarMessage('Patchpoint: no macro is used on this line', 4000);
      return;
    }
    const name = document.uri.path.slice(document.uri.path.lastIndexOf('/') + 1);
    await app.showText(`${name} line ${line + 1} expanded.S`, answer.text, 'arm64-kernel-asm');
  });
}
