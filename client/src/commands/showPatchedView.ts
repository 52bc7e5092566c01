import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { fileOf, patchedDocument } from '../views/patchedDocument.ts';

/** "Show Patched View": the file as the chosen machine runs it, read-only, beside the source. */
export function registerShowPatchedView(app: App): void {
  app.command('patchpoint.showPatchedView', async (argument) => {
    const { uri } = await patchedDocument(app, fileOf(app, argument), 'chosen');
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true });
  });
}
