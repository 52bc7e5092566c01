import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { preemptionKey } from '../languageClient.ts';

/** "Choose Preemption Model": which of the keys of `PREEMPT_DYNAMIC` are on, kept for the workspace. */
export function registerChoosePreemption(app: App): void {
  app.command('patchpoint.choosePreemption', async (argument) => {
    const name = typeof argument === 'string' ? argument : await pickModel(app);
    if (name === undefined) return;
    const { current } = await app.server.request('patchpoint/setPreemption', { name });
    await app.context.workspaceState.update(preemptionKey, current ?? undefined);
  });
}

/** `null` is the way back to what the machine state says; `undefined`: the pick was left. */
async function pickModel(app: App): Promise<string | null | undefined> {
  const editor = app.activeEditor();
  const uri = editor ? app.server.uri(editor.document.uri) : null;
  const { choices, current, note } = await app.server.request('patchpoint/preemptionModels', { uri });
  if (choices.length === 0) {
    throw new Error(note ?? 'this tree has no preemption models that can be chosen at boot');
  }
  const check = (mine: boolean): vscode.ThemeIcon | undefined => (mine ? new vscode.ThemeIcon('check') : undefined);
  const items = [
    {
      label: 'as linked',
      description: 'what the machine state says, else the keys as the image has them',
      iconPath: check(current === null),
      name: null,
    },
    ...choices.map(({ name, description }) => ({
      label: `preempt=${name}`,
      description,
      iconPath: check(name === current),
      name,
    })),
  ];
  const placeHolder = note ?? 'Preemption model of the kernel that is shown';
  const picked = await vscode.window.showQuickPick(items, { placeHolder, matchOnDescription: true });
  return picked?.name;
}
