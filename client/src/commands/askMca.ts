import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { protocolPosition, sourceEditor } from '../views/sourceEditor.ts';
import { showCost } from './showCost.ts';

const setting = 'patchpoint.cost.llvmMcaPath';

/** "Ask llvm-mca": its figures beside ours. It is started here alone, and only the one that the settings name. */
export function registerAskMca(app: App): void {
  app.command('patchpoint.askMca', async () => {
    if (!vscode.workspace.isTrusted) throw new Error('llvm-mca is not started in a folder that is not trusted');
    const { document, selection } = sourceEditor(app);
    const uri = app.server.uri(document.uri);
    const position = protocolPosition(selection.active);
    const answer = await app.server.request('patchpoint/askMca', { uri, position });
    if (answer === null || !('problem' in answer)) {
      await showCost(app, answer, 'no alternative on this line');
      return;
    }
    const open = 'Open Setting';
    const picked = await vscode.window.showWarningMessage(`Patchpoint: ${answer.problem}`, open);
    if (picked === open) await vscode.commands.executeCommand('workbench.action.openSettings', setting);
  });
}
