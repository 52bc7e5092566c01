import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { projectRoot } from '../support/projectFiles.ts';
import { poll } from './poll.ts';
import { scenario } from './scenario.ts';

const folder = mkdtempSync(join(tmpdir(), 'pp-noinstr-'));
const tree = join(folder, 'linux');
cpSync(`${projectRoot}/examples`, tree, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true }));

const mistakes = 'arch/arm64/kernel/noinstr-mistakes.c';
const entry = 'arch/arm64/kernel/entry-common.c';

/** 1-based line of a text in a file of the example tree. */
function lineOf(file: string, text: string): number {
  const at = readFileSync(`${projectRoot}/examples/${file}`, 'utf8').indexOf(text);
  if (at < 0) throw new Error(`${file} has no ${text}`);
  return readFileSync(`${projectRoot}/examples/${file}`, 'utf8').slice(0, at).split('\n').length;
}

const lateFunction = lineOf(mistakes, 'noinstr void mistake_late_call');
const lateCall = lateFunction + 3;
const helperCall = lineOf(mistakes, '\tcount_event();\n}\n\nnoinstr void mistake_late_call');
const maskLine = lineOf(mistakes, '\tlocal_irq_disable();');

scenario('noinstr code in the editor', { tree, open: mistakes }, (get) => {
  it('has lenses with callees and findings', async () => {
    const code = get();
    await code.goTo(lateFunction);
    await code.waitForLens(/^noinstr · /);
    const lens = (await code.lenses()).find(({ line }) => line === lateFunction);
    expect(lens?.title).toBe('noinstr · 2 callees · 1 finding');
    await code.screenshot('noinstr-lens');
  });

  it('has hovers that say why a call is or is not allowed', async () => {
    const code = get();
    const refused = (await code.hoverAt(lateCall, 4, /noinstr: not allowed/)).join('\n');
    expect(refused).toContain(`RCU is not watching here, since leave_kernel() on line ${lateCall - 1}`);
    await code.screenshot('noinstr-hover');
    const allowed = (await code.hoverAt(lateCall - 1, 4, /noinstr: allowed/)).join('\n');
    expect(allowed).toContain('leave_kernel() is always inlined, and its own calls are checked here');
    expect((await code.hoverAt(lateFunction, 20, /noinstr · /)).join('\n')).toContain('Entered while RCU is watching');
    await code.hideHover();
  });

  it('has its findings in Problems, with the chain of calls to click on', async () => {
    const code = get();
    const problems = await code.problems();
    const late = problems.find(({ line }) => line === lateCall);
    expect(late).toMatchObject({ file: mistakes, severity: 'error', code: expect.stringContaining('noinstr.calls-') });
    expect(late?.related[0]).toContain('in note_exit()');
    await code.page.locator('.markers-panel .monaco-list-row').filter({ hasText: 'in note_exit()' }).first().dblclick();
    const status = code.page.locator('#status\\.editor\\.selection');
    await poll('the cursor at the call in the helper', async () =>
      (await status.innerText()).startsWith(`Ln ${helperCall}, `),
    );
    await code.screenshot('noinstr-problems');
    await code.page.keyboard.press('Control+j');
  });

  it('shows the path to a finding, with the state behind each step', async () => {
    const code = get();
    await code.quickFix(lateCall, 4, 'Show the path to this finding');
    const rows = await poll('the path', async () => {
      const seen = await code.panelRows();
      return seen.some((row) => row.includes('noinstr.calls-instrumentable')) ? seen : null;
    });
    expect(rows.slice(0, 4)).toEqual([
      `${lateFunction} mistake_late_call() is entered IN`,
      `${lateCall - 1} leave_kernel() IN`,
      expect.stringMatching(/raw_local_irq_disable\(\) IN · interrupts masked$/),
      expect.stringMatching(/user_enter_irqoff\(\) OUT · interrupts masked$/),
    ]);
    await code.screenshot('noinstr-path');
  });

  it('shows what can run without instrumentation from a function', async () => {
    const code = get();
    await code.page.keyboard.press('Control+1');
    await code.goTo(lateFunction, 20);
    await code.runCommand('Patchpoint: Show What Runs Without Instrumentation From Here');
    const rows = await poll('the tree', async () => {
      const seen = await code.panelRows();
      return seen.some((row) => row.startsWith('mistake_late_call noinstr')) ? seen : null;
    });
    expect(rows).toContain('leave_kernel always-inline · IN');
    expect(rows).toContain('note_exit always-inline · OUT');
    await code.screenshot('noinstr-reach');
    await code.page.keyboard.press('Control+j');
  });

  it('opens a report of a function from its lens', async () => {
    const code = get();
    await code.page.keyboard.press('Control+1');
    await code.goTo(maskLine);
    await poll('the report', async () => {
      await code.clickLens('noinstr · 2 callees · 1 finding', maskLine - 2);
      return await code.waitForTab(/^noinstr mistake_irqflags\.txt/, 5000).then(
        () => true,
        () => false,
      );
    });
    await code.waitForText(/Entered while RCU is/);
    await code.screenshot('noinstr-report');
    await code.page.keyboard.press('Control+w');
  });

  it('is mended by a fix, and the finding is gone', async () => {
    const code = get();
    await code.page.keyboard.press('Control+1');
    await code.quickFix(maskLine, 4, 'Use raw_local_irq_disable()');
    await code.waitForText(/\{\s*raw_local_irq_disable\(\);\s*user_exit_irqoff/);
    await poll('the squiggle to go', async () => {
      const { squiggles } = await code.content();
      return squiggles.length > 0 && squiggles.every(({ line }) => line !== maskLine);
    });
    await code.screenshot('noinstr-fixed');
  });

  it('asks for the reason of a comment that allows a finding, and is silent with one', async () => {
    const code = get();
    await code.quickFix(lateCall, 4, 'Allow noinstr.calls-instrumentable here, with a reason');
    await code.waitForText(/allow noinstr\.calls-instrumentable -- REASON/);
    // What is typed takes the place of the word that is selected.
    await poll('the word to be selected', async () =>
      (await code.page.locator('#status\\.editor\\.selection').innerText()).includes('(6 selected)'),
    );
    await code.page.keyboard.insertText('only the last CPU comes here');
    await code.waitForText(/-- only the last CPU comes here \*\//);
    await poll('the squiggle to go', async () => {
      const { squiggles } = await code.content();
      return squiggles.length > 0 && squiggles.every(({ line }) => line !== lateCall + 1);
    });
    await code.screenshot('noinstr-allowed');
  });

  it('has marks of the context once the setting is on', async () => {
    const code = get();
    expect((await code.hints()).filter(({ text }) => text.includes('context'))).toEqual([]);
    mkdirSync(join(tree, '.vscode'), { recursive: true });
    writeFileSync(join(tree, '.vscode/settings.json'), '{ "patchpoint.noinstr.contextHints": true }\n');
    await code.openFile(entry);
    const handler = lineOf(entry, 'noinstr void el1_irq_handler');
    await code.goTo(handler);
    await code.waitForHint('context: OUT');
    const marks = (await code.hints()).filter(({ text }) => text.includes('context:'));
    expect(marks.filter(({ line }) => line > handler).slice(0, 3)).toMatchObject([
      { line: handler + 2, text: expect.stringContaining('OUT') },
      { line: handler + 3, text: expect.stringContaining('IN') },
      { line: handler + 6, text: expect.stringContaining('OUT') },
    ]);
    await code.screenshot('noinstr-marks');
  });

  it('is checked while it is typed', async () => {
    const code = get();
    expect((await code.content()).squiggles).toEqual([]);
    const handler = lineOf(entry, 'noinstr void el1_irq_handler');
    await code.insertText(handler + 2, 1, '\tdo_interrupt(regs);\n');
    const mark = await code.waitForSquiggle('error');
    expect(mark.line).toBe(handler + 2);
    await code.waitForLens('1 finding');
    await code.screenshot('noinstr-typed');
  });

  it('popped nothing up', async () => {
    expect(await get().notifications()).toEqual([]);
  });
});
