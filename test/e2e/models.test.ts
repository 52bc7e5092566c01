import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { projectRoot } from '../support/projectFiles.ts';
import { scenario } from './scenario.ts';

const open = 'arch/arm64/kernel/entry-common.c';
const text = readFileSync(`${projectRoot}/examples/${open}`, 'utf8');
const line = text.slice(0, text.search(/^\w.*\bnoinstr\b.*\(/m)).split('\n').length;

scenario('stepping through models', { open }, (get) => {
  it('shows the function at the cursor call by call', async () => {
    const code = get();
    await code.goTo(line + 2);
    await code.runCommand('Patchpoint: Step Through Context Tracking…');
    await code.choose('The noinstr function at the cursor');
    const page = await code.webview('tr.step');
    expect(await page.locator('h1').innerText()).toContain('entry-common.c');
    await page.locator('tr.step').first().press('End');
    const last = page.locator('tr.step').last();
    expect(await last.getAttribute('aria-selected')).toBe('true');
    expect(await page.locator('section.state:not([hidden])').innerText()).toContain('instrumentation');
    await code.screenshot('model-function');
  });

  it('shows interrupted trampolines, and where another protocol is wrong', async () => {
    const code = get();
    await code.runCommand('Patchpoint: Step Through Interrupted Trampolines…');
    await code.choose('3: trampoline, interrupted; its softirq interrupted in plain code');
    const page = await code.webview('select[name=protocol]');
    expect(await page.locator('tr.step.wrong').count()).toBe(0);
    await page.locator('select[name=protocol]').selectOption('innermost-pc');
    const wrong = await code.webview('tr.step.wrong');
    await wrong.locator('tr.step.wrong').first().click();
    expect(await wrong.locator('section.state:not([hidden])').innerText()).toContain('false negative');
    await code.screenshot('model-trampolines');
  });

  it('popped nothing up', async () => {
    expect(await get().notifications()).toEqual([]);
  });
});
