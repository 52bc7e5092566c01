import * as vscode from 'vscode';
import type { ImageGroup, ImageGrouping, ImageSite } from '../../../server/src/lsp/protocol.ts';
import type { App } from '../app.ts';

/** Sites of a group that are listed at once. */
const pageSize = 200;

const groupings: Readonly<Record<ImageGrouping, string>> = {
  cpucap: 'by cpucap',
  key: 'by static key',
  callback: 'by callback',
  function: 'by function',
  file: 'by source file',
};

type Node =
  | { readonly kind: 'group'; readonly group: ImageGroup }
  | { readonly kind: 'site'; readonly site: ImageSite }
  | { readonly kind: 'more'; readonly group: ImageGroup; readonly from: number; readonly total: number };

/** The view "Patch Sites": those of the built image, which is read when the view is opened for the first time. */
export function activatePatchSites(app: App): void {
  const { context, server } = app;
  const changed = new vscode.EventEmitter<undefined>();
  let by: ImageGrouping = 'cpucap';
  let filter = '';

  const uri = (): string | null => {
    const editor = app.activeEditor();
    return editor === undefined ? null : server.uri(editor.document.uri);
  };
  const groups = async (): Promise<Node[]> => {
    if (!server.isRunning()) return [];
    const answer = await server.request('patchpoint/imageGroups', { uri: uri(), by, filter });
    if (answer.problem !== null) {
      view.message = `${capital(answer.problem)}.`;
      view.description = '';
      return [];
    }
    const { image, groups: found } = answer;
    const shown = found.reduce((sum, group) => sum + group.nSites, 0);
    view.description = `${groupings[by]}${filter === '' ? '' : ` · “${filter}”`}`;
    view.message = `${counted(shown)} of ${counted(image.nSites)} sites · Linux ${image.release ?? 'of unknown version'}`;
    return found.map((group) => ({ kind: 'group', group }));
  };
  const sites = async (group: ImageGroup, from: number): Promise<Node[]> => {
    const params = { uri: uri(), by, group: group.name, filter, from, limit: pageSize };
    const answer = await server.request('patchpoint/imageSites', params);
    if (answer.problem !== null) return [];
    const found = answer.sites.map((site): Node => ({ kind: 'site', site }));
    const next = from + found.length;
    if (next < answer.total) found.push({ kind: 'more', group, from: next, total: answer.total });
    return found;
  };

  const provider: vscode.TreeDataProvider<Node> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: (node) => treeItem(node, by),
    getChildren: async (node) => {
      if (node === undefined) return await groups();
      if (node.kind === 'site') return [];
      return await sites(node.group, node.kind === 'more' ? node.from : 0);
    },
  };
  const view = vscode.window.createTreeView('patchpoint.patchSites', {
    treeDataProvider: provider,
    showCollapseAll: true,
  });
  const refresh = (): void => changed.fire(undefined);

  app.command('patchpoint.image.groupBy', async () => {
    const items = Object.entries(groupings).map(([name, label]) => ({ label, name, picked: name === by }));
    const picked = await vscode.window.showQuickPick(items, { placeHolder: 'Sort patch sites of the image' });
    if (picked === undefined) return;
    by = picked.name as ImageGrouping;
    refresh();
  });
  app.command('patchpoint.image.filter', async () => {
    const prompt = 'Part of the name of a cpucap, key, callback or function; empty for all';
    const wanted = await vscode.window.showInputBox({ prompt, value: filter });
    if (wanted === undefined) return;
    filter = wanted.trim();
    refresh();
  });
  app.command('patchpoint.image.choose', async () => {
    const [file] =
      (await vscode.window.showOpenDialog({
        title: 'Built kernel: vmlinux, object, module or Image',
        canSelectMany: false,
      })) ?? [];
    if (file === undefined) return;
    const { current } = await server.request('patchpoint/setImage', { file: server.uri(file) });
    refresh();
    if (current === null) throw new Error(`${file.toString()} is not on the file system of the open folder`);
  });
  app.command('patchpoint.image.refresh', refresh);
  context.subscriptions.push(changed, view, server.onDidChangeState(refresh));
}

function treeItem(node: Node, by: ImageGrouping): vscode.TreeItem {
  switch (node.kind) {
    case 'group': {
      const { name, nSites, metadataBytes } = node.group;
      const item = new vscode.TreeItem(
        by === 'cpucap' ? cpucapLabel(name) : name,
        vscode.TreeItemCollapsibleState.Collapsed,
      );
      item.description = counted(nSites);
      item.tooltip = `${counted(nSites)} sites, ${counted(metadataBytes)} bytes of records and replacements`;
      return item;
    }
    case 'site': {
      const { site } = node;
      const name = site.function === '' ? site.address : site.function;
      const item = new vscode.TreeItem(`${name}+0x${site.offset.toString(16)}`);
      item.description = by === 'function' || by === 'file' ? `${site.trigger}: ${site.text}` : site.text;
      item.tooltip = `${site.trigger}\n${site.text}\nat ${site.address}`;
      item.contextValue = site.function === '' ? 'patchpoint.site.bare' : 'patchpoint.site';
      if (site.function !== '') {
        item.command = { command: 'patchpoint.image.openSource', title: 'Open source', arguments: [site] };
      }
      return item;
    }
    case 'more':
      return new vscode.TreeItem(`${counted(node.total - node.from)} more`, vscode.TreeItemCollapsibleState.Collapsed);
  }
}

function cpucapLabel(name: string): string {
  return /^\d+$/.test(name) ? `cpucap ${name}` : name;
}

function counted(count: number): string {
  return count.toLocaleString('en-US');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
