import * as vscode from 'vscode';
import {
  type BaseLanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  State,
} from 'vscode-languageclient';
import type {
  ClientRequests,
  CostText,
  InitializationOptions,
  ServerNotifications,
} from '../../server/src/lsp/protocol.ts';
import { answerReadFiles } from './readFiles.ts';
import { costTab, type ShowText } from './views/textView.ts';

/** How a host starts the server. */
export interface ClientFactory {
  readonly createClient: (id: string, name: string, options: LanguageClientOptions) => BaseLanguageClient;
  /** The server has no disk and reads through the client. */
  readonly readFiles: boolean;
}

/** The language server as the rest of the client sees it. */
export interface Server extends vscode.Disposable {
  readonly start: () => Promise<void>;
  readonly restart: () => Promise<void>;
  readonly isRunning: () => boolean;
  readonly onDidChangeState: vscode.Event<void>;
  readonly onStatusChanged: vscode.Event<void>;
  readonly onViewChanged: vscode.Event<ServerNotifications['patchpoint/viewChanged']>;
  readonly selector: readonly CoveredFiles[];
  /** Whether the server speaks about a document. */
  readonly covers: (document: vscode.TextDocument) => boolean;
  readonly request: <K extends keyof ClientRequests>(
    method: K,
    params: ClientRequests[K]['params'],
  ) => Promise<ClientRequests[K]['result']>;
  readonly uri: (uri: vscode.Uri) => string;
  readonly range: (range: ProtocolRange) => vscode.Range;
}

/** Documents that the server speaks about; fits the filters of VS Code and of the protocol. */
export interface CoveredFiles {
  readonly scheme: string;
  readonly language?: string;
  readonly pattern?: string;
}

interface ProtocolRange {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}

/** Key in the workspace's storage under which the chosen machine state is kept. */
export const machineStateKey = 'patchpoint.machineState';
/** The same for the chosen preemption model; nothing there: that of the machine state. */
export const preemptionKey = 'patchpoint.preemption';
/** The same for the chosen core; nothing there: the setting decides. */
export const coreKey = 'patchpoint.core';

/** Makes the client; nothing runs before `start`. */
export function createLanguageClient(
  context: vscode.ExtensionContext,
  factory: ClientFactory,
  output: { readonly log: vscode.LogOutputChannel; readonly showText: ShowText },
): Server {
  const selector = documentSelector();
  const stateChanged = new vscode.EventEmitter<void>();
  const statusChanged = new vscode.EventEmitter<void>();
  const viewChanged = new vscode.EventEmitter<ServerNotifications['patchpoint/viewChanged']>();
  const options: LanguageClientOptions = {
    documentSelector: [...selector],
    outputChannel: output.log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    diagnosticCollectionName: 'patchpoint',
    markdown: { supportHtml: false },
    middleware: { executeCommand: showingCosts(output.showText) },
    // A function: after a restart the state chosen last is in force again.
    initializationOptions: (): InitializationOptions => ({
      machineState: context.workspaceState.get(machineStateKey, 'none'),
      ...(factory.readFiles ? { assets: vscode.Uri.joinPath(context.extensionUri, 'dist').toString(true) } : {}),
      ...chosenCore(context),
      ...chosenPreemption(context),
      allOfC: !otherServerOfC(),
      ...storage(context, factory),
      readFiles: factory.readFiles,
      status: true,
    }),
  };
  const client = factory.createClient('patchpoint', 'Patchpoint', options);
  client.onNotification('patchpoint/statusChanged' satisfies keyof ServerNotifications, () => statusChanged.fire());
  client.onNotification(
    'patchpoint/viewChanged' satisfies keyof ServerNotifications,
    (params: ServerNotifications['patchpoint/viewChanged']) => viewChanged.fire(params),
  );
  const reading = factory.readFiles ? answerReadFiles(client) : null;
  const listening = client.onDidChangeState(() => stateChanged.fire());
  return {
    start: async () => await client.start(),
    restart: async () => {
      await client.stop();
      await client.start();
    },
    isRunning: () => client.state === State.Running,
    onDidChangeState: stateChanged.event,
    onStatusChanged: statusChanged.event,
    onViewChanged: viewChanged.event,
    selector,
    covers: (document) => vscode.languages.match([...selector], document) > 0,
    request: async (method, params) => await client.sendRequest(method, params),
    uri: (uri) => client.code2ProtocolConverter.asUri(uri),
    range: ({ start, end }) => new vscode.Range(start.line, start.character, end.line, end.character),
    dispose: () => {
      listening.dispose();
      reading?.dispose();
      for (const emitter of [stateChanged, statusChanged, viewChanged]) emitter.dispose();
      void client.dispose();
    },
  };
}

/** Runs a command of the server (a click on a lens) and shows the cost that it answers with. */
function showingCosts(showText: ShowText): NonNullable<LanguageClientOptions['middleware']>['executeCommand'] {
  return async (command, args, next) => {
    const result: unknown = await next(command, args);
    if (
      /^patchpoint\.server\.(siteCost|rangeCost|compareCores|askMca|timeline|noinstrReport)$/.test(command) &&
      isCostText(result)
    ) {
      await showText(costTab(result.title), result.text, 'plaintext');
    }
    return result;
  };
}

function isCostText(value: unknown): value is Pick<CostText, 'title' | 'text'> {
  return typeof value === 'object' && value !== null && 'title' in value && 'text' in value;
}

/** Extensions that answer for C: what they know better is left to them. */
function otherServerOfC(): boolean {
  const ids = ['llvm-vs-code-extensions.vscode-clangd', 'ms-vscode.cpptools', 'ccls-project.ccls'];
  return ids.some((id) => vscode.extensions.getExtension(id) !== undefined);
}

/** Folder of this workspace's own storage; a server in a web worker has no disk. */
function storage(context: vscode.ExtensionContext, factory: ClientFactory): Pick<InitializationOptions, 'storage'> {
  const uri = context.storageUri ?? context.globalStorageUri;
  return factory.readFiles || uri.scheme !== 'file' ? {} : { storage: uri.fsPath };
}

function chosenCore(context: vscode.ExtensionContext): Pick<InitializationOptions, 'core'> {
  const core = context.workspaceState.get<string>(coreKey);
  return core === undefined ? {} : { core };
}

function chosenPreemption(context: vscode.ExtensionContext): Pick<InitializationOptions, 'preemption'> {
  const preemption = context.workspaceState.get<string>(preemptionKey);
  return preemption === undefined ? {} : { preemption };
}

/** arm64 assembly and C by their languages, and arm64 headers by their place, in the schemes of this window's folders. */
function documentSelector(): readonly CoveredFiles[] {
  const folders = vscode.workspace.workspaceFolders?.map((folder) => folder.uri.scheme) ?? [];
  const schemes = new Set(['file', ...folders]);
  return [...schemes].flatMap((scheme) => [
    { scheme, language: 'arm64-kernel-asm' },
    { scheme, language: 'c' },
    // What VS Code takes headers for.
    { scheme, language: 'cpp', pattern: '**/*.h' },
    { scheme, pattern: '**/arch/arm64/**/*.h' },
  ]);
}
