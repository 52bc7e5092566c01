// SPDX-License-Identifier: Apache-2.0
/*
 * What entry.S calls. noinstr: nothing here may be traced until the kernel knows that it is in the kernel. Patch sites
 * are allowed, because they are instructions; calls that hide behind them are not.
 */
#include <linux/compiler.h>
#include <linux/jump_label.h>
#include <linux/preempt.h>
#include <asm/alternative.h>
#include <asm/barrier.h>
#include <asm/cpufeature.h>
#include <asm/frame.h>

void do_el0_sync(struct pt_regs *regs);
void do_interrupt(struct pt_regs *regs);

#ifdef CONFIG_PREEMPT_DYNAMIC
/* Starts true whatever model is configured: the file always holds the full model. unlikely + TRUE: a branch. */
DEFINE_STATIC_KEY_TRUE(sk_dynamic_irqentry_exit_cond_resched);
#define need_irq_preemption()	static_branch_unlikely(&sk_dynamic_irqentry_exit_cond_resched)
#else
#define need_irq_preemption()	IS_ENABLED(CONFIG_PREEMPT)
#endif

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
	do_interrupt(regs);
	preempt_after_interrupt();
}

noinstr void el0_irq_handler(struct pt_regs *regs)
{
	spec_bar();
	do_interrupt(regs);
}

noinstr void el0_sync_handler(struct pt_regs *regs)
{
	/* unlikely: a nop in the file, a branch on a machine with MTE. */
	if (system_supports_mte())
		write_sysreg(0, sp_el0);
	pmr_sync();
	do_el0_sync(regs);
}

noinstr void el1_sync_handler(struct pt_regs *regs)
{
}

noinstr void el1_fiq_handler(struct pt_regs *regs)
{
	do_interrupt(regs);
}

noinstr void el0_fiq_handler(struct pt_regs *regs)
{
	do_interrupt(regs);
}

noinstr void el1_error_handler(struct pt_regs *regs)
{
}

noinstr void el0_error_handler(struct pt_regs *regs)
{
}
