import { expect, it } from 'vitest';
import { noinstrFindings } from '../../server/src/features/noinstr/noinstrFindings.ts';
import { noinstrTree } from '../support/noinstrTree.ts';
import { plantedRules } from '../support/plantedRules.ts';

const path = '/k/arch/arm64/kernel/ax_calls.c';
const functions = `static inline u64 ax_age(u64 now) { return now - 4; }
static __always_inline void ax_bump(void) { this_cpu_inc(ax_v); }
#define this_cpu_inc(x) do { (x)++; } while (0)
#define WARN_ON_ONCE(x) WARN_ON(x)
#define AX_AGE(n) ax_age(n)
#define AX_TWICE(n) ({ u64 __n = (n); AX_AGE(__n) + 1; })
#define AX_DO() do { ax_work(); } while (0)
`;
const nLines = functions.split('\n').length - 1;

/** Calls where they are hidden well. A line that ends in `// rule` has that finding, every other line none. */
const shapes: Readonly<Record<string, string>> = {
  'behind macros in an argument of one that means something': `
u64 noinstr ax_f(u64 now)
{
	if (unlikely(AX_TWICE(now) > 4)) // calls-plain-inline
		return 1;
	if (likely(({ AX_DO(); now; }))) // calls-instrumentable
		return 2;
	WARN_ON(({ AX_DO(); 0; })); // calls-instrumentable
	return READ_ONCE(now);
}
`,
  'through a function name with a star or an address sign': `
void noinstr ax_f(void)
{
	(*ax_work)(); // calls-instrumentable
	(&ax_work)(); // calls-instrumentable
	(*ax_wfi)();
}
`,
  'a read that entry code makes on purpose': `
#define CT_WARN_ON(cond) WARN_ON(cond)
int ct_state(void);
#define lockdep_assert_irqs_disabled() do { } while (0)
void noinstr ax_f(struct pt_regs *regs)
{
	int s = ct_state(); // preempt-toggle
	lockdep_assert_irqs_disabled(); // preempt-toggle
	CT_WARN_ON(ct_state() != s);
}
void noinstr ax_nmi(struct pt_regs *regs)
{
	regs->lockdep_hardirqs = lockdep_hardirqs_enabled();
	__nmi_enter();
	lockdep_hardirqs_off(CALLER_ADDR0);
	ct_nmi_enter();
	ct_nmi_exit();
	__nmi_exit();
}
`,
  'behind a computed goto, and in operands that are not evaluated': `
int noinstr ax_f(int n)
{
	static const void *const to[] = { &&one, &&two };
	n += sizeof(ax_try()) + __alignof__(ax_try()) + sizeof ax_try();
	goto *to[n & 1];
one:
	return ax_try(); // calls-instrumentable
two:
	ax_wfi();
	return 0;
}
`,
  'an option that is off, where nothing defines how it is asked': `
#undef IS_ENABLED
#define CONFIG_AX_ON 1
void noinstr ax_f(int n)
{
	if (IS_ENABLED(CONFIG_AX_NOT))
		ax_work();
	if (n && !IS_ENABLED(CONFIG_AX_NOT) && IS_ENABLED(CONFIG_AX_ON))
		ax_work(); // calls-instrumentable
	else if (IS_ENABLED(CONFIG_AX_NOT) || n == 2)
		ax_work(); // calls-instrumentable
}
`,
  'the key of a tracepoint is only tested': `
#define __DECLARE_TRACE(name) static inline void trace_##name(int v) { ax_work(); } static inline _Bool trace_##name##_enabled(void) { return ax_count; }
__DECLARE_TRACE(ax_event)
void noinstr ax_f(int v)
{
	if (trace_ax_event_enabled()) // calls-plain-inline
		trace_ax_event(v); // trace-or-print
}
`,
};

it.each(Object.entries(shapes))('%s', (_, text) => {
  const found = noinstrFindings(noinstrTree({ [path]: functions.trimEnd() + text }), path).map(
    (one) => `${one.line - nLines + 1} ${one.rule.replace('noinstr.', '')}`,
  );
  expect(found.sort()).toEqual(plantedRules(text).sort());
});

it('a function that only a header calls noinstr is checked, its callers are not', () => {
  const header = '/k/arch/arm64/include/asm/ax_late.h';
  const [definer, caller] = ['/k/arch/arm64/kernel/ax_late.c', '/k/arch/arm64/kernel/ax_user.c'];
  const ctx = noinstrTree({
    [header]: 'noinstr void ax_late(int v);\nvoid ax_soon(int v);\n',
    [definer]:
      '#include <asm/ax_late.h>\nvoid ax_late(int v)\n{\n\tax_work();\n}\nvoid ax_soon(int v) { ax_work(); }\n',
    [caller]: '#include <asm/ax_late.h>\nvoid ax_user(void)\n{\n\tax_late(1);\n\tax_work();\n}\n',
  });
  expect(noinstrFindings(ctx, definer).map((one) => `${one.line} ${one.rule}`)).toEqual([
    '4 noinstr.calls-instrumentable',
  ]);
  expect(noinstrFindings(ctx, caller)).toEqual([]);
});

it('an inline function of a header that is not included is a note, one that is always inlined nothing', () => {
  const ctx = noinstrTree({
    '/k/include/linux/ax_extra.h':
      'static inline int ax_soft(int v) { return v + 1; }\nstatic __always_inline int ax_hard(int v) { return v; }\n',
    [path]: 'int noinstr ax_f(int v)\n{\n\treturn ax_soft(v) +\n\t\tax_hard(v) +\n\t\tktime_get_real_ns();\n}\n',
  });
  expect(noinstrFindings(ctx, path).map((one) => `${one.line} ${one.severity} ${one.rule}`)).toEqual([
    '3 information noinstr.calls-plain-inline',
    '5 warning noinstr.calls-instrumentable',
  ]);
});

it('a function that another configuration has as an empty inline one stays a function', () => {
  const ctx = noinstrTree({
    '/k/include/linux/ax_pm.h':
      '#ifndef CONFIG_AX_NOT\nvoid ax_suspend(int v);\n#else\nstatic inline void ax_suspend(int v) { }\n#endif\n',
    [path]: '#include <linux/ax_pm.h>\nint noinstr ax_f(int v)\n{\n\tax_suspend(v);\n\treturn 0;\n}\n',
  });
  expect(noinstrFindings(ctx, path).map((one) => `${one.line} ${one.severity} ${one.rule}`)).toEqual([
    '4 warning noinstr.calls-instrumentable',
  ]);
});
