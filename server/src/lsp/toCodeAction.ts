import { type CodeAction, CodeActionKind, type Diagnostic, type TextEdit } from 'vscode-languageserver-protocol';
import type { Finding } from '../features/diagnostics.ts';
import type { Fix } from '../features/noinstr/quickFixes.ts';
import { type FileLookup, toRange } from './toProto.ts';

/** A fix as the protocol has it, with the diagnostics of the editor that it is for. */
export function toCodeAction(
  fix: Fix,
  finding: Finding,
  diagnostics: readonly Diagnostic[],
  lookup: FileLookup,
): CodeAction {
  const changes: Record<string, TextEdit[]> = {};
  for (const { path, range, text } of fix.edits) {
    const found = lookup(path);
    if (found === undefined) continue;
    const edits = changes[found.uri] ?? [];
    edits.push({ range: toRange(found.file.lines, range), newText: text });
    changes[found.uri] = edits;
  }
  return {
    title: fix.title,
    kind: CodeActionKind.QuickFix,
    diagnostics: diagnostics.filter(
      ({ code, range }) => code === finding.rule && range.start.line === finding.line - 1,
    ),
    isPreferred: fix.isPreferred,
    edit: { changes },
  };
}
