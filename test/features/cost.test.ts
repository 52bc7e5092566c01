import { describe, expect, it } from 'vitest';
import { bundledCostData } from '../../server/src/cost/bundledCostData.ts';
import { TableCache } from '../../server/src/cost/records.ts';
import { codeLenses, resolveLens } from '../../server/src/features/codeLens.ts';
import { compareReports } from '../../server/src/features/cost/compareCores.ts';
import { openCost } from '../../server/src/features/cost/costContext.ts';
import { costText } from '../../server/src/features/cost/costReport.ts';
import { rangeCost } from '../../server/src/features/cost/rangeCost.ts';
import { siteCostAt } from '../../server/src/features/cost/siteCost.ts';
import { timelineAt } from '../../server/src/features/cost/timeline.ts';
import { hover } from '../../server/src/features/hover.ts';
import { type ExampleFile, openExample } from '../support/exampleTree.ts';

const cache = new TableCache(bundledCostData);
const n1 = await openCost(cache, 'neoverse-n1');
const a55 = await openCost(cache, 'cortex-a55');

function open(text: string): ExampleFile {
  const file = openExample(text, []);
  return { ...file, ctx: { ...file.ctx, cost: n1 } };
}

const counter = `
SYM_FUNC_START(count)
	ldr	x1, [x0]
alternative_if_not$0 ARM64_HAS_ECV
	b	.Lslow
alternative_else_nop_endif
	add	x1, x1, #1
	str	x1, [x0]
.Lslow:	ret
SYM_FUNC_END(count)
`;

function siteText(text: string): string {
  const file = open(text);
  const report = siteCostAt(file.ctx, file.path, file.offset);
  return report === null ? 'nothing' : costText(report);
}

describe('a site in its surroundings', () => {
  it('both streams, the branch of one followed', () => {
    expect(siteText(counter)).toMatchInlineSnapshot(`
      "alternative_if_not ARM64_HAS_ECV
      Neoverse N1 model  insns  bytes  taken  uops  one pass  looped  added
        unpatched            3     12      2     3         7    2..4   1..2
        patched              5     20      1     6         9    1..2      0
      patched against unpatched: one pass 2 cycles, looped -2..-1
      note: assumed: front-end cost of a taken branch: assumed 0..1
      "
    `);
  });

  it('what nobody knows comes first and is never 0', () => {
    const text = siteText(
      'alternative_if$0 ARM64_HAS_ECV\n\ttlbi\tvae1, x0\n\tdsb\tnsh\nalternative_else_nop_endif\n\tret\n',
    );
    expect(text).toMatchInlineSnapshot(`
      "alternative_if ARM64_HAS_ECV
      unknown: tlbi vae1, x0; dsb nsh
      Neoverse N1 model  insns  bytes  taken  uops  one pass  looped  added
        unpatched            3     12      1     3         4    1..2      0
        patched              3     12      1     3     >= 15   >= 12  >= 11
      patched against unpatched: one pass >= 11 cycles, looped >= 11
      note: assumed: front-end cost of a taken branch: assumed 0..1
      note: assumed: tlbi vae1, x0 one slot itself; the cost is at the next DSB (K)
      note: assumed: dsb nsh waits for all older memory accesses, and for TLB and
            cache maintenance in the whole system (K, N)
      "
    `);
    expect(text.indexOf('unknown')).toBeLessThan(text.indexOf('one pass'));
  });

  it('what a callback writes at boot has no figures, and says why', () => {
    expect(
      siteText(
        'alternative_cb$0 ARM64_ALWAYS_SYSTEM, spectre_bhb_patch_loop_iter\n\tmov\tx0, #32\nalternative_cb_end\n\tret\n',
      ),
    ).toMatchInlineSnapshot(`
      "alternative_cb ARM64_ALWAYS_SYSTEM
      Neoverse N1 model  insns  bytes  taken  uops  one pass  looped  added
        unpatched            2      8      1     2         4    1..2      0
        patched              -      -      -     -         -       -      -
        patched: written at boot
      note: assumed: front-end cost of a taken branch: assumed 0..1
      "
    `);
  });

  it('names of registers and words spelled as .inst are what they stand for', () => {
    const text = siteText(
      'tsk\t.req x28\nalternative_if$0 ARM64_HAS_DIT\n\tSET_PSTATE_DIT(1)\nalternative_else_nop_endif\n\tadd\tx0, tsk, #8\n\tret\n',
    );
    expect(text).not.toContain('tsk');
    expect(text).toContain('msr dit, #1');
  });

  it('where there is no site there is nothing', () => {
    expect(siteText('\tmov$0\tx0, #1\n')).toBe('nothing');
  });
});

it('a selection costs what its lines make in the machine state, straight through', () => {
  const file = open(counter);
  const start = file.text.indexOf('\tadd');
  const report = rangeCost(file.ctx, file.path, { start, end: file.text.indexOf('SYM_FUNC_END') });
  expect(report === null ? 'nothing' : costText(report)).toMatchInlineSnapshot(`
    "lines 9 to 11
    Neoverse N1 model  insns  bytes  taken  uops  one pass  looped  added
      in board             3     12      1     4         5    1..2
    note: assumed: front-end cost of a taken branch: assumed 0..1
    "
  `);
});

it('a hover has the cost in one line, or the table when asked, and calls it a model', () => {
  const file = open(counter);
  const line = hover(file.ctx, file.path, file.offset)?.markdown ?? '';
  expect(line.split('\n').find((one) => one.includes('Neoverse N1'))).toMatchInlineSnapshot(
    `"*Neoverse N1 model:* unpatched 3 insns, adds 1..2 cycles · patched 5 insns, adds 0 cycles"`,
  );
  const table = hover({ ...file.ctx, costInHover: 'table' }, file.path, file.offset)?.markdown ?? '';
  expect(table).toContain('| Neoverse N1 model | insns | bytes | taken | uops | one pass | looped | added |');
  expect(hover({ ...file.ctx, costInHover: 'off' }, file.path, file.offset)?.markdown).not.toContain('Neoverse');
  expect(line).not.toMatch(/measured/i);
});

it('a lens on a function when it is switched on', () => {
  const file = open(counter);
  const lenses = codeLenses(file.ctx, file.path, { functions: false, sites: false, cost: true });
  expect(lenses.map((lens) => resolveLens(file.ctx, file.path, lens.key, 'both')?.title)).toMatchInlineSnapshot(`
    [
      "Neoverse N1 model: in board 5 insns, one pass 9 cycles",
    ]
  `);
});

describe('a timeline', () => {
  it('as text', () => {
    const file = open(counter);
    expect(timelineAt(file.ctx, file.path, { offset: file.offset }, 'unpatched')?.text).toMatchInlineSnapshot(`
      "ARM64_HAS_ECV, unpatched, Neoverse N1 model
      one pass 7 cycles in the model; drawn: the lower bound
      D dispatched, = waits, e executes, - waits to retire, R retired; * critical path, > site

       * ldr x1, [x0]  Deeee-R   first
      >  b .Lslow      De----R
         ret            De---R
      "
    `);
  });

  it('as a picture whose rows can be reached and read', () => {
    const file = open(counter);
    const svg = timelineAt(file.ctx, file.path, { offset: file.offset }, 'patched')?.svg ?? '';
    expect(svg.match(/tabindex="0"/g)?.length).toBe(5);
    expect(svg).toContain('aria-label="2: nop; dispatched in cycle');
    expect(svg).toContain('var(--vscode-editor-foreground');
    expect(svg).not.toMatch(/<script|href=|url\(/);
  });
});

it('cores side by side', () => {
  const file = open(counter);
  const reports = [n1, a55].map((cost) => siteCostAt({ ...file.ctx, cost }, file.path, file.offset));
  expect(compareReports(reports.filter((one) => one !== null))?.text).toMatchInlineSnapshot(`
    "alternative_if_not ARM64_HAS_ECV
                 unpatched                patched
    model of     one pass  looped  added  one pass  looped  added
    Neoverse N1         7    2..4   1..2         9    1..2      0
    Cortex-A55       5..6    4..6   1..2         8    7..8      0
    note: assumed: front-end cost of a taken branch: assumed 0..1
    "
  `);
});
