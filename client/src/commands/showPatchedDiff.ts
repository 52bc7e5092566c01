import * as vscode from 'vscode';
import type { PatchedOf } from '../../../server/src/lsp/protocol.ts';
import type { App } from '../app.ts';
import { fileOf, patchedDocument } from '../views/patchedDocument.ts';
import { pickMachineState } from './chooseMachineState.ts';

/** "Compare Unpatched and Patched", and "Compare Two Machine States": the built-in diff editor over two patched documents. */
export function registerShowPatchedDiff(app: App): void {
  app.command('patchpoint.showPatchedDiff', async (argument) => {
    await showDiff(app, fileOf(app, argument), 'unpatched', 'chosen');
  });
  app.command('patchpoint.compareStates', async (argument) => {
    const file = fileOf(app, argument);
    const left = await pickMachineState(app, 'Left side of the comparison');
    if (left === undefined) return;
    const right = await pickMachineState(app, `Compare ${left} with…`);
    if (right !== undefined) await showDiff(app, file, { state: left }, { state: right });
  });
}

async function showDiff(app: App, file: vscode.Uri, left: PatchedOf, right: PatchedOf): Promise<void> {
  const [before, after] = await Promise.all([patchedDocument(app, file, left), patchedDocument(app, file, right)]);
  await vscode.commands.executeCommand('vscode.diff', before.uri, after.uri, diffTitle(before.title, after.title));
}

/** `x.S (unpatched)` and `x.S (all)` as `x.S (unpatched ↔ all)`. */
function diffTitle(before: string, after: string): string {
  const [left, right] = [before, after].map((title) => /^(.*) \((.*)\)$/.exec(title));
  if (!left || !right || left[1] !== right[1]) return `${before} ↔ ${after}`;
  return `${left[1]} (${left[2]} ↔ ${right[2]})`;
}
