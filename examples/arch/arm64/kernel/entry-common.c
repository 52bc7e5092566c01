// SPDX-License-Identifier: Apache-2.0
/*
 * What entry.S calls. noinstr: nothing here may be traced, probed or sanitized until RCU watches this CPU, and again
 * once it stops. There is no marker in between: the order of the calls says where ordinary code may run. Switch on
 * "patchpoint.noinstr.contextHints" to see it beside the lines, and look at a handler's path to ct_irq_enter() in the
 * view of noinstr reachability. Patch sites are allowed everywhere, because they are instructions.
 */
#include <linux/compiler.h>
#include <linux/context_tracking.h>
#include <linux/irqflags.h>
#include <linux/jump_label.h>
#include <linux/preempt.h>
#include <asm/alternative.h>
#include <asm/barrier.h>
#include <asm/cpufeature.h>
#include <asm/exception.h>
#include <asm/frame.h>

#ifdef CONFIG_PREEMPT_DYNAMIC
/* Starts true whatever model is configured: the file always holds the full model. unlikely + TRUE: a branch. */
DEFINE_STATIC_KEY_TRUE(sk_dynamic_irqentry_exit_cond_resched);
#define need_irq_preemption()	static_branch_unlikely(&sk_dynamic_irqentry_exit_cond_resched)
#else
#define need_irq_preemption()	IS_ENABLED(CONFIG_PREEMPT)
#endif

/* Entry: lockdep first, then RCU, then tracing, which needs it. */
static __always_inline void enter_from_user(void)
{
	lockdep_hardirqs_off(CALLER_ADDR0);
	user_exit_irqoff();
	trace_hardirqs_off_finish();
}

/* Exit: the same backwards. */
static __always_inline void exit_to_user(void)
{
	trace_hardirqs_on_prepare();
	lockdep_hardirqs_on_prepare();
	user_enter_irqoff();
	lockdep_hardirqs_on(CALLER_ADDR0);
}

/* The interrupted kernel code may have been the idle loop, of which RCU knows nothing. */
static noinstr void enter_from_kernel(void)
{
	lockdep_hardirqs_off(CALLER_ADDR0);
	ct_irq_enter();
	trace_hardirqs_off_finish();
}

static noinstr void exit_to_kernel(void)
{
	trace_hardirqs_on_prepare();
	lockdep_hardirqs_on_prepare();
	ct_irq_exit();
	lockdep_hardirqs_on(CALLER_ADDR0);
}

/* The second question is a callback alternative: a branch until the system's cpucaps are final, a nop after. */
static __always_inline void preempt_after_interrupt(void)
{
	if (!need_irq_preemption())
		return;
	if (preempt_count())
		return;
	if (system_capabilities_finalized())
		preempt_schedule_irq();
}

noinstr void el1_irq_handler(struct pt_regs *regs)
{
	enter_from_kernel();
	do_interrupt(regs);
	preempt_after_interrupt();
	exit_to_kernel();
}

noinstr void el0_irq_handler(struct pt_regs *regs)
{
	enter_from_user();
	spec_bar();
	do_interrupt(regs);
	exit_to_user();
}

noinstr void el0_sync_handler(struct pt_regs *regs)
{
	enter_from_user();
	/* unlikely: a nop in the file, a branch on a machine with MTE. */
	if (system_supports_mte())
		write_sysreg(0, sp_el0);
	pmr_sync();
	do_el0_sync(regs);
	exit_to_user();
}

noinstr void el1_sync_handler(struct pt_regs *regs)
{
}

noinstr void el1_fiq_handler(struct pt_regs *regs)
{
	enter_from_kernel();
	do_interrupt(regs);
	exit_to_kernel();
}

noinstr void el0_fiq_handler(struct pt_regs *regs)
{
	enter_from_user();
	do_interrupt(regs);
	exit_to_user();
}

noinstr void el1_error_handler(struct pt_regs *regs)
{
}

noinstr void el0_error_handler(struct pt_regs *regs)
{
}
