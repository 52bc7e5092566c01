import { describe, expect, it } from 'vitest';
import { bundledCostData } from '../../../server/src/cost/bundledCostData.ts';
import { TableCache } from '../../../server/src/cost/records.ts';
import { cSiteCostAt } from '../../../server/src/features/c/cCost.ts';
import { openCost } from '../../../server/src/features/cost/costContext.ts';
import { costText } from '../../../server/src/features/cost/costReport.ts';
import { openExampleC } from '../../support/exampleC.ts';

const n1 = await openCost(new TableCache(bundledCostData), 'neoverse-n1');

async function costAt(text: string): Promise<string> {
  const { ctx, path, offset } = await openExampleC(text);
  const report = cSiteCostAt({ ...ctx, cost: n1 }, path, offset);
  return report === null ? 'nothing' : costText(report);
}

describe('cost of sites of C', () => {
  it('a test of a key is an instruction in both states', async () => {
    const text = 'DEFINE_STATIC_KEY_FALSE(k);\nint f(void) { return $0static_branch_unlikely(&k); }\n';
    expect(await costAt(text)).toMatchInlineSnapshot(`
      "static_branch_unlikely k
      Neoverse N1 model  insns  bytes  taken  uops  one pass  looped  added
        unpatched            1      4      0     1         2    0.13
        patched              1      4      1     1         4    1..2
      note: by itself, without what the compiler puts around it
      note: assumed: front-end cost of a taken branch: assumed 0..1
      "
    `);
  });

  it('operands that the compiler chooses have registers of their own', async () => {
    expect(await costAt('void f(atomic_t *v) { $0atomic_add(1, v); }\n')).toMatchInlineSnapshot(`
      "atomic_add ARM64_HAS_LSE_ATOMICS
      Neoverse N1 model  insns  bytes  taken  uops  one pass    looped  added
        unpatched            4     16      0     6    14..27         5
        patched              4     16      0     4    4..203  0.5..201
      note: by itself, without what the compiler puts around it
      "
    `);
  });

  it('a static call stands beside a key in front of a direct call', async () => {
    const text =
      '#include <linux/static_call.h>\nint g(void);\nDEFINE_STATIC_CALL(call, g);\nint f(void) { return $0static_call(call)(); }\n';
    expect(await costAt(text)).toMatchInlineSnapshot(`
      "static_call call
      Neoverse N1 model          insns  bytes  taken  uops  one pass  looped  added
        static call                  3     12      1     4         8    1..2
        with a key instead, off      1      4      0     1         2    0.13
        on                           2      8      2     3      4..5    2..4
      note: by itself, without what the compiler puts around it
      note: assumed: front-end cost of a taken branch: assumed 0..1
      "
    `);
  });

  it('a place without a site has none', async () => {
    expect(await costAt('int f(int x) { return $0x; }\n')).toBe('nothing');
  });
});
