/**
 * Entry code that brings its own primitives, and mistakes in how they are used. A line that ends in `// rule` has that
 * finding; every other line has none.
 */
export const ownPrimitives = `
static __always_inline void __zz_from_user(void) { lockdep_hardirqs_off(CALLER_ADDR0); user_exit_irqoff(); trace_hardirqs_off_finish(); }
static __always_inline void __zz_to_user(void) { trace_hardirqs_on_prepare(); lockdep_hardirqs_on_prepare(); user_enter_irqoff(); lockdep_hardirqs_on(CALLER_ADDR0); }
static noinstr void zz_from_user(struct pt_regs *regs) { __zz_from_user(); }
static noinstr void zz_to_user(struct pt_regs *regs) { __zz_to_user(); }
static noinstr void zz_from_kernel(struct pt_regs *regs)
{
	regs->exit_rcu = 0;
	if (is_idle_task(current)) {
		lockdep_hardirqs_off(CALLER_ADDR0);
		ct_irq_enter();
		trace_hardirqs_off_finish();
		regs->exit_rcu = 1;
		return;
	}
	lockdep_hardirqs_off(CALLER_ADDR0);
	trace_hardirqs_off_finish();
}
static noinstr void zz_to_kernel(struct pt_regs *regs)
{
	if (regs->pstate) {
		if (regs->exit_rcu) {
			trace_hardirqs_on_prepare();
			lockdep_hardirqs_on_prepare();
			ct_irq_exit();
			lockdep_hardirqs_on(CALLER_ADDR0);
			return;
		}
		trace_hardirqs_on();
	} else if (regs->exit_rcu) {
		ct_irq_exit();
	}
}
`;

export const plantedSwitches: Readonly<Record<string, string>> = {
  'handlers between primitives of their own': `
void noinstr ax_user(struct pt_regs *regs) { zz_from_user(regs); ax_work(); zz_to_user(regs); }
void noinstr ax_kernel(struct pt_regs *regs) { zz_from_kernel(regs); ax_work(); zz_to_kernel(regs); }
void noinstr ax_either(struct pt_regs *regs)
{
	if (regs->pstate)
		zz_from_user(regs);
	else
		zz_from_kernel(regs);
	ax_work();
	if (!regs->pstate)
		zz_to_kernel(regs);
	else
		zz_to_user(regs);
}
`,
  'lockdep told before the idle task is asked for, the answer kept by the caller': `
static __always_inline void ax_irq_in(_Bool *idle)
{
	*idle = 0;
	lockdep_hardirqs_off(CALLER_ADDR0);
	if (is_idle_task(current)) {
		ct_irq_enter();
		*idle = 1;
	}
	trace_hardirqs_off_finish();
}
static __always_inline void ax_irq_out(_Bool idle)
{
	if (idle) {
		trace_hardirqs_on_prepare();
		lockdep_hardirqs_on_prepare();
		ct_irq_exit();
		lockdep_hardirqs_on(CALLER_ADDR0);
	} else {
		trace_hardirqs_on();
	}
}
void noinstr ax_irq(struct pt_regs *regs)
{
	_Bool idle;

	ax_irq_in(&idle);
	ax_work();
	ax_irq_out(idle);
}
void noinstr ax_irq_early(struct pt_regs *regs)
{
	_Bool idle;

	instrumentation_begin(); // region-without-context
	ax_work();
	instrumentation_end();
	ax_irq_in(&idle);
	if (ax_try())
		return; // context-unbalanced
	ax_irq_out(idle);
}
`,
  'a region too early in an inline function that makes the whole way': `
static __always_inline void ax_note(void) { instrumentation_begin(); ax_work(); instrumentation_end(); }
static __always_inline void ax_way(struct pt_regs *regs)
{
	instrumentation_begin(); // region-without-context
	ax_work();
	instrumentation_end();
	zz_from_kernel(regs);
	ax_work();
	zz_to_kernel(regs);
}
void noinstr ax_vec(struct pt_regs *regs) { ax_way(regs); }
void noinstr ax_noted(struct pt_regs *regs)
{
	ax_note(); // region-without-context
	zz_from_user(regs);
	ax_note();
	zz_to_user(regs);
}
`,
  'returns between primitives of their own': `
void noinstr ax_kernel(struct pt_regs *regs)
{
	zz_from_kernel(regs);
	if (ax_try())
		return; // context-unbalanced
	zz_to_kernel(regs);
}
void noinstr ax_user(struct pt_regs *regs)
{
	zz_from_user(regs);
	if (ax_try())
		goto out; // context-unbalanced
	ax_work();
	zz_to_user(regs);
out:
	regs->pc++;
}
void noinstr ax_dispatch(struct pt_regs *regs)
{
	if (regs->pc)
		ax_kernel(regs);
	else
		ax_user(regs);
}
`,
  'a turn of a loop that is left early': `
void noinstr ax_turns(struct pt_regs *regs, int n)
{
	while (n--) {
		zz_from_user(regs);
		if (ax_try())
			continue; // context-unbalanced
		ax_work();
		zz_to_user(regs);
	}
}
`,
  'entered twice, left twice': `
void noinstr ax_in(struct pt_regs *regs)
{
	zz_from_user(regs);
	zz_from_user(regs); // context-unbalanced
	ax_work();
	zz_to_user(regs);
}
void noinstr ax_out(struct pt_regs *regs)
{
	zz_from_user(regs);
	ax_work();
	zz_to_user(regs);
	zz_to_user(regs); // context-unbalanced
}
`,
  'a switch of their own inside a region, and one before it': `
void noinstr ax_inside(struct pt_regs *regs)
{
	zz_from_user(regs);
	instrumentation_begin();
	ax_work();
	zz_to_user(regs); // context-switch-in-region
	instrumentation_end();
}
void noinstr ax_idle(void)
{
	instrumentation_begin();
	ax_work();
	ct_idle_enter(); // context-switch-in-region
	ct_idle_exit();
	instrumentation_end();
}
`,
  'idle that returns without waking RCU': `
int noinstr ax_idle(int n)
{
	ct_idle_enter();
	if (n < 0)
		return -1; // context-unbalanced
	ax_wfi();
	ct_idle_exit();
	return n;
}
`,
  'a mistake in order is told once': `
void noinstr ax_nmi(struct pt_regs *regs)
{
	__nmi_enter();
	ct_nmi_enter();
	lockdep_hardirqs_off(CALLER_ADDR0); // nmi-order
	lockdep_hardirq_enter();
	trace_hardirqs_off_finish();
}
void noinstr ax_early_trace(void)
{
	lockdep_hardirqs_off(CALLER_ADDR0);
	trace_hardirqs_off_finish();
	user_exit_irqoff(); // entry-order
}
static __always_inline void ax_tell_off(void) { trace_hardirqs_off(); }
void noinstr ax_combined(void)
{
	ax_tell_off(); // combined-irq-tracing
	ct_irq_enter();
}
`,
  'rescheduled with a way out that tells tracing, and one that does not': `
void noinstr ax_good(struct pt_regs *regs)
{
	zz_from_kernel(regs);
	raw_irqentry_exit_cond_resched();
	zz_to_kernel(regs);
}
static __always_inline void ax_half(struct pt_regs *regs)
{
	zz_from_kernel(regs);
	raw_irqentry_exit_cond_resched(); // resched-without-trace-on
	if (regs->exit_rcu)
		ct_irq_exit();
}
void noinstr ax_vec(struct pt_regs *regs) { ax_half(regs); }
`,
  'lockdep told behind the end of an NMI, and a reschedule behind the exit': `
void noinstr ax_nmi_end(struct pt_regs *regs, int on)
{
	if (on) {
		trace_hardirqs_on_prepare();
		lockdep_hardirqs_on_prepare();
	}
	ct_nmi_exit();
	lockdep_hardirq_exit();
	__nmi_exit();
	if (on)
		lockdep_hardirqs_on(CALLER_ADDR0); // nmi-order
}
void noinstr ax_late(struct pt_regs *regs)
{
	zz_from_user(regs);
	zz_to_user(regs);
	raw_irqentry_exit_cond_resched(); // calls-instrumentable
}
`,
  'interrupts unmasked by an operand, a variable, a parameter, a choice': `
static __always_inline void ax_set(unsigned long mask) { asm volatile("msr daif, %0" : : "r" (mask)); }
void noinstr ax_unmask(struct pt_regs *regs, int k)
{
	unsigned long next = DAIF_PROCCTX;

	asm volatile("msr daifclr, %0" : : "i" (2)); // irqs-unmasked-early
	asm volatile("msr	DAIFClr, #%[bits]" : : [bits] "i" (3)); // irqs-unmasked-early
	asm volatile("msr daifclr, #8");
	asm volatile("msr daif, xzr"); // irqs-unmasked-early
	asm volatile("msr daif, %0" : : "r" (next)); // irqs-unmasked-early
	ax_set(DAIF_PROCCTX); // irqs-unmasked-early
	ax_set(DAIF_ERRCTX);
	ax_set(k ? DAIF_ERRCTX : DAIF_ERRCTX);
	local_daif_restore(k ? DAIF_PROCCTX : DAIF_ERRCTX); // irqs-unmasked-early
	zz_from_user(regs);
	asm volatile("msr daifclr, #3");
	zz_to_user(regs);
}
`,
  'loads through registers of user space': `
void noinstr ax_load(struct pt_regs *regs)
{
	unsigned long *at = (unsigned long *)regs->pc;
	unsigned long sum = regs->pc;

	sum += *(unsigned long *)regs->pc; // faultable-early
	sum += at[1]; // faultable-early
	sum += READ_ONCE(regs->pc) + sizeof(*at);
	sum += READ_ONCE(*(u32 *)(regs->pc + 4)); // faultable-early
	zz_from_user(regs);
	sum += *at;
	regs->pc = sum;
	zz_to_user(regs);
}
`,
};

/** Regions whose beginning and end do not meet. */
export const plantedRegions: Readonly<Record<string, string>> = {
  'a marker that an argument chooses': `
static __always_inline void ax_mark(int how)
{
	if (how == 1)
		instrumentation_begin();
	else
		instrumentation_end();
}
void noinstr ax_marked(void)
{
	ax_mark(1);
	ax_work();
	ax_mark(0);
}
int noinstr ax_marked_half(int n)
{
	ax_mark(1);
	if (n)
		return ax_try(); // region-left-open
	ax_mark(2);
	return 0;
}
`,
  'what a variable remembers': `
void noinstr ax_remembers(int n)
{
	_Bool open = 0;
	int once;

	if (n) {
		instrumentation_begin();
		open = 1;
	}
	ax_wfi();
	if (open) {
		ax_work();
		instrumentation_end();
	}
	for (once = 1; once; once = 0) {
		instrumentation_begin();
		ax_work();
		instrumentation_end();
	}
}
void ax_fill(int *p);
int noinstr ax_told(int n)
{
	int err = 0;

	instrumentation_begin();
	ax_fill(&err);
	if (err)
		return err; // region-left-open
	instrumentation_end();
	return n;
}
`,
  'a state that is saved by what this configuration makes a constant': `
void noinstr ax_saved(void)
{
	_Bool restore = lockdep_hardirqs_enabled();

	ct_nmi_enter();
	if (restore) {
		lockdep_hardirqs_on_prepare();
		trace_hardirqs_on_prepare(); // exit-order
	}
	ct_nmi_exit();
	if (restore)
		lockdep_hardirqs_on(CALLER_ADDR0);
}
`,
  'a hint on one of two conditions, with and without its macro': `
#undef unlikely
void noinstr ax_hinted(int n)
{
	if (unlikely(n)) {
		instrumentation_begin();
		ax_work();
	}
	ax_wfi();
	if (n)
		instrumentation_end();
}
`,
  'an arm of a switch that returns': `
int noinstr ax_arm(int k)
{
	instrumentation_begin();
	switch (k) {
	case 0:
		ax_work();
		break;
	case 1:
		return 1; // region-left-open
	default:
		ax_work();
	}
	instrumentation_end();
	return 0;
}
`,
  'an end that nobody wrote, behind a loop that is broken out of': `
void noinstr ax_none(int n)
{
	instrumentation_begin(); // region-left-open
	while (n--) {
		if (ax_try())
			break;
	}
}
`,
  'a turn that opens and does not close, one that closes and does not open': `
void noinstr ax_open(int n)
{
	while (n--) {
		instrumentation_begin();
		if (ax_try())
			continue; // region-path-mismatch
		instrumentation_end();
	}
}
void noinstr ax_close(int n)
{
	instrumentation_begin();
	while (n--) {
		ax_work();
		instrumentation_end(); // region-path-mismatch
	}
}
`,
  'opened and closed under conditions that differ': `
void noinstr ax_two(int a, int b)
{
	if (a)
		instrumentation_begin(); // region-path-mismatch
	ax_wfi();
	if (b)
		instrumentation_end();
}
`,
  'conditions and their opposites': `
void noinstr ax_same(int kind)
{
	if (kind == 2) {
		instrumentation_begin();
		ax_work();
	}
	ax_wfi();
	if (kind != 2)
		return;
	instrumentation_end();
}
void noinstr ax_zero(int *p)
{
	if (p != NULL) {
		instrumentation_begin();
		ax_work();
	}
	ax_wfi();
	if (!p)
		return;
	instrumentation_end();
}
void noinstr ax_less(int n)
{
	if (n >= 3) {
		instrumentation_begin();
		ax_work();
	}
	if (n < 3)
		return;
	instrumentation_end();
}
`,
  'a function that leaves its region open is told by itself, not by its callers': `
static noinstr int ax_leaf(void)
{
	instrumentation_begin();
	if (ax_try())
		return 1; // region-left-open
	instrumentation_end();
	return 0;
}
int noinstr ax_top(void) { return ax_leaf(); }
`,
  guards: `
#define AX_CLEANUP(f) __attribute__((cleanup(f)))
typedef struct { void *lock; } class_ax_region_t;
#define AX_DEFINE_GUARD(name, begin, end) \\
static inline class_##name##_t class_##name##_constructor(void) { class_##name##_t t = { .lock = (void *)1 }; begin; return t; } \\
static inline void class_##name##_destructor(class_##name##_t *_T) { if (_T->lock) { end; } }
AX_DEFINE_GUARD(ax_region, instrumentation_begin(), instrumentation_end())
#define ax_guard(name) class_##name##_t guard AX_CLEANUP(class_##name##_destructor) = class_##name##_constructor()
int noinstr ax_guarded(int n)
{
	ax_guard(ax_region);
	if (ax_try())
		return 1;
	ax_work();
	return n;
}
int noinstr ax_turns(int n)
{
	while (n--) {
		ax_guard(ax_region);
		if (ax_try())
			continue;
		ax_work();
	}
	{
		ax_guard(ax_region);
		if (ax_try())
			goto out;
		ax_work();
	}
	n++;
out:
	return n;
}
int noinstr ax_twice(void)
{
	ax_guard(ax_region);
	ax_work();
	instrumentation_end(); // region-underflow
	return 0;
}
`,
};
