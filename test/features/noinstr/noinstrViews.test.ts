import { describe, expect, it } from 'vitest';
import { hover } from '../../../server/src/features/hover.ts';
import { checkShown, noinstrFindings } from '../../../server/src/features/noinstr/noinstrFindings.ts';
import { contextMarks, noinstrLenses } from '../../../server/src/features/noinstr/noinstrViews.ts';
import { noinstrFixes } from '../../../server/src/features/noinstr/quickFixes.ts';
import { nameIndexOf } from '../../../server/src/project/nameIndex/treeIndex.ts';
import { noinstrTree, preamble } from '../../support/noinstrTree.ts';

const path = '/k/arch/arm64/kernel/ax_views.c';
const text = `${preamble}void noinstr ax_vec(struct pt_regs *regs)
{
	ax_work();
	user_exit_irqoff();
	ax_work();
	user_enter_irqoff();
	local_irq_save(ax_count);
}
`;

function open(): ReturnType<typeof noinstrTree> {
  const ctx = noinstrTree({ [path]: text });
  ctx.workspace.openDocument(path, text, 1);
  checkShown(ctx, path, 'context');
  return ctx;
}

/** What the hover says first: whether it is allowed there. The state of the CPU follows. */
function verdictAt(ctx: Parameters<typeof hover>[0], offset: number): string | undefined {
  return hover(ctx, path, offset)?.markdown.split('\n\n**State here:**')[0];
}

describe('a noinstr function in the editor', () => {
  it('has a lens', () => {
    expect(noinstrLenses(open(), path).map(({ name, title }) => `${name}: ${title}`)).toEqual([
      'ax_vec: noinstr · 4 callees · 2 findings',
    ]);
  });

  it('counts callees as they are written, and what is told of a function that ends with a return', () => {
    const source = `${preamble}int noinstr ax_end(void)
{
	WARN_ON(ax_count);
	local_irq_save(ax_count);
	return ax_try();
}
`;
    const ctx = noinstrTree({ [path]: source });
    const found = checkShown(ctx, path, 'context');
    expect(noinstrLenses(ctx, path).map(({ title }) => title)).toEqual([
      `noinstr · 2 callees · ${found.length} findings`,
    ]);
    expect(found).toHaveLength(2);
  });

  it('has marks where the context changes', () => {
    const marks = contextMarks(open(), path, { start: 0, end: text.length });
    const shown = marks.map(
      ({ offset, label }) => `${text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset).trim()} ${label}`,
    );
    expect(shown).toEqual(['ax_work(); OUT', 'ax_work(); IN', 'local_irq_save(ax_count); OUT']);
  });

  it('says of a call why it is or is not allowed', () => {
    const ctx = open();
    const first = text.indexOf('\tax_work') + 2;
    const second = text.indexOf('ax_work', first + 5) + 2;
    const said = [first, second, text.indexOf('user_enter_irqoff'), text.indexOf('ax_vec')];
    expect(said.map((offset) => verdictAt(ctx, offset)).join('\n---\n')).toMatchInlineSnapshot(`
      "**noinstr: not allowed** (\`noinstr.calls-instrumentable\`): \`ax_work()\` can be traced, probed and sanitized. RCU is not watching here yet.
      ---
      **noinstr: allowed.** \`ax_work()\` can be traced, probed and sanitized. That is fine. RCU is watching here, since \`user_exit_irqoff()\` on line 5.
      ---
      **noinstr: allowed.** \`user_enter_irqoff()\` leaves the context: behind it RCU is not watching. RCU is watching here, since \`user_exit_irqoff()\` on line 5.
      ---
      **noinstr · 4 callees · 2 findings.** Entered while RCU is not watching."
    `);
  });

  it('keeps what is known while the file is typed in', () => {
    const ctx = open();
    const above = text.replace('void noinstr ax_vec', 'int ax_new;\nvoid noinstr ax_vec');
    ctx.workspace.changeDocument(path, above, 2);
    expect(noinstrLenses(ctx, path)).toHaveLength(1);
    const longer = above.replace('\tax_work();', '\tax_work (1);');
    ctx.workspace.changeDocument(path, longer, 3);
    expect(
      noinstrLenses(ctx, path).map(({ range, title }) => `${longer.slice(range.start, range.end)}: ${title}`),
    ).toEqual(['ax_vec: noinstr · 4 callees · 2 findings']);
    const second = longer.indexOf('ax_work();') + 2;
    expect(hover(ctx, path, second)?.markdown).toContain('RCU is watching here');
  });

  it('says of which callees nothing is claimed, and why', () => {
    const source = `${preamble}void noinstr ax_open(void)\n{\n\tax_nowhere();\n}\n`;
    const ctx = noinstrTree({ [path]: source });
    checkShown(ctx, path, 'context');
    expect(noinstrLenses(ctx, path)[0]?.tooltip).toContain('Nothing is claimed about 1 callee.');
    expect(hover(ctx, path, source.indexOf('ax_open'))?.markdown).toContain('`ax_nowhere()` on line 4: not declared');
    expect(hover(ctx, path, source.indexOf('ax_nowhere'))?.markdown).toContain('noinstr: not checked');
  });

  it('tells of a helper that is always inlined what holds for all who inline it', () => {
    const source = `${preamble}static __always_inline void ax_step(void)
{
	ax_wfi();
	ax_work();
}
void noinstr ax_one(void)
{
	user_enter_irqoff();
	ax_step();
}
`;
    const ctx = noinstrTree({ [path]: source });
    checkShown(ctx, path, 'context');
    expect(verdictAt(ctx, source.indexOf('ax_work();') + 2)).toMatchInlineSnapshot(
      `"**noinstr: not allowed** (\`noinstr.calls-instrumentable\`): \`ax_work()\` can be traced, probed and sanitized. RCU is not watching here, since \`user_enter_irqoff()\` on line 9. (Inlined into \`ax_one()\`.)"`,
    );
    expect(verdictAt(ctx, source.indexOf('ax_step();') + 2)).toMatchInlineSnapshot(
      `"**noinstr: not allowed** (\`noinstr.calls-instrumentable\`): ax_one is noinstr but calls ax_work(), which can be instrumented after RCU stopped watching; make it noinstr or move the call. RCU is not watching here, since \`user_enter_irqoff()\` on line 9."`,
    );
  });

  it('says that a comment allows a call, once a reason stands in it', () => {
    const source = (reason: string): string =>
      `${preamble}void noinstr ax_known(void)\n{\n\tuser_enter_irqoff();\n\t/* patchpoint: allow noinstr.calls-instrumentable -- ${reason} */\n\tax_work();\n}\n`;
    const hoverOf = (reason: string): string => {
      const ctx = noinstrTree({ [path]: source(reason) });
      checkShown(ctx, path, 'context');
      return hover(ctx, path, source(reason).indexOf('ax_work();') + 2)?.markdown ?? '';
    };
    expect(hoverOf('runs once')).toContain(
      'noinstr: allowed** by a comment (`noinstr.calls-instrumentable`): runs once.',
    );
    expect(hoverOf('REASON')).toContain('noinstr: not allowed');
  });

  it('says nothing of who else may store into a hook, nor of weak functions, while the tree is still being read', () => {
    const source = `${preamble}extern void (*ax_hook)(void);
void __attribute__((__weak__)) ax_default(void) { ax_count++; }
void noinstr ax_poll(void)
{
	ax_hook();
	ax_default();
}
`;
    const ctx = noinstrTree({ [path]: source });
    const rules = (): string[] => checkShown(ctx, path, 'context').map((one) => one.rule);
    expect(rules()).toEqual(['noinstr.indirect-call', 'noinstr.calls-instrumentable']);
    const tree = ctx.workspace.treeFor(path);
    if (tree !== null) nameIndexOf(ctx.workspace, tree).state = 'building';
    expect(rules()).toEqual([]);
  });

  it('nothing is said of a file that was not checked', () => {
    expect(noinstrLenses(noinstrTree({ [path]: text }), path)).toEqual([]);
  });
});

describe('quick fixes', () => {
  /** Titles of the fixes of a rule, and the text after the first of them, or after the one with a title. */
  function fix(source: string, rule: string, title?: string): { titles: string[]; after: string } {
    const whole = preamble + source;
    const ctx = noinstrTree({ [path]: whole });
    const finding = noinstrFindings(ctx, path).find((one) => one.rule === `noinstr.${rule}`);
    if (finding === undefined) return { titles: [], after: source };
    const fixes = noinstrFixes(ctx, finding);
    const chosen = title === undefined ? fixes[0] : fixes.find((one) => one.title === title);
    let after = whole;
    for (const { range, text: added } of [...(chosen?.edits ?? [])].sort((a, b) => b.range.start - a.range.start)) {
      after = after.slice(0, range.start) + added + after.slice(range.end);
    }
    return { titles: fixes.map((one) => one.title), after: after.slice(preamble.length) };
  }

  it('the replacement of a call', () => {
    const { titles, after } = fix('void noinstr ax_f(void)\n{\n\tatomic_inc(&ax_n);\n}\n', 'instrumented-access');
    expect(titles).toEqual(['Use raw_atomic_inc()', 'Allow noinstr.instrumented-access here, with a reason']);
    expect(after).toContain('\traw_atomic_inc(&ax_n);');
  });

  it('a region where RCU may be watching, never where it is not', () => {
    const plain = fix('void noinstr ax_f(void)\n{\n\tax_work();\n}\n', 'calls-instrumentable');
    expect(plain.after).toContain('\tinstrumentation_begin();\n\tax_work();\n\tinstrumentation_end();\n');
    const early = fix('void noinstr ax_f(void)\n{\n\tax_work();\n\tuser_exit_irqoff();\n}\n', 'calls-instrumentable');
    expect(early.titles).toEqual(['Allow noinstr.calls-instrumentable here, with a reason']);
  });

  it.each([
    ['trace-or-print', '', 'printk("ax")'],
    ['partial-protection', 'void notrace ax_quiet(void) { ax_count = 1; }\n', 'ax_quiet()'],
    ['indirect-call', 'void (*ax_hook)(void);\n', 'ax_hook()'],
  ])('a region for %s where RCU may be watching, none where it is not', (rule, before, call) => {
    const plain = fix(`${before}void noinstr ax_f(void)\n{\n\t${call};\n}\n`, rule);
    expect(plain.titles).toContain('Put it into an instrumentation region');
    const early = fix(`${before}void noinstr ax_f(void)\n{\n\t${call};\n\tuser_exit_irqoff();\n}\n`, rule);
    expect(early.titles).not.toContain('Put it into an instrumentation region');
    expect(early.titles.length).toBeGreaterThan(0);
  });

  it('__always_inline at the definition of a helper', () => {
    const source =
      'static inline int ax_odd(int v) { return v & 1; }\nvoid noinstr ax_f(void)\n{\n\tax_count = ax_odd(2);\n}\n';
    expect(fix(source, 'calls-plain-inline').after).toContain('static __always_inline int ax_odd');
  });

  it('braces where a statement stood alone behind a condition', () => {
    const source = `void noinstr ax_f(int n)
{
	if (n)
		ax_work();
	else
		ax_count = n;
}
`;
    expect(fix(source, 'calls-instrumentable').after).toBe(`void noinstr ax_f(int n)
{
	if (n) {
		instrumentation_begin();
		ax_work();
		instrumentation_end();
	} else
		ax_count = n;
}
`);
    const leaves = `int noinstr ax_f(void)
{
	instrumentation_begin();
	if (ax_try())
		return 1;
	instrumentation_end();
	return 0;
}
`;
    expect(fix(leaves, 'region-left-open').after).toContain(
      '\tif (ax_try()) {\n\t\tinstrumentation_end();\n\t\treturn 1;\n\t}\n',
    );
  });

  it('no statement beside a line that goes on with another one', () => {
    const source = 'void noinstr ax_f(int n)\n{\n\tn = n +\n\t\tax_try();\n}\n';
    expect(fix(source, 'calls-instrumentable').titles).toEqual([
      'Allow noinstr.calls-instrumentable here, with a reason',
    ]);
  });

  it('noinstr at a definition in the same file whose own calls are clean', () => {
    const source = (body: string): string =>
      `static int\nax_help(int n)\n{\n\t${body}\n}\nNOKPROBE_SYMBOL(ax_help);\nvoid noinstr ax_f(void)\n{\n\tax_count = ax_help(1);\n}\n`;
    const title = 'Make ax_help() noinstr';
    expect(fix(source('return n + 1;'), 'partial-protection', title).after).toBe(
      'static int\nnoinstr ax_help(int n)\n{\n\treturn n + 1;\n}\nvoid noinstr ax_f(void)\n{\n\tax_count = ax_help(1);\n}\n',
    );
    expect(fix(source('return ax_try();'), 'partial-protection').titles).not.toContain(title);
  });

  it('noinstr in place of what a hook target says already', () => {
    const source = `struct ax_ops { int (*read)(void); };
static int notrace ax_slow(void) { return 1; }
static struct ax_ops ax_ops = { .read = ax_slow };
int noinstr ax_f(struct ax_ops *ops)
{
	return ops->read();
}
`;
    expect(fix(source, 'hook-target-instrumentable').after).toContain('static int noinstr ax_slow(void)');
  });

  it('a key is made read-only where only init code changes it', () => {
    const source = (setter: string): string => `DEFINE_STATIC_KEY_FALSE(ax_k);
${setter}
{
	static_branch_enable(&ax_k);
}
int noinstr ax_f(void)
{
	return static_branch_unlikely(&ax_k);
}
`;
    const title = 'Define the key read-only after init';
    expect(fix(source('static void __init ax_setup(void)'), 'static-key-writable').titles).toContain(title);
    expect(fix(source('static void ax_toggle(void)'), 'static-key-writable').titles).not.toContain(title);
  });

  it('both markers of a region that is not needed', () => {
    const source =
      'void noinstr ax_f(void)\n{\n\tinstrumentation_begin();\n\tWRITE_ONCE(ax_count, 1);\n\tinstrumentation_end();\n}\n';
    expect(fix(source, 'region-unneeded').after).toBe('void noinstr ax_f(void)\n{\n\tWRITE_ONCE(ax_count, 1);\n}\n');
    const renamed = `#define ax_open() instrumentation_begin()\n${source.replace('instrumentation_begin', 'ax_open')}`;
    expect(fix(renamed, 'region-unneeded').titles).not.toContain('Remove both markers');
  });

  it('a region is closed before an early return', () => {
    const source =
      'int noinstr ax_f(void)\n{\n\tinstrumentation_begin();\n\tif (ax_try()) {\n\t\treturn 1;\n\t}\n\tinstrumentation_end();\n\treturn 0;\n}\n';
    expect(fix(source, 'region-left-open').after).toContain('\t\tinstrumentation_end();\n\t\treturn 1;');
  });
});
