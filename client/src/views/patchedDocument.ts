import * as vscode from 'vscode';
import type { PatchedOf } from '../../../server/src/lsp/protocol.ts';
import type { App } from '../app.ts';

/** A virtual document that can be shown; its text comes from the server through `workspace/textDocumentContent`. */
export interface PatchedDocument {
  readonly uri: vscode.Uri;
  readonly title: string;
  /** For each line of the file the line that shows it, both from 0. */
  readonly lines: readonly number[];
}

/**
 * The patched document of a file. The language client provides its content and makes it again when the file or the
 * machine changes. Throws with a sentence for the user when the file lies in no kernel tree.
 */
export async function patchedDocument(app: App, file: vscode.Uri, of: PatchedOf): Promise<PatchedDocument> {
  const answer = await app.server.request('patchpoint/patchedDocument', { uri: app.server.uri(file), of });
  if (answer === null) {
    throw new Error('this file lies in no arm64 kernel tree, so nothing is known about what is patched in it');
  }
  return { uri: vscode.Uri.parse(answer.uri), title: answer.title, lines: answer.lines };
}

/** The kernel file that a command is about: its argument, else the active editor's. */
export function fileOf(app: App, argument: unknown): vscode.Uri {
  if (argument instanceof vscode.Uri) return argument;
  const editor = app.activeEditor();
  if (!editor) throw new Error('open a .S or C file of an arm64 kernel tree first');
  return editor.document.uri;
}
