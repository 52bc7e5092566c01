import * as vscode from 'vscode';
import type { CostTarget, Timeline } from '../../../server/src/lsp/protocol.ts';
import type { App } from '../app.ts';
import { costTab } from './textView.ts';
import { isPageMessage, type PageMessage, type ShownTimeline, timelinePage } from './timelinePage.ts';

/**
 * The timeline beside the source: one panel, which follows the core and the machine state that are chosen. Its page
 * has scripts of ours only and loads nothing.
 */
export function createTimelineView(app: App): (target: CostTarget) => Promise<void> {
  let panel: vscode.WebviewPanel | undefined;
  let target: CostTarget | undefined;
  let shown: readonly ShownTimeline[] = [];

  const draw = async (): Promise<boolean> => {
    if (target === undefined) return false;
    const asked = target;
    const found = await timelines(app, asked);
    if (asked !== target || found.length === 0) return found.length > 0;
    shown = found;
    panel ??= openPanel();
    panel.title = `Timeline: ${found[0]?.timeline.title.split(', ')[0] ?? ''}`;
    panel.webview.html = timelinePage(found, newNonce());
    return true;
  };
  const openPanel = (): vscode.WebviewPanel => {
    // It takes the focus: the arrow keys then work at once.
    const column = vscode.ViewColumn.Beside;
    const options = { enableScripts: true, localResourceRoots: [], retainContextWhenHidden: false };
    const opened = vscode.window.createWebviewPanel('patchpoint.timeline', 'Timeline', column, options);
    opened.onDidDispose(() => {
      panel = undefined;
      target = undefined;
    });
    opened.webview.onDidReceiveMessage(async (message: unknown) => {
      if (!isPageMessage(message)) return;
      try {
        await answer(message, target, shown, app);
      } catch (error) {
        void vscode.window.showErrorMessage(`Patchpoint: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
    return opened;
  };
  app.context.subscriptions.push(
    app.server.onStatusChanged(() => {
      if (panel !== undefined) draw().catch((error: unknown) => app.log.debug(`timeline: ${String(error)}`));
    }),
    { dispose: () => panel?.dispose() },
  );
  return async (wanted) => {
    const before = target;
    target = wanted;
    if (await draw()) panel?.reveal();
    else {
      target = before;
      void vscode.window.setStatusBarMessage('Patchpoint: no alternative on this line, and no code is selected', 5000);
    }
  };
}

/** Both streams of a site, or the one of a selection; those that are not known are left out. */
async function timelines(app: App, target: CostTarget): Promise<readonly ShownTimeline[]> {
  const streams = 'range' in target ? (['patched'] as const) : (['unpatched', 'patched'] as const);
  const found = await Promise.all(
    streams.map(async (stream): Promise<{ readonly label: string; readonly timeline: Timeline | null }> => {
      const timeline = await app.server.request('patchpoint/timeline', { ...target, stream });
      return { label: 'range' in target ? 'selection' : stream, timeline };
    }),
  );
  return found.flatMap(({ label, timeline }) => (timeline === null ? [] : [{ label, timeline }]));
}

async function answer(
  message: PageMessage,
  target: CostTarget | undefined,
  shown: readonly ShownTimeline[],
  app: App,
): Promise<void> {
  const timeline = shown[message.timeline]?.timeline;
  if (timeline === undefined) return;
  if (message.kind === 'text') await app.showText(costTab(timeline.title), timeline.text, 'plaintext');
  else if (message.kind === 'save') await saveSvg(timeline);
  else if (message.kind === 'source') await goToSource(timeline.sources[message.insn] ?? null, target);
}

async function saveSvg(timeline: Timeline): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const name = `${timeline.title.replace(/[^\w.-]+/g, '-')}.svg`;
  const file = await vscode.window.showSaveDialog({
    ...(folder === undefined ? {} : { defaultUri: vscode.Uri.joinPath(folder, name) }),
    filters: { 'SVG picture': ['svg'] },
    title: 'Save the timeline',
  });
  if (file !== undefined) await vscode.workspace.fs.writeFile(file, new TextEncoder().encode(timeline.svg));
}

async function goToSource(source: Timeline['sources'][number], target: CostTarget | undefined): Promise<void> {
  if (source === null) {
    void vscode.window.setStatusBarMessage('Patchpoint: the line of this instruction is not known', 4000);
    return;
  }
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(source.uri));
  // Where the source was: not over the timeline.
  const beside = vscode.window.visibleTextEditors.find((editor) => editor.document.uri.toString() === target?.uri);
  const { range } = document.lineAt(Math.min(source.line, document.lineCount - 1));
  await vscode.window.showTextDocument(document, {
    viewColumn: beside?.viewColumn ?? vscode.ViewColumn.One,
    selection: new vscode.Range(range.start, range.start),
  });
}

function newNonce(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
