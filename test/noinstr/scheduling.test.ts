import { describe, expect, it } from 'vitest';
import { noinstrFindings } from '../../server/src/features/noinstr/noinstrFindings.ts';
import { noinstrTree, preamble } from '../support/noinstrTree.ts';
import { plantedRules } from '../support/plantedRules.ts';

const path = '/k/kernel/entry/ax_sched.c';

function check(text: string): void {
  const ctx = noinstrTree({ [path]: preamble + text });
  const found = noinstrFindings(ctx, path).map((one) => `${one.line - 1} ${one.rule.replace('noinstr.', '')}`);
  expect(found.sort()).toEqual(plantedRules(text).sort());
}

describe('a reschedule that a preemption mode turns off', () => {
  it('is told behind helpers and macros of the file, with all conditions around it', () => {
    check(`static __always_inline void ax_resched(void)
{
	if (ax_long_call)
		irqentry_exit_cond_resched();
}
#define AX_RESCHED() do { if (ax_long_call) irqentry_exit_cond_resched(); } while (0)
void noinstr ax_f(struct pt_regs *regs)
{
	instrumentation_begin();
	ax_resched(); // preempt-dynamic-call
	trace_hardirqs_on();
	AX_RESCHED(); // preempt-dynamic-call
	trace_hardirqs_on();
	instrumentation_end();
}
void noinstr ax_g(struct pt_regs *regs)
{
	instrumentation_begin();
	if (IS_ENABLED(CONFIG_PREEMPTION)) {
		ax_resched();
		trace_hardirqs_on();
	}
	instrumentation_end();
}
`);
  });

  it('is one finding with a call that may not schedule there at all', () => {
    check(`int noinstr ax_f(int n)
{
	cond_resched(); // schedules-without-context
	return n;
}
`);
  });
});

describe('a call that keeps the context on the stack', () => {
  it('enters and leaves the context all the same', () => {
    check(`void noinstr ax_f(struct pt_regs *regs)
{
	enum ctx_state prev = exception_enter(); // legacy-context-call
	ax_work();
	exception_exit(prev); // legacy-context-call
	ax_work(); // calls-instrumentable
}
`);
  });
});
