// SPDX-License-Identifier: Apache-2.0
/*
 * Mistakes in noinstr code, one in each function, for Patchpoint to find. The compiler takes every one of them; what is
 * wrong shows as a recursion or a hang, and only while somebody traces. Each comment names the rule; the lens of a
 * function opens a report, and the light bulb of a finding shows the path to it or mends it.
 */
#include <linux/compiler.h>
#include <linux/context_tracking.h>
#include <linux/init.h>
#include <linux/instrumentation.h>
#include <linux/irqflags.h>
#include <linux/jump_label.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <asm/alternative.h>
#include <asm/cpufeature.h>
#include <asm/frame.h>

static u64 events;

static void count_event(void)
{
	events++;
}

static int try_event(void)
{
	return events != 0;
}

/* ---- Calls */

/* noinstr.calls-instrumentable: an ordinary function before RCU watches. */
noinstr void mistake_early_call(struct pt_regs *regs)
{
	count_event();
	user_exit_irqoff();
}

/* noinstr.calls-instrumentable: the same two calls deep; the path to it goes through both helpers. */
static __always_inline void leave_kernel(void)
{
	raw_local_irq_disable();
	user_enter_irqoff();
}

static __always_inline void note_exit(void)
{
	count_event();
}

noinstr void mistake_late_call(struct pt_regs *regs)
{
	leave_kernel();
	note_exit();
}

/* noinstr.trace-or-print: printing needs RCU. */
noinstr void mistake_print(struct pt_regs *regs)
{
	pr_info("before anything\n");
	user_exit_irqoff();
}

/* noinstr.irqflags-traced: the form without raw_ tells tracing. */
noinstr void mistake_irqflags(struct pt_regs *regs)
{
	local_irq_disable();
	user_exit_irqoff();
}

/* noinstr.calls-plain-inline: inline is a wish, and a sanitizer build does not grant it. */
static inline u64 double_events(void)
{
	return events << 1;
}

noinstr u64 mistake_plain_inline(void)
{
	return double_events();
}

/* noinstr.partial-protection: without a trace site, but a probe can still be put there. */
static __attribute__((__no_instrument_function__)) noinline void untraced_step(void)
{
	events++;
}

noinstr void mistake_partial(struct pt_regs *regs)
{
	untraced_step();
	user_exit_irqoff();
}

/* noinstr.indirect-call: anybody can store anything there. */
static void (*event_hook)(struct pt_regs *regs);

void set_event_hook(void (*hook)(struct pt_regs *regs))
{
	event_hook = hook;
}

noinstr void mistake_hook(struct pt_regs *regs)
{
	event_hook(regs);
	user_exit_irqoff();
}

/* ---- Regions */

/* noinstr.region-left-open: the early return forgets to close. */
noinstr int mistake_left_open(void)
{
	instrumentation_begin();
	if (try_event())
		return 1;
	instrumentation_end();
	return 0;
}

/* noinstr.region-underflow: closed twice. */
noinstr void mistake_underflow(void)
{
	instrumentation_begin();
	count_event();
	instrumentation_end();
	instrumentation_end();
}

/* noinstr.region-without-context: instrumentation is allowed where RCU is not watching. */
noinstr void mistake_early_region(struct pt_regs *regs)
{
	instrumentation_begin();
	count_event();
	instrumentation_end();
	user_exit_irqoff();
}

/* ---- Order of lockdep, RCU and tracing */

/* noinstr.entry-order: lockdep is told after RCU. */
noinstr void mistake_entry_order(struct pt_regs *regs)
{
	user_exit_irqoff();
	lockdep_hardirqs_off(CALLER_ADDR0);
	trace_hardirqs_off_finish();
}

/* noinstr.context-unbalanced: one way out does not go back. */
noinstr void mistake_unbalanced(struct pt_regs *regs)
{
	user_exit_irqoff();
	if (try_event())
		return;
	user_enter_irqoff();
}

/* noinstr.irqs-unmasked-early: an interrupt here could schedule. */
noinstr void mistake_unmasked(struct pt_regs *regs)
{
	raw_local_irq_enable();
	user_exit_irqoff();
}

/* ---- Scheduling */

/* noinstr.schedules-without-context: too late to give the CPU away. */
noinstr void mistake_schedule(struct pt_regs *regs)
{
	user_enter_irqoff();
	schedule();
}

/* ---- Patching */

/* noinstr.static-key-writable: while it is switched, this CPU is interrupted to look at its text anew. */
static DEFINE_STATIC_KEY_FALSE(counts_entries);

void switch_counting(void)
{
	static_branch_enable(&counts_entries);
}

noinstr void mistake_key(struct pt_regs *regs)
{
	if (static_branch_unlikely(&counts_entries))
		events++;
	user_exit_irqoff();
}

/* noinstr.callback-leaks: what a callback calls may be text that is being patched. */
noinstr void mistake_callback(struct alt_instr *alt, __le32 *origptr, __le32 *updptr, int nr_inst)
{
	count_event();
}

/* ---- Attributes */

/* noinstr.context-switch-outside-noinstr: its own end runs traced, without RCU. */
void mistake_idle(void)
{
	ct_idle_enter();
	asm volatile("wfi");
	ct_idle_exit();
}

/* noinstr.inline-conflict: what is inlined has no section of its own. */
static noinstr inline void mistake_inline(void)
{
	events++;
}

/* ---- Allowed, with a reason */

/* The comment silences one rule on one line, and only with a reason. */
noinstr void known_call(struct pt_regs *regs)
{
	/* patchpoint: allow noinstr.calls-instrumentable -- counts before the tracer is built in */
	count_event();
	user_exit_irqoff();
}
