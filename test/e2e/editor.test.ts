import { expect, it } from 'vitest';
import { poll } from './poll.ts';
import { scenario } from './scenario.ts';

const demo = 'arch/arm64/kernel/demo-alternatives.S';
/** Lines of `demo_if_not` in the example: opener, original, replacement. */
const openLine = 16;
const originalLine = 17;
const replacementLine = 19;
/** A macro that is an alternative behind its name. */
const wrapperLine = 100;

scenario('an alternative in the editor', { open: demo }, (get) => {
  it('has a lens with its cpucap and both sizes, and the function has one', async () => {
    const code = get();
    const site = await code.waitForLens('ARM64_HAS_VIRT_HOST_EXTN');
    expect(site.line).toBe(openLine);
    expect(site.title).toMatch(/1/);
    expect(await code.waitForLens(/alternative/)).toBeDefined();
  });

  it('has hints that show the other stream', async () => {
    const code = get();
    const other = await code.waitForHint(/mrs\s+x0, tpidr_el2/);
    expect(other.line).toBe(originalLine);
    expect((await code.waitForHint(/mrs\s+x0, tpidr_el1/)).line).toBe(replacementLine);
    // VS Code cuts a hint with an ellipsis when a line's hints are too long.
    expect((await code.hints()).filter((hint) => hint.text.includes('…'))).toEqual([]);
    await code.screenshot('editor');
  });

  it('has a hover with both streams', async () => {
    const code = get();
    const sections = await code.hoverAt(originalLine, 2, 'tpidr_el2');
    const text = sections.join('\n');
    expect(text).toContain('tpidr_el1');
    expect(text).toMatch(/unpatched/i);
    expect(text).toContain('ARM64_HAS_VIRT_HOST_EXTN');
    await code.screenshot('hover-site');
    const wrapper = await code.hoverAt(wrapperLine, 3);
    expect(wrapper.join('\n')).toContain('tpidr_el');
    await code.screenshot('hover-macro');
    await code.hideHover();
  });

  it('is known by its language, and the status tells the tree', async () => {
    const code = get();
    const language = code.page.locator('#status\\.editor\\.mode');
    expect(await language.innerText()).toContain('arm64 Kernel Assembly');
    await code.goTo(1);
    await code.page.locator('#status\\.languageStatus').hover();
    const shown = code.page.locator('.hover-language-status').filter({ hasText: 'Linux' }).first();
    await shown.waitFor();
    await code.screenshot('status');
    expect(await code.page.locator('.hover-language-status').allInnerTexts()).toEqual(
      expect.arrayContaining([expect.stringContaining('Machine: none'), expect.stringContaining('Both streams')]),
    );
    await code.page.mouse.move(400, 400);
  });

  it('switches the view of the file when a lens is clicked', async () => {
    const code = get();
    await code.goTo(1);
    await code.waitForHint(/tpidr_el2/);
    const before = JSON.stringify(await code.hints());
    await code.clickLens('ARM64_HAS_VIRT_HOST_EXTN');
    await poll('the hints to change', async () => JSON.stringify(await code.hints()) !== before);
    await code.screenshot('view-unpatched');
    await code.runCommand('Patchpoint: Switch Between Unpatched, Patched and Both');
    await code.page.waitForTimeout(800);
    await code.screenshot('view-patched');
    await code.runCommand('Patchpoint: Switch Between Unpatched, Patched and Both');
    await poll('the first view again', async () => JSON.stringify(await code.hints()) === before);
  });

  it('has its commands in the context menu', async () => {
    const code = get();
    const box = await code.goTo(openLine, 4);
    await code.page.mouse.click(box.x, box.y + 5, { button: 'right' });
    await code.page.locator('.monaco-menu .action-label', { hasText: /^Patchpoint$/ }).hover();
    await code.page.locator('.monaco-menu .action-label', { hasText: 'Show Patched View' }).waitFor();
    await code.screenshot('context-menu');
    await code.page.keyboard.press('Escape');
    await code.page.keyboard.press('Escape');
  });

  it('goes to the definition of a macro', async () => {
    const code = get();
    await code.goTo(openLine, 4);
    await code.page.keyboard.press('F12');
    await code.waitForText(/\.macro\s+alternative_if_not/);
    await code.openFile(demo);
  });

  it('popped nothing up', async () => {
    expect(await get().notifications()).toEqual([]);
  });
});
