import * as vscode from 'vscode';
import type { App } from '../app.ts';
import { protocolPosition } from '../views/sourceEditor.ts';
import { createStepperView } from '../views/stepperView.ts';

interface Choice<T> extends vscode.QuickPickItem {
  readonly chosen: T;
}

/** "Step Through Context Tracking…" and "Step Through Interrupted Trampolines…": a situation, then its steps. */
export function registerStepModels(app: App): void {
  const show = createStepperView(app);
  app.command('patchpoint.stepContext', async () => {
    const choices = await app.server.request('patchpoint/modelChoices', null);
    const editor = app.activeEditor();
    const items: Choice<string | null>[] = [
      ...(editor?.document.languageId === 'c'
        ? [{ label: 'The noinstr function at the cursor', description: 'its paths, call by call', chosen: null }]
        : []),
      ...choices.contexts.map(({ name, title }) => ({ label: capital(title), description: name, chosen: name })),
    ];
    const options = { title: 'Step Through Context Tracking', placeHolder: 'What the CPU goes through' };
    const picked = await vscode.window.showQuickPick(items, options);
    if (picked === undefined) return;
    if (picked.chosen !== null) {
      await show({ model: 'context', scenario: picked.chosen, tracking: 'active' }, choices);
    } else if (editor !== undefined) {
      const position = protocolPosition(editor.selection.active);
      const uri = app.server.uri(editor.document.uri);
      await show({ model: 'function', uri, position, from: null, tracking: null, path: 0 }, choices);
    }
  });
  app.command('patchpoint.stepTrampolines', async () => {
    const choices = await app.server.request('patchpoint/modelChoices', null);
    const own = { label: 'Steps of your own…', chosen: 0 };
    const items: Choice<number>[] = [
      ...choices.trampolines.map(({ number, title }) => ({ label: `${number}: ${title}`, chosen: number })),
      own,
    ];
    const options = { title: 'Step Through Interrupted Trampolines', placeHolder: 'What interrupts what' };
    const picked = await vscode.window.showQuickPick(items, options);
    if (picked === undefined) return;
    const steps =
      picked.chosen > 0
        ? null
        : await vscode.window.showInputBox({
            title: 'Steps',
            value: `run ${wordAtCursor(app) ?? 'tramp'}, irq, softirq, irq, ask, exit, exit`,
            prompt:
              'run plain, run tramp, run SYMBOL, run SYMBOL as tramp, irq, nmi, softirq, softirqEnd, exit, preempt, resume, migrate, ask',
          });
    if (steps === undefined) return;
    await show({ model: 'trampolines', scenario: picked.chosen, steps, protocol: 'flag+frame' }, choices);
  });
}

/** A symbol that may be meant: its class is that of the instruction that is interrupted. */
function wordAtCursor(app: App): string | undefined {
  const editor = app.activeEditor();
  const range = editor?.document.getWordRangeAtPosition(editor.selection.active, /[A-Za-z_]\w*/);
  return range && editor?.document.getText(range);
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
