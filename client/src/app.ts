import * as vscode from 'vscode';
import { registerAskMca } from './commands/askMca.ts';
import { registerCheckNoinstr } from './commands/checkNoinstr.ts';
import { registerChooseBuildDirectory } from './commands/chooseBuildDirectory.ts';
import { registerChooseCore } from './commands/chooseCore.ts';
import { registerChooseMachineState } from './commands/chooseMachineState.ts';
import { registerChoosePreemption } from './commands/choosePreemption.ts';
import { registerCompareCores } from './commands/compareCores.ts';
import { registerCopyReport } from './commands/copyReport.ts';
import { registerCycleView } from './commands/cycleView.ts';
import { registerExpandMacro } from './commands/expandMacro.ts';
import { registerImageFunction } from './commands/imageFunction.ts';
import { registerPeekReferences } from './commands/peekReferences.ts';
import { registerRebuildIndex } from './commands/rebuildIndex.ts';
import { registerRestartServer } from './commands/restartServer.ts';
import { registerShowCost } from './commands/showCost.ts';
import { registerShowLog } from './commands/showLog.ts';
import { registerShowPatchedDiff } from './commands/showPatchedDiff.ts';
import { registerShowPatchedView } from './commands/showPatchedView.ts';
import { registerShowTimeline } from './commands/showTimeline.ts';
import { registerStepModels } from './commands/stepModels.ts';
import { registerSwitchKey } from './commands/switchKey.ts';
import { registerWriteReason } from './commands/writeReason.ts';
import { activateDecorations } from './decorations.ts';
import { applyTabSize } from './indentation.ts';
import { type ClientFactory, createLanguageClient, type Server } from './languageClient.ts';
import { activateStatus } from './status.ts';
import { activateNoinstrPath } from './views/noinstrPath.ts';
import { activateNoinstrReach } from './views/noinstrReach.ts';
import { activatePatchSites } from './views/patchSites.ts';
import { createTextPairs, type ShowTextPair } from './views/textPair.ts';
import { createTextView, type ShowText } from './views/textView.ts';

/** What every command and view is given. */
export interface App {
  readonly context: vscode.ExtensionContext;
  readonly server: Server;
  readonly log: vscode.LogOutputChannel;
  /** Registers a command whose failure is shown to the user, who asked for it. */
  readonly command: (id: string, run: (...args: readonly unknown[]) => unknown) => void;
  /** The document under the cursor, when Patchpoint speaks about it. */
  readonly activeEditor: () => vscode.TextEditor | undefined;
  readonly showText: ShowText;
  readonly showTextPair: ShowTextPair;
}

const commands = [
  registerChooseMachineState,
  registerChoosePreemption,
  registerPeekReferences,
  registerImageFunction,
  registerSwitchKey,
  registerChooseBuildDirectory,
  registerShowPatchedView,
  registerShowPatchedDiff,
  registerCycleView,
  registerExpandMacro,
  registerChooseCore,
  registerShowCost,
  registerCompareCores,
  registerAskMca,
  registerShowTimeline,
  registerCheckNoinstr,
  registerStepModels,
  registerWriteReason,
  registerRebuildIndex,
  registerRestartServer,
  registerCopyReport,
  registerShowLog,
] as const;

/** Wires the client together. Commands work at once; the server comes up behind them. */
export async function createApp(context: vscode.ExtensionContext, factory: ClientFactory): Promise<void> {
  const log = vscode.window.createOutputChannel('Patchpoint', { log: true });
  const showText = createTextView(context);
  const server = createLanguageClient(context, factory, { log, showText });
  const app: App = {
    context,
    server,
    log,
    command: (id, run) => {
      context.subscriptions.push(vscode.commands.registerCommand(id, guarded(log, id, run)));
    },
    activeEditor: () => {
      const editor = vscode.window.activeTextEditor;
      return editor && server.covers(editor.document) ? editor : undefined;
    },
    showText,
    showTextPair: createTextPairs(context),
  };
  context.subscriptions.push(log, server);
  // Not `isWeb`: the editor may be a browser while the extension runs on a machine behind it.
  void vscode.commands.executeCommand('setContext', 'patchpoint.processes', !factory.readFiles);
  for (const register of commands) register(app);
  activateStatus(app);
  activateDecorations(app);
  activatePatchSites(app);
  activateNoinstrReach(app);
  activateNoinstrPath(app);
  followActiveEditor(app);
  applyTabSize();
  await server.start();
}

function guarded(log: vscode.LogOutputChannel, id: string, run: (...args: readonly unknown[]) => unknown) {
  return async (...args: readonly unknown[]): Promise<unknown> => {
    try {
      return await run(...args);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log.error(`${id}: ${message}`);
      void vscode.window.showErrorMessage(`Patchpoint: ${message}`);
      return undefined;
    }
  };
}

/** Keeps the context key that menus ask for. */
function followActiveEditor(app: App): void {
  const update = (): void => {
    void vscode.commands.executeCommand('setContext', 'patchpoint.supported', app.activeEditor() !== undefined);
  };
  void vscode.commands.executeCommand('setContext', 'patchpoint.active', true);
  app.context.subscriptions.push(vscode.window.onDidChangeActiveTextEditor(update));
  update();
}
