import { expect, it } from 'vitest';
import { poll } from './poll.ts';
import { scenario } from './scenario.ts';

const demo = 'arch/arm64/kernel/demo-alternatives.S';
/** `alternative_endif` of `demo_if_not`. */
const endLine = 20;

scenario('mistakes', { open: demo }, (get) => {
  it('are not found in a good file', async () => {
    const code = get();
    await code.waitForLens('ARM64_HAS_VIRT_HOST_EXTN');
    expect((await code.content()).squiggles).toEqual([]);
  });

  it('appear in Problems when one is made, and go when it is mended', async () => {
    const code = get();
    await code.insertText(endLine, 1, '\tnop\n');
    const mark = await code.waitForSquiggle('error');
    expect(Math.abs(mark.line - endLine)).toBeLessThanOrEqual(5);
    const problems = await code.problems();
    expect(problems.map((problem) => problem.code)).toContain('alternative.length-mismatch');
    await code.screenshot('problem');
    await code.page.keyboard.press('Control+j');
    await code.runCommand('File: Revert File');
    await poll('the squiggle to go', async () => (await code.content()).squiggles.length === 0);
  });

  it('of the example file are all there', async () => {
    const code = get();
    await code.openFile('arch/arm64/kernel/mistakes.S');
    await code.waitForSquiggle('error');
    const problems = await code.problems();
    expect(problems.length).toBeGreaterThan(5);
    expect(new Set(problems.map((problem) => problem.file))).toEqual(new Set(['arch/arm64/kernel/mistakes.S']));
    await code.screenshot('mistakes');
  });
});
