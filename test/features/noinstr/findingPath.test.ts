import { describe, expect, it } from 'vitest';
import { findingPath, pathText } from '../../../server/src/features/noinstr/findingPath.ts';
import { noinstrFindings } from '../../../server/src/features/noinstr/noinstrFindings.ts';
import { noinstrTree, preamble } from '../../support/noinstrTree.ts';

const path = '/k/arch/arm64/kernel/ax_path.c';

/** The path to the first finding of a rule, as the command line prints it; lines count from 2. */
function pathTo(rule: string, source: string): string {
  const ctx = noinstrTree({ [path]: preamble + source });
  const finding = noinstrFindings(ctx, path).find((one) => one.rule === `noinstr.${rule}`);
  if (finding === undefined) return 'no finding';
  const found = findingPath(ctx, path, finding, 'context');
  return found === null ? 'no path' : `\n${pathText(found, (file) => file.slice('/k/'.length))}`;
}

describe('the path to a finding', () => {
  it('has what switches the context, what was decided, and the state behind each', () => {
    const source = `void noinstr ax_vec(struct pt_regs *regs)
{
	if (ax_count > 2)
		ax_wfi();
	user_exit_irqoff();
	ax_work();
	user_enter_irqoff();
	ax_work();
}
`;
    expect(pathTo('calls-instrumentable', source)).toMatchInlineSnapshot(`
      "
        line  context  depth  irqs    step
        2     OUT      0      masked  ax_vec() is entered
        4     OUT      0      masked  ax_count > 2 is false
        6     IN       0      masked  user_exit_irqoff()
        8     OUT      0      masked  user_enter_irqoff()
        9     OUT      0      masked  ax_work(): noinstr.calls-instrumentable
      "
    `);
  });

  it('goes into what is inlined where that matters', () => {
    const source = `static __always_inline void ax_leave(void)
{
	raw_local_irq_save(ax_count);
	user_enter_irqoff();
}
static __always_inline void ax_tell(void)
{
	ax_wfi();
	ax_work();
}
void noinstr ax_back(void)
{
	ax_wfi();
	ax_leave();
	ax_tell();
}
`;
    expect(pathTo('calls-instrumentable', source)).toMatchInlineSnapshot(`
      "
        line  context  depth  irqs    step
        12    IN       0      ?       ax_back() is entered
        15    IN       0      ?       ax_leave()
        4     IN       0      masked    raw_local_irq_save()
        5     OUT      0      masked    user_enter_irqoff()
        16    OUT      0      masked  ax_tell()
        10    OUT      0      masked    ax_work(): noinstr.calls-instrumentable
      "
    `);
  });

  it('shows where a region was opened that a return leaves open', () => {
    const source = `int noinstr ax_early(void)
{
	instrumentation_begin();
	if (ax_try())
		return 1;
	instrumentation_end();
	return 0;
}
`;
    expect(pathTo('region-left-open', source)).toMatchInlineSnapshot(`
      "
        line  context  depth  irqs  step
        2     ?        0      ?     ax_early() is entered
        4     ?        1      ?     instrumentation_begin()
        5     ?        1      ?     ax_try() is true
        6     ?        1      ?     return: noinstr.region-left-open
      "
    `);
  });

  it('names what a macro calls, and leaves out what it decides inside', () => {
    const source = `#define AX_STEP(x) ({ int r = 0; if (x) { ax_wfi(); r = ax_try(); } r; })
int noinstr ax_idle(void)
{
	if (unlikely(ax_count))
		return AX_STEP(ax_v);
	return 0;
}
`;
    expect(pathTo('calls-instrumentable', source)).toMatchInlineSnapshot(`
      "
        line  context  depth  irqs  step
        3     ?        0      ?     ax_idle() is entered
        5     ?        0      ?     unlikely(ax_count) is true
        6     ?        0      ?     ax_try() in AX_STEP(): noinstr.calls-instrumentable
      "
    `);
  });

  it('is absent where a declaration is wrong, not a path', () => {
    expect(pathTo('inline-conflict', 'static noinstr inline void ax_f(void) { }\n')).toBe('no path');
  });
});
