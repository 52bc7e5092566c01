import * as vscode from 'vscode';
import type { ClientRequests, ModelSteps, ModelWish } from '../../../server/src/lsp/protocol.ts';
import type { App } from '../app.ts';
import { isStepperMessage, type StepperChoice, type StepperMessage, stepperPage } from './stepperPage.ts';
import { costTab } from './textView.ts';

export type ModelChoices = ClientRequests['patchpoint/modelChoices']['result'];

/** The stepper beside the source: one panel. Its page has scripts of ours only and loads nothing. */
export function createStepperView(app: App): (wish: ModelWish, choices: ModelChoices) => Promise<void> {
  let panel: vscode.WebviewPanel | undefined;
  let wish: ModelWish | undefined;
  let choices: ModelChoices | undefined;
  let shown: ModelSteps | undefined;

  const draw = async (wanted: ModelWish, of: ModelChoices): Promise<void> => {
    const answer = await app.server.request('patchpoint/modelSteps', wanted);
    if (answer.problem !== null) throw new Error(answer.problem);
    wish = wanted;
    choices = of;
    shown = answer;
    panel ??= openPanel();
    panel.title = tabTitle(answer.title);
    panel.webview.html = stepperPage(answer, choicesFor(wanted, of, answer), newNonce());
  };
  const openPanel = (): vscode.WebviewPanel => {
    // It takes the focus: the arrow keys then work at once.
    const column = vscode.ViewColumn.Beside;
    const options = { enableScripts: true, localResourceRoots: [], retainContextWhenHidden: false };
    const opened = vscode.window.createWebviewPanel('patchpoint.stepper', 'Steps', column, options);
    opened.onDidDispose(() => {
      panel = undefined;
      shown = undefined;
    });
    opened.webview.onDidReceiveMessage(async (message: unknown) => {
      if (!isStepperMessage(message) || wish === undefined || choices === undefined) return;
      try {
        if (message.kind === 'choose') await draw(chosen(wish, message), choices);
        else if (message.kind === 'text')
          await app.showText(costTab(shown?.title ?? ''), shown?.text ?? '', 'plaintext');
        else await goToSource(shown, message.step, wish);
      } catch (error) {
        void vscode.window.showErrorMessage(`Patchpoint: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
    return opened;
  };
  app.context.subscriptions.push({ dispose: () => panel?.dispose() });
  return async (wanted, of) => {
    await draw(wanted, of);
    panel?.reveal();
  };
}

const trackings = [
  { value: 'active', text: 'active on this CPU' },
  { value: 'inactive', text: 'not active on this CPU' },
  { value: 'off', text: 'off' },
];

function choicesFor(wish: ModelWish, of: ModelChoices, shown: ModelSteps): readonly StepperChoice[] {
  const tracking = (value: string): StepperChoice => {
    const unset = wish.model === 'function' ? [{ value: '', text: 'as the configuration tells' }] : [];
    return { name: 'tracking', label: 'Context tracking', value, options: [...unset, ...trackings] };
  };
  switch (wish.model) {
    case 'trampolines': {
      const options = of.trampolines.map(({ number, title }) => ({
        value: String(number),
        text: `${number}: ${title}`,
      }));
      const protocols = of.protocols.map(({ name }) => ({ value: name, text: name }));
      const protocol = { name: 'protocol', label: 'Protocol', value: wish.protocol, options: protocols };
      if (wish.steps !== null) return [protocol];
      return [{ name: 'scenario', label: 'Scenario', value: String(wish.scenario), options }, protocol];
    }
    case 'context': {
      const options = of.contexts.map(({ name, title }) => ({ value: name, text: title }));
      return [{ name: 'scenario', label: 'Scenario', value: wish.scenario, options }, tracking(wish.tracking)];
    }
    case 'function': {
      const starts = of.starts.map((value) => ({ value, text: value }));
      const from = [{ value: '', text: 'as its first switch tells' }, ...starts];
      const paths = shown.paths.map((text, at) => ({ value: String(at), text: `${at + 1}: ${text}` }));
      return [
        ...(paths.length > 1 ? [{ name: 'path', label: 'Path', value: String(wish.path), options: paths }] : []),
        { name: 'from', label: 'Entered from', value: wish.from ?? '', options: from },
        tracking(wish.tracking ?? ''),
      ];
    }
  }
}

function chosen(wish: ModelWish, { name, value }: Extract<StepperMessage, { readonly kind: 'choose' }>): ModelWish {
  const tracking = value === 'active' || value === 'inactive' || value === 'off' ? value : null;
  switch (wish.model) {
    case 'trampolines':
      return name === 'scenario' ? { ...wish, scenario: Number(value) } : { ...wish, protocol: value };
    case 'context':
      return name === 'scenario' ? { ...wish, scenario: value } : { ...wish, tracking: tracking ?? 'active' };
    case 'function':
      if (name === 'path') return { ...wish, path: Number(value) };
      return name === 'from' ? { ...wish, path: 0, from: value === '' ? null : value } : { ...wish, path: 0, tracking };
  }
}

async function goToSource(shown: ModelSteps | undefined, step: number, wish: ModelWish): Promise<void> {
  const place = shown?.steps[step]?.place ?? null;
  if (place === null) return;
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(place.uri));
  // Where the source was: not over the table.
  const origin = wish.model === 'function' ? wish.uri : place.uri;
  const beside = vscode.window.visibleTextEditors.find((editor) => editor.document.uri.toString() === origin);
  const { start, end } = place.range;
  await vscode.window.showTextDocument(document, {
    viewColumn: beside?.viewColumn ?? vscode.ViewColumn.One,
    selection: new vscode.Range(start.line, start.character, end.line, end.character),
  });
}

/** The part of a title that tells one table from another. */
function tabTitle(title: string): string {
  return `Steps: ${title.split(', ')[1]?.split(/: | in /)[0] ?? title}`;
}

function newNonce(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
