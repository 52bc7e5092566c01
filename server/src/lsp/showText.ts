import type { ServerState } from './serverState.ts';

/**
 * Has the client open a document of ours: as a virtual one where it can, else as a read-only temporary file.
 * Result: the document, for clients that can do neither and show the text themselves.
 */
export async function showText<T extends { readonly uri: string; readonly title: string; readonly text: string }>(
  server: ServerState,
  shown: T,
): Promise<T> {
  const { client, host, connection } = server;
  if (!client.showDocument) return shown;
  if (client.textDocumentContent) {
    await connection.window.showDocument({ uri: shown.uri, takeFocus: true });
  } else if (host.writeTemporary) {
    const path = decodeURIComponent(new URL(shown.uri).pathname);
    const name = path.slice(path.lastIndexOf('/') + 1);
    await connection.window.showDocument({ uri: host.writeTemporary(name, shown.text), takeFocus: true });
  }
  return shown;
}
