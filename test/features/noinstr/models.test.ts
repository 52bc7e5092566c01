import { describe, expect, it } from 'vitest';
import { hover } from '../../../server/src/features/hover.ts';
import { contextOfFunction, type FunctionWish } from '../../../server/src/features/noinstr/contextFunction.ts';
import { scenarioSteps, scenarioTable } from '../../../server/src/features/noinstr/contextTable.ts';
import { checkShown } from '../../../server/src/features/noinstr/noinstrFindings.ts';
import { type StepTable, stepText } from '../../../server/src/features/noinstr/stepTable.ts';
import { trampolineSteps, trampolineTable } from '../../../server/src/features/noinstr/trampolineTable.ts';
import { noinstrTree, preamble } from '../../support/noinstrTree.ts';

const path = '/k/arch/arm64/kernel/ax_model.c';
const source = `${preamble}static __always_inline void ax_enter(struct pt_regs *regs)
{
	lockdep_hardirqs_off(CALLER_ADDR0);
	user_exit_irqoff();
	trace_hardirqs_off_finish();
}
void noinstr ax_svc(struct pt_regs *regs)
{
	ax_work();
	ax_enter(regs);
	ax_work();
	if (ax_try())
		preempt_disable();
	trace_hardirqs_on_prepare();
	lockdep_hardirqs_on_prepare();
	user_enter_irqoff();
	lockdep_hardirqs_on(CALLER_ADDR0);
}
void noinstr ax_irq(struct pt_regs *regs)
{
	bool restore = lockdep_hardirqs_enabled();

	__nmi_enter();
	lockdep_hardirqs_off(CALLER_ADDR0);
	ct_nmi_enter();
	trace_hardirqs_off_finish();
	ax_work();
	if (restore) {
		trace_hardirqs_on_prepare();
		lockdep_hardirqs_on_prepare();
	}
	ct_nmi_exit();
	if (restore)
		lockdep_hardirqs_on(CALLER_ADDR0);
	__nmi_exit();
}
static noinstr void ax_mask(void)
{
	local_irq_disable();
}
void noinstr ax_exit(struct pt_regs *regs)
{
	ax_enter(regs);
	local_irq_enable();
	ax_mask();
	trace_hardirqs_on_prepare();
	lockdep_hardirqs_on_prepare();
	user_enter_irqoff();
	lockdep_hardirqs_on(CALLER_ADDR0);
}
void noinstr ax_both(struct pt_regs *regs)
{
	if (user_mode(regs)) {
		ax_enter(regs);
		return;
	}
	lockdep_hardirqs_off(CALLER_ADDR0);
	trace_hardirqs_off_finish();
}
void noinstr ax_leave(irqentry_state_t irq_state)
{
	if (irq_state.lockdep) {
		trace_hardirqs_on_prepare();
		lockdep_hardirqs_on_prepare();
	}
	ct_nmi_exit();
	if (irq_state.lockdep)
		lockdep_hardirqs_on(CALLER_ADDR0);
}
void noinstr ax_open(void)
{
	ax_wfi();
}
`;

function tree(): ReturnType<typeof noinstrTree> {
  const ctx = noinstrTree({ [path]: source });
  ctx.workspace.openDocument(path, source, 1);
  checkShown(ctx, path, 'context');
  return ctx;
}

function follow(
  name: string,
  more: Partial<FunctionWish> = {},
): { readonly table: StepTable; readonly paths: readonly string[] } {
  const wish = { path, name, offset: null, from: null, tracking: 'active', nPath: 0, ...more } as const;
  const found = contextOfFunction(tree(), wish, 'context');
  if (found.kind === 'none') throw new Error(found.reason);
  return found;
}

/** Steps with the columns that are named. */
function columns(table: StepTable, ...names: readonly string[]): string {
  const at = names.map((name) => table.columns.indexOf(name));
  return table.rows
    .map((row) =>
      [`${'  '.repeat(row.indent)}${row.step}`.padEnd(32), ...at.map((index) => row.cells[index])].join(' '),
    )
    .join('\n');
}

describe('context tracking along a function', () => {
  it('shows every call with the state behind it', () => {
    const { table, paths } = follow('ax_svc');
    expect(columns(table, 'RCU', 'lockdep', 'trace', 'preempt', 'instr')).toMatchInlineSnapshot(`
      "ax_work()                        off on on 0 no
      ax_enter()                       off on on 0 no
        lockdep_hardirqs_off()         off off on 0 no
        user_exit_irqoff()             on off on 0 no
        trace_hardirqs_off_finish()    on off off 0 yes
      ax_work()                        on off off 0 yes
      ax_try()                         on off off 0 yes
      ax_try(): yes                    on off off 0 yes
      preempt_disable()                on off off c1 yes
      trace_hardirqs_on_prepare()      on off on c1 no
      lockdep_hardirqs_on_prepare()    on off on c1 no
      user_enter_irqoff()              off off on c1 no
      lockdep_hardirqs_on()            off on on c1 no
      end                              off on on c1 no"
    `);
    expect(paths).toMatchInlineSnapshot(`
      [
        "ax_try(): yes, preempt_disable()",
        "ax_try(): no",
      ]
    `);
    expect(table.about[0]).toBe(
      'Start: an exception from user space, as user_exit_irqoff() tells. Context tracking is active.',
    );
  });

  it('says what is broken where', () => {
    const { table } = follow('ax_svc');
    const broken = table.rows.flatMap((row) =>
      table.checks.flatMap(({ id }, at) => (row.ticks[at] === false ? `${row.step} ${id}` : [])),
    );
    expect(broken).toEqual(['ax_work() V1', 'end V2']);
    expect(table.rows.at(-1)?.problems).toEqual(['not as it was on entry: preempt']);
  });

  it('follows the flag that an entry saves for its exit', () => {
    const on = follow('ax_irq');
    expect(on.paths).toHaveLength(1);
    expect(columns(on.table, 'lockdep', 'nmi')).toContain('lockdep_hardirqs_on()            on N');
    const off = follow('ax_irq', { from: 'hardirq' });
    expect(columns(off.table, 'lockdep')).not.toContain('lockdep_hardirqs_on()');
    expect(off.table.rows.at(-1)?.problems).toEqual([]);
  });

  it('follows what other noinstr functions do to the mask', () => {
    const { table } = follow('ax_exit');
    expect(columns(table, 'masked')).toMatch(/ {2}local_irq_disable\(\) +DAIF/);
    expect(table.rows.flatMap((row) => row.problems)).toEqual([]);
  });

  it('knows what was interrupted when the function asks', () => {
    expect(columns(follow('ax_both').table, 'RCU')).toContain('user_exit_irqoff()');
    expect(columns(follow('ax_both', { from: 'task' }).table, 'RCU')).not.toContain('user_exit_irqoff()');
    const left = follow('ax_leave');
    expect(left.paths).toHaveLength(1);
    expect(columns(left.table, 'lockdep')).toMatch(/lockdep_hardirqs_on\(\) +on/);
  });

  it('knows no more than the callers of a function without a switch', () => {
    const { table } = follow('ax_open');
    expect(table.about[0]).toContain('it makes no switch of the context, and its callers are not known or differ');
    expect(table.rows[0]?.cells.slice(0, 3)).toEqual(['?', '?', '?']);
  });

  it('marks the line of the cursor', () => {
    const { table } = follow('ax_svc', {
      name: null,
      offset: source.indexOf('user_enter_irqoff();\n\tlockdep_hardirqs_on('),
    });
    expect(table.rows.filter((row) => row.isHere).map((row) => row.step)).toEqual(['user_enter_irqoff()']);
  });

  it('is nothing for what is no noinstr function', () => {
    const wish = { path, name: 'ax_work', offset: null, from: null, tracking: null, nPath: 0 };
    expect(contextOfFunction(tree(), wish, 'context')).toMatchObject({ kind: 'none' });
  });
});

describe('the hover of a call in noinstr code', () => {
  /** The part that the model says, at a text. */
  function said(text: string): string {
    const markdown = hover(tree(), path, source.indexOf(text) + 2)?.markdown ?? '';
    return markdown.split('\n\n').slice(1).join('\n');
  }

  it('has the state of the CPU there', () => {
    expect(said('ax_work();\n\tax_enter')).toMatchInlineSnapshot(`
      "**State here:** mode task · RCU is not watching · lockdep told that interrupts are on · tracing told that interrupts are on · preempt count 0 · masked DAIF · instrumentation is not allowed · scheduling is not allowed · a fault is not allowed · an interrupt cannot come.
      Start: an exception from user space, as user_exit_irqoff() tells; context tracking active."
    `);
  });

  it('says what differs between the paths', () => {
    expect(said('\tuser_enter_irqoff();\n\tlockdep_hardirqs_on(')).toContain(
      'Not the same on all paths: preempt count.',
    );
  });

  it('says why something is not known', () => {
    expect(said('\tax_wfi();\n}\n')).toContain('Start: it makes no switch of the context');
  });
});

describe('tables of the models', () => {
  it('can be pasted into a mail', async () => {
    const found = trampolineSteps({ scenario: 3, protocol: 'innermost-pc' });
    if ('problem' in found) throw new Error(found.problem);
    await expect(stepText(trampolineTable(found))).toMatchFileSnapshot('models.trampolines.snap.txt');
  });

  it('group the calls of a function', async () => {
    const found = scenarioSteps('el1-irq-idle', 'active');
    if ('problem' in found) throw new Error(found.problem);
    await expect(stepText(scenarioTable(found))).toMatchFileSnapshot('models.context.snap.txt');
  });

  it('say where a run stops', () => {
    const found = trampolineSteps({ steps: 'irq, irq', protocol: 'flag+frame' });
    if ('problem' in found) throw new Error(found.problem);
    expect(trampolineTable(found).notes[0]).toBe(
      'Stopped at step 2, irq: interrupts are masked in a handler; only an NMI comes through.',
    );
    expect(trampolineSteps({ scenario: 9, protocol: 'flag+frame' })).toEqual({
      problem: 'scenarios are numbered 1 to 7',
    });
    expect(scenarioSteps('lunch', 'off')).toHaveProperty('problem');
  });
});
