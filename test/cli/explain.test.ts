import { describe, expect, it } from 'vitest';
import { patchpoint } from '../support/runCli.ts';

const mistakes = 'examples/arch/arm64/kernel/noinstr-mistakes.c';

describe('lint --explain', () => {
  it('shows below a finding the path that leads to it', async () => {
    const { out } = await patchpoint(['lint', '--explain', '--rule', 'noinstr.context-unbalanced', mistakes]);
    const steps = out.split('\n').filter((line) => /^ {2}(line|\d)/.test(line));
    expect(steps.map((line) => line.replace(/^ {2}\d+ +/, '').trimEnd())).toEqual([
      '  line  context  depth  irqs    step',
      'OUT      0      masked  mistake_unbalanced() is entered',
      'IN       0      masked  user_exit_irqoff()',
      'IN       0      masked  try_event() is true',
      'IN       0      masked  return: noinstr.context-unbalanced',
    ]);
  });

  it('has it in the records, and nothing for findings that are no matter of a path', async () => {
    const rules = ['--rule', 'noinstr.entry-order', '--rule', 'noinstr.inline-conflict'];
    const { out } = await patchpoint(['lint', '--explain', '--format', 'json', ...rules, mistakes]);
    const records = JSON.parse(out) as { rule: string; path?: { text: string; after: unknown }[] }[];
    expect(records.map(({ rule, path }) => `${rule} ${path?.length ?? 'no path'}`)).toEqual([
      'noinstr.entry-order 3',
      'noinstr.inline-conflict no path',
    ]);
    expect(records[0]?.path?.[1]).toMatchObject({
      text: 'user_exit_irqoff()',
      after: { depth: 0, context: 'IN', interrupts: 'masked' },
    });
  });
});
