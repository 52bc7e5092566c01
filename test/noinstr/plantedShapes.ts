/**
 * Mistakes in shapes that nobody had in mind when the rules were written, and correct code that looks like them. A line
 * that ends in `// rule` has that finding; every other line has none.
 */
export const plantedShapes: Readonly<Record<string, string>> = {
  'a call behind two macros with pasted names': `
#define AX_CAT(a, b) a ## b
#define AX_DO(verb) AX_CAT(ax_, verb)()
noinstr void ax_m1 (void)
{
	if (ax_count) {
		AX_DO(work) ; // calls-instrumentable
	}
}
`,
  'a call between comments and blanks, the name in parentheses': `
void noinstr ax_m2(void)
{
	ax_work /* never */ ( ) ; // calls-instrumentable
	(ax_work)(); // calls-instrumentable
}
`,
  'arms of a conditional expression': `
int noinstr ax_m3(int n)
{
	n ? ax_work() : ax_wfi(); // calls-instrumentable
	return n ?: ax_try(); // calls-instrumentable
}
`,
  'a loop whose step calls, and a do that is left by continue': `
void noinstr ax_m4(int n)
{
	for (;n; n = ax_try()) // calls-instrumentable
		ax_wfi();
	do {
		if (n)
			continue;
		n--;
	} while (ax_try()); // calls-instrumentable
}
`,
  'switch arms that fall through': `
void noinstr ax_m5(int n)
{
	switch (n) {
	case 0 ... 3:
		n++;
		__attribute__((fallthrough));
	case 4:
		ax_work(); // calls-instrumentable
		break;
	default:
		ax_wfi();
	}
}
`,
  'a nested statement expression in an argument': `
void noinstr ax_m6(void)
{
	ax_wfi_of(({ int v = ({ ax_try(); }); v + 1; })); // calls-instrumentable
}
`,
  'a comma, a cast, a negation, an index': `
void noinstr ax_m7(int *p)
{
	(void)ax_try(); // calls-instrumentable
	ax_wfi(), ax_work(); // calls-instrumentable
	p[!ax_try()] = 0; // calls-instrumentable
	*p = -(long)ax_try(); // calls-instrumentable
}
`,
  'an initializer, one of a struct, one of an array': `
struct ax_pair { int a, b; };
int noinstr ax_m8(void)
{
	int v = 1, w = ax_try(); // calls-instrumentable
	struct ax_pair pair = { .a = 1, .b = ax_try() }; // calls-instrumentable
	int all[2] = { [1] = ax_try() }; // calls-instrumentable
	return v + w + pair.a + all[0];
}
`,
  'a backward goto and a computed condition': `
void noinstr ax_m9(int n)
{
again:
	if (n-- > 0 && (n & 1 || ax_try())) // calls-instrumentable
		goto again;
}
`,
  'a function whose attribute comes last, and one from a macro of its own': `
#define AX_SAFE __attribute__((section(".noinstr.text"), noinline, no_instrument_function))
AX_SAFE static void ax_m10(void)
{
	ax_work(); // calls-instrumentable
}
static void ax_m11(void) __attribute__((__section__(".noinstr.text")));
static void ax_m11(void)
{
	ax_work(); // calls-instrumentable
	ax_m10();
}
`,
  'an option that is off, and one that is on': `
#define CONFIG_AX_NOT_THERE 0
void noinstr ax_m12(void)
{
	if (IS_ENABLED(CONFIG_AX_NOT_THERE)) {
		ax_work();
	} else {
		ax_work(); // calls-instrumentable
	}
	if (!IS_ENABLED(CONFIG_AX_NOT_THERE) && ax_count)
		ax_work(); // calls-instrumentable
}
`,
  'operands that are never evaluated': `
void noinstr ax_m13(void)
{
	typeof(ax_try()) v = 0;
	ax_count = sizeof ax_try() + sizeof(typeof(ax_try())) + v;
	ax_count += __builtin_choose_expr(1, 2, 3);
	ax_count += __alignof__(ax_try());
}
`,
  'a region that an early return leaves open': `
int noinstr ax_r1(int n)
{
	instrumentation_begin();
	if (n) {
		ax_work();
		return n; // region-left-open
	}
	ax_work();
	instrumentation_end();
	return 0;
}
`,
  'regions in macros of another name': `
#define AX_OPEN() instrumentation_begin()
#define AX_CLOSE() do { instrumentation_end(); } while (0)
int noinstr ax_r2(int n)
{
	AX_OPEN();
	ax_work();
	if (n)
		return 1; // region-left-open
	AX_CLOSE();
	return 0;
}
void noinstr ax_r3(void)
{
	AX_OPEN();
	ax_work();
	AX_CLOSE();
}
`,
  'a region closed twice on one path': `
void noinstr ax_r4(int n)
{
	instrumentation_begin();
	if (ax_try())
		instrumentation_end();
	instrumentation_end(); // region-underflow
}
`,
  'a region that a loop opens each time': `
void noinstr ax_r5(int n)
{
	do {
		instrumentation_begin(); // region-path-mismatch
		ax_work();
	} while (--n);
	instrumentation_end();
}
`,
  'a region around the switch of the context': `
void noinstr ax_r6(void)
{
	instrumentation_begin();
	ax_work();
	user_enter_irqoff(); // context-switch-in-region
	instrumentation_end();
}
`,
  'a region before RCU watches': `
void noinstr ax_r7(void)
{
	instrumentation_begin(); // region-without-context
	ax_work();
	instrumentation_end();
	user_exit_irqoff();
	user_enter_irqoff();
}
`,
  'a balanced region in every arm of a switch, and around a loop': `
void noinstr ax_r8(int n)
{
	switch (n) {
	case 1:
		instrumentation_begin();
		ax_work();
		instrumentation_end();
		break;
	case 2:
		return;
	default:
		instrumentation_begin();
		while (n--)
			if (ax_try())
				break;
		instrumentation_end();
	}
}
`,
  'renamed helpers of an entry in the wrong order': `
static __always_inline void ax_in(void)
{
	user_exit_irqoff();
	lockdep_hardirqs_off(CALLER_ADDR0); // entry-order
}
void noinstr ax_o1(void)
{
	ax_in();
	ax_work();
	user_enter_irqoff();
}
`,
  'an exit that tells tracing too late': `
void noinstr ax_o2(void)
{
	user_exit_irqoff();
	ax_work();
	user_enter_irqoff();
	trace_hardirqs_on_prepare(); // exit-order
}
`,
  'one trace call around the switch': `
void noinstr ax_o3(void)
{
	trace_hardirqs_off(); // combined-irq-tracing
	user_exit_irqoff();
	ax_work();
	user_enter_irqoff();
}
`,
  'the count of an NMI after its switch': `
void noinstr ax_o4(void)
{
	ct_nmi_enter();
	__nmi_enter(); // nmi-order
	ax_work();
	__nmi_exit();
	ct_nmi_exit(); // nmi-order
}
`,
  'a return between enter and leave, through a goto': `
int noinstr ax_o5(int n)
{
	int ret = 0;

	user_exit_irqoff();
	if (ax_try()) {
		ret = -1;
		goto out; // context-unbalanced
	}
	user_enter_irqoff();
out:
	return ret;
}
`,
  'interrupts unmasked before the switch': `
void noinstr ax_o6(void)
{
	local_daif_restore(DAIF_PROCCTX); // irqs-unmasked-early
	user_exit_irqoff();
	local_daif_restore(DAIF_PROCCTX);
	ax_work();
	user_enter_irqoff();
}
void noinstr ax_o7(void)
{
	asm volatile("msr	daifclr, #3"); // irqs-unmasked-early
	user_exit_irqoff();
	user_enter_irqoff();
}
`,
  'named calls behind a helper and a macro': `
static __always_inline unsigned long ax_save(void) { unsigned long f; local_irq_save(f); return f; }
#define AX_BUMP(v) atomic_inc(&(v))
unsigned long noinstr ax_n1(void)
{
	AX_BUMP(ax_n); // instrumented-access
	return ax_save(); // irqflags-traced
}
int noinstr ax_n2(void)
{
	pr_err("ax\\n"); // trace-or-print
	return this_cpu_read(ax_v); // preempt-toggle
}
int noinstr ax_n3(void)
{
	unsigned long f;

	raw_local_irq_save(f);
	raw_atomic_inc(&ax_n);
	return __this_cpu_read(ax_v) + (int)f;
}
`,
  'user memory before the switch, in a condition': `
int noinstr ax_n4(int *p)
{
	int v;

	if (get_user(v, p)) // faultable-early
		v = 0;
	user_exit_irqoff();
	if (get_user(v, p))
		v = 0;
	user_enter_irqoff();
	return v;
}
`,
  'schedule after the leave': `
void noinstr ax_n5(void)
{
	user_exit_irqoff();
	schedule();
	user_enter_irqoff();
	schedule(); // schedules-without-context
}
`,
  'a hook in a writable table, one in a constant one': `
struct ax_ops { void (*run)(void); };
static void noinstr ax_quiet(void) { }
static void ax_loud(void) { ax_count++; }
static const struct ax_ops ax_fixed = { .run = ax_quiet };
static struct ax_ops ax_open = { .run = ax_loud }; // hook-target-instrumentable
void noinstr ax_h1(void)
{
	ax_fixed.run();
	ax_open.run(); // indirect-call
}
`,
  'a key that can change, tested through a helper': `
DEFINE_STATIC_KEY_FALSE(ax_key);
DEFINE_STATIC_KEY_FALSE_RO(ax_fixed_key);
static __always_inline _Bool ax_on(void) { return static_branch_unlikely(&ax_key); }
void noinstr ax_k1(void)
{
	if (ax_on()) // static-key-writable
		ax_wfi();
	if (static_branch_unlikely(&ax_fixed_key))
		ax_wfi();
}
`,
  'interrupts let in early by a helper that is traced': `
#define local_irq_enable() do { asm volatile("msr daifclr, #3"); } while (0)
void noinstr ax_i1(void)
{
	local_irq_enable(); // irqflags-traced, irqs-unmasked-early
	user_exit_irqoff();
	local_irq_enable();
}
`,
  'attributes that fight': `
static noinstr inline void ax_a1(void) { } // inline-conflict
void noinstr __init ax_a2(void) { } // section-conflict
void noinstr ax_a3(void) { ax_a1(); }
NOKPROBE_SYMBOL(ax_a3); // redundant-marker
#define AX_NO_PROBE(what) NOKPROBE_SYMBOL(ax_##what)
void noinstr ax_a5(void) { }
AX_NO_PROBE(a5); // redundant-marker
static void ax_a6(void) { }
AX_NO_PROBE(a6);
static notrace void ax_half(void) { ax_count++; }
void noinstr ax_a4(void)
{
	ax_half(); // partial-protection
}
`,
  'leaving the context in a function that can be traced': `
void ax_c1(void)
{
	ct_idle_enter(); // context-switch-outside-noinstr
	ax_wfi();
	ct_idle_exit();
}
`,
  'markers where they mean nothing': `
void ax_c2(void)
{
	instrumentation_begin(); // region-outside-noinstr
	ax_work();
	instrumentation_end();
}
`,
  'a plain inline helper, a cleanup of a variable': `
static inline int ax_odd(int v) { int n = 0; while (v >>= 1) n++; return n; }
static inline void ax_drop(int *p) { *p = ax_try(); }
int noinstr ax_i1(int v)
{
	return ax_odd(v); // calls-plain-inline
}
void noinstr ax_i2(void)
{
	int held __attribute__((__cleanup__(ax_drop))) = 1; // calls-instrumentable
	ax_count = held;
}
`,
};

/** More of them: what a second look thought of. */
export const plantedAgain: Readonly<Record<string, string>> = {
  'a helper of a header style, three levels, through a macro with a block': `
static __always_inline void ax_l3(void) { ax_work(); }
#define AX_L2(c) ({ if (c) ax_l3(); 0; })
static __always_inline int ax_l1(int c) { return AX_L2(c); }
void noinstr ax_s1(int c)
{
	if (ax_l1(c)) // calls-instrumentable
		return;
}
`,
  'a static function of no class, called late through a local pointer': `
static void ax_late(void) { ax_count = 2; }
void noinstr ax_s2(void)
{
	void (*run)(void) = ax_late;

	run(); // indirect-call
}
`,
  'a region left by a goto out of two loops': `
int noinstr ax_s3(int n, int m)
{
	instrumentation_begin();
	for (; n; n--) {
		for (; m; m--) {
			if (ax_try())
				goto fail; // region-left-open
		}
	}
	instrumentation_end();
	return 0;
fail:
	return -1;
}
`,
  'a begin that only one side of a condition has': `
void noinstr ax_s4(int n)
{
	if (n > 3) {
		instrumentation_begin();
		ax_work();
	} else {
		ax_wfi();
	}
	ax_count++;
	instrumentation_end(); // region-underflow
}
`,
  'a wrapper that opens, one that closes': `
static __always_inline void ax_up(void) { user_exit_irqoff(); instrumentation_begin(); }
static __always_inline void ax_down(void) { instrumentation_end(); user_enter_irqoff(); }
void noinstr ax_s5(void)
{
	ax_up();
	ax_work();
	ax_down();
}
void noinstr ax_s6(void)
{
	ax_up();
	ax_work();
	ax_down();
	ax_work(); // calls-instrumentable
}
`,
  'a noreturn end in an open region': `
void noinstr ax_s7(int n)
{
	instrumentation_begin();
	if (n)
		panic("ax");
	ax_work();
	instrumentation_end();
}
`,
  'what is allowed by a comment of two lines': `
void noinstr ax_s8(void)
{
	ax_work(); /* patchpoint: allow noinstr.calls-instrumentable -- boot only */
	ax_work(); // calls-instrumentable
}
`,
  'only one of two enters': `
void noinstr ax_s9(void)
{
	user_exit_irqoff();
	user_exit_irqoff(); // context-unbalanced
	ax_work();
	user_enter_irqoff();
}
`,
  'a test of a key through its address in a macro': `
DEFINE_STATIC_KEY_FALSE(ax_key2);
#define AX_ENABLED() (static_branch_unlikely(&ax_key2))
void noinstr ax_s10(void)
{
	if (!AX_ENABLED()) // static-key-writable
		return;
	ax_wfi();
}
`,
  'a WARN on a condition that calls, an assertion at build time that does not': `
void noinstr ax_s11(void)
{
	if (WARN_ON(!ax_try())) // calls-instrumentable
		return;
	_Static_assert(sizeof(ax_try()) == 4, "ax");
}
`,
  'a call in a loop condition that ends with a continue in a switch': `
void noinstr ax_s12(int n)
{
	while (n--) {
		switch (n) {
		case 1:
			continue;
		case 2: {
			ax_work(); // calls-instrumentable
			continue;
		}
		}
		ax_wfi();
	}
}
`,
  'K&R blanks and a body on one line': `
void noinstr
ax_s13
(
	int n
)
{ if(n){ax_wfi();}else{ax_work();} // calls-instrumentable
}
`,
  'a guard that counts as a region': `
static __always_inline int ax_begin(void) { instrumentation_begin(); return 0; }
static __always_inline void ax_end(int *p) { instrumentation_end(); }
#define AX_GUARD() int ax_held __attribute__((cleanup(ax_end))) = ax_begin()
int noinstr ax_s14(int n)
{
	AX_GUARD();
	if (n)
		return ax_try();
	ax_work();
	return 0;
}
`,
  'resched in an exit that tracing never hears of': `
void noinstr ax_s15(int n)
{
	user_exit_irqoff();
	instrumentation_begin();
	if (n)
		raw_irqentry_exit_cond_resched(); // resched-without-trace-on
	instrumentation_end();
	user_enter_irqoff();
}
`,
};
