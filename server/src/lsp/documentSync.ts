import { TextDocument } from 'vscode-languageserver-textdocument';
import type { DiagnosticsPublisher } from './diagnosticsPublisher.ts';
import { changed } from './refresh.ts';
import type { ServerState } from './serverState.ts';

/** Quiet time after a keystroke before patched documents that show the file are made again. */
const patchedDebounceMs = 400;

/** Keeps the workspace's overlay equal to what the editor holds, change by change. */
export function registerDocumentSync(server: ServerState, publisher: DiagnosticsPublisher): void {
  const { connection, host, documents, workspace } = server;
  let patchedTimer: ReturnType<typeof setTimeout> | undefined;

  connection.onDidOpenTextDocument(({ textDocument: { uri, languageId, version, text } }) => {
    const path = host.toPath(uri);
    if (path === null) return;
    documents.open(path, TextDocument.create(uri, languageId, version, text));
    workspace.openDocument(path, text, version);
    publisher.schedule(path, 'now');
  });
  connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
    const path = host.toPath(uri);
    const document = path === null ? undefined : documents.change(path, contentChanges, version);
    if (path === null || document === undefined) return;
    workspace.changeDocument(path, document.getText(), version);
    publisher.schedule(path, 'soon');
    clearTimeout(patchedTimer);
    patchedTimer = setTimeout(() => changed(server, { what: 'document', path }), patchedDebounceMs);
  });
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
    const path = host.toPath(uri);
    if (path === null) return;
    publisher.clear(path);
    documents.close(path);
    workspace.closeDocument(path);
    server.views.delete(path);
  });
}
