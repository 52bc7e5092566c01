import * as vscode from 'vscode';

const language = 'arm64-kernel-asm';

/**
 * Gives the editors that were open before the language was known its tab size: VS Code reads that of the
 * plain text they were then, and kernel code is not aligned at it.
 */
export function applyTabSize(): void {
  for (const editor of vscode.window.visibleTextEditors) {
    const { uri, languageId } = editor.document;
    if (languageId !== language) continue;
    const configuration = vscode.workspace.getConfiguration('editor', { uri, languageId });
    editor.options = { tabSize: configuration.get<number>('tabSize', 8) };
  }
}
