import { expect, it } from 'vitest';
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
