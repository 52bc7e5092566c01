import * as vscode from 'vscode';
import type { NoinstrStep } from '../../../server/src/lsp/protocol.ts';
import type { App } from '../app.ts';
import { protocolPosition, sourceEditor } from './sourceEditor.ts';

const shownKey = 'patchpoint.noinstrPath';

/** The view "Noinstr Path": from the entry of a function to a finding, with the state behind each step. */
export function activateNoinstrPath(app: App): void {
  const changed = new vscode.EventEmitter<undefined>();
  let steps: readonly NoinstrStep[] = [];
  let message = '';
  const view = vscode.window.createTreeView<NoinstrStep>('patchpoint.noinstrPath', {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: (step) => treeItem(step, steps.at(-1) === step ? message : null),
      getChildren: (step) => (step === undefined ? [...steps] : []),
      getParent: () => undefined,
    },
  });
  app.command('patchpoint.showNoinstrPath', async (target, position, rule) => {
    const at = typeof target === 'string' ? { uri: target, position: positionOf(position) } : cursor(app);
    const wanted = typeof rule === 'string' ? rule : null;
    const answer = await app.server.request('patchpoint/noinstrPath', { ...at, rule: wanted });
    if (answer.problem !== null) throw new Error(answer.problem);
    steps = answer.steps;
    await vscode.commands.executeCommand('setContext', shownKey, true);
    view.description = `${answer.rule} in ${answer.name}`;
    message = answer.message;
    changed.fire(undefined);
    await vscode.commands.executeCommand('patchpoint.noinstrPath.focus');
    const last = steps.at(-1);
    if (last !== undefined) await view.reveal(last, { select: true, focus: true });
  });
  app.context.subscriptions.push(changed, view);
}

function cursor(app: App): { uri: string; position: { line: number; character: number } } {
  const { document, selection } = sourceEditor(app);
  return { uri: app.server.uri(document.uri), position: protocolPosition(selection.active) };
}

function positionOf(value: unknown): { line: number; character: number } {
  const { line, character }: { line?: unknown; character?: unknown } = Object(value);
  return { line: Number(line), character: Number(character) };
}

/** Blanks that a tree does not take away: steps of inlined functions are further in. */
const indent = '\u2003';

/** `finding`: what is wrong at the step, `null` on the way there. */
function treeItem(step: NoinstrStep, finding: string | null): vscode.TreeItem {
  const { uri, range } = step.place;
  const { start, end } = range;
  const item = new vscode.TreeItem(`${start.line + 1}  ${indent.repeat(step.level)}${step.text}`);
  item.description = finding === null ? step.description : `${step.description}   ${finding}`;
  const file = vscode.Uri.parse(uri);
  item.tooltip = `${vscode.workspace.asRelativePath(file)}:${start.line + 1}\n${step.text}\n${step.description}`;
  if (finding !== null) item.iconPath = new vscode.ThemeIcon('warning');
  const selection = new vscode.Range(start.line, start.character, end.line, end.character);
  item.command = { command: 'vscode.open', title: 'Open source', arguments: [file, { selection }] };
  return item;
}
