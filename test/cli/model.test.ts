import { describe, expect, it } from 'vitest';
import { runCli } from '../../server/src/cli/main.ts';
import { noinstrCodes } from '../../server/src/features/noinstr/noinstrCodes.ts';
import { readProjectFile } from '../support/projectFiles.ts';

const guide = readProjectFile('docs/noinstr.md');

async function run(...argv: readonly string[]): Promise<{ status: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const status = await runCli(argv, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    cwd: process.cwd(),
    color: false,
    errIsTerminal: false,
    nowMs: () => 0,
  });
  return { status, out, err };
}

describe('the guide to noinstr code', () => {
  it('has the tables that the commands print', async () => {
    const shown = [...guide.matchAll(/^```text\n\$ patchpoint (.*)\n([\s\S]*?)```$/gm)];
    expect(shown.length).toBe(2);
    for (const [, command, text] of shown) {
      const { out } = await run(...(command ?? '').split(' '));
      expect(out.trimEnd()).toBe((text ?? '').trimEnd());
    }
  });

  it('has every rule with its severity and title', () => {
    const rows = noinstrCodes.map(
      ({ rule, severity, title }) => `| [\`${rule}\`](rules/${rule}.md) | ${severity} | ${title} |`,
    );
    expect(rows.filter((row) => !guide.includes(row))).toEqual([]);
    expect(guide.match(/\]\(rules\/noinstr\./g)).toHaveLength(noinstrCodes.length);
  });
});

describe('patchpoint model', () => {
  it('prints steps as JSON', async () => {
    const { out, status } = await run('model', 'tramp', '--scenario', '2', '--format', 'json');
    expect(status).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      model: 'tramp',
      protocol: 'flag+frame',
      steps: [
        { index: 1, step: 'run tramp', verdict: 'running' },
        { index: 2, step: 'irq', flag: true, answer: true, truth: true, verdict: 'correct', invariants: { I1: true } },
        { step: 'ask' },
        { step: 'exit', flag: false },
      ],
      refused: null,
    });
    const context = await run('model', 'context', '--scenario', 'guest', '--format', 'json');
    expect(JSON.parse(context.out)).toMatchObject({ model: 'context', start: { watching: true, nmiNesting: 'N' } });
  });

  it('runs all scenarios when none is named, and lists them', async () => {
    expect((await run('model', 'tramp')).out.match(/^Interrupted trampolines, scenario/gm)).toHaveLength(7);
    expect((await run('model', '--list')).out).toContain('syscall+nmi');
  });

  it('tells the class of a symbol in the stack', async () => {
    const { out } = await run('model', 'tramp', '--scenario', '2', '--pc', 'ftrace_caller+0x40');
    expect(out).toContain('ftrace_caller+0x40 < irq*');
  });

  it('follows a function of the example tree', async () => {
    const target = 'examples/arch/arm64/kernel/entry-common.c:el1_irq_handler';
    const { out, status } = await run('model', 'context', target, '--from', 'idle', '--tracking', 'active');
    expect(status).toBe(0);
    expect(out).toContain('Start: an exception from idle while RCU does not watch. Context tracking is active.');
    expect(out).toMatch(/ct_irq_enter\(\)\s+idle\s+on\s+idle\s+0\s+1\s/);
    const json = await run('model', 'context', target, '--format', 'json');
    expect(JSON.parse(json.out)).toMatchObject({ function: 'el1_irq_handler', model: 'context' });
  });

  it.each([
    [['model'], 'name a model'],
    [['model', 'tramp', '--scenario', '9'], 'scenarios are numbered 1 to 7'],
    [['model', 'tramp', '--steps', 'dance'], '"dance" is no step'],
    [['model', 'context', '--scenario', 'x'], 'no scenario x'],
    [['model', 'context', 'examples/Makefile'], 'expected FILE:FUNCTION'],
    [['model', 'context', 'examples/arch/arm64/kernel/entry-common.c:nothing'], 'is no noinstr function'],
  ])('%s is refused', async (argv, reason) => {
    const { status, err } = await run(...argv);
    expect(status).toBe(2);
    expect(err).toContain(reason);
  });
});
