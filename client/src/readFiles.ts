import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type { ReadFile, ServerRequests } from '../../server/src/lsp/protocol.ts';

type ReadFiles = ServerRequests['patchpoint/readFiles'];

/** A file that is larger is not source text. */
const maxBytes = 4_000_000;

/** Reads files for a server that runs in a web worker. */
export function answerReadFiles(client: BaseLanguageClient): void {
  client.onRequest(
    'patchpoint/readFiles' satisfies keyof ServerRequests,
    async ({ uris }: ReadFiles['params']): Promise<ReadFiles['result']> => await Promise.all(uris.map(readFile)),
  );
}

async function readFile(uri: string): Promise<ReadFile> {
  const parsed = vscode.Uri.parse(uri);
  try {
    const stat = await vscode.workspace.fs.stat(parsed);
    if ((stat.type & vscode.FileType.Directory) !== 0) {
      const entries = await vscode.workspace.fs.readDirectory(parsed);
      return {
        uri,
        kind: 'directory',
        entries: entries.map(([name, type]) => ({
          name,
          kind: (type & vscode.FileType.Directory) === 0 ? 'file' : 'directory',
        })),
      };
    }
    if (stat.size > maxBytes) return { uri, kind: 'absent' };
    return { uri, kind: 'file', text: new TextDecoder().decode(await vscode.workspace.fs.readFile(parsed)) };
  } catch (error) {
    if (error instanceof vscode.FileSystemError) return { uri, kind: 'absent' };
    throw error;
  }
}
