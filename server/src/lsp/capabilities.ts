import { type ServerCapabilities, TextDocumentSyncKind } from 'vscode-languageserver-protocol';
import { tokenModifiers, tokenTypes } from '../features/semanticTokens.ts';
import type { ClientFeatures } from './clientFeatures.ts';
import { serverCommands } from './handlers/executeCommand.ts';
import { patchedScheme } from './patchedUri.ts';

/** What the server offers to this client. */
export function serverCapabilities(client: ClientFeatures): ServerCapabilities {
  return {
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental },
    hoverProvider: true,
    definitionProvider: true,
    referencesProvider: true,
    documentHighlightProvider: true,
    documentSymbolProvider: true,
    workspaceSymbolProvider: true,
    callHierarchyProvider: true,
    codeActionProvider: { codeActionKinds: ['quickfix'] },
    foldingRangeProvider: true,
    codeLensProvider: { resolveProvider: true },
    inlayHintProvider: true,
    semanticTokensProvider: {
      legend: { tokenTypes: [...tokenTypes], tokenModifiers: [...tokenModifiers] },
      full: true,
      range: true,
    },
    executeCommandProvider: { commands: [...serverCommands] },
    workspace: {
      workspaceFolders: { supported: true, changeNotifications: true },
      ...(client.textDocumentContent ? { textDocumentContent: { schemes: [patchedScheme] } } : {}),
    },
  };
}
