import { TextDocument } from 'vscode-languageserver-textdocument';
import { silentLogger } from '../../server/src/base/logger.ts';
import { createBuiltImages } from '../../server/src/lsp/builtImages.ts';
import { createCAnalysis } from '../../server/src/lsp/cAnalysis.ts';
import { noClientFeatures } from '../../server/src/lsp/clientFeatures.ts';
import { CostState } from '../../server/src/lsp/costState.ts';
import type { ServerHost } from '../../server/src/lsp/host.ts';
import { createIndexing } from '../../server/src/lsp/indexing.ts';
import { OpenDocuments } from '../../server/src/lsp/openDocuments.ts';
import { createOpenedImages } from '../../server/src/lsp/openedImages.ts';
import type { ServerState } from '../../server/src/lsp/serverState.ts';
import { parseSettings } from '../../server/src/lsp/settings.ts';
import { createSliced } from '../../server/src/lsp/sliced.ts';
import { Workspace } from '../../server/src/project/workspace.ts';
import { testCParser } from './cParser.ts';
import { memoryFileSource } from './memoryFileSource.ts';

class FakeDocuments extends OpenDocuments {
  put(path: string, text: string, version: number): void {
    this.open(path, TextDocument.create(`file://${path}`, 'arm64-kernel-asm', version, text));
  }
}

/** A server state without a connection, for tests of what lies between the protocol and the features. */
export function fakeServer(
  host: Partial<Pick<ServerHost, 'pause' | 'nowMs' | 'loadWanted' | 'inTurn' | 'images' | 'files'>> = {},
): {
  readonly server: ServerState;
  readonly log: string[];
  readonly invalidated: string[];
  readonly documents: FakeDocuments;
} {
  const log: string[] = [];
  const invalidated: string[] = [];
  const write =
    (level: string) =>
    (message: string, data?: unknown): void =>
      void log.push(`${level} ${message} ${JSON.stringify(data)}`);
  const logger = {
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    lastErrors: () => [],
  };
  const files = host.files ?? memoryFileSource();
  const none = { buildDirectory: null, configFile: null, kernelRoot: null };
  class RecordingWorkspace extends Workspace {
    override invalidate(paths: readonly string[]): void {
      invalidated.push(...paths);
    }
  }
  const documents = new FakeDocuments();
  const workspace = new RecordingWorkspace({ files, logger: silentLogger, settings: none });
  const server: ServerState = {
    connection: null as unknown as ServerState['connection'],
    host: {
      files,
      toPath: (uri) => uri.replace('file://', ''),
      toUri: (path) => `file://${path}`,
      setFolders: () => undefined,
      forget: () => undefined,
      pause: async () => undefined,
      nowMs: () => 0,
      writeTemporary: null,
      mca: null,
      rulesDocument: null,
      loadCParser: async () => await testCParser(),
      indexStore: () => null,
      tracer: null,
      version: 'test',
      platform: 'test',
      ...host,
    },
    logger,
    workspace,
    documents,
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
    noinstr: {
      checkTree: async () => null,
      changed: () => undefined,
      closed: () => undefined,
      refresh: () => undefined,
      dispose: () => undefined,
    },
    images: createBuiltImages(() => server),
    lastUri: null,
    watched: null,
    checkAll: () => undefined,
  };
  return { server, log, invalidated, documents };
}
