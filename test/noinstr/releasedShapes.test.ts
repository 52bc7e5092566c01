// What reviews of the findings in released kernels taught: shapes that were told wrongly there.
import { describe, expect, it } from 'vitest';
import { noinstrFindings } from '../../server/src/features/noinstr/noinstrFindings.ts';
import { noinstrTree, preamble } from '../support/noinstrTree.ts';

const path = '/k/arch/arm64/kernel/ax_released.c';
const kprobesHeader = (attributes: string): Readonly<Record<string, string>> => ({
  'include/asm-generic/kprobes.h': `#define __kprobes ${attributes}\n`,
});
const notraceKprobes = kprobesHeader('notrace __section(".kprobes.text")');

interface More {
  readonly files?: Readonly<Record<string, string>>;
  readonly config?: string;
}

/** Findings of a C text as lines of `line severity rule: message`, related places indented below. */
function told(text: string, { files = {}, config = '' }: More = {}): string[] {
  const ctx = noinstrTree({ ...files, [path]: preamble + text }, config);
  return noinstrFindings(ctx, path).flatMap((one) => [
    `${one.line - 1} ${one.severity} ${one.rule.replace('noinstr.', '')}: ${one.message}`,
    ...one.related.map(
      (place) =>
        `  ${place.path === path ? place.line - 1 : `${place.path.split('/').at(-1)}:${place.line}`} ${place.message}`,
    ),
  ]);
}

describe('__kprobes', () => {
  const text = `#include <asm-generic/kprobes.h>
static void __kprobes ax_map(void) { ax_count++; ax_work(); }
void noinstr ax_patch(void)
{
	ax_map();
}
`;
  it('keeps probes away, and tracing where the header says so', () => {
    expect(told(text, { files: notraceKprobes, config: 'CONFIG_KPROBES=y\n' })).toEqual([
      '5 information partial-protection: ax_map() is neither traceable nor kprobe-able but still open to sanitizers; make it noinstr',
      '  2 ax_map() is defined here',
    ]);
    expect(told(text, { files: kprobesHeader('__section(".kprobes.text")'), config: 'CONFIG_KPROBES=y\n' })[0]).toBe(
      '5 warning partial-protection: ax_map() is not kprobe-able but still traceable; make it noinstr',
    );
  });

  it('leaves sanitizers', () => {
    const files = notraceKprobes;
    expect(told(`${text}#define CONFIG_KASAN_GENERIC 1\n`, { files, config: 'CONFIG_KPROBES=y\n' })[0]).toMatch(
      /^5 warning partial-protection/,
    );
  });

  it('is nothing without kprobes', () => {
    expect(told(text, { files: kprobesHeader('') })[0]).toMatch(/^5 warning calls-instrumentable/);
  });

  it('is known of functions of other files', () => {
    const files = { ...notraceKprobes, 'kernel/ax_more.c': 'void __kprobes ax_far(void) { }\n' };
    expect(
      told('void ax_far(void);\nvoid noinstr ax_patch(void)\n{\n\tax_far();\n}\n', {
        files,
        config: 'CONFIG_KPROBES=y\n',
      }),
    ).toEqual([
      '4 information partial-protection: ax_far() is neither traceable nor kprobe-able but still open to sanitizers; make it noinstr',
      '  ax_more.c:1 ax_far() is defined here',
    ]);
  });
});

describe('files that are built without trace sites', () => {
  const text = 'void ax_far(void);\nvoid noinstr ax_f(void)\n{\n\tax_far();\n}\n';
  const far = { 'kernel/ax/ax_far.c': 'void ax_far(void) { }\n' };
  const first = (makefile: Readonly<Record<string, string>>, config = ''): string =>
    told(text, { files: { ...far, ...makefile }, config })[0] ?? '';

  it('have functions that only probes reach', () => {
    const partial = '4 warning partial-protection: ax_far() is not traceable but still kprobe-able; make it noinstr';
    expect(first({ 'kernel/ax/Makefile': 'CFLAGS_REMOVE_ax_far.o = $(CC_FLAGS_FTRACE)\n' })).toBe(partial);
    const folder = { 'kernel/ax/Makefile': 'ccflags-remove-$(CONFIG_AX_TRACER) += $(CC_FLAGS_FTRACE)\n' };
    expect(first(folder, 'CONFIG_AX_TRACER=y\n')).toBe(partial);
    expect(first(folder)).toMatch(/^4 warning calls-instrumentable/);
  });

  it('are not those of the same name in another folder', () => {
    const elsewhere = { 'kernel/Makefile': 'CFLAGS_REMOVE_ax_far.o = $(CC_FLAGS_FTRACE)\n' };
    expect(first(elsewhere)).toMatch(/^4 warning calls-instrumentable/);
  });
});

describe('places', () => {
  it('a call in a helper: the way to it, then what is called', () => {
    expect(
      told(`static __always_inline void ax_in(void) { ax_work(); }
void noinstr ax_f(void)
{
	ax_in();
}
`),
    ).toEqual([
      '4 warning calls-instrumentable: ax_f is noinstr but calls ax_work(), which can be instrumented outside any instrumentation region; make it noinstr or move the call',
      '  1 in ax_in()',
      '  ax.c:6 ax_work() is defined here',
    ]);
  });

  it('a hook behind a macro is named by its member', () => {
    const found = told(`struct ax_quirk { int (*read)(void); };
static const struct ax_quirk *ax_quirk_of_cpu;
static int ax_default(void) { return 0; }
#define ax_reader(member) ({ \\
	const struct ax_quirk *wa = ax_quirk_of_cpu; \\
	wa && wa->member ? ({ wa->member; }) : ax_default; \\
})
static int ax_slow(void) { return ax_count; }
static const struct ax_quirk ax_quirks[] = {
	{ .read = ax_slow },
};
int noinstr ax_f(void)
{
	return ax_reader(read)();
}
`);
    const hooks = found.filter((one) => one.includes('hook-target'));
    expect(hooks.map((one) => / (ax_(?:slow|default)) /.exec(one)?.[1]).sort()).toEqual(['ax_default', 'ax_slow']);
    // What the macro expands to is no words for people.
    expect(hooks.filter((one) => one.includes('{'))).toEqual([]);
  });
});

describe('RCU_LOCKDEP_WARN()', () => {
  const on = `int debug_lockdep_rcu_enabled(void);
void lockdep_rcu_suspicious(const char *s);
#define RCU_LOCKDEP_WARN(c, s) do { if (debug_lockdep_rcu_enabled() && (c)) lockdep_rcu_suspicious(s); } while (0)
`;
  const off = '\n\n#define RCU_LOCKDEP_WARN(c, s) do { } while (0 && (c))\n';
  const found = (definition: string, condition: string): string[] =>
    told(`${definition}#define ax_inner(p, c) ({ RCU_LOCKDEP_WARN(!(c), "not held"); p; })
#define ax_check(c) ax_inner(ax_count, c)
int noinstr ax_f(int held)
{
	return ax_check(${condition});
}
`).filter((one) => one.includes('RCU_LOCKDEP_WARN'));

  it.each([on, off])('is told where it can tell anything', (definition) => {
    expect(found(definition, 'held')[0]).toMatch(/^8 warning calls-instrumentable: ax_f is noinstr but calls RCU_LOCK/);
    expect(found(definition, '0')).toHaveLength(1);
  });

  it.each([on, off])('is nothing with a condition that is always false', (definition) => {
    expect(found(definition, '1')).toEqual([]);
  });
});

describe('context-switch-outside-noinstr', () => {
  it('is a note where a function takes back its own switch', () => {
    expect(
      told(`int ax_plain(void)
{
	ct_nmi_enter();
	ax_work();
	ct_nmi_exit();
	return 0;
}
void ax_leaves(void)
{
	ct_irq_exit();
}
`).map((one) => one.replace(/:.*/, '')),
    ).toEqual(['5 information context-switch-outside-noinstr', '10 warning context-switch-outside-noinstr']);
  });
});

describe('advice', () => {
  it('says where a call without another form would be right', () => {
    const advice = told(`void copy_from_kernel_nofault(void *to, void *from);
void noinstr ax_known(void) { copy_from_kernel_nofault(0, 0); }
void noinstr ax_enters(void) { copy_from_kernel_nofault(0, 0); user_exit_irqoff(); }
void noinstr ax_leaves(void) { user_enter_irqoff(); copy_from_kernel_nofault(0, 0); }
`).map((one) => one.replace(/^(\d+) .*; (.*)$/, '$1 $2'));
    expect(advice).toEqual([
      '2 move it into a region, or out of noinstr code',
      '3 move it below the enter primitive',
      '4 move it above the leave primitive',
    ]);
  });
});

describe('code of other architectures', () => {
  it('has per-CPU operations of one instruction on x86', () => {
    const text = 'int noinstr ax_f(void)\n{\n\treturn this_cpu_read(ax_v);\n}\n';
    const there = '/k/arch/x86/kernel/ax_released.c';
    const ctx = noinstrTree({ [there]: preamble + text });
    expect(noinstrFindings(ctx, there)).toEqual([]);
    expect(told(text)[0]).toMatch(/^3 warning preempt-toggle/);
  });

  it('may name its functions like those that the vectors branch to', () => {
    const text = 'asmlinkage void ax_stack(struct pt_regs *regs) { instrumentation_begin(); instrumentation_end(); }\n';
    const vectors =
      '.pushsection ".entry.text", "ax"\nSYM_CODE_START(ax_vectors)\n\tbl ax_stack\nSYM_CODE_END(ax_vectors)\n';
    const there = '/k/arch/riscv/kernel/ax_released.c';
    const ctx = noinstrTree({
      'arch/arm64/kernel/entry.S': vectors,
      [there]: preamble + text,
      [path]: preamble + text,
    });
    const rules = (file: string): string[] => noinstrFindings(ctx, file).map((one) => one.rule);
    expect(rules(path)).toContain('noinstr.vector-target-instrumentable');
    expect(rules(there)).not.toContain('noinstr.vector-target-instrumentable');
  });
});

it('trace_hardirqs_on() is no matter of a switch behind which interrupts were off again', () => {
  const text = (middle: string): string => `void noinstr ax_f(void)
{
	user_exit_irqoff();
	trace_hardirqs_on();
	ax_work();
	${middle}
	user_enter_irqoff();
}
`;
  expect(told(text('local_irq_disable();')).filter((one) => one.includes('combined'))).toEqual([]);
  expect(told(text('ax_work();')).filter((one) => one.includes('combined'))).toHaveLength(1);
});

it('code that switches the context may assert what it needs', () => {
  const text = `#define lockdep_assert_irqs_disabled() do { } while (0)
void noinstr ax_switch(void)
{
	lockdep_assert_irqs_disabled();
}
`;
  const there = '/k/kernel/context_tracking.c';
  expect(noinstrFindings(noinstrTree({ [there]: preamble + text }), there)).toEqual([]);
});
