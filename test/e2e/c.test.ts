import { expect, it } from 'vitest';
import { scenario } from './scenario.ts';

const demo = 'arch/arm64/kernel/jump-label-demo.c';
/** Lines of the example: a test of a key that starts true, of one that starts false, the definition of the first. */
const likelyTrue = 21;
const unlikelyFalse = 27;
const keyLine = 15;
/** A test that the configuration removes, and an `asm` with an alternative. */
const removedLine = 97;
const asmLine = 107;

scenario('patch sites of C in the editor', { open: demo }, (get) => {
  it('have lenses at functions, at keys and at sites', async () => {
    const code = get();
    expect((await code.waitForLens('4 jumps')).line).toBe(19);
    expect(await code.waitForLens(/2 sites/)).toMatchObject({ line: keyLine });
    expect(await code.waitForLens('starts_true: nop ⇄ b')).toMatchObject({ line: likelyTrue });
  });

  it('have hints with both states', async () => {
    const code = get();
    const hints = [await code.waitForHint('nop ⇄ b'), ...(await code.hints())];
    expect(hints.find((hint) => hint.line === likelyTrue)?.text).toContain('nop ⇄ b');
    expect(hints.find((hint) => hint.line === 23)?.text).toContain('b ⇄ nop');
    await code.screenshot('c-editor');
  });

  it('have a hover with the truth table of the key, what runs, and who switches it', async () => {
    const code = get();
    const text = (await code.hoverAt(unlikelyFalse, 8, 'starts_false')).join('\n');
    expect(text).toMatch(/out of line: line 28/);
    expect(text).toContain('demo_switch');
    await code.screenshot('c-hover-jump');
    expect((await code.hoverAt(removedLine, 8, 'Removed')).join('\n')).toContain('CONFIG_ARM64_PSEUDO_NMI');
    await code.screenshot('c-hover-removed');
    expect((await code.hoverAt(asmLine, 4, 'ARM64_HAS_ECV')).join('\n')).toContain('cntvct_el0');
    await code.screenshot('c-hover-asm');
    await code.hideHover();
  });

  it('are shown as one machine has them: blocks that do not run are faded', async () => {
    const code = get();
    await code.goTo(1);
    await code.waitForLens('starts_true: nop ⇄ b');
    await code.clickLens('starts_true: nop ⇄ b');
    await code.waitForLens(/unpatched shown/);
    await code.screenshot('c-faded');
    await code.runCommand('Patchpoint: Switch Between Unpatched, Patched and Both');
    await code.runCommand('Patchpoint: Switch Between Unpatched, Patched and Both');
    await code.waitForLens('starts_true: nop ⇄ b');
  });

  it('follow the preemption model that is chosen', async () => {
    const code = get();
    await code.openFile('kernel/sched/core.c');
    await code.runCommand('Patchpoint: Choose Preemption Model');
    await code.choose('preempt=none');
    await code.runCommand('Patchpoint: Show Patched View');
    await code.waitForText(/sk_dynamic_cond_resched \(on\): b/);
    await code.screenshot('c-preempt-none');
    await code.runCommand('Patchpoint: Choose Preemption Model');
    await code.choose('preempt=full');
    await code.waitForText(/sk_dynamic_cond_resched \(off\): nop/);
    await code.screenshot('c-preempt-full');
    await code.openFile('kernel/sched/core.c');
    expect((await code.hoverAt(33, 8, 'voluntary')).join('\n')).toContain('now (preempt=full)');
    await code.screenshot('c-hover-preempt');
    await code.hideHover();
  });

  it('popped nothing up', async () => {
    expect(await get().notifications()).toEqual([]);
  });
});
