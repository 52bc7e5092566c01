import { describe, expect, it } from 'vitest';
import { noinstrFindings } from '../../server/src/features/noinstr/noinstrFindings.ts';
import { noinstrTree, preamble } from '../support/noinstrTree.ts';
import { plantedRules } from '../support/plantedRules.ts';

/** A text whose lines end in `// rule` where that rule is expected, and nowhere else anything. */
function check(text: string, path = '/k/drivers/cpuidle/ax_outside.c'): void {
  const ctx = noinstrTree({ [path]: preamble + text });
  const found = noinstrFindings(ctx, path).map((one) => `${one.line - 1} ${one.rule.replace('noinstr.', '')}`);
  expect(found.sort()).toEqual(plantedRules(text).sort());
}

describe('an ordinary function that turns RCU off', () => {
  it('by itself, in an arm, plain inline, behind a macro, behind a helper that is always inlined', () => {
    check(`static int ax_a(int n) { ct_idle_enter(); ax_wfi(); ct_idle_exit(); return n; } // context-switch-outside-noinstr
static int ax_b(int n)
{
	if (n)
		user_enter_irqoff(); // context-switch-outside-noinstr
	return n;
}
static inline void ax_c(void) { ct_irq_exit(); } // context-switch-outside-noinstr
#define AX_LEAVE() ct_nmi_exit()
static void ax_d(void)
{
	AX_LEAVE(); // context-switch-outside-noinstr
}
static __always_inline void ax_leave(void) { ct_idle_enter(); }
static __always_inline void ax_leave_more(void) { ax_leave(); }
static int ax_e(int n)
{
	ax_leave_more(); // context-switch-outside-noinstr
	ax_wfi();
	ct_idle_exit();
	return n;
}
`);
  });

  it('but not one that is protected, only enters, or never gets there', () => {
    check(`static __cpuidle int ax_a(int n) { ct_idle_enter(); ax_wfi(); ct_idle_exit(); return n; }
static noinstr int ax_b(int n) { ct_idle_enter(); ax_wfi(); ct_idle_exit(); return n; }
static void ax_c(void) { ct_idle_exit(); }
static void ax_d(void)
{
	if (0)
		ct_idle_enter();
	ax_wfi();
}
static __always_inline void ax_leave(void) { ct_idle_enter(); }
static noinstr void ax_e(void) { ax_leave(); ax_wfi(); ct_idle_exit(); }
`);
  });
});

describe('a call that keeps the context on the stack', () => {
  const text = `void ax_trap(struct pt_regs *regs)
{
	enum ctx_state prev = exception_enter(); // legacy-context-call
	ax_work();
	exception_exit(prev); // legacy-context-call
}
void ax_other(struct pt_regs *regs)
{
	if (0)
		exception_enter();
}
`;

  it('in an ordinary function too', () => check(text));

  it('but the scheduler needs it', () => {
    check(text.replace(/ \/\/ legacy.*/g, ''), '/k/kernel/sched/core.c');
  });
});
