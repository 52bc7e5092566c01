import * as vscode from 'vscode';
import type { App } from '../app.ts';

const setting = 'kernel.buildDirectory';

/**
 * "Choose Build Directory": where `.config` and the generated headers come from, kept in the settings of the workspace,
 * or of the folder in use where there are several: each kernel has its own.
 */
export function registerChooseBuildDirectory(app: App): void {
  app.command('patchpoint.chooseBuildDirectory', async () => {
    const folder = app.activeEditor()?.document.uri;
    const several = (vscode.workspace.workspaceFolders?.length ?? 0) > 1 && folder !== undefined;
    const configuration = vscode.workspace.getConfiguration('patchpoint', several ? folder : undefined);
    const target = several ? vscode.ConfigurationTarget.WorkspaceFolder : vscode.ConfigurationTarget.Workspace;
    const current = configuration.get<string>(setting, '');
    const browse = {
      label: '$(folder-opened) Choose a folder…',
      detail: 'The O= directory of make, which has a .config',
    };
    const clear = {
      label: '$(circle-slash) Find it automatically',
      detail: 'A .config in the tree, else a build directory beside it, else the arm64 defconfig',
    };
    const picked = await vscode.window.showQuickPick([browse, clear], {
      placeHolder: current === '' ? 'No build directory is set' : `Now: ${current}`,
    });
    if (picked === clear) await configuration.update(setting, undefined, target);
    if (picked !== browse) return;
    const [chosen] =
      (await vscode.window.showOpenDialog({
        canSelectFolders: true,
        canSelectFiles: false,
        openLabel: 'Use this build directory',
      })) ?? [];
    if (chosen) await configuration.update(setting, chosen.fsPath, target);
  });
}
