import * as vscode from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { createApp } from './app.ts';

/** Desktop and remote: the server is a process of its own, connected over IPC. */
export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const module = vscode.Uri.joinPath(context.extensionUri, 'dist', 'server', 'main.node.cjs').fsPath;
  const run = { module, transport: TransportKind.ipc };
  const debug = { ...run, options: { execArgv: ['--nolazy', '--inspect=6009'] } };
  await createApp(context, {
    readFiles: false,
    createClient: (id, name, options) => new LanguageClient(id, name, { run, debug }, options),
  });
}
