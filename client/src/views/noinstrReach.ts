import * as vscode from 'vscode';
import type { NoinstrNode } from '../../../server/src/lsp/protocol.ts';
import type { App } from '../app.ts';

const shownKey = 'patchpoint.noinstrReach';

/** The view "Noinstr Reachability": what can run without instrumentation from a function, call by call. */
export function activateNoinstrReach(app: App): void {
  const changed = new vscode.EventEmitter<undefined>();
  let roots: readonly NoinstrNode[] = [];
  const view = vscode.window.createTreeView<NoinstrNode>('patchpoint.noinstrReach', {
    treeDataProvider: {
      onDidChangeTreeData: changed.event,
      getTreeItem: (node) => treeItem(node, roots.length === 1 && roots[0] === node),
      getChildren: (node) => [...(node?.callees ?? roots)],
      getParent: () => undefined,
    },
    showCollapseAll: true,
  });
  const show = async (position: vscode.Position | null): Promise<void> => {
    const editor = app.activeEditor();
    if (editor === undefined) throw new Error('open a file of a kernel tree first');
    const uri = app.server.uri(editor.document.uri);
    const at = position === null ? null : { line: position.line, character: position.character };
    const answer = await vscode.window.withProgress(
      { location: { viewId: 'patchpoint.noinstrReach' } },
      async () => await app.server.request('patchpoint/noinstrReach', { uri, position: at }),
    );
    if (answer.problem !== null) throw new Error(answer.problem);
    roots = answer.roots;
    await vscode.commands.executeCommand('setContext', shownKey, true);
    view.description = roots.length === 1 ? `from ${roots[0]?.name ?? ''}` : 'from the exception vectors';
    changed.fire(undefined);
    await vscode.commands.executeCommand('patchpoint.noinstrReach.focus');
  };
  app.command('patchpoint.showNoinstrReach', async () => await show(app.activeEditor()?.selection.active ?? null));
  app.command('patchpoint.showNoinstrVectors', async () => await show(null));
  app.context.subscriptions.push(changed, view);
}

function treeItem(node: NoinstrNode, isOpen: boolean): vscode.TreeItem {
  const { None, Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(node.name, node.callees.length === 0 ? None : isOpen ? Expanded : Collapsed);
  item.description = node.description;
  item.tooltip = [node.description, ...node.findings].join('\n');
  if (node.findings.length > 0) item.iconPath = new vscode.ThemeIcon('warning');
  if (node.place !== null) {
    const { uri, range } = node.place;
    const { start, end } = range;
    const selection = new vscode.Range(start.line, start.character, end.line, end.character);
    item.command = { command: 'vscode.open', title: 'Open source', arguments: [vscode.Uri.parse(uri), { selection }] };
  }
  return item;
}
