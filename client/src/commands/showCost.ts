import * as vscode from 'vscode';
import type { CostText } from '../../../server/src/lsp/protocol.ts';
import type { App } from '../app.ts';
import { protocolPosition, protocolRange, sourceEditor } from '../views/sourceEditor.ts';
import { costTab } from '../views/textView.ts';

/** "Cost of Selection" and "Cost Table at Cursor": the model's table as text beside the source. */
export function registerShowCost(app: App): void {
  app.command('patchpoint.costOfSelection', async () => {
    const { document, selection } = sourceEditor(app);
    const uri = app.server.uri(document.uri);
    const range = protocolRange(selectedLines(document, selection));
    const answer = await app.server.request('patchpoint/rangeCost', { uri, range });
    await showCost(app, answer, 'the selection holds no instructions');
  });
  app.command('patchpoint.costTable', async () => {
    const { document, selection } = sourceEditor(app);
    const uri = app.server.uri(document.uri);
    const position = protocolPosition(selection.active);
    const answer = await app.server.request('patchpoint/siteCost', { uri, position });
    await showCost(app, answer, 'no alternative on this line; select code for the cost of that');
  });
}

/** Shows a table beside the source, or says why there is none. */
export async function showCost(app: App, answer: CostText | null, reason: string): Promise<void> {
  if (answer === null) {
    void vscode.window.setStatusBarMessage(`Patchpoint: ${reason}`, 5000);
    return;
  }
  await app.showText(costTab(answer.title), answer.text, 'plaintext');
}

/** A selection of whole lines ends at the start of the line below, which is not meant. */
export function selectedLines(document: vscode.TextDocument, selection: vscode.Selection): vscode.Range {
  const { start, end } = selection;
  if (selection.isSingleLine || end.character > 0) return selection;
  return new vscode.Range(start, document.lineAt(end.line - 1).range.end);
}
