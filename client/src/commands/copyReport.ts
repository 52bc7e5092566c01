import * as vscode from 'vscode';
import type { App } from '../app.ts';

/** "Copy Diagnostics Report": what a bug report needs, as Markdown, without source text. */
export function registerCopyReport(app: App): void {
  app.command('patchpoint.copyReport', async () => {
    const { text } = app.server.isRunning()
      ? await app.server.request('patchpoint/report', null)
      : { text: 'The language server does not run.\n' };
    await vscode.env.clipboard.writeText(`VS Code ${vscode.version}\n\n${text}`);
    void vscode.window.setStatusBarMessage('Patchpoint: report copied to the clipboard', 4000);
  });
}
