import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { fileOf, patchedDocument } from '../views/patchedDocument.ts';

/** "Show Patched View": the file as the chosen machine runs it, read-only, beside the source. */
export function registerShowPatchedView(app: App): void {
  app.command('patchpoint.showPatchedView', async (argument) => {
    const file = fileOf(app, argument);
    const source = vscode.window.visibleTextEditors.find(
      (editor) => editor.document.uri.toString() === file.toString(),
    );
    const { uri, lines } = await patchedDocument(app, file, 'chosen');
    const document = await vscode.workspace.openTextDocument(uri);
    const editor = await vscode.window.showTextDocument(document, {
      viewColumn: vscode.ViewColumn.Beside,
      preview: true,
    });
    // The reader wants the place he came from, not the file's first line.
    const line = source === undefined ? 0 : (lines[source.selection.active.line] ?? 0);
    const there = new vscode.Range(line, 0, line, 0);
    editor.selection = new vscode.Selection(there.start, there.start);
    editor.revealRange(there, vscode.TextEditorRevealType.InCenter);
  });
}
