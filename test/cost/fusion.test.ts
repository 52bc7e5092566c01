import { describe, expect, it } from 'vitest';
import { addedCycles } from '../../server/src/cost/addedCycles.ts';
import { fusedPairs } from '../../server/src/cost/fusion.ts';
import { compileProgram } from '../../server/src/cost/program.ts';
import { coreTables, costOf, streamOf } from '../support/costStreams.ts';

/** `kind at index of the second`, or `none`. */
async function pairsOf(core: string, text: string): Promise<string> {
  const insns = (await streamOf(core, 'kernel', text)).map(({ insn }) => insn);
  const pairs = [...fusedPairs((await coreTables(core)).model, insns)].map(([at, { kind }]) => `${kind} at ${at}`);
  return pairs.length === 0 ? 'none' : pairs.join(', ');
}

describe('pairs', () => {
  it.each([
    ['cortex-a55', 'aese v0.16b, v1.16b; aesmc v0.16b, v0.16b', 'aes at 1'],
    ['neoverse-n1', 'aesd v0.16b, v1.16b; aesimc v0.16b, v0.16b', 'aes at 1'],
    ['neoverse-n1', 'nop; adrp x0, tgt; add x0, x0, :lo12:tgt', 'adrp-add at 2'],
    ['neoverse-v2', 'cmp x0, x1; b.eq tgt', 'compare-branch at 1'],
    ['neoverse-v2', 'tst w0, #1; b.ne tgt; cmn x1, #1; b.lt tgt', 'compare-branch at 1, compare-branch at 3'],
    ['a64fx', 'subs x0, x0, #1; b.ne tgt', 'arithmetic-branch at 1'],
    ['a64fx', 'cmp x0, #1; b.ne tgt', 'arithmetic-branch at 1'],
    ['apple-m1', 'sub x0, x0, #1; cbnz x0, tgt', 'arithmetic-cbz at 1'],
    ['cortex-a57', 'movz x0, #1; movk x0, #2, lsl #16', 'movz-movk at 1'],
    ['ampere1b', 'mov w0, #1; movk w0, #2, lsl #16', 'movz-movk at 1'],
  ])('on %s: %s', async (core, text, expected) => {
    expect(await pairsOf(core, text)).toBe(expected);
  });
});

describe('near misses', () => {
  it.each([
    ['another register', 'cortex-a55', 'aese v0.16b, v1.16b; aesmc v2.16b, v0.16b'],
    ['another round', 'cortex-a55', 'aese v0.16b, v1.16b; aesimc v0.16b, v0.16b'],
    ['another destination', 'neoverse-n1', 'adrp x0, tgt; add x1, x0, :lo12:tgt'],
    ['another source', 'neoverse-n1', 'adrp x0, tgt; add x0, x1, :lo12:tgt'],
    ['something between', 'neoverse-v2', 'cmp x0, x1; nop; b.eq tgt'],
    ['a shift', 'neoverse-v2', 'cmp x0, x1, lsl #3; b.eq tgt'],
    ['an extension', 'neoverse-v2', 'cmp w0, w1, uxtw; b.eq tgt'],
    ['no condition', 'neoverse-v2', 'cmp x0, x1; b tgt'],
    ['a result, where only comparisons are listed', 'neoverse-v2', 'subs x0, x0, #1; b.ne tgt'],
    ['another register is tested', 'apple-m1', 'sub x0, x1, #1; cbnz x1, tgt'],
    ['another width', 'apple-m1', 'sub x0, x0, #1; cbnz w0, tgt'],
    ['measured not to fuse', 'apple-m1', 'adrp x0, tgt; add x0, x0, :lo12:tgt'],
    ['another half', 'cortex-a57', 'movz x0, #1; movk x0, #2, lsl #32'],
    ['another core', 'neoverse-n1', 'cmp x0, x1; b.eq tgt'],
    ['a core without pairs', 'tsv110', 'cmp x0, x1; b.eq tgt'],
  ])('%s on %s: %s', async (_why, core, text) => {
    expect(await pairsOf(core, text)).toBe('none');
  });

  it('an instruction is in one pair at most', async () => {
    expect(await pairsOf('neoverse-n1', 'adrp x0, tgt; add x0, x0, #8; add x0, x0, #8')).toBe('adrp-add at 1');
  });
});

const loop = 'ldr x2, [x0]; cmp x2, x1; b.eq tgt; add x3, x4, x5';

describe('a fused pair', () => {
  it('takes one micro-op, and the second instruction issues with the first', async () => {
    const apart = await costOf('neoverse-v2', 'kernel', loop);
    const fused = await costOf('neoverse-v2', 'kernel', loop, { fusion: true });
    expect([apart.uops, fused.uops]).toEqual([4, 3]);
    expect(fused.timeline[2]?.[0]).toBe(fused.timeline[1]?.[0]);
    expect(fused.timeline[2]?.[1]).toBe(fused.timeline[1]?.[1]);
    expect(fused.cyclesOnce?.hi).toBeLessThan(apart.cyclesOnce?.hi ?? 0);
    expect(fused.causes).toMatchObject([
      { index: null, text: 'fused pairs: cmp + b.eq at 1', assumed: true, sources: ['L'], cycles: { lo: 0, hi: 0 } },
    ]);
  });

  it('is dispatched in one cycle even when the first takes the last slot', async () => {
    // Four slots; ADD and SUBS are two micro-ops each on this core.
    const text = `${'add x3, x4, x5; '.repeat(3)}subs x0, x0, #1; b.ne tgt; add x6, x7, x8`;
    const cost = await costOf('thunderx2t99', 'kernel', text, { fusion: true });
    expect(cost.timeline.map(([dispatched]) => dispatched)).toEqual([0, 0, 1, 1, 1, 2]);
  });

  it('issues in one cycle in order, beyond the width', async () => {
    const text = 'add x3, x4, x5; adrp x0, tgt; add x0, x0, :lo12:tgt; add x6, x0, #1';
    const cost = await costOf('cortex-a55', 'kernel', text, { fusion: true });
    const issued = cost.timeline.map(([, at]) => at);
    expect(issued.slice(0, 3)).toEqual([0, 0, 0]);
    expect(issued[3]).toBeGreaterThan(0);
    expect(cost.uops).toBe(3);
  });

  it('counts in what a site adds', async () => {
    const { model } = await coreTables('thunderx2t99');
    const [around, site] = await Promise.all([
      streamOf('thunderx2t99', 'kernel', 'add x3, x4, x5; add x6, x7, x8; add x9, x10, x11'),
      streamOf('thunderx2t99', 'kernel', 'subs x0, x1, #1; b.ne tgt'),
    ]);
    const added = (fusion: boolean) =>
      addedCycles(model, { before: around, site, after: around }, { mode: 'kernel', fusion });
    expect(added(true)?.lo).toBeLessThan(added(false)?.lo ?? 0);
  });
});

describe('without effect', () => {
  it('by default', async () => {
    const cost = await costOf('neoverse-v2', 'kernel', loop);
    expect(cost).toEqual(await costOf('neoverse-v2', 'kernel', loop, { fusion: false }));
    expect(cost.causes).toEqual([]);
  });

  it('in llvm mode', async () => {
    const plain = await costOf('neoverse-v2', 'llvm', loop);
    expect(await costOf('neoverse-v2', 'llvm', loop, { fusion: true })).toEqual(plain);
    const { model } = await coreTables('neoverse-v2');
    const stream = await streamOf('neoverse-v2', 'llvm', loop);
    const options = { mode: 'llvm', bound: 'lo', callLatencyCycles: 100 } as const;
    const { options: _, ...program } = compileProgram(model, stream, { ...options, fusion: true });
    const { options: __, ...plainProgram } = compileProgram(model, stream, options);
    expect(program).toEqual(plainProgram);
  });

  it('on a core or stream without pairs', async () => {
    const text = 'add x0, x1, x2; nop';
    expect(await costOf('neoverse-n1', 'kernel', text, { fusion: true })).toEqual(
      await costOf('neoverse-n1', 'kernel', text),
    );
  });
});
