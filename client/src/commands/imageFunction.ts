import * as vscode from 'vscode';
import type { App } from '../app.ts';

/** "Disassemble Function", "Open Source" and "Image Report": what a built image has, shown when it is asked for. */
export function registerImageFunction(app: App): void {
  app.command('patchpoint.image.disassemble', async (argument) => {
    const place = placeOf(argument) ?? { function: await askFunction(app), offset: 0 };
    if (place.function !== undefined) await showDisassembly(app, place.function, place.offset);
  });
  app.command('patchpoint.image.openSource', async (argument) => {
    const place = placeOf(argument);
    if (place === null) return;
    const uri = activeUri(app);
    const found = await app.server.request('patchpoint/imagePlace', { uri, function: place.function });
    if (found === null) return await showDisassembly(app, place.function, place.offset);
    const at = new vscode.Range(found.line, 0, found.line, 0);
    await vscode.window.showTextDocument(vscode.Uri.parse(found.uri), { selection: at, preview: true });
  });
  app.command('patchpoint.image.report', async () => {
    const answer = await app.server.request('patchpoint/imageReport', { uri: activeUri(app) });
    if (answer.problem !== null) throw new Error(answer.problem);
    const panel = vscode.window.createWebviewPanel('patchpoint.imageReport', 'Image Report', vscode.ViewColumn.Active, {
      enableScripts: false,
    });
    panel.webview.html = answer.html;
  });
}

/** As linked on the left, as the chosen machine runs it on the right: the diff editor marks the words that differ. */
async function showDisassembly(app: App, name: string, offset: number): Promise<void> {
  const uri = activeUri(app);
  const [linked, running] = await Promise.all(
    (['unpatched', 'chosen'] as const).map(
      async (of) => await app.server.request('patchpoint/disassembly', { uri, function: name, of }),
    ),
  );
  for (const answer of [linked, running]) if (answer?.problem) throw new Error(answer.problem);
  if (!linked || !running || linked.problem !== null || running.problem !== null) return;
  const line = Math.max(0, linked.offsets.indexOf(offset));
  await app.showTextPair(linked, running, line);
}

function activeUri(app: App): string | null {
  const editor = app.activeEditor();
  return editor === undefined ? null : app.server.uri(editor.document.uri);
}

/** A function that the user names; the word at the cursor is offered. */
async function askFunction(app: App): Promise<string | undefined> {
  const editor = app.activeEditor();
  const range = editor?.document.getWordRangeAtPosition(editor.selection.active, /[\w.]+/);
  const value = range === undefined ? '' : (editor?.document.getText(range) ?? '');
  return await vscode.window.showInputBox({ prompt: 'Function of the built image', value });
}

/** A site of the view, as the view gives it to its commands: bare, or in a node. */
function placeOf(argument: unknown): { readonly function: string; readonly offset: number } | null {
  const outer: { site?: unknown } = Object(argument);
  const site: { function?: unknown; offset?: unknown } = Object(outer.site ?? argument);
  if (typeof site.function !== 'string' || site.function === '' || typeof site.offset !== 'number') return null;
  return { function: site.function, offset: site.offset };
}
