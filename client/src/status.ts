import * as vscode from 'vscode';
import type { IndexStatus, SiteView } from '../../server/src/lsp/protocol.ts';
import type { App } from './app.ts';

const viewText: Readonly<Record<SiteView, string>> = {
  both: 'Both streams',
  unpatched: 'Unpatched stream',
  patched: 'Patched stream',
};

/** The entries behind the `{}` of the status bar: tree with configuration, machine, view. Each leads to its choices. */
export function activateStatus(app: App): void {
  const { context, server } = app;
  const item = (id: string, name: string, command: string, title: string): vscode.LanguageStatusItem => {
    const created = vscode.languages.createLanguageStatusItem(`patchpoint.${id}`, [...server.selector]);
    created.name = name;
    created.command = { command, title };
    context.subscriptions.push(created);
    return created;
  };
  const tree = item('tree', 'Patchpoint: Kernel Tree', 'patchpoint.chooseBuildDirectory', 'Build directory…');
  const machine = item('machine', 'Patchpoint: Machine', 'patchpoint.chooseMachineState', 'Choose…');
  const preemption = item('preemption', 'Patchpoint: Preemption Model', 'patchpoint.choosePreemption', 'Choose…');
  const core = item('core', 'Patchpoint: Core', 'patchpoint.chooseCore', 'Choose…');
  const index = item('index', 'Patchpoint: Index', 'patchpoint.rebuildIndex', 'Rebuild');
  const view = item('view', 'Patchpoint: View', 'patchpoint.cycleView', 'Next view');
  const views = new Map<string, SiteView>();
  let asked = 0;

  const update = async (): Promise<void> => {
    if (!server.isRunning()) {
      tree.text = 'Patchpoint is starting';
      tree.busy = true;
      return;
    }
    const editor = app.activeEditor();
    const uri = editor ? server.uri(editor.document.uri) : null;
    const mine = ++asked;
    const status = await server.request('patchpoint/status', { uri });
    if (mine !== asked) return;
    tree.busy = false;
    tree.text =
      status.root === null ? 'Not in an arm64 kernel tree' : `Linux ${status.version ?? 'of unknown version'}`;
    // One line of a small popup: what follows a comma or parenthesis is in the choices.
    tree.detail = status.problems[0] ?? status.configSource?.split(/[,(]/)[0]?.trim() ?? '';
    tree.severity =
      status.problems.length > 0 ? vscode.LanguageStatusSeverity.Warning : vscode.LanguageStatusSeverity.Information;
    const nKeys = status.keys.length;
    machine.text = `Machine: ${status.machineState}${nKeys === 0 ? '' : ` · ${nKeys} key${nKeys === 1 ? '' : 's'} switched`}`;
    machine.detail = status.keys.map(({ key, value }) => `${key} ${value ? 'on' : 'off'}`).join(', ');
    preemption.text = `Preemption: ${status.preemption ?? 'as linked'}`;
    core.text = status.core === null ? 'Core: not known' : `Core: ${status.core.title} (model)`;
    core.detail = status.core?.modelledAs == null ? '' : `modelled as ${status.core.modelledAs}`;
    showIndex(index, status.index);
    view.text = viewText[(uri === null ? undefined : views.get(uri)) ?? 'both'];
  };
  const refresh = (): void => {
    update().catch((error: unknown) => app.log.debug(`status: ${String(error)}`));
  };
  context.subscriptions.push(
    server.onDidChangeState(refresh),
    server.onStatusChanged(refresh),
    server.onViewChanged((change) => {
      views.set(change.uri, change.view);
      refresh();
    }),
    vscode.window.onDidChangeActiveTextEditor(refresh),
  );
  refresh();
}

/** What the index of names holds, or how far it is. */
function showIndex(item: vscode.LanguageStatusItem, index: IndexStatus | null): void {
  item.busy = index?.state === 'building';
  item.detail = '';
  switch (index?.state) {
    case undefined:
    case 'off':
      item.text = 'Index: none';
      break;
    case 'waiting':
    case 'building':
      item.text = 'Index: being made';
      break;
    case 'stopped':
      item.text = 'Index: stopped';
      item.detail = `${index.files} of ${index.total} files`;
      break;
    case 'ready':
      item.text = `Index: ${index.files} files`;
  }
}
