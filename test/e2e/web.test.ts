import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { projectRoot } from '../support/projectFiles.ts';
import { smallKernel } from '../support/smallImages.ts';
import { scenario } from './scenario.ts';

const demo = 'arch/arm64/kernel/demo-alternatives.S';

scenario('the web extension, with its server in a worker', { open: demo, web: true }, (get) => {
  it('shows lenses, hints and hovers', async () => {
    const code = get();
    await code.waitForLens('ARM64_HAS_VIRT_HOST_EXTN');
    await code.waitForHint(/mrs\s+x0, tpidr_el2/);
    expect((await code.hoverAt(17, 2, 'tpidr_el2')).join('\n')).toContain('tpidr_el1');
    await code.screenshot('web');
  });

  it('reads C there as well', async () => {
    const code = get();
    await code.openFile('arch/arm64/kernel/jump-label-demo.c');
    await code.waitForLens('starts_true: nop ⇄ b');
    expect((await code.hoverAt(27, 8, 'starts_false')).join('\n')).toMatch(/out of line: line 28/);
    await code.screenshot('web-c');
    expect(await code.notifications()).toEqual([]);
  });
});

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pp-image-')));
const tree = join(folder, 'linux');
cpSync(`${projectRoot}/examples`, tree, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true }));

/** Larger than what is read as text. */
function paddedKernel(): Uint8Array {
  const kernel = smallKernel();
  const bytes = new Uint8Array(5_000_000);
  bytes.set(kernel);
  return bytes;
}

scenario('a built image in the web extension', { open: demo, web: true, tree }, (get) => {
  it('is missed, and found once it was built', async () => {
    const code = get();
    await code.waitForLens('ARM64_HAS_VIRT_HOST_EXTN');
    await code.runCommand('Explorer: Focus on Patch Sites View');
    await code.page.getByText(/There is no .*vmlinux: choose an image/).waitFor();
    writeFileSync(join(tree, 'vmlinux'), paddedKernel());
    await code.runCommand('Patchpoint: Refresh Patch Sites');
    const row = code.page.locator('.monaco-list-row', { hasText: 'HAS_VIRT_HOST_EXTN' });
    await row.waitFor();
    await row.click();
    await code.page.locator('.monaco-list-row', { hasText: 'demo+0x8' }).waitFor();
    await code.screenshot('web-image-sites');
  });

  it('shows a function as linked and as the machine runs it', async () => {
    const code = get();
    await code.page.locator('.monaco-list-row', { hasText: 'demo+0x8' }).click();
    const diff = code.page.locator('.monaco-diff-editor');
    await diff.locator('.line-insert').first().waitFor();
    expect((await diff.innerText()).replaceAll('\u00a0', ' ')).toContain('tpidr_el2');
    await code.screenshot('web-image-disassembly');
    expect(await code.notifications()).toEqual([]);
  });
});
