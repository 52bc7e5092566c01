import { describe, expect, it } from 'vitest';
import { judgeTransfers, type VerdictFrame } from '../../../server/src/features/noinstr/imageVerdicts.ts';
import type { OutTransfer } from '../../../server/src/noinstr/image/outTransfers.ts';
import type { Policy } from '../../../server/src/noinstr/walk.ts';
import { noinstrTree, preamble } from '../../support/noinstrTree.ts';

const path = '/k/arch/arm64/kernel/ax_image.c';

/** Verdict, reason and known targets of one transfer out of a function of the text; `*` is a call through a pointer. */
function judge(
  text: string,
  from: string,
  to: string,
  policy: Policy = 'context',
  frames: readonly VerdictFrame[] = [],
): string {
  const ctx = noinstrTree({ [path]: preamble + text });
  const tree = ctx.workspace.treeFor('/k/Makefile');
  if (tree === null) throw new Error('no tree');
  const target = to === '*' ? null : to;
  const transfer: OutTransfer = {
    from,
    fromAddress: 0x1000n,
    to: target,
    toAddress: target === null ? null : 0x2000n,
    via: target === null ? 'blr' : 'bl',
    state: 'always',
    isSwitch: false,
    isExternal: false,
    fromAssembly: false,
  };
  const [verdict] = judgeTransfers(ctx, tree, policy, [transfer], () => frames);
  if (verdict === undefined) throw new Error('no verdict');
  const targets = verdict.targets.length === 0 ? '' : ` (${verdict.targets.join(', ')})`;
  return `${verdict.verdict} ${verdict.reason}${targets}`;
}

const entry = `void noinstr ax_vec(struct pt_regs *regs)
{
	user_exit_irqoff();
	ax_work();
	user_enter_irqoff();
}
`;

describe('direct calls of an image', () => {
  it('are judged by the context', () => {
    expect(judge(entry, 'ax_vec', 'ax_work')).toBe('allowed context');
    expect(judge(entry.replace('\tuser_exit_irqoff();\n', ''), 'ax_vec', 'ax_work')).toBe('allowed context');
    expect(
      judge(entry.replace('\tax_work();\n\tuser', '\tuser').replace(/}\n$/, '\tax_work();\n}\n'), 'ax_vec', 'ax_work'),
    ).toBe('violation rcu-off');
  });

  it('are judged by the function when no context is known', () => {
    expect(judge('void noinstr ax_f(void) { ax_work(); }\n', 'ax_f', 'ax_work')).toBe('violation contract');
    expect(judge('int __cpuidle ax_f(void) { ax_work(); return 0; }\n', 'ax_f', 'ax_work')).toBe(
      'violation idle-contract',
    );
    const region = 'void noinstr ax_f(void) { instrumentation_begin(); ax_work(); instrumentation_end(); }\n';
    expect(judge(region, 'ax_f', 'ax_work')).toBe('allowed region');
  });

  it('of a part of a function belong to the function', () => {
    expect(judge(entry, 'ax_vec.isra.0', 'ax_work.constprop.0')).toBe('allowed context');
  });

  it('that the compiler made are allowed', () => {
    expect(judge('void noinstr ax_f(void) { }\n', 'ax_f', '__memset')).toBe('allowed compiler-emitted');
  });

  it('are flagged outside regions by the strict policy', () => {
    expect(judge(entry, 'ax_vec', 'ax_work', 'strict')).toBe('violation outside-region');
    expect(judge('void noinstr ax_f(void) { }\n', 'ax_f', '__memset', 'strict')).toBe('violation outside-region');
  });

  it('at places that differ are told apart by the line, if there is one', () => {
    const twice = `void noinstr ax_f(int c)
{
	if (c) {
		instrumentation_begin();
		ax_work();
		instrumentation_end();
	} else {
		ax_work();
	}
}
`;
    const at = (line: number): VerdictFrame[] => [{ name: 'ax_f', file: 'arch/arm64/kernel/ax_image.c', line }];
    expect(judge(twice, 'ax_f', 'ax_work')).toBe('unverified no-source');
    expect(judge(twice, 'ax_f', 'ax_work', 'context', at(6))).toBe('allowed region');
    expect(judge(twice, 'ax_f', 'ax_work', 'context', at(9))).toBe('violation contract');
  });

  it('of a function that no source has are left open', () => {
    expect(judge(entry, 'ax_other', 'ax_work')).toBe('unverified no-source');
  });
});

const hook = `struct ax_ops { void (*poll)(struct pt_regs *regs); };
struct ax_ops ax_ops;
TARGET void ax_poll(struct pt_regs *regs) { ax_count++; }
void ax_setup(void) { ax_ops.poll = ax_poll; }
void noinstr ax_f(struct pt_regs *regs)
{
	BEGIN
	ax_ops.poll(regs);
	END
}
`.replace(/\n\t(BEGIN|END)/g, '');

function inRegion(text: string): string {
  return text.replace(
    '\tax_ops.poll(regs);',
    '\tinstrumentation_begin();\n\tax_ops.poll(regs);\n\tinstrumentation_end();',
  );
}

describe('calls through pointers', () => {
  it('with a known target that can be instrumented are violations, be the set open or not', () => {
    expect(judge(hook.replace('TARGET', 'static'), 'ax_f', '*')).toBe('violation indirect-instrumentable (ax_poll)');
    const inlined = hook.replace('TARGET', 'static __always_inline');
    expect(judge(inlined, 'ax_f', '*')).toBe('violation indirect-instrumentable (ax_poll)');
  });

  it('whose known targets are all noinstr are no violations', () => {
    expect(judge(hook.replace('TARGET', 'noinstr'), 'ax_f', '*')).not.toContain('violation');
  });

  it('in a region are allowed while RCU watches', () => {
    expect(judge(inRegion(hook.replace('TARGET', 'static')), 'ax_f', '*')).toBe('allowed region (ax_poll)');
  });

  it('of a callback that callers hand in are left open', () => {
    const walk = `typedef void (*ax_fn)(struct pt_regs *regs);
struct ax_walk { ax_fn fn; };
static void ax_print(struct pt_regs *regs) { ax_count++; }
void noinstr ax_f(ax_fn fn, struct pt_regs *regs)
{
	struct ax_walk walk = { .fn = fn };
	struct ax_walk *data = &walk;
	data->fn(regs);
}
void ax_caller(struct pt_regs *regs)
{
	ax_f(ax_print, regs);
}
`;
    expect(judge(walk, 'ax_f', '*')).toMatch(/^unverified open-indirect/);
  });

  it('are looked for in the function that an inline helper is given', () => {
    const given = `typedef void (*ax_fn)(struct pt_regs *regs);
struct ax_walk { ax_fn fn; };
static void ax_entry(struct pt_regs *regs, struct ax_walk *data)
{
	data->fn(regs);
}
static __always_inline void ax_walk_all(void (*each)(struct pt_regs *, struct ax_walk *), struct pt_regs *regs, struct ax_walk *data)
{
	each(regs, data);
}
void noinstr ax_f(ax_fn fn, struct pt_regs *regs)
{
	struct ax_walk walk = { .fn = fn };

	ax_walk_all(ax_entry, regs, &walk);
}
`;
    expect(judge(given, 'ax_f', '*')).toBe('unverified open-indirect');
    expect(judge(given, 'ax_f', 'ax_entry')).toBe('violation contract');
  });

  it('are flagged outside regions by the strict policy', () => {
    expect(judge(hook.replace('TARGET', 'noinstr'), 'ax_f', '*', 'strict')).toBe('violation outside-region (ax_poll)');
    expect(judge(inRegion(hook.replace('TARGET', 'static')), 'ax_f', '*', 'strict')).toBe('allowed region (ax_poll)');
  });
});
