import { describe, expect, it } from 'vitest';
import { noinstrCallItem, noinstrOutgoingCalls } from '../../../server/src/features/noinstr/noinstrCalls.ts';
import { noinstrFindings } from '../../../server/src/features/noinstr/noinstrFindings.ts';
import { functionAt, reachFrom, reachFromName, reachRoots } from '../../../server/src/features/noinstr/reachability.ts';
import { reachText } from '../../../server/src/features/noinstr/reachModel.ts';
import { noinstrTree, preamble } from '../../support/noinstrTree.ts';

const path = '/k/arch/arm64/kernel/ax_reach.c';
const text = `${preamble}void ax_far(void); void ax_asm(void);
static __always_inline void ax_step(void)
{
	ax_far();
}
static void noinstr ax_inner(void)
{
	ax_step();
	ax_work();
}
void noinstr ax_vec(struct pt_regs *regs)
{
	ax_inner();
	user_exit_irqoff();
	ax_work();
	ax_far();
	user_enter_irqoff();
	ax_inner();
}
void ax_plain(void)
{
	ax_vec(0);
}
`;
const far =
  'void ax_work(void);\nvoid noinstr ax_far(void)\n{\n\tinstrumentation_begin();\n\tax_work();\n\tinstrumentation_end();\n}\n';
const entry = '\t.pushsection ".entry.text", "ax"\nax_vectors:\n\tbl\tax_vec\n\t.popsection\n';

const tree = (): ReturnType<typeof noinstrTree> =>
  noinstrTree({ [path]: text, 'kernel/ax_far.c': far, 'arch/arm64/kernel/ax_entry.S': entry });
const short = (file: string): string => file.slice(file.lastIndexOf('/') + 1);

describe('what can run without instrumentation', () => {
  it('from a function, over files, with context and findings', () => {
    const reach = reachFrom(tree(), path, 'ax_vec', 'context');
    expect(reach.kind === 'reach' ? reachText(reach.root, short) : reach.reason).toBe(
      [
        'ax_vec  [noinstr · OUT · 1 more called where instrumentation is allowed]  ax_reach.c:12',
        '  ax_inner  [noinstr · OUT]  ax_reach.c:14',
        '    ax_step  [always-inline · OUT]  ax_reach.c:9',
        '      ax_far  [noinstr · OUT · 1 more called where instrumentation is allowed]  ax_reach.c:5',
        '    ! ax_work  [plain · OUT · noinstr.calls-instrumentable]  ax_reach.c:10',
        '  user_exit_irqoff  [always-inline · OUT]  ax_reach.c:15',
        '  ax_far  [noinstr · IN · shown above]  ax_reach.c:17',
        '  user_enter_irqoff  [always-inline · IN]  ax_reach.c:18',
        '  ax_inner  [noinstr · OUT · shown above]  ax_reach.c:19',
        '',
      ].join('\n'),
    );
  });

  it('only from a function that is noinstr itself', () => {
    expect(reachFromName(tree(), tree().workspace.treeFor(path)!, 'ax_plain', 'context')).toEqual({
      kind: 'none',
      reason: 'ax_plain is not noinstr: it can be instrumented itself',
    });
    expect(reachFromName(tree(), tree().workspace.treeFor(path)!, 'ax_none', 'context')).toMatchObject({
      kind: 'none',
    });
  });

  it('from what the vectors branch to', () => {
    const ctx = tree();
    expect(reachRoots(ctx, ctx.workspace.treeFor(path)!)).toEqual(['ax_vec']);
  });

  it('a place means the function named there, else the one around it', () => {
    const at = (piece: string): string | null => functionAt(tree(), path, text.indexOf(piece) + 1, 'context');
    expect(at('ax_inner();\n\tuser')).toBe('ax_inner');
    expect(at('user_exit_irqoff')).toBe('ax_vec');
  });
});

describe('the call hierarchy of a noinstr function', () => {
  it('has what runs without instrumentation, through inlined functions too', () => {
    const ctx = tree();
    noinstrFindings(ctx, path);
    const item = noinstrCallItem(ctx, path, text.indexOf('ax_inner(void)') + 2);
    expect(item).toMatchObject({ name: 'ax_inner', noinstr: true });
    const calls = item === null ? [] : noinstrOutgoingCalls(ctx, item, 'context');
    const shown = calls.map(({ item: called, ranges }) => {
      const words = ranges.map(({ start, end }) => text.slice(start, end)).join(' ');
      return `${called.name} (${called.noinstr === true ? 'goes on' : 'ends'}) at ${words}: ${called.detail}`;
    });
    expect(shown).toEqual([
      'ax_far (goes on) at ax_step: noinstr · OUT',
      'ax_work (ends) at ax_work: plain · OUT · noinstr.calls-instrumentable',
    ]);
  });

  it('is not offered for other functions', () => {
    const ctx = tree();
    noinstrFindings(ctx, path);
    expect(noinstrCallItem(ctx, path, text.indexOf('ax_plain') + 2)).toBeNull();
  });
});
