import * as vscode from 'vscode';
import type { Core, Cores } from '../../../server/src/lsp/protocol.ts';
import type { App } from '../app.ts';
import { coreKey } from '../languageClient.ts';

/** "Choose Core": whose model gives costs; kept for the workspace until the setting is changed. */
export function registerChooseCore(app: App): void {
  app.command('patchpoint.chooseCore', async (name) => {
    const chosen = typeof name === 'string' ? name : await pickCore(app);
    if (chosen !== undefined) await setCore(app, chosen);
  });
  app.context.subscriptions.push(
    vscode.workspace.onDidChangeConfiguration((change) => {
      // What the user said last counts.
      if (!change.affectsConfiguration('patchpoint.cost.core')) return;
      setCore(app, null).catch((error: unknown) => app.log.debug(`core: ${String(error)}`));
    }),
  );
}

async function setCore(app: App, name: string | null): Promise<void> {
  await app.context.workspaceState.update(coreKey, name ?? undefined);
  if (app.server.isRunning()) await app.server.request('patchpoint/setCore', { name });
}

interface CoreItem extends vscode.QuickPickItem {
  readonly core: string;
}

async function pickCore(app: App): Promise<string | undefined> {
  const editor = app.activeEditor();
  const cores = await app.server.request('patchpoint/cores', {
    uri: editor ? app.server.uri(editor.document.uri) : null,
  });
  const items: CoreItem[] = [autoItem(cores), ...cores.choices.map((core) => coreItem(core, cores))];
  const picked = await vscode.window.showQuickPick(items, {
    placeHolder: 'Whose model gives the cost of patch sites? A model is not a measurement.',
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return picked?.core;
}

function autoItem({ auto, choices, from }: Cores): CoreItem {
  const title = choices.find((core) => core.name === auto)?.title ?? auto;
  const isCurrent = from === 'machine state' || from === 'default';
  return {
    core: 'auto',
    label: 'Follow the machine state',
    description: `now ${title}`,
    ...(isCurrent ? { iconPath: new vscode.ThemeIcon('check') } : {}),
  };
}

function coreItem({ name, title, modelledAs, warning }: Core, { current, from }: Cores): CoreItem {
  const isCurrent = name === current && (from === 'chosen' || from === 'setting');
  return {
    core: name,
    label: title,
    ...(modelledAs === null ? {} : { description: `modelled as ${modelledAs}` }),
    ...(warning === null ? {} : { detail: `$(warning) ${warning}` }),
    ...(isCurrent ? { iconPath: new vscode.ThemeIcon('check') } : {}),
  };
}
