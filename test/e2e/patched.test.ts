import { expect, it } from 'vitest';
import { poll } from './poll.ts';
import { scenario } from './scenario.ts';

const demo = 'arch/arm64/kernel/demo-alternatives.S';

scenario('the patched view', { open: demo }, (get) => {
  it('shows the file with every cpucap set while no machine is chosen', async () => {
    const code = get();
    await code.waitForLens('ARM64_HAS_VIRT_HOST_EXTN');
    await code.runCommand('Patchpoint: Show Patched View');
    await code.waitForTab('demo-alternatives (patched).S');
    const text = await code.waitForText(/^\s+mrs\s+x0, tpidr_el2/m);
    expect(text).not.toMatch(/^\s*alternative_if_not/m);
    expect(text).not.toMatch(/^\s+mrs\s+x0, tpidr_el1/m);
    await code.screenshot('patched-none');
  });

  it('follows the machine that is chosen', async () => {
    const code = get();
    await code.runCommand('Patchpoint: Choose Machine State');
    await poll('the choices', async () => (await code.pickLabels()).includes('all'));
    await code.screenshot('choose-machine');
    await code.pick('cortex-a53');
    await code.waitForText(/ARM64_HAS_CACHE_DIC: as linked/);
    await code.screenshot('patched-a53');
    await code.runCommand('Patchpoint: Choose Machine State');
    await poll('the choices', async () => (await code.pickLabels()).includes('all'));
    await code.pick('all');
    await code.waitForText(/ARM64_HAS_CACHE_DIC: patched/);
    await code.screenshot('patched-all');
  });

  it('is compared with what is linked in the diff editor', async () => {
    const code = get();
    await code.openFile(demo);
    await code.runCommand('Patchpoint: Compare Unpatched and Patched');
    const diff = code.page.locator('.monaco-diff-editor');
    await diff.waitFor();
    await poll('the changes', async () => (await diff.locator('.line-insert').count()) > 0);
    await code.screenshot('diff');
    expect(await code.notifications()).toEqual([]);
  });

  it('expands a macro level by level', async () => {
    const code = get();
    await code.openFile(demo);
    await code.goTo(100, 3);
    await code.runCommand('Patchpoint: Expand Macro at Cursor');
    await code.waitForText(/tpidr_el/);
    await code.screenshot('expansion');
  });

  it('keeps the machine when the server is restarted', async () => {
    const code = get();
    await code.runCommand('Patchpoint: Restart Language Server');
    await code.openFile(demo);
    await code.goTo(1);
    await code.page.locator('#status\\.languageStatus').hover();
    await code.page.locator('.hover-language-status').filter({ hasText: 'Machine: all' }).waitFor();
    await code.page.mouse.move(400, 400);
    await code.waitForLens('ARM64_HAS_VIRT_HOST_EXTN');
  });
});
