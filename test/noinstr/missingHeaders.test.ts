import { describe, expect, it } from 'vitest';
import { noinstrFindings } from '../../server/src/features/noinstr/noinstrFindings.ts';
import { keptNoinstr } from '../../server/src/features/noinstr/openNoinstr.ts';
import { noinstrTree } from '../support/noinstrTree.ts';
import { plantedRules } from '../support/plantedRules.ts';

const path = '/k/kernel/ax_alone.c';
const nothing = { 'include/linux/compiler_types.h': '', 'kernel/ax.c': '' };

/** Findings of a text in a tree whose headers define nothing but `more`, as `line rule`. */
function lint(text: string, more: Readonly<Record<string, string>> = {}): string[] {
  const ctx = noinstrTree({ ...nothing, ...more, [path]: text });
  return noinstrFindings(ctx, path).map((one) => `${one.line} ${one.rule.replace('noinstr.', '')}`);
}

function check(text: string, more: Readonly<Record<string, string>> = {}): void {
  expect(lint(text, more).sort()).toEqual(plantedRules(text).sort());
}

describe('a file whose headers are not there', () => {
  it('is checked by the words that the kernel has for its functions', () => {
    check(`void ax_g(void) { ax_count = 1; }
static __always_inline void ax_always(void) { ax_g(); }
static inline void ax_loop(int n) { while (n--) ax_count = n; }
static notrace void ax_quiet(void) { ax_count = 2; }
asmlinkage void noinstr ax_1(struct pt_regs *regs) { ax_always(); } // calls-instrumentable
__visible noinstr void ax_2(void) { ax_loop(3); } // calls-plain-inline
static __cpuidle int ax_3(void) { ax_g(); return 0; } // calls-instrumentable
__section(".noinstr.text") void ax_4(void) { ax_g(); } // calls-instrumentable
void __section(".noinstr.text") ax_5(void) { ax_g(); } // calls-instrumentable
static noinstr __printf(1, 2) void ax_6(const char *fmt, ...) { ax_g(); } // calls-instrumentable
void __noinstr_section(".noinstr.text") ax_7(void) { ax_quiet(); } // partial-protection
void __weak noinstr ax_8(void) { ax_g(); } // calls-instrumentable
void noinstr __noreturn ax_9(void) { for (;;) ax_g(); } // calls-instrumentable
static noinstr struct ax_t *
ax_10(void) { ax_g(); return 0; } // calls-instrumentable
void ax_11(void);
`);
  });

  it('is checked for attributes that contradict each other', () => {
    check(`noinstr static inline void ax_1(void) { } // inline-conflict
void noinstr __init ax_2(void) { } // section-conflict
void noinstr __kprobes ax_3(void) { } // section-conflict
static __sched noinstr void ax_4(void) { } // section-conflict
void noinstr ax_5(void) { }
static int ax_6 __ro_after_init;
`);
  });

  it('is checked for what its calls mean by name', () => {
    check(`noinstr void ax_1(void)
{
	atomic_inc(&ax_n); // instrumented-access
	local_irq_save(flags); // irqflags-traced
	pr_err("x"); // trace-or-print
	this_cpu_inc(ax_v); // preempt-toggle
	schedule(); // schedules-without-context
}
noinstr void ax_2(int r)
{
	instrumentation_begin();
	if (WARN_ON_ONCE(r))
		return; // region-left-open
	pr_err("x");
	instrumentation_end();
}
`);
  });

  it('is checked for its keys and markers', () => {
    check(`DEFINE_STATIC_KEY_FALSE(ax_key);
static DEFINE_STATIC_KEY_FALSE_RO(ax_ro);
noinstr void ax_1(void)
{
	if (static_branch_unlikely(&ax_key)) // static-key-writable
		ax_count++;
	if (static_branch_unlikely(&ax_ro))
		ax_count++;
}
NOKPROBE_SYMBOL(ax_1); // redundant-marker
`);
  });

  it('takes a word as the tree defines it, in a header that was not read', () => {
    const text = 'void ax_g(void) { ax_count = 1; }\nint __cpuidle ax_1(void) { ax_g(); return 0; }';
    const linked = {
      'include/asm-generic/vmlinux.lds.h': '__noinstr_text_start = .; *(.noinstr.text) __noinstr_text_end = .;',
    };
    check(`${text} // calls-instrumentable\n`);
    check(`${text}\n`, { ...linked, 'include/linux/cpu.h': '#define __cpuidle __section(".cpuidle.text")\n' });
  });

  it('says which header was missing', () => {
    const ctx = noinstrTree({ ...nothing, [path]: 'void noinstr ax_1(void) { }\n' });
    noinstrFindings(ctx, path);
    expect(keptNoinstr(ctx.workspace, path)?.analysis.unit.missingWords).toEqual([
      { word: 'noinstr', header: 'include/linux/compiler_types.h' },
    ]);
  });
});

describe('words around declarations that nobody knows', () => {
  it('do not hide the function after them', () => {
    check(`void ax_g(void) { ax_count = 1; }
EXPORT_SYMBOL_GPL(ax_g)
void noinstr ax_1(void) { ax_g(); } // calls-instrumentable
AX_THING(a, "b") static AX_ATTR(1) void noinstr ax_2(void) { ax_g(); } // calls-instrumentable
AX_DEFINE(thing)
{
	return 1;
}
void noinstr ax_3(void) AX_TAIL(2) { ax_g(); } // calls-instrumentable
AX_ALONE(x);
ax_lower(x) noinstr void ax_4(void) { ax_g(); } // calls-instrumentable
void ax_h(void) { ax_count = 2; }
NOKPROBE_SYMBOL(ax_h)
void noinstr ax_5(void) { ax_h(); } // partial-protection
`);
  });

  it('parameters as they were declared before there were prototypes', () => {
    check(`void ax_g(void) { ax_count = 1; }
int noinstr ax_1(a, b)
	int a;
	struct ax_t *b;
{
	ax_g(); // calls-instrumentable
	return a;
}
void noinstr ax_2(void) { ax_g(); } // calls-instrumentable
`);
  });
});
