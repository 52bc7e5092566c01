import { describe, expect, it } from 'vitest';
import { patchpoint } from '../support/runCli.ts';

const demo = 'examples/arch/arm64/kernel/demo-alternatives.S';

describe('help and version', () => {
  it('--help lists the commands on stdout', async () => {
    const { status, out, err } = await patchpoint(['--help']);
    expect(status).toBe(0);
    expect(err).toBe('');
    for (const command of ['sites', 'expand', 'lint', 'state', 'lsp'])
      expect(out).toMatch(new RegExp(`^ {2}${command} `, 'm'));
  });

  it.each(['sites', 'expand', 'lint', 'image', 'state', 'show', 'lsp'])(
    '%s --help tells its options',
    async (command) => {
      const { status, out } = await patchpoint([command, '--help']);
      expect(status).toBe(0);
      expect(out).toMatch(new RegExp(`^Usage: patchpoint ${command} `));
      expect(out).toMatch(/^ {2}--/m);
    },
  );

  it('no line of help is too wide for a terminal', async () => {
    for (const command of ['sites', 'expand', 'lint', 'image', 'noinstr', 'state', 'show', 'lsp']) {
      const { out } = await patchpoint([command, '--help']);
      expect(out.split('\n').filter((line) => line.length > 110)).toEqual([]);
    }
  });

  it('--version is one line', async () => {
    expect((await patchpoint(['--version'])).out).toMatch(/^\S+\n$/);
  });
});

describe('what cannot be run ends with 2 and one line on stderr', () => {
  it.each([
    [['nonsense'], /no command "nonsense"/],
    [['sites'], /no path given/],
    [['sites', '--bogus', demo], /--bogus/],
    [['sites', '--format', 'xml', demo], /--format xml: expected one of text, json, jsonl/],
    [['sites', 'no/such/place.S', '--kernel', 'examples'], /no\/such\/place\.S: no such file/],
    [['sites', 'package.json'], /not in an arm64 kernel tree/],
    [['sites', demo, '--kernel', 'no-such-tree'], /--kernel .*no-such-tree: no such file or directory/],
    [['sites', demo, '--config', 'examples'], /--config .*is not a file/],
    [['sites', demo, '--state', 'pdp-11'], /--state pdp-11: no such file, and no built-in state of that name/],
    [['expand'], /expected one file/],
    [['expand', 'examples'], /is a directory/],
    [['expand', demo, '--level', 'many'], /--level many: expected a number/],
    [['lint', demo, '--rule', 'no.such-rule'], /no rule "no\.such-rule"; the rules are: /],
    [['lint', demo, '--severity', 'mild'], /--severity mild: expected one of/],
    [['state'], /say --list/],
    [['lsp'], /say --stdio/],
  ] as const)('%j', async (args, message) => {
    const { status, out, err } = await patchpoint(args);
    expect(err).toMatch(message);
    expect(out).toBe('');
    expect(status).toBe(2);
  });

  it('a broken input is named and the others are processed', async () => {
    const { status, out, err } = await patchpoint(['sites', '--format', 'jsonl', 'examples/absent.S', demo]);
    expect(status).toBe(2);
    expect(err).toContain('examples/absent.S: no such file or directory');
    expect(out.split('\n').length).toBeGreaterThan(3);
  });

  it('a binary file is named', async () => {
    const { status, err } = await patchpoint(['lint', '--kernel', 'examples', process.execPath]);
    expect(status).toBe(2);
    expect(err).toContain('not a text file');
  });
});
