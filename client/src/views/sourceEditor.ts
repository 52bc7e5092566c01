import type * as vscode from 'vscode';
import type { Position, Range } from '../../../server/src/lsp/protocol.ts';
import type { App } from '../app.ts';

/** The editor that a command at the cursor is about. Throws with a sentence for the user. */
export function sourceEditor(app: App): vscode.TextEditor {
  const editor = app.activeEditor();
  if (!editor) throw new Error('open a .S file or a header of an arm64 kernel tree first');
  return editor;
}

export function protocolPosition({ line, character }: vscode.Position): Position {
  return { line, character };
}

export function protocolRange({ start, end }: vscode.Range): Range {
  return { start: protocolPosition(start), end: protocolPosition(end) };
}
