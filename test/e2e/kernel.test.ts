import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { kernelBuilds } from '../oracle/kernelBuilds.ts';
import { mustSkip } from '../support/optional.ts';
import { scenario } from './scenario.ts';

const [defconfig] = kernelBuilds().builds;
const tree = process.env.PATCHPOINT_KERNEL || (defconfig?.source ?? '');
// Found by itself it would be the newest build, whose options may have no site where this looks for one.
const settings = tree === defconfig?.source ? { 'patchpoint.kernel.buildDirectory': defconfig.directory } : {};
const file = 'arch/arm64/kernel/entry.S';
const hasTree = existsSync(`${tree}/${file}`);
const missing = hasTree
  ? null
  : 'no kernel source; run: node test/oracle/setup.mjs, or set PATCHPOINT_KERNEL to a tree';

const skip = mustSkip('VS Code on a real kernel tree', missing);
const lines = (hasTree ? readFileSync(`${tree}/${file}`, 'utf8') : '').split('\n');
const opener = lines.findIndex((line) => /^\s*alternative_if(_not)?\s/.test(line)) + 1;
const cpucap = /ARM64_\w+/.exec(lines[opener - 1] ?? '')?.[0] ?? '';

scenario('a real kernel tree', { tree, skip, settings, open: file }, (get) => {
  it('has lenses and hints in entry.S', async () => {
    const code = get();
    await code.goTo(opener);
    expect((await code.waitForLens(cpucap)).line).toBe(opener);
    await code.waitForHint(/⇄/);
    await code.screenshot('kernel-entry');
  });

  it('has a hover with both streams and what the cpucap means', async () => {
    const code = get();
    const column = (lines[opener - 1] ?? '').indexOf(cpucap) + 2;
    const sections = await code.hoverAt(opener, column, /unpatched/i);
    expect(sections.join('\n')).toContain(cpucap);
    await code.screenshot('kernel-hover');
    await code.hideHover();
  });

  it('has no problems', async () => {
    const code = get();
    expect(await code.problems()).toEqual([]);
    await code.page.keyboard.press('Control+j');
    expect(await code.notifications()).toEqual([]);
  });

  it('is compared, unpatched and as a machine runs it', async () => {
    const code = get();
    await code.runCommand('Patchpoint: Choose Machine State');
    await code.choose('neoverse-n1');
    await code.runCommand('Patchpoint: Compare Unpatched and Patched');
    await code.page.locator('.monaco-diff-editor .line-insert').first().waitFor();
    await code.screenshot('kernel-diff');
  });

  it('shows the sites of macros in a header', async () => {
    const code = get();
    await code.openFile('arch/arm64/include/asm/assembler.h');
    const at = readFileSync(`${tree}/arch/arm64/include/asm/assembler.h`, 'utf8').split('\n');
    await code.goTo(at.findIndex((line) => /^\s*alternative_if/.test(line)) + 1);
    await code.waitForLens(/ARM64_/);
    await code.screenshot('kernel-header');
  });
});

scenario('a real kernel tree in the web extension', { tree, skip, settings, web: true, open: file }, (get) => {
  it('has the lenses of the whole configuration, read file by file through the editor', async () => {
    const code = get();
    await code.goTo(opener);
    expect((await code.waitForLens(cpucap)).line).toBe(opener);
    await code.screenshot('kernel-web');
  });
});
