import * as vscode from 'vscode';

const scheme = 'patchpoint-text';

/** Shows a text beside the editor as a read-only document; `name` is its tab's title. */
export type ShowText = (name: string, text: string, language: 'arm64-kernel-asm' | 'plaintext') => Promise<void>;

/** Title of the tab that shows a cost: what has a meaning in a path is left out. */
export function costTab(title: string): string {
  return `${title.replace(/[/\\?#%]/g, ' ')}.txt`;
}

export function createTextView(context: vscode.ExtensionContext): ShowText {
  const texts = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  context.subscriptions.push(
    changed,
    vscode.workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: (uri) => texts.get(uri.path) ?? '',
    }),
    vscode.workspace.onDidCloseTextDocument((document) => {
      if (document.uri.scheme === scheme) texts.delete(document.uri.path);
    }),
  );
  return async (name, text, language) => {
    const uri = vscode.Uri.from({ scheme, path: `/${name}` });
    texts.set(uri.path, text);
    changed.fire(uri);
    const document = await vscode.workspace.openTextDocument(uri);
    await vscode.languages.setTextDocumentLanguage(document, language);
    // The column that shows such a text already, so that there are not more and more of them.
    const before = vscode.window.visibleTextEditors.find((editor) => editor.document.uri.scheme === scheme);
    const viewColumn = before?.viewColumn ?? vscode.ViewColumn.Beside;
    await vscode.window.showTextDocument(document, { viewColumn, preview: true });
  };
}
