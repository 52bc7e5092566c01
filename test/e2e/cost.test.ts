import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { poll } from './poll.ts';
import { scenario } from './scenario.ts';

const demo = 'arch/arm64/kernel/demo-alternatives.S';
/** `alternative_if_not ARM64_HAS_LSE_ATOMICS` in `demo_longer`, and its function. */
const siteLine = 108;
const functionLines = { first: 107, last: 119 };

scenario('costs', { open: demo }, (get) => {
  it('are a line in the hover, which says that a model gave them', async () => {
    const code = get();
    await code.goTo(siteLine);
    await code.waitForLens('ARM64_HAS_LSE_ATOMICS');
    const sections = await code.hoverAt(siteLine, 26, 'Neoverse N1 model');
    expect(sections.join('\n')).toMatch(/unpatched \d+ insns/);
    await code.screenshot('cost-hover');
    await code.hideHover();
  });

  it('change with the core that is picked, and the status tells it', async () => {
    const code = get();
    await code.runCommand('Patchpoint: Choose Core');
    await poll('the cores', async () => (await code.pickLabels()).includes('Cortex-A53'));
    await code.screenshot('cost-cores');
    await code.choose('Cortex-A76');
    const sections = await code.hoverAt(siteLine, 26, 'Cortex-A76, modelled as Neoverse N1');
    expect(sections.join('\n')).not.toContain('Neoverse N1 model');
    await code.hideHover();
    await code.page.locator('#status\\.languageStatus').hover();
    const core = code.page.locator('.hover-language-status').filter({ hasText: 'Core: Cortex-A76 (model)' }).first();
    await core.waitFor();
    await code.screenshot('cost-status');
    await code.page.mouse.move(400, 400);
    await code.runCommand('Patchpoint: Choose Core');
    await code.choose('Follow the machine state');
    await code.hoverAt(siteLine, 26, 'Neoverse N1 model');
    await code.hideHover();
  });

  it('are a table beside the source', async () => {
    const code = get();
    await code.goTo(siteLine, 4);
    await code.runCommand('Patchpoint: Cost Table at Cursor');
    await code.waitForTab(/ARM64_HAS_LSE_ATOMICS.*\.txt/);
    await code.waitForText(/Neoverse N1 model\s+insns\s+bytes/);
    await code.screenshot('cost-table');
  });

  it('are there for a selection', async () => {
    const code = get();
    await code.page.keyboard.press('Control+1');
    await code.goTo(functionLines.first);
    for (let line = functionLines.first; line < functionLines.last; line++) {
      await code.page.keyboard.press('Shift+ArrowDown');
    }
    await code.runCommand('Patchpoint: Cost of Selection');
    await code.waitForTab(/^lines 107 to 118\.txt/);
    await code.waitForText(/as linked\s+\d+/);
    await code.screenshot('cost-selection');
  });

  it('are compared between cores', async () => {
    const code = get();
    await code.page.keyboard.press('Control+1');
    await code.goTo(siteLine, 4);
    await code.runCommand('Patchpoint: Compare Cores');
    await code.waitForTab(/on 14 cores/);
    await code.waitForText(/Neoverse V2\s+\d/);
    await code.screenshot('cost-compare');
    expect(await code.notifications()).toEqual([]);
  });

  it('are a timeline, which the keyboard walks through', async () => {
    const code = get();
    await code.page.keyboard.press('Control+1');
    await code.goTo(siteLine, 4);
    await code.runCommand('Patchpoint: Pipeline Timeline');
    const frame = await code.webview('svg g.row');
    await code.screenshot('timeline-unpatched');
    const rows = frame.locator('section:not([hidden]) g.row');
    expect(await rows.count()).toBeGreaterThan(4);
    expect(await rows.first().getAttribute('aria-label')).toMatch(/^1: ldxr.*dispatched in cycle 0/s);
    // The view has the focus, and its first instruction too.
    await frame.locator('g.row:focus').waitFor();
    await code.page.keyboard.press('ArrowDown');
    await code.page.keyboard.press('ArrowDown');
    const focused = frame.locator('g.row:focus');
    expect(await focused.getAttribute('aria-label')).toMatch(/^3: stxr/);
    expect(await frame.locator('section:not([hidden]) g.row[tabindex="0"]').count()).toBe(1);
    await code.screenshot('timeline-focus');
    await frame.getByText('The same as text').first().click();
    await frame.locator('section:not([hidden]) pre').getByText('D dispatched').waitFor();
    await frame.getByRole('radio', { name: 'patched', exact: true }).check();
    expect(await rows.first().getAttribute('aria-label')).toMatch(/stadd/);
    await code.screenshot('timeline-patched');
  });

  it('lead back from the timeline to the source', async () => {
    const code = get();
    const frame = await code.webview('svg g.row');
    await frame.getByRole('radio', { name: 'unpatched', exact: true }).check();
    await frame.locator('section:not([hidden]) g.row').nth(1).focus();
    await code.page.keyboard.press('Enter');
    await poll('the cursor at the instruction', async () =>
      (await code.page.locator('#status\\.editor\\.selection').innerText()).startsWith('Ln 110,'),
    );
  });

  it('can be saved as a picture, and shown as text', async () => {
    const code = get();
    const frame = await code.webview('svg g.row');
    await frame.getByRole('button', { name: 'Save as SVG…' }).click();
    const name = code.page.locator('.quick-input-widget:not([style*="display: none"]) .quick-input-filter input');
    await poll('the name of the picture', async () => /\.svg$/.test(await name.first().inputValue()));
    await code.screenshot('timeline-save');
    await code.page.keyboard.press('Enter');
    await name.first().waitFor({ state: 'hidden' });
    await code.page
      .locator('.explorer-folders-view')
      .getByText(/LSE_ATOMICS.*\.svg$/)
      .waitFor();
    await frame.getByRole('button', { name: 'Show as text' }).click();
    await code.waitForText(/D dispatched, = waits/);
    await code.screenshot('timeline-text');
    expect(await code.notifications()).toEqual([]);
  });
});

scenario('costs in the web extension', { web: true, open: demo }, (get) => {
  it('are in the hover and in the timeline', async () => {
    const code = get();
    await code.goTo(siteLine);
    await code.waitForLens('ARM64_HAS_LSE_ATOMICS');
    await code.hoverAt(siteLine, 26, 'Neoverse N1 model');
    await code.hideHover();
    await code.goTo(siteLine, 4);
    await code.runCommand('Patchpoint: Pipeline Timeline');
    await code.webview('svg g.row');
    await code.screenshot('timeline-web');
  });
});

const home = mkdtempSync(join(tmpdir(), 'pp-mca-'));
afterAll(() => rmSync(home, { recursive: true }));

/** Answers as llvm-mca does. */
const fakeMca = join(home, 'llvm-mca');
writeFileSync(
  fakeMca,
  `#!${process.execPath}
if (process.argv[2] === '--version') return void console.log('  LLVM version 19.1.7');
const Instructions = require('fs').readFileSync(0, 'utf8').trim().split('\\n');
const SummaryView = { TotalCycles: 42, TotaluOps: 7, BlockRThroughput: 2.5 };
console.log(JSON.stringify({ CodeRegions: [{ Instructions, SummaryView }] }));
`,
);
chmodSync(fakeMca, 0o755);
const settings = { 'patchpoint.codeLens.cost': true, 'patchpoint.cost.llvmMcaPath': fakeMca };

scenario('costs with more settings', { open: demo, settings }, (get) => {
  it('are a lens on each function, which opens the table', async () => {
    const code = get();
    await code.goTo(siteLine);
    const lens = await code.waitForLens(/Neoverse N1 model: as linked 5 insns/);
    expect(lens.line).toBe(107);
    await code.screenshot('cost-lens');
    const tab = code.page.locator('.tab', { hasText: /lines \d+ to \d+\.txt/ });
    // Lenses are drawn anew while costs come in: a click may hit one that is just going.
    await poll('the table', async () => {
      await code.clickLens(/Neoverse N1 model: as linked 5 insns/);
      return await tab.waitFor({ timeout: 4000 }).then(
        () => true,
        () => null,
      );
    });
    await code.waitForText(/Neoverse N1 model\s+insns/);
  });

  it('have llvm-mca beside them when it is asked for', async () => {
    const code = get();
    await code.page.keyboard.press('Control+1');
    await code.goTo(siteLine, 4);
    await code.runCommand('Patchpoint: Ask llvm-mca');
    await code.waitForTab(/second opinion/);
    await code.waitForText(/llvm-mca 19\.1\.7\s+our llvm mode/);
    await code.screenshot('cost-mca');
    expect(await code.notifications()).toEqual([]);
  });
});
