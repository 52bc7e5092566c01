import type { Connection, InitializeParams, InitializeResult } from 'vscode-languageserver';
import { Workspace } from '../project/workspace.ts';
import { warmUpParser } from '../syntax/c/cOutline.ts';
import { createBuiltImages } from './builtImages.ts';
import { createCAnalysis } from './cAnalysis.ts';
import { serverCapabilities } from './capabilities.ts';
import { clientFeatures, initializationOptions, noClientFeatures } from './clientFeatures.ts';
import { applySettings, pullSettings, registerConfiguration, startConfiguration } from './configuration.ts';
import { createConnectionLogger } from './connectionLogger.ts';
import { CostState } from './costState.ts';
import { createDiagnosticsPublisher } from './diagnosticsPublisher.ts';
import { registerDocumentSync } from './documentSync.ts';
import { registerAskMca } from './handlers/askMca.ts';
import { registerCallHierarchy } from './handlers/callHierarchy.ts';
import { registerCodeAction } from './handlers/codeAction.ts';
import { registerCodeLens } from './handlers/codeLens.ts';
import { registerCompareCores } from './handlers/compareCores.ts';
import { registerCores } from './handlers/cores.ts';
import { registerCost } from './handlers/cost.ts';
import { registerDefinition } from './handlers/definition.ts';
import { registerDocumentHighlight } from './handlers/documentHighlight.ts';
import { registerDocumentSymbol } from './handlers/documentSymbol.ts';
import { registerExecuteCommand } from './handlers/executeCommand.ts';
import { registerExpansionTrace } from './handlers/expansionTrace.ts';
import { registerFadedRanges } from './handlers/fadedRanges.ts';
import { registerFoldingRange } from './handlers/foldingRange.ts';
import { registerHover } from './handlers/hover.ts';
import { registerImagePlace } from './handlers/imagePlace.ts';
import { registerImageView } from './handlers/imageView.ts';
import { registerInlayHint } from './handlers/inlayHint.ts';
import { registerMachineState } from './handlers/machineState.ts';
import { registerModelSteps } from './handlers/modelSteps.ts';
import { registerNoinstrReach } from './handlers/noinstrReach.ts';
import { registerPatchedDocument } from './handlers/patchedDocument.ts';
import { registerPreemption } from './handlers/preemption.ts';
import { registerReferences } from './handlers/references.ts';
import { registerReport } from './handlers/report.ts';
import { registerSemanticTokens } from './handlers/semanticTokens.ts';
import { registerStatus } from './handlers/status.ts';
import { registerTimeline } from './handlers/timeline.ts';
import { registerView } from './handlers/view.ts';
import { registerWorkspaceSymbol } from './handlers/workspaceSymbol.ts';
import type { ServerHost } from './host.ts';
import { createIndexing } from './indexing.ts';
import { createNoinstrCheck } from './noinstrCheck.ts';
import { OpenDocuments } from './openDocuments.ts';
import { createOpenedImages } from './openedImages.ts';
import { changed } from './refresh.ts';
import type { ServerState } from './serverState.ts';
import { parseSettings } from './settings.ts';
import { createSliced } from './sliced.ts';
import { registerWatchedFiles, watchFiles } from './watchedFiles.ts';

const handlers = [
  registerHover,
  registerDefinition,
  registerReferences,
  registerDocumentHighlight,
  registerDocumentSymbol,
  registerWorkspaceSymbol,
  registerCallHierarchy,
  registerFoldingRange,
  registerCodeAction,
  registerCodeLens,
  registerInlayHint,
  registerSemanticTokens,
  registerFadedRanges,
  registerExpansionTrace,
  registerView,
  registerMachineState,
  registerPreemption,
  registerStatus,
  registerImageView,
  registerImagePlace,
  registerPatchedDocument,
  registerModelSteps,
  registerNoinstrReach,
  registerCores,
  registerCost,
  registerTimeline,
  registerCompareCores,
  registerAskMca,
  registerReport,
  registerExecuteCommand,
  registerConfiguration,
  registerWatchedFiles,
] as const;

/** Puts a language server on a connection. The host gives it files; nothing else is read and nothing is started. */
export function createServer(connection: Connection, host: ServerHost): void {
  const logger = createConnectionLogger(connection.console);
  const none = { buildDirectory: null, configFile: null, kernelRoot: null };
  const workspace = new Workspace({ files: host.files, logger, settings: none, tracer: host.tracer });
  const server: ServerState = {
    connection,
    host,
    logger,
    workspace,
    documents: new OpenDocuments(),
    views: new Map(),
    shownPatched: new Map(),
    client: noClientFeatures,
    settings: parseSettings(undefined),
    folderSettings: new Map(),
    settingsPull: null,
    folders: [],
    assets: null,
    storage: null,
    machineState: 'none',
    preemption: null,
    keys: new Map(),
    core: null,
    cost: new CostState(),
    c: createCAnalysis(workspace, () => server),
    openedImages: createOpenedImages(() => server),
    allOfC: false,
    index: createIndexing(() => server),
    sliced: createSliced(() => server),
    noinstr: createNoinstrCheck(() => server),
    images: createBuiltImages(() => server),
    lastUri: null,
    watched: null,
    checkAll: () => {
      publisher.scheduleAll();
      server.c.scheduleAll();
    },
  };
  const publisher = createDiagnosticsPublisher(server);
  for (const register of handlers) register(server);
  registerDocumentSync(server, publisher);
  connection.onInitialize((params) => initialize(server, params));
  connection.onInitialized(() => {
    start(server).catch((error: unknown) => logger.error('start failed', { error: String(error) }));
  });
  connection.onShutdown(() => {
    publisher.dispose();
    server.c.dispose();
    server.openedImages.dispose();
    server.index.dispose();
    server.noinstr.dispose();
    server.images.dispose();
  });
}

function initialize(server: ServerState, params: InitializeParams): InitializeResult {
  const options = initializationOptions(params);
  const folders = (params.workspaceFolders ?? []).map((folder) => folder.uri);
  // Clients from before workspace folders send one root.
  if (folders.length === 0 && params.rootUri) folders.push(params.rootUri);
  server.client = clientFeatures(params, options);
  server.host.setFolders(folders);
  setFolders(server, folders);
  if (typeof options.machineState === 'string') server.machineState = options.machineState;
  if (typeof options.preemption === 'string') server.preemption = options.preemption;
  if (typeof options.core === 'string') server.core = options.core;
  if (typeof options.assets === 'string') server.assets = options.assets;
  server.allOfC = options.allOfC === true;
  if (typeof options.storage === 'string') server.storage = options.storage;
  applySettings(server, options.settings);
  return {
    capabilities: serverCapabilities(server.client),
    serverInfo: { name: 'patchpoint', version: server.host.version },
  };
}

async function start(server: ServerState): Promise<void> {
  const parser = loadCParser(server);
  await startConfiguration(server).finally(() => server.c.begin());
  await watchFiles(server);
  if (server.client.folderChanges) {
    server.connection.workspace.onDidChangeWorkspaceFolders(async () => {
      const folders = (await server.connection.workspace.getWorkspaceFolders()) ?? [];
      setFolders(
        server,
        folders.map((folder) => folder.uri),
      );
      await pullSettings(server);
      await watchFiles(server);
      changed(server, { what: 'settings' });
    });
  }
  server.logger.info('started', { version: server.host.version, client: server.client.name });
  changed(server, { what: 'settings' });
  if (await parser) changed(server, { what: 'files' });
}

/** C files have answers once their parser is there; nothing waits for it. */
async function loadCParser(server: ServerState): Promise<boolean> {
  try {
    const parser = await server.host.loadCParser(server.assets);
    server.workspace.setCParser(parser);
    await server.host.pause();
    warmUpParser(parser);
    return true;
  } catch (error) {
    server.logger.error('the parser of C is not available', { error: String(error) });
    return false;
  }
}

function setFolders(server: ServerState, uris: readonly string[]): void {
  server.folders = uris.flatMap((uri) => server.host.toPath(uri) ?? []);
}
