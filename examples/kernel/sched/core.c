// SPDX-License-Identifier: Apache-2.0
/*
 * PREEMPT_DYNAMIC on arm64: one static key in front of each preemption point, and preempt= on the command line flips
 * them. The file is always compiled as "full"; Patchpoint shows each site for none, voluntary and full.
 *
 *						none	voluntary	full
 *	sk_dynamic_cond_resched			on	on		off
 *	sk_dynamic_might_resched		off	on		off
 *	sk_dynamic_preempt_schedule		off	off		on
 *	sk_dynamic_irqentry_exit_cond_resched	off	off		on
 */
#include <linux/compiler.h>
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/preempt.h>

static int resched(void)
{
	if (preempt_count() || !need_resched())
		return 0;
	preempt_schedule_common();
	return 1;
}

#ifdef CONFIG_PREEMPT_DYNAMIC

/* FALSE and unlikely: a nop in the file. */
static DEFINE_STATIC_KEY_FALSE(sk_dynamic_cond_resched);
int dynamic_cond_resched(void)
{
	if (!static_branch_unlikely(&sk_dynamic_cond_resched))
		return 0;
	return resched();
}

static DEFINE_STATIC_KEY_FALSE(sk_dynamic_might_resched);
int dynamic_might_resched(void)
{
	if (!static_branch_unlikely(&sk_dynamic_might_resched))
		return 0;
	return resched();
}

/* TRUE and unlikely: a branch in the file, a nop after preempt=none. */
static DEFINE_STATIC_KEY_TRUE(sk_dynamic_preempt_schedule);
void dynamic_preempt_schedule(void)
{
	if (!static_branch_unlikely(&sk_dynamic_preempt_schedule))
		return;
	preempt_schedule_common();
}

DECLARE_STATIC_KEY_TRUE(sk_dynamic_irqentry_exit_cond_resched);

enum preempt_mode { PREEMPT_MODE_NONE, PREEMPT_MODE_VOLUNTARY, PREEMPT_MODE_FULL };

static void turn(struct static_key *key, bool on)
{
	if (on)
		static_key_enable(key);
	else
		static_key_disable(key);
}

void __init sched_dynamic_update(enum preempt_mode mode)
{
	turn(&sk_dynamic_cond_resched.key, mode != PREEMPT_MODE_FULL);
	turn(&sk_dynamic_might_resched.key, mode == PREEMPT_MODE_VOLUNTARY);
	turn(&sk_dynamic_preempt_schedule.key, mode == PREEMPT_MODE_FULL);
	turn(&sk_dynamic_irqentry_exit_cond_resched.key, mode == PREEMPT_MODE_FULL);
}

#else

int dynamic_cond_resched(void)
{
	return resched();
}

#endif
