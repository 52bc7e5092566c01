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

int strcmp(const char *left, const char *right);

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

#define model_on(point)		static_branch_enable(&sk_dynamic_##point)
#define model_off(point)	static_branch_disable(&sk_dynamic_##point)

/* The table of the models. Patchpoint reads it from here: change a line and the sites of that model follow. */
static void sched_dynamic_update(int mode)
{
	switch (mode) {
	case PREEMPT_MODE_NONE:
		model_on(cond_resched);
		model_off(might_resched);
		model_off(preempt_schedule);
		model_off(irqentry_exit_cond_resched);
		break;
	case PREEMPT_MODE_VOLUNTARY:
		model_on(cond_resched);
		model_on(might_resched);
		model_off(preempt_schedule);
		model_off(irqentry_exit_cond_resched);
		break;
	case PREEMPT_MODE_FULL:
		model_off(cond_resched);
		model_off(might_resched);
		model_on(preempt_schedule);
		model_on(irqentry_exit_cond_resched);
		break;
	}
}

static int sched_dynamic_mode(const char *word)
{
	if (!strcmp(word, "none"))
		return PREEMPT_MODE_NONE;
	if (!strcmp(word, "voluntary"))
		return PREEMPT_MODE_VOLUNTARY;
	if (!strcmp(word, "full"))
		return PREEMPT_MODE_FULL;
	return -1;
}

/* preempt= on the command line. */
static int __init choose_model(char *word)
{
	int mode = sched_dynamic_mode(word);

	if (mode >= 0)
		sched_dynamic_update(mode);
	return mode >= 0;
}
__setup("preempt=", choose_model);

#else

int dynamic_cond_resched(void)
{
	return resched();
}

#endif
