import { expect, it } from 'vitest';
import { noinstrFindings } from '../../server/src/features/noinstr/noinstrFindings.ts';
import { noinstrTree, preamble } from '../support/noinstrTree.ts';

const path = '/k/arch/arm64/kernel/ax_made.c';

it('a macro that makes a noinstr function around a body: the finding stands in the body', () => {
  const text = `${preamble}#define DEFINE_AX(name) \\
static __always_inline void __##name(unsigned long arg); \\
noinstr void name(unsigned long arg) \\
{ \\
	__##name(arg); \\
} \\
static __always_inline void __##name(unsigned long arg)
#define DEFINE_AX_WHOLE(name) noinstr void name(void) { ax_work(); }

DEFINE_AX(ax_one)
{
	ax_count += arg;
	ax_work();
}
DEFINE_AX(ax_two)
{
	ax_wfi();
}
DEFINE_AX_WHOLE(ax_three)
`;
  const lines = text.split('\n');
  expect(noinstrFindings(noinstrTree({ [path]: text }), path).map((one) => lines[one.line - 1]?.trim())).toEqual([
    'ax_work();',
    'DEFINE_AX_WHOLE(ax_three)',
  ]);
});

it('attributes of the prototype count for a function of another file', () => {
  const other = 'extern void ax_far(void);\nvoid ax_far(void) { }\n';
  const text = `${preamble}notrace void ax_far(void);\nvoid noinstr ax_one(void) { ax_far(); }\n`;
  const found = noinstrFindings(noinstrTree({ [path]: text, '/k/arch/arm64/kernel/ax_far.c': other }), path);
  expect(found.map((one) => one.rule)).toEqual(['noinstr.partial-protection']);
});
