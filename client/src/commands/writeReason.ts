import * as vscode from 'vscode';
import type { App } from '../app.ts';

/** Follows "Allow … here, with a reason": selects the word that the reader is to replace. */
export function registerWriteReason(app: App): void {
  app.command('patchpoint.writeReason', (target, line) => {
    const editor = vscode.window.activeTextEditor;
    if (editor === undefined || typeof target !== 'string' || typeof line !== 'number') return;
    if (app.server.uri(editor.document.uri) !== target || line >= editor.document.lineCount) return;
    const { text, range } = editor.document.lineAt(line);
    const at = text.lastIndexOf('REASON');
    if (at < 0) return;
    const start = range.start.translate(0, at);
    editor.selection = new vscode.Selection(start, start.translate(0, 'REASON'.length));
    editor.revealRange(editor.selection);
  });
}
