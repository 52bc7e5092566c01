import { CodeActionKind } from 'vscode-languageserver';
import type { CodeAction } from 'vscode-languageserver-protocol';
import { noinstrFindings } from '../../features/noinstr/noinstrFindings.ts';
import { noinstrActions } from '../noinstrActions.ts';
import { documentRequest } from '../requestWrapper.ts';
import { type ServerState, settingsOf } from '../serverState.ts';

export function registerCodeAction(server: ServerState): void {
  server.connection.onCodeAction(
    documentRequest(server, 'textDocument/codeAction', [], (document, { range, context }): CodeAction[] => {
      const { ctx, path } = document;
      const { noinstrPolicy } = settingsOf(server, path);
      const isWanted = context.only === undefined || context.only.some((kind) => kind === CodeActionKind.QuickFix);
      const asked = context.diagnostics.some(({ code }) => typeof code === 'string' && code.startsWith('noinstr.'));
      if (!isWanted || !asked || noinstrPolicy === 'off') return [];
      return noinstrFindings(ctx, path, noinstrPolicy)
        .filter((finding) => finding.path === path && touches(finding.line, finding.endLine, range))
        .flatMap((finding) => noinstrActions(server, document, finding, context.diagnostics));
    }),
  );
}

function touches(line: number, endLine: number, range: { start: { line: number }; end: { line: number } }): boolean {
  return line - 1 <= range.end.line && endLine - 1 >= range.start.line;
}
