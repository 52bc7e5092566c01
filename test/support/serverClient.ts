import { fork, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import {
  createProtocolConnection,
  IPCMessageReader,
  IPCMessageWriter,
  type MessageReader,
  type MessageWriter,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import type { ClientRequests, InitializationOptions } from '../../server/src/lsp/protocol.ts';
import { projectRoot } from './projectFiles.ts';

/** A client of the built server, as an editor is one. */
export interface ServerClient {
  readonly connection: ProtocolConnection;
  /** The server's process. */
  readonly pid: number;
  readonly capabilities: Readonly<Record<string, unknown>>;
  readonly diagnostics: PublishDiagnosticsParams[];
  /** Refreshes that the server asked for, by method. */
  readonly refreshes: string[];
  readonly shown: string[];
  readonly log: string[];
  readonly request: <K extends keyof ClientRequests>(
    method: K,
    params: ClientRequests[K]['params'],
  ) => Promise<ClientRequests[K]['result']>;
  readonly open: (path: string, text: string, version?: number) => string;
  readonly change: (uri: string, text: string, version: number) => void;
  readonly close: () => Promise<void>;
}

export interface ClientOptions {
  readonly transport: 'ipc' | 'stdio';
  readonly folder: string;
  /** More workspace folders. */
  readonly moreFolders?: readonly string[];
  readonly initializationOptions?: InitializationOptions;
  /** Answers `workspace/configuration`; without it the client does not offer that. A function is asked for each folder. */
  readonly settings?: unknown;
  /** The client offers virtual documents. */
  readonly textDocumentContent?: boolean;
}

/** Starts the server in `dist/` and initializes it. */
export async function startServer(options: ClientOptions): Promise<ServerClient> {
  const { reader, writer, pid, stop } = startProcess(options.transport);
  const connection = createProtocolConnection(reader, writer);
  const diagnostics: PublishDiagnosticsParams[] = [];
  const refreshes: string[] = [];
  const shown: string[] = [];
  const log: string[] = [];
  connection.onNotification(
    'textDocument/publishDiagnostics',
    (params: PublishDiagnosticsParams) => void diagnostics.push(params),
  );
  connection.onNotification('window/logMessage', ({ message }: { message: string }) => void log.push(message));
  connection.onNotification('patchpoint/viewChanged', () => void refreshes.push('patchpoint/viewChanged'));
  connection.onNotification('patchpoint/statusChanged', () => void refreshes.push('patchpoint/statusChanged'));
  for (const method of [
    'workspace/inlayHint/refresh',
    'workspace/codeLens/refresh',
    'workspace/semanticTokens/refresh',
  ]) {
    connection.onRequest(method, () => {
      refreshes.push(method);
      return null;
    });
  }
  connection.onRequest('workspace/textDocumentContent/refresh', ({ uri }: { uri: string }) => {
    refreshes.push(`content ${uri}`);
    return null;
  });
  connection.onRequest('window/showDocument', ({ uri }: { uri: string }) => {
    shown.push(uri);
    return { success: true };
  });
  connection.onRequest('client/registerCapability', () => null);
  connection.onRequest('workspace/configuration', ({ items }: { items: { scopeUri?: string }[] }) =>
    items.map(({ scopeUri }): unknown =>
      typeof options.settings === 'function' ? options.settings(scopeUri) : (options.settings ?? null),
    ),
  );
  connection.listen();
  const uri = pathToFileURL(options.folder).href;
  const { capabilities } = await connection.sendRequest<{ capabilities: Record<string, unknown> }>('initialize', {
    processId: process.pid,
    clientInfo: { name: 'test' },
    rootUri: uri,
    workspaceFolders: [options.folder, ...(options.moreFolders ?? [])].map((folder) => ({
      uri: pathToFileURL(folder).href,
      name: folder,
    })),
    initializationOptions: options.initializationOptions,
    capabilities: {
      workspace: {
        configuration: options.settings !== undefined,
        inlayHint: { refreshSupport: true },
        codeLens: { refreshSupport: true },
        semanticTokens: { refreshSupport: true },
        didChangeWatchedFiles: { dynamicRegistration: true },
        ...(options.textDocumentContent === true ? { textDocumentContent: {} } : {}),
      },
      textDocument: { definition: { linkSupport: false } },
      window: { showDocument: { support: true } },
    },
  });
  await connection.sendNotification('initialized', {});
  return {
    connection,
    pid,
    capabilities,
    diagnostics,
    refreshes,
    shown,
    log,
    request: async (method, params) => await connection.sendRequest(method, params),
    open: (path, text, version = 1) => {
      const document = { uri: pathToFileURL(path).href, languageId: 'arm64-kernel-asm', version, text };
      void connection.sendNotification('textDocument/didOpen', { textDocument: document });
      return document.uri;
    },
    change: (uri, text, version) => {
      const params = { textDocument: { uri, version }, contentChanges: [{ text }] };
      void connection.sendNotification('textDocument/didChange', params);
    },
    close: async () => {
      await connection.sendRequest('shutdown');
      await connection.sendNotification('exit');
      connection.dispose();
      await stop();
    },
  };
}

function startProcess(transport: 'ipc' | 'stdio'): {
  readonly reader: MessageReader;
  readonly writer: MessageWriter;
  readonly pid: number;
  readonly stop: () => Promise<void>;
} {
  const bundle = `${projectRoot}/dist/server/main.node.cjs`;
  if (!existsSync(bundle)) throw new Error('dist/ is not built: npm run build');
  if (transport === 'ipc') {
    const child = fork(bundle, ['--node-ipc', `--clientProcessId=${process.pid}`], { silent: true });
    const stop = ending(child);
    return { reader: new IPCMessageReader(child), writer: new IPCMessageWriter(child), pid: child.pid ?? 0, stop };
  }
  const child = spawn(process.execPath, [`${projectRoot}/dist/cli.js`, 'lsp', '--stdio'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const stop = ending(child);
  const [reader, writer] = [new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin)];
  return { reader, writer, pid: child.pid ?? 0, stop };
}

/** Waits for the process to end by itself; one that does not is ended, and the test fails. */
function ending(child: ReturnType<typeof fork>): () => Promise<void> {
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return async () => {
    let stuck = false;
    const timer = setTimeout(() => {
      stuck = true;
      child.kill('SIGKILL');
    }, 5000);
    await ended;
    clearTimeout(timer);
    if (stuck) throw new Error('the server did not end after exit');
  };
}
