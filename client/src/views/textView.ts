import * as vscode from 'vscode';
import type { App } from '../app.ts';

const scheme = 'patchpoint-text';

/** Shows assembly beside the editor as a read-only document; `name` is its tab's title. */
export function createTextView(app: App): (name: string, text: string) => Promise<void> {
  const texts = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  app.context.subscriptions.push(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: (uri) => texts.get(uri.path) ?? '',
    }),
    vscode.workspace.onDidCloseTextDocument((document) => {
      if (document.uri.scheme === scheme) texts.delete(document.uri.path);
    }),
  );
  return async (name, text) => {
    const uri = vscode.Uri.from({ scheme, path: `/${name}` });
    texts.set(uri.path, text);
    changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.languages.setTextDocumentLanguage(document, 'arm64-kernel-asm');
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Beside, preview: true });
  };
}
