import * as vscode from 'vscode';
import { LanguageClient } from 'vscode-languageclient/browser';
import { createApp } from './app.ts';

/** In a browser: the server is a web worker, which reads files through us. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const script = vscode.Uri.joinPath(context.extensionUri, 'dist', 'server', 'main.browser.js');
  await createApp(context, {
    readFiles: true,
    // A function: every start of the server is a new worker.
    createClient: (id, name, options) =>
      new LanguageClient(id, name, async () => new Worker(script.toString(true)), options),
  });
}
