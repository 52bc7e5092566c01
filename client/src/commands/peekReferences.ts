import * as vscode from 'vscode';
import type { App } from '../app.ts';

interface Place {
  readonly line: number;
  readonly character: number;
}

/** "Peek Sites and Switchers": where a static key or a static call is used and changed, as a click on its lens asks for. */
export function registerPeekReferences(app: App): void {
  app.command('patchpoint.peekReferences', async (target, place) => {
    const editor = app.activeEditor();
    const uri = typeof target === 'string' ? vscode.Uri.parse(target) : editor?.document.uri;
    const position = isPlace(place) ? new vscode.Position(place.line, place.character) : editor?.selection.active;
    if (uri === undefined || position === undefined) throw new Error('open a C file of an arm64 kernel tree first');
    const found = await vscode.commands.executeCommand<vscode.Location[]>(
      'vscode.executeReferenceProvider',
      uri,
      position,
    );
    await vscode.commands.executeCommand('editor.action.showReferences', uri, position, found);
  });
}

function isPlace(value: unknown): value is Place {
  return typeof value === 'object' && value !== null && 'line' in value && 'character' in value;
}
