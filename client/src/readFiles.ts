import * as vscode from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import type { ReadFile, ServerRequests } from '../../server/src/lsp/protocol.ts';
import { createHeldFiles, type FileReader } from './heldFiles.ts';

type ReadFiles = ServerRequests['patchpoint/readFiles'];
type OpenFile = ServerRequests['patchpoint/openFile'];
type ReadRange = ServerRequests['patchpoint/readRange'];

/** A file that is larger is not source text. */
const maxBytes = 4_000_000;

/** Reads files for a server that runs in a web worker; what is held ends with the result. */
export function answerReadFiles(client: BaseLanguageClient): vscode.Disposable {
  const held = createHeldFiles({
    stat: statFile,
    read: async (uri) => await vscode.workspace.fs.readFile(vscode.Uri.parse(uri)),
  });
  client.onRequest(
    'patchpoint/readFiles' satisfies keyof ServerRequests,
    async ({ uris }: ReadFiles['params']): Promise<ReadFiles['result']> => await Promise.all(uris.map(readFile)),
  );
  client.onRequest<OpenFile['result'], void>('patchpoint/openFile' satisfies keyof ServerRequests, held.open);
  client.onRequest<ReadRange['result'], void>('patchpoint/readRange' satisfies keyof ServerRequests, held.readRange);
  return held;
}

async function statFile(uri: string): ReturnType<FileReader['stat']> {
  const { size, mtime, type } = await vscode.workspace.fs.stat(vscode.Uri.parse(uri));
  return { size, mtime, isFile: (type & vscode.FileType.File) !== 0 };
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
    if (stat.size > maxBytes) return { uri, kind: 'file' };
    return { uri, kind: 'file', text: new TextDecoder().decode(await vscode.workspace.fs.readFile(parsed)) };
  } catch (error) {
    if (error instanceof vscode.FileSystemError) return { uri, kind: 'absent' };
    throw error;
  }
}
