import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { smallKernel } from '../support/smallImages.ts';
import { scenario } from './scenario.ts';

const folder = mkdtempSync(join(tmpdir(), 'pp-image-'));
const vmlinux = join(folder, 'vmlinux');
writeFileSync(vmlinux, smallKernel());
afterAll(() => rmSync(folder, { recursive: true }));

const open = 'arch/arm64/kernel/demo-alternatives.S';

scenario('a built image in the editor', { open, settings: { 'patchpoint.image.path': vmlinux } }, (get) => {
  it('has its patch sites in a view, sorted by cpucap', async () => {
    const code = get();
    await code.waitForLens('ARM64_HAS_VIRT_HOST_EXTN');
    await code.runCommand('Explorer: Focus on Patch Sites View');
    const row = code.page.locator('.monaco-list-row', { hasText: 'HAS_VIRT_HOST_EXTN' });
    await row.waitFor();
    await row.click();
    await code.page.locator('.monaco-list-row', { hasText: 'demo+0x8' }).waitFor();
    await code.screenshot('image-sites');
  });

  it('shows a function as linked and as the machine runs it', async () => {
    const code = get();
    await code.page.locator('.monaco-list-row', { hasText: 'demo+0x8' }).click();
    const diff = code.page.locator('.monaco-diff-editor');
    await diff.waitFor();
    await diff.locator('.line-insert').first().waitFor();
    await code.screenshot('image-disassembly');
    expect((await diff.innerText()).replaceAll('\u00a0', ' ')).toContain('tpidr_el2');
  });

  it('is sorted another way', async () => {
    const code = get();
    await code.runCommand('Patchpoint: Sort Patch Sites…');
    await code.pick('by static key');
    await code.page.locator('.monaco-list-row', { hasText: 'key_off' }).waitFor();
    await code.screenshot('image-keys');
  });

  it('has a report', async () => {
    const code = get();
    await code.runCommand('Patchpoint: Image Report');
    const frame = await code.webview('h1');
    expect(await frame.locator('body').innerText()).toContain('vmlinux');
    await code.screenshot('image-report');
  });

  it('popped nothing up', async () => {
    expect(await get().notifications()).toEqual([]);
  });
});
