import { CodeActionKind } from 'vscode-languageserver';
import type { CodeAction } from 'vscode-languageserver-protocol';
import { noinstrFindings } from '../../features/noinstr/noinstrFindings.ts';
import { noinstrFixes } from '../../features/noinstr/quickFixes.ts';
import { documentRequest, fileLookup } from '../requestWrapper.ts';
import { type ServerState, settingsOf } from '../serverState.ts';
import { toCodeAction } from '../toCodeAction.ts';

export function registerCodeAction(server: ServerState): void {
  server.connection.onCodeAction(
    documentRequest(server, 'textDocument/codeAction', [], ({ ctx, path }, { range, context }): CodeAction[] => {
      const { noinstrPolicy } = settingsOf(server, path);
      const isWanted = context.only === undefined || context.only.some((kind) => kind === CodeActionKind.QuickFix);
      const asked = context.diagnostics.some(({ code }) => typeof code === 'string' && code.startsWith('noinstr.'));
      if (!isWanted || !asked || noinstrPolicy === 'off') return [];
      return noinstrFindings(ctx, path, noinstrPolicy)
        .filter((finding) => finding.path === path && touches(finding.line, finding.endLine, range))
        .flatMap((finding) =>
          noinstrFixes(ctx, finding).map((fix) => toCodeAction(fix, finding, context.diagnostics, fileLookup(server))),
        );
    }),
  );
}

function touches(line: number, endLine: number, range: { start: { line: number }; end: { line: number } }): boolean {
  return line - 1 <= range.end.line && endLine - 1 >= range.start.line;
}
