import { TextDocument } from 'vscode-languageserver-textdocument';
import type { DiagnosticsPublisher } from './diagnosticsPublisher.ts';
import { changed } from './refresh.ts';
import type { ServerState } from './serverState.ts';

/** Quiet time after a keystroke before what other documents show of the file is made again. */
const settleMs = 400;

/** Keeps the workspace's overlay equal to what the editor holds, change by change. */
export function registerDocumentSync(server: ServerState, publisher: DiagnosticsPublisher): void {
  const { connection, host, documents, workspace } = server;
  let settleTimer: ReturnType<typeof setTimeout> | undefined;

  /** What other documents show of a text (an included header, a patched view) follows when typing pauses. */
  const textChanged = (path: string): void => {
    clearTimeout(settleTimer);
    settleTimer = setTimeout(() => {
      const dependents = workspace.dependentsOf(path);
      for (const dependent of dependents) {
        publisher.schedule(dependent, 'soon');
        server.c.schedule(dependent, 'soon');
      }
      server.noinstr.changed([path]);
      changed(server, { what: 'document', path, dependents });
    }, settleMs);
  };

  connection.onDidOpenTextDocument(({ textDocument: { uri, languageId, version, text } }) => {
    const path = host.toPath(uri);
    if (path === null) return;
    documents.open(path, TextDocument.create(uri, languageId, version, text));
    const onDisk = workspace.textOf(path);
    workspace.openDocument(path, text, version);
    publisher.schedule(path, 'now');
    server.index.want(path);
    server.c.schedule(path, 'now');
    // A document that an editor restores can come with changes that were never saved.
    if (onDisk !== text) textChanged(path);
  });
  connection.onDidChangeTextDocument(({ textDocument: { uri, version }, contentChanges }) => {
    const path = host.toPath(uri);
    const document = path === null ? undefined : documents.change(path, contentChanges, version);
    if (path === null || document === undefined) return;
    workspace.changeDocument(path, document.getText(), version);
    publisher.schedule(path, 'soon');
    server.c.schedule(path, 'soon');
    textChanged(path);
  });
  connection.onDidCloseTextDocument(({ textDocument: { uri } }) => {
    const path = host.toPath(uri);
    if (path === null) return;
    publisher.clear(path);
    server.c.forget(path);
    documents.close(path);
    const closed = workspace.textOf(path);
    workspace.closeDocument(path);
    server.noinstr.closed(path);
    server.views.delete(path);
    if (workspace.textOf(path) !== closed) textChanged(path);
  });
}
