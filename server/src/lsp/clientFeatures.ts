import type { InitializeParams } from 'vscode-languageserver';
import type { InitializationOptions } from './protocol.ts';

/** What the client can do, asked once at initialization. */
export interface ClientFeatures {
  readonly name: string;
  readonly configuration: boolean;
  readonly watchFiles: boolean;
  readonly watchOutside: boolean;
  readonly refreshHints: boolean;
  readonly refreshLenses: boolean;
  readonly refreshTokens: boolean;
  readonly definitionLinks: boolean;
  readonly showDocument: boolean;
  readonly textDocumentContent: boolean;
  readonly progress: boolean;
  readonly folderChanges: boolean;
  /** Our own notifications are understood (`initializationOptions.status`). */
  readonly status: boolean;
}

export const noClientFeatures: ClientFeatures = {
  name: 'unknown client',
  configuration: false,
  watchFiles: false,
  watchOutside: false,
  refreshHints: false,
  refreshLenses: false,
  refreshTokens: false,
  definitionLinks: false,
  showDocument: false,
  textDocumentContent: false,
  progress: false,
  folderChanges: false,
  status: false,
};

export function clientFeatures(params: InitializeParams, options: InitializationOptions): ClientFeatures {
  const { workspace, textDocument, window } = params.capabilities;
  return {
    name: params.clientInfo ? `${params.clientInfo.name} ${params.clientInfo.version ?? ''}`.trim() : 'unknown client',
    configuration: workspace?.configuration === true,
    watchFiles: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    watchOutside: workspace?.didChangeWatchedFiles?.relativePatternSupport === true,
    refreshHints: workspace?.inlayHint?.refreshSupport === true,
    refreshLenses: workspace?.codeLens?.refreshSupport === true,
    refreshTokens: workspace?.semanticTokens?.refreshSupport === true,
    definitionLinks: textDocument?.definition?.linkSupport === true,
    showDocument: window?.showDocument?.support === true,
    textDocumentContent: workspace?.textDocumentContent !== undefined,
    progress: window?.workDoneProgress === true,
    folderChanges: workspace?.workspaceFolders === true,
    status: options.status === true,
  };
}

/** The options as an object, whatever the client sent. */
export function initializationOptions(params: InitializeParams): InitializationOptions {
  const options: unknown = params.initializationOptions;
  return typeof options === 'object' && options !== null ? options : {};
}
