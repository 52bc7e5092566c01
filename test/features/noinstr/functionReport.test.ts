import { expect, it } from 'vitest';
import { functionReport } from '../../../server/src/features/noinstr/functionReport.ts';
import { noinstrTree, preamble } from '../../support/noinstrTree.ts';

const path = '/k/arch/arm64/kernel/ax_report.c';

it('a report of a function has its findings with their paths, its calls, and what nothing is claimed about', () => {
  const source = `${preamble}void noinstr ax_vec(struct pt_regs *regs)
{
	ax_nowhere();
	local_irq_save(ax_count);
	user_exit_irqoff();
	ax_work();
}
`;
  const ctx = noinstrTree({ [path]: source });
  const display = (file: string): string => file.slice('/k/'.length);
  const report = functionReport(ctx, path, source.indexOf('ax_work();'), 'context', display);
  expect(report?.title).toBe('noinstr ax_vec');
  expect(`\n${report?.text}`).toMatchInlineSnapshot(`
    "
    ax_vec()
    arch/arm64/kernel/ax_report.c:2
    Entered while RCU is not watching.

    Findings: 1
      5     error noinstr.irqflags-traced
            local_irq_save() tells tracing and lockdep about the change;
            here they cannot run yet; use raw_local_irq_save
            line  context  depth  irqs    step
            2     OUT      0      masked  ax_vec() is entered
            5     OUT      0      masked  local_irq_save(): noinstr.irqflags-traced

    Calls
      4     OUT     unknown         ax_nowhere()
      5     OUT     macro           local_irq_save()
      6     OUT     always-inline   user_exit_irqoff()
      7     IN      plain           ax_work()

    Callees of which nothing is claimed: 1
      4     ax_nowhere(): not declared
    "
  `);
  expect(functionReport(ctx, path, 3, 'context', display)).toBeNull();
});
