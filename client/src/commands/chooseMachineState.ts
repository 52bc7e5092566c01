import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { machineStateKey } from '../languageClient.ts';

/** "Choose Machine State": the machine that every feature follows, kept for the workspace. */
export function registerChooseMachineState(app: App): void {
  app.command('patchpoint.chooseMachineState', async (name) => {
    const chosen = typeof name === 'string' ? name : await pickMachineState(app, 'Whose patched kernel is shown?');
    if (chosen === undefined) return;
    const { current } = await app.server.request('patchpoint/setMachineState', { name: chosen });
    await app.context.workspaceState.update(machineStateKey, current);
  });
}

/** Lets the user pick one of the machine states; `undefined` when the pick was left. */
export async function pickMachineState(app: App, placeHolder: string): Promise<string | undefined> {
  const editor = app.activeEditor();
  const uri = editor ? app.server.uri(editor.document.uri) : null;
  const { choices, current, problems } = await app.server.request('patchpoint/machineStates', { uri });
  for (const problem of problems) app.log.warn(problem);
  const items = choices.map((choice) => ({
    label: choice.name,
    description: choice.description,
    detail: choice.origin === 'file' ? `${choice.title} (state file)`.trim() : choice.title,
    picked: choice.name === current,
    iconPath: choice.name === current ? new vscode.ThemeIcon('check') : undefined,
  }));
  const picked = await vscode.window.showQuickPick(items, { placeHolder, matchOnDetail: true });
  return picked?.label;
}
