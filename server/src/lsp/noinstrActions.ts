import type { CodeAction, Diagnostic } from 'vscode-languageserver-protocol';
import type { Finding } from '../features/diagnostics.ts';
import { hasPath } from '../features/noinstr/findingPath.ts';
import { noinstrFixes } from '../features/noinstr/quickFixes.ts';
import { policyOf } from './noinstrRequest.ts';
import { type DocumentAt, fileLookup } from './requestWrapper.ts';
import type { ServerState } from './serverState.ts';
import { toCodeAction, toPathAction } from './toCodeAction.ts';

/** What mends a finding, what shows how it comes about, what silences it. */
export function noinstrActions(
  server: ServerState,
  document: DocumentAt,
  finding: Finding,
  diagnostics: readonly Diagnostic[],
): CodeAction[] {
  const { ctx, path, uri } = document;
  const policy = policyOf(server, path);
  const { status: isOurs } = server.client;
  const fixes = noinstrFixes(ctx, finding).map((fix) =>
    toCodeAction(fix, finding, diagnostics, { lookup: fileLookup(server), selectsReason: isOurs ? uri : null }),
  );
  const command = isOurs ? 'patchpoint.showNoinstrPath' : 'patchpoint.server.noinstrPath';
  const way = hasPath(ctx, path, finding, policy) ? [toPathAction(command, document, finding, diagnostics)] : [];
  return [...fixes.slice(0, -1), ...way, ...fixes.slice(-1)];
}
