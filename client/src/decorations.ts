import * as vscode from 'vscode';
import type { App } from './app.ts';

const settleMs = 150;

/** Extensions that fade what is not compiled themselves. */
const otherFaders = ['llvm-vs-code-extensions.vscode-clangd'];

/** Fades the lines that do not run in the view that is chosen for a file, and those of C files that are not compiled. */
export function activateDecorations(app: App): void {
  const { context, server } = app;
  const faded = vscode.window.createTextEditorDecorationType({ opacity: '0.5' });
  const inactive = vscode.window.createTextEditorDecorationType({ opacity: '0.55' });
  let timer: ReturnType<typeof setTimeout> | undefined;

  const draw = async (editor: vscode.TextEditor): Promise<void> => {
    if (!server.isRunning() || !server.covers(editor.document)) return;
    const { document } = editor;
    const answer = await server.request('patchpoint/fadedRanges', { uri: server.uri(document.uri) });
    // Made for an older text: the next answer is on its way.
    if (answer === null || answer.version !== document.version) return;
    editor.setDecorations(faded, answer.ranges.map(server.range));
    const fades = fadesInactive(document.uri);
    editor.setDecorations(inactive, fades ? answer.inactive.map(server.range) : []);
  };
  const drawAll = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      for (const editor of vscode.window.visibleTextEditors) {
        draw(editor).catch((error: unknown) => app.log.debug(`decorations: ${String(error)}`));
      }
    }, settleMs);
  };
  context.subscriptions.push(
    faded,
    inactive,
    server.onDidChangeState(drawAll),
    server.onStatusChanged(drawAll),
    server.onViewChanged(drawAll),
    vscode.window.onDidChangeVisibleTextEditors(drawAll),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (server.covers(document)) drawAll();
    }),
  );
  drawAll();
}

/** Two extensions that fade the same lines would make them unreadable. */
function fadesInactive(uri: vscode.Uri): boolean {
  const wanted = vscode.workspace.getConfiguration('patchpoint', uri).get<string>('fadeInactive', 'auto');
  if (wanted !== 'auto') return wanted === 'on';
  return otherFaders.every((id) => vscode.extensions.getExtension(id)?.isActive !== true);
}
