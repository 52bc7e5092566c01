import { describe, expect, it } from 'vitest';
import { addedCycles } from '../../server/src/cost/addedCycles.ts';
import { compareStreams, differenceText } from '../../server/src/cost/compareStates.ts';
import { causeText } from '../../server/src/cost/costRecord.ts';
import { estimateStream, estimation } from '../../server/src/cost/estimate.ts';
import { finishAsync } from '../../server/src/cost/simulate.ts';
import { coreTables, costOf, intervalText, streamOf } from '../support/costStreams.ts';

/** The code of the PREEMPT_DYNAMIC commits: instructions, taken branches, then `pass / looped` on five cores. */
const seeds = [
  ['bti c; nop; mov w0, #0; ret', '5 / 4 | 4 / 3 | 5 / 1.33 | 4 / 1 | 4 / 0.5'],
  [
    'bti c; b tgt; mrs x0, SP_EL0; ldr x0, [x0, #8]; cbnz x0, tgt !!; mov w0, #0; ret',
    '10 / 9 | 8 / 7 | 9 / 3 | 9 / 3 | 9 / 1.5',
  ],
  ['bti c; mrs x0, SP_EL0; ldr x1, [x0, #8]; cbz x1, tgt; mov w0, #0; ret', '9 / 8 | 7 / 6 | 9 / 2 | 9 / 2 | 9 / 1'],
  ['bti c; b tgt; mov x0, #0; ret', '5 / 4 | 4 / 3 | 5 / 2 | 5 / 2 | 4 / 1'],
  [
    'bti c; b tgt; bti c; mrs x0, SP_EL0; ldr x1, [x0, #8]; cbz x1, tgt; mov w0, #0; ret',
    '11 / 10 | 9 / 8 | 10 / 3 | 9 / 3 | 9 / 1.5',
  ],
  ['bti c; adrp x16, tgt; ldr x16, [x16, #16]; br x16', '8 / 7 | 5 / 4 | 9 / 1.33 | 9 / 1 | 9 / 0.5'],
  ['adrp x8, tgt; ldr x8, [x8, #24]; cbz x8, tgt', '8 / 6 | 5 / 3 | 9 / 1 | 9 / 1 | 9 / 0.5'],
  ['nop; ldr x1, [x0, #16]; add x1, x1, #1; str x1, [x0, #16]; ret', '8 / 7 | 5 / 4 | 9 / 1.67 | 9 / 1 | 9 / 0.67'],
  ['b tgt; ldr x1, [x0, #16]; add x1, x1, #1; str x1, [x0, #16]; ret', '8 / 7 | 5 / 4 | 9 / 2 | 9 / 2 | 9 / 1'],
  [
    'adrp x1, tgt; ldr w1, [x1, #32]; cmp w1, #0; b.gt tgt; ldr x1, [x0, #16]; add x1, x1, #1; str x1, [x0, #16]; ret',
    '17 / 16 | 9 / 7 | 11 / 2.67 | 10 / 2 | 10 / 1',
  ],
] as const;
const seedCores = ['cortex-a55', 'cortex-a510', 'cortex-a57', 'neoverse-n1', 'neoverse-v2'];

it.each(seeds)('as llvm-mca with call latency 0: %s', async (text, expected) => {
  const costs = await Promise.all(seedCores.map((core) => costOf(core, 'llvm', text, { callLatencyCycles: 0 })));
  const shown = costs.map(({ cyclesOnce, looped }) => `${intervalText(cyclesOnce)} / ${intervalText(looped)}`);
  expect(shown.join(' | ')).toBe(expected);
});

describe('llvm mode', () => {
  it('refuses what llvm-mca refuses, by mnemonic', async () => {
    const cost = await costOf('neoverse-n1', 'llvm', 'ldadd x1, x2, [x0]; add x0, x0, #1; ldadd x1, x3, [x0]');
    expect(cost).toMatchObject({ refused: ['ldadd'], cyclesOnce: null, cycles100: null });
  });

  it('gives points, and a call takes 100 cycles', async () => {
    const cost = await costOf('neoverse-n1', 'llvm', 'mov x0, x19; bl tgt');
    expect(cost.cyclesOnce).toEqual({ lo: 103, hi: 103 });
    expect(cost.causes).toEqual([]);
  });
});

describe('kernel mode', () => {
  it('answers an atomic that llvm-mca refuses with an interval and its cause', async () => {
    const cost = await costOf('neoverse-n1', 'kernel', 'ldadd x1, x2, [x0]; add x3, x2, #1');
    expect(intervalText(cost.cyclesOnce)).toMatch(/^\d+\.\.\d+$/);
    expect(cost.causes).toMatchObject([{ index: 0, text: 'ldadd x1, x2, [x0]' }]);
    expect(cost.unmodelled).toMatchObject([{ index: 0 }]);
    expect(cost.refused).toEqual([]);
  });

  it('an unknown opens the upper end and counts at least one slot', async () => {
    const without = await costOf('neoverse-n1', 'kernel', 'add x0, x0, #1; add x1, x0, #1');
    const cost = await costOf('neoverse-n1', 'kernel', 'add x0, x0, #1; tlbi vale1is, x5; add x1, x0, #1');
    expect(cost.cyclesOnce?.hi).toBeNull();
    expect(cost.cyclesOnce?.lo).toBeGreaterThanOrEqual(without.cyclesOnce?.lo ?? 0);
    expect(cost.uops).toBe(without.uops + 1);
    expect(cost.causes[0]).toMatchObject({ index: 1, cycles: { lo: 1, hi: null } });
  });

  it('a form that no table knows is unknown, not free', async () => {
    const cost = await costOf('cortex-a53', 'kernel', 'add x0, x0, #1; someday x1, x2');
    expect(cost).toMatchObject({
      uops: 2,
      cyclesOnce: { hi: null },
      unmodelled: [{ index: 1, cycles: { lo: 1, hi: null } }],
    });
  });

  it('a NOP costs a slot and no unit', async () => {
    const cost = await costOf('cortex-a55', 'kernel', 'nop; nop');
    expect(cost).toMatchObject({ uops: 2, cyclesOnce: { lo: 1, hi: 1 } });
    expect([...cost.pressure]).toEqual([]);
  });

  it('taken branches widen the looped figure and say so', async () => {
    const cost = await costOf('neoverse-n1', 'kernel', 'add x0, x0, #1; b tgt; add x1, x1, #1; ret');
    expect(cost.takenBranches).toBe(2);
    expect(intervalText(cost.looped)).toBe('2..4');
    expect(cost.causes).toMatchObject([{ index: null, text: '2 taken branches', assumed: true }]);
    expect(cost.coldPenaltyCycles).toBe(22);
  });

  it('behind a row without a result everything waits at the upper bound', async () => {
    const cost = await costOf('neoverse-n1', 'kernel', 'add x0, x0, #1; msr daifset, #2; add x1, x1, #1');
    expect(intervalText(cost.cyclesOnce)).toBe('4..45');
    expect(intervalText(cost.looped)).toMatch(/^[01].*\.\.4\d$/);
  });

  it('atomics on one line one after the other wait for each other at the upper bound', async () => {
    const cost = await costOf('neoverse-n1', 'kernel', 'ldadd x1, x2, [x0]');
    expect(intervalText(cost.looped)).toBe('0.13..25');
  });

  it('a call costs its own slot, not its callee', async () => {
    const cost = await costOf('neoverse-n1', 'kernel', 'mov x0, x19; bl tgt');
    expect(cost.cyclesOnce?.lo).toBeLessThan(10);
  });
});

it('in pieces, with pauses, the result is the same, and a cancelled one ends', async () => {
  const text = Array.from({ length: 1500 }, (_, i) => `ldr x${i % 7}, [x${(i * 5) % 11}]; dmb ish`).join('; ');
  const [{ model }, stream] = [await coreTables('neoverse-n1'), await streamOf('neoverse-n1', 'kernel', text)];
  let nPauses = 0;
  const pause = async (): Promise<void> => void nPauses++;
  const cost = await finishAsync(estimation(model, stream, { mode: 'kernel', timeline: false }), pause);
  expect(nPauses).toBeGreaterThan(0);
  expect(cost).toEqual(estimateStream(model, stream, { mode: 'kernel', timeline: false }));
  const cancellation = { isCancellationRequested: true };
  expect(() => estimateStream(model, stream, { mode: 'kernel', timeline: false, cancellation })).toThrow('cancelled');
});

it('the critical path names the chain that decided a pass', async () => {
  const cost = await costOf('neoverse-n1', 'kernel', 'ldr x1, [x0]; add x2, x2, #1; add x1, x1, #1; str x1, [x3]');
  expect(cost.criticalPath.map((step) => `${step.index}: ${causeText(step)}`)).toEqual([
    '0: first',
    '2: value from 0, 4 cycles later',
    '3: value from 2, 1 cycle later',
  ]);
});

describe('added cycles', () => {
  const added = async (core: string, before: string, site: string, after: string): Promise<string> => {
    const [a, b, c] = await Promise.all([before, site, after].map((text) => streamOf(core, 'kernel', text)));
    const { model } = await coreTables(core);
    return intervalText(addedCycles(model, { before: a ?? [], site: b ?? [], after: c ?? [] }, { mode: 'kernel' }));
  };
  const before = 'ldr x1, [x0]; add x1, x1, #1; str x1, [x0]';
  const after = 'ldr x2, [x3]; add x2, x2, x1; str x2, [x3]; eor x4, x2, x1';

  it('a NOP hides in free slots of a wide core', async () => {
    expect(await added('neoverse-n1', before, 'nop', after)).toBe('0');
  });

  it('a chain through the site adds its latency, an unknown has no upper end', async () => {
    expect(await added('neoverse-n1', 'add x0, x0, #1', 'add x0, x0, #1; add x0, x0, #1', 'add x0, x0, #1')).toBe('2');
    expect(await added('neoverse-n1', before, 'tlbi vmalle1', after)).toMatch(/^>= /);
  });

  it('an unknown of the surrounding code cancels', async () => {
    expect(await added('neoverse-n1', `tlbi vmalle1; ${before}`, 'nop', after)).not.toMatch(/>=/);
  });
});

describe('differences', () => {
  const difference = async (first: string, second: string): Promise<string> => {
    const core = 'neoverse-n1';
    const [a, b] = await Promise.all([first, second].map((text) => streamOf(core, 'kernel', text)));
    const found = compareStreams((await coreTables(core)).model, a ?? [], b ?? []);
    if (found === null) return 'failed';
    const equal = found.equalInBoth.length === 0 ? '' : `, equal in both: ${found.equalInBoth.join(', ')}`;
    return `${differenceText(found.cyclesOnce)}${equal}`;
  };

  it('an unknown that both states have drops out', async () => {
    const tail = 'tlbi vale1is, x5; add x1, x0, #1';
    expect(await difference(`add x0, x0, #1; ${tail}`, `add x0, x0, #1; add x0, x0, #1; add x0, x0, #1; ${tail}`)).toBe(
      '2, equal in both: tlbi vale1is, x5',
    );
  });

  it('a range that both have moves in step', async () => {
    expect(await difference('dmb ish; ldr x0, [x1]', 'dmb ish; ldr x0, [x1]; add x0, x0, #1')).toBe(
      '1, equal in both: dmb ish',
    );
  });

  it('an unknown of one state opens the difference on its side', async () => {
    expect(await difference('nop; add x0, x0, #1', 'tlbi vmalle1; add x0, x0, #1')).toMatch(/^>= /);
    expect(await difference('tlbi vmalle1; add x0, x0, #1', 'nop; add x0, x0, #1')).toMatch(/^<= /);
  });
});
