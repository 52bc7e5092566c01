import { expect, it } from 'vitest';
import { bundledCostData } from '../../server/src/cost/bundledCostData.ts';
import { TableCache } from '../../server/src/cost/records.ts';
import { openCost } from '../../server/src/features/cost/costContext.ts';
import { sitesAt } from '../../server/src/features/cost/siteCost.ts';
import { siteCostRecord } from '../../server/src/features/cost/siteCostRecord.ts';
import { openExample } from '../support/exampleTree.ts';

const n1 = await openCost(new TableCache(bundledCostData), 'neoverse-n1');

/** The paths behind the site at the cursor, as text without the table above them. */
function pathsText(text: string): string {
  const file = openExample(text, []);
  const ctx = { ...file.ctx, cost: n1 };
  const analysis = ctx.workspace.assembly(file.path, ctx.cancellation);
  const line = analysis?.lines.lineAt(file.offset) ?? 0;
  const [placed] = analysis === null ? [] : sitesAt(analysis, line);
  if (analysis === null || placed === undefined) return 'no site';
  const answer = siteCostRecord(ctx, analysis, placed, { file: 'x.S', line, timeline: false });
  return (answer?.text ?? '')
    .split('\n')
    .slice(1)
    .filter((one) => /^(paths| {2}the| {2}it|patched .* path by path)/.test(one))
    .join('\n');
}

it('both outcomes of a branch are followed; the difference is between equal ways', () => {
  const text = `
SYM_FUNC_START(check)
alternative_if$0 ARM64_HAS_ECV
	isb
alternative_else_nop_endif
	cbz	x0, 1f
	ldr	x1, [x0]
	ldr	x2, [x1]
	ret
1:	mov	x2, #0
	ret
SYM_FUNC_END(check)
`;
  expect(pathsText(text)).toMatchInlineSnapshot(`
    "paths to the function's end, unpatched: 2 paths; one pass: shortest 5..6, median 5..6, longest 11
      the longest goes example.S:8 not taken, returns after 5 instructions
    paths to the function's end, patched: 2 paths; one pass: shortest 26..67, median 26..67, longest 32..72
      the longest goes example.S:8 not taken, returns after 5 instructions
    patched against unpatched, path by path (2 pairs): one pass 21..61 cycles, looped 21..67"
  `);
});

it('a path into a trap is not in the median, and one out of the function is named', () => {
  const text = `
SYM_FUNC_START(check)
alternative_if_not$0 ARM64_HAS_ECV
	nop
alternative_else
	b	elsewhere
alternative_endif
	cbnz	x0, 1f
	brk	#0x800
1:	ret
SYM_FUNC_END(check)
`;
  expect(pathsText(text)).toMatchInlineSnapshot(`
    "paths to the function's end, unpatched: 2 paths, 1 into a trap; one pass: shortest >= 4, median 5..6, longest 5..6
      the longest goes example.S:10 taken, returns after 3 instructions
    paths to the function's end, patched: 1 path; one pass: 4
      it goes on in elsewhere after 1 instruction"
  `);
});

it('a loop is gone round once', () => {
  const text = `
SYM_FUNC_START(check)
alternative_if$0 ARM64_HAS_ECV
	nop
alternative_else_nop_endif
1:	subs	x0, x0, #1
	b.ne	1b
	ret
SYM_FUNC_END(check)
`;
  expect(pathsText(text)).toMatchInlineSnapshot(`
    "paths to the function's end, unpatched: 2 paths; one pass: shortest 5, median 5, longest 7
      the longest goes example.S:9 taken, example.S:9 not taken, returns after 6 instructions, once round a loop
    paths to the function's end, patched: 2 paths; one pass: shortest 5, median 5, longest 7
      the longest goes example.S:9 taken, example.S:9 not taken, returns after 6 instructions, once round a loop
    patched against unpatched, path by path (2 pairs): one pass 0 cycles, looped 0"
  `);
});

it('many paths are cut, and it is said', () => {
  const branches = Array.from({ length: 8 }, (_, index) => `\tcbz\tx${index}, 9f\n\tnop\n9:\n`).join('');
  const text = `
SYM_FUNC_START(check)
alternative_if$0 ARM64_HAS_ECV
	nop
alternative_else_nop_endif
${branches}	ret
SYM_FUNC_END(check)
`;
  expect(pathsText(text)).toContain('unpatched: 64 of more paths');
});
