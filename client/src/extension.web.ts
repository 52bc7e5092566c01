import * as vscode from 'vscode';
import { BrowserMessageReader, BrowserMessageWriter, LanguageClient } from 'vscode-languageclient/browser';
import { createApp } from './app.ts';

/** In a browser: the server is a web worker, which reads files through us. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const script = vscode.Uri.joinPath(context.extensionUri, 'dist', 'server', 'main.browser.js');
  let worker: Worker | undefined;
  context.subscriptions.push({ dispose: () => worker?.terminate() });
  const startWorker = async (): Promise<{ reader: BrowserMessageReader; writer: BrowserMessageWriter }> => {
    worker?.terminate();
    worker = new Worker(script.toString(true));
    // The transports and not the worker: in VS Code's extension host it is not an instance of the global `Worker`.
    return { reader: new BrowserMessageReader(worker), writer: new BrowserMessageWriter(worker) };
  };
  await createApp(context, {
    readFiles: true,
    createClient: (id, name, options) => new LanguageClient(id, name, startWorker, options),
  });
}
