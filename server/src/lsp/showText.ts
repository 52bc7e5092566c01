import { ResponseError } from 'vscode-languageserver';
import type { CostText, McaAnswer } from './protocol.ts';
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

/**
 * Opens a cost as a read-only temporary text in a client that draws nothing itself. Result: the answer, for the client
 * that does, and for key maps that want it.
 */
export async function showCost<R extends Pick<CostText, 'title' | 'text'> | McaAnswer | null>(
  server: ServerState,
  answer: R | ResponseError<void>,
): Promise<R | ResponseError<void>> {
  const { client, host, connection } = server;
  if (answer === null || answer instanceof ResponseError || 'problem' in answer) return answer;
  if (client.status || !client.showDocument || !host.writeTemporary) return answer;
  const name = `${answer.title.replace(/[^\w.,()-]+/g, ' ')}.txt`;
  await connection.window.showDocument({ uri: host.writeTemporary(name, answer.text), takeFocus: true });
  return answer;
}
