import { describe, expect, it } from 'vitest';
import { noinstrFindings } from '../../server/src/features/noinstr/noinstrFindings.ts';
import type { Policy } from '../../server/src/noinstr/walk.ts';
import { noinstrTree, preamble } from '../support/noinstrTree.ts';
import { plantedRules } from '../support/plantedRules.ts';

const path = '/k/arch/arm64/kernel/ax_paths.c';

/** Findings of a C text as `line rule`; lines are those of the text. */
function lint(text: string, policy: Policy = 'context'): string[] {
  const ctx = noinstrTree({ [path]: preamble + text });
  return noinstrFindings(ctx, path, policy).map((one) => `${one.line - 1} ${one.rule.replace('noinstr.', '')}`);
}

/** A text whose lines end in `// rule` where that rule is expected, and nowhere else anything. */
function check(text: string, policy: Policy = 'context'): void {
  expect(lint(text, policy).sort()).toEqual(plantedRules(text).sort());
}

describe('an unsafe call is found wherever it is moved', () => {
  it('into a macro', () => {
    check(
      '#define AX_LOG() do { ax_work(); } while (0)\nvoid noinstr ax_f(void)\n{\n\tAX_LOG(); // calls-instrumentable\n}\n',
    );
  });

  it('into a helper that is always inlined, two levels down', () => {
    check(`static __always_inline void ax_b(void) { ax_work(); }
static __always_inline void ax_a(void) { ax_b(); }
void noinstr ax_f(void)
{
	ax_a(); // calls-instrumentable
}
`);
  });

  it('into a statement expression, a condition, an argument, a return', () => {
    check(`int noinstr ax_f(int n)
{
	int x = ({ ax_try(); }); // calls-instrumentable
	if (n && ax_try()) // calls-instrumentable
		n = 1;
	for (n = 0; n < ax_try(); n++) // calls-instrumentable
		x++;
	return ax_try(); // calls-instrumentable
}
`);
  });

  it('into a WARN condition, but not into what is never evaluated', () => {
    check(`void noinstr ax_f(void)
{
	WARN_ON(ax_try()); // calls-instrumentable
	ax_count = sizeof(ax_try());
	if (__builtin_constant_p(ax_try()))
		ax_count = 1;
}
`);
  });

  it('into the other arm of a conditional of the preprocessor, or behind an option that is off', () => {
    check(`#define CONFIG_AX_OFF 0
void noinstr ax_f(void)
{
#ifdef CONFIG_AX_MISSING
	ax_work();
#else
	ax_work(); // calls-instrumentable
#endif
	if (IS_ENABLED(CONFIG_AX_OFF))
		ax_work();
}
`);
  });

  it('into a cleanup of a variable', () => {
    check(`static __always_inline void ax_undo(int *p) { ax_work(); }
void noinstr ax_f(void)
{
	int guard __attribute__((cleanup(ax_undo))) = 1; // calls-instrumentable
	ax_count = guard;
}
`);
  });
});

describe('classes', () => {
  it('the attribute may stand on several lines, or on the prototype alone', () => {
    check(`static noinstr unsigned long
ax_f(unsigned long v)
{
	ax_work(); // calls-instrumentable
	return v;
}
noinstr void ax_g(void);
void ax_g(void)
{
	ax_work(); // calls-instrumentable
	ax_f(1);
}
`);
  });

  it('a macro can define the function, an alias the attribute', () => {
    check(`#define AX_TRAP __section(".noinstr.text")
#define AX_VECTOR(name) void noinstr name##_handler(void) { ax_work(); }
AX_VECTOR(ax_sync) // calls-instrumentable
AX_TRAP void ax_trap(void)
{
	ax_work(); // calls-instrumentable
}
void ax_plain(void)
{
	ax_work();
}
`);
  });

  it('a callee that nobody defines is no finding', () => {
    check('void ax_nowhere(void);\nvoid noinstr ax_f(void)\n{\n\tax_nowhere();\n}\n');
  });
});

describe('context', () => {
  it('ordinary code between the primitives is legal; strict asks for regions', () => {
    const text = `static __always_inline void ax_enter(struct pt_regs *regs)
{
	lockdep_hardirqs_off(CALLER_ADDR0);
	user_exit_irqoff();
	trace_hardirqs_off_finish();
}
void noinstr ax_vec(struct pt_regs *regs)
{
	ax_enter(regs);
	ax_work();
	user_enter_irqoff();
}
`;
    check(text);
    expect(lint(text, 'strict')).toContain('10 calls-instrumentable');
  });

  it('before the enter primitive and after the leave primitive it is not', () => {
    check(`void noinstr ax_vec(struct pt_regs *regs)
{
	ax_work(); // calls-instrumentable
	user_exit_irqoff();
	ax_work();
	user_enter_irqoff();
	ax_work(); // calls-instrumentable
}
`);
  });

  it('interrupts of a kernel context that is not idle find RCU watching', () => {
    check(`void noinstr ax_vec(struct pt_regs *regs)
{
	if (is_idle_task(current)) {
		lockdep_hardirqs_off(CALLER_ADDR0);
		ct_irq_enter();
		trace_hardirqs_off_finish();
		return;
	}
	lockdep_hardirqs_off(CALLER_ADDR0);
	ax_work();
	trace_hardirqs_off_finish();
}
`);
  });

  it('what nests goes back to what was before', () => {
    check(`void noinstr ax_vec(struct pt_regs *regs)
{
	user_exit_irqoff();
	ct_nmi_enter();
	ax_work();
	ct_nmi_exit();
	ax_work();
	user_enter_irqoff();
}
`);
  });

  it('a static function is entered as its callers call it: a note', () => {
    check(`static void noinstr ax_inner(void)
{
	ax_work(); // calls-instrumentable
	pr_err("inside");
}
void noinstr ax_vec(struct pt_regs *regs)
{
	user_exit_irqoff();
	ax_inner();
	user_enter_irqoff();
}
`);
  });
});

describe('regions', () => {
  it('conditions on the same unchanged value go together', () => {
    check(`void noinstr ax_f(int c)
{
	if (c)
		instrumentation_begin();
	ax_count = 1;
	if (c) {
		ax_work();
		instrumentation_end();
	}
}
`);
  });

  it('a condition whose variable was assigned does not', () => {
    expect(
      lint(`void noinstr ax_f(int c)
{
	if (c)
		instrumentation_begin();
	c = ax_count;
	if (c)
		instrumentation_end();
}
`).length,
    ).toBeGreaterThan(0);
  });

  it('a jump past the end, an arm of a switch, a break', () => {
    check(`int noinstr ax_f(int n)
{
	int ret = 0;

	instrumentation_begin();
	if (ax_try()) {
		ret = 1;
		goto out; // region-left-open
	}
	instrumentation_end();
out:
	return ret;
}
void noinstr ax_g(int n)
{
	switch (n) {
	case 1:
		instrumentation_begin(); // region-left-open
		ax_work();
		break;
	default:
		instrumentation_begin();
		ax_work();
		instrumentation_end();
	}
}
void noinstr ax_h(int n)
{
	while (n--) {
		instrumentation_begin();
		if (ax_try())
			break; // region-left-open
		instrumentation_end();
	}
}
`);
  });

  it('a helper may close and open for its caller', () => {
    check(`static __always_inline void ax_out(void) { instrumentation_end(); ct_idle_enter(); }
static __always_inline void ax_in(void) { ct_idle_exit(); instrumentation_begin(); }
void noinstr ax_idle(void)
{
	instrumentation_begin();
	ax_work();
	ax_out();
	ax_wfi();
	ax_in();
	ax_work();
	instrumentation_end();
}
`);
  });
});

describe('what is told', () => {
  it('a comment with a reason silences a finding, one without does not', () => {
    check(`void noinstr ax_f(void)
{
	/* patchpoint: allow noinstr.calls-instrumentable -- runs before any tracer exists */
	ax_work();
	/* patchpoint: allow noinstr.calls-instrumentable -- */
	ax_work(); // calls-instrumentable
}
`);
  });

  it('what more than five functions reach through a helper is told once, at the helper', () => {
    const callers = Array.from({ length: 6 }, (_, at) => `void noinstr ax_v${at}(void) { ax_help(); }`);
    check(
      [
        'static __always_inline void ax_help(void)',
        '{',
        '\tax_work(); // calls-instrumentable',
        '}',
        ...callers,
        '',
      ].join('\n'),
    );
  });

  it('the way from the call to what is wrong is in the related places', () => {
    const text = `static __always_inline void ax_help(void)
{
	ax_work();
}
void noinstr ax_f(void)
{
	ax_help();
}
`;
    const [finding] = noinstrFindings(noinstrTree({ [path]: preamble + text }), path);
    expect(finding?.line).toBe(8);
    expect(finding?.related.map((one) => `${one.line - 1} ${one.message}`)).toEqual([
      '3 in ax_help()',
      '5 ax_work() is defined here',
    ]);
  });

  it('any prefix of a text is read without an exception', () => {
    const text = `${preamble}void noinstr ax_f(int n)\n{\n\tswitch (n) { case 1: goto out; default: do { ax_work(); } while (({ n--; n; })); }\nout:\n\tasm goto("nop" : : "r" (n ? ax_try() : 0) : : out);\n}\n`;
    for (let end = preamble.length; end < text.length; end += 3) {
      expect(() => noinstrFindings(noinstrTree({ [path]: text.slice(0, end) }), path)).not.toThrow();
    }
  });
});

describe('flow', () => {
  it('a label that is local to a block is another one in every block', () => {
    check(`#define AX_GET(x) do { __label__ failed; asm goto("ldtr" : : : : failed); (x) = 1; break; failed: (x) = 0; } while (0)
void noinstr ax_f(struct pt_regs *regs)
{
	int v;

	AX_GET(v);
	user_exit_irqoff();
	AX_GET(v);
	user_enter_irqoff();
	ax_count = v;
}
`);
  });
});
