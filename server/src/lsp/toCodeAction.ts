import { type CodeAction, CodeActionKind, type Diagnostic, type TextEdit } from 'vscode-languageserver-protocol';
import type { Finding } from '../features/diagnostics.ts';
import { type Fix, reasonWord } from '../features/noinstr/quickFixes.ts';
import { type FileLookup, type TextLines, toRange } from './toProto.ts';

export interface ActionOptions {
  readonly lookup: FileLookup;
  /** Document in which the client is asked to select the word that the reader replaces by a reason; `null`: it cannot. */
  readonly selectsReason: string | null;
}

/** A fix as the protocol has it, with the diagnostics of the editor that it is for. */
export function toCodeAction(
  fix: Fix,
  finding: Finding,
  diagnostics: readonly Diagnostic[],
  { lookup, selectsReason }: ActionOptions,
): CodeAction {
  const changes: Record<string, TextEdit[]> = {};
  for (const { path, range, text } of fix.edits) {
    const found = lookup(path);
    if (found === undefined) continue;
    const edits = changes[found.uri] ?? [];
    edits.push({ range: toRange(found.file.lines, range), newText: text });
    changes[found.uri] = edits;
  }
  const asksReason = fix.edits.some(({ text }) => text.includes(reasonWord));
  const select = { title: 'Write the reason', command: 'patchpoint.writeReason' };
  return {
    title: fix.title,
    kind: CodeActionKind.QuickFix,
    diagnostics: ofFinding(finding, diagnostics),
    isPreferred: fix.isPreferred,
    edit: { changes },
    ...(asksReason && selectsReason !== null
      ? { command: { ...select, arguments: [selectsReason, finding.line - 1] } }
      : {}),
  };
}

/** What shows how a finding comes about: `command` takes document, position and rule. */
export function toPathAction(
  command: string,
  { uri, lines }: TextLines & { readonly uri: string },
  finding: Finding,
  diagnostics: readonly Diagnostic[],
): CodeAction {
  const { start } = toRange(lines, finding.range);
  const title = 'Show the path to this finding';
  return {
    title,
    kind: CodeActionKind.QuickFix,
    diagnostics: ofFinding(finding, diagnostics),
    command: { title, command, arguments: [uri, start, finding.rule] },
  };
}

function ofFinding(finding: Finding, diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.filter(({ code, range }) => code === finding.rule && range.start.line === finding.line - 1);
}
