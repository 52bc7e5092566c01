import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type CliResult, patchpoint } from '../support/runCli.ts';

const demo = 'examples/arch/arm64/kernel/demo-alternatives.S';
const mistakes = 'examples/arch/arm64/kernel/mistakes.S';
const folder = mkdtempSync(join(tmpdir(), 'patchpoint-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Site {
  readonly kind: string;
  readonly file: string;
  readonly line: number;
  readonly trigger: { readonly cpucap: string };
  readonly unpatched: readonly { readonly text: string; readonly word: string | null; readonly origin: unknown }[];
  readonly patched: readonly { readonly text: string }[] | null;
  readonly configSource: string;
}

describe('sites', () => {
  it('json is one array of the records of the contract', async () => {
    const { status, out, err } = await patchpoint(['sites', '--format', 'json', demo]);
    expect(status).toBe(0);
    expect(err).toMatch(/^patchpoint: kernel .*configuration: .*defconfig/);
    const sites: Site[] = JSON.parse(out);
    expect(sites.length).toBeGreaterThan(5);
    for (const site of sites) {
      expect(site).toMatchObject({
        kind: expect.stringMatching(/^(alternative|callback-alternative)$/),
        file: 'arch/arm64/kernel/demo-alternatives.S',
        column: expect.any(Number),
        construct: expect.any(String),
        evidence: 'source',
        chain: expect.any(Array),
        issues: expect.any(Array),
        configSource: expect.stringContaining('defconfig'),
      });
      for (const insn of site.unpatched) expect(insn.word ?? '00000000').toMatch(/^[0-9a-f]{8}$/);
    }
  });

  it('jsonl has the same records, one a line', async () => {
    const json: Site[] = JSON.parse((await patchpoint(['sites', '--format', 'json', demo])).out);
    const { out } = await patchpoint(['sites', '--format', 'jsonl', demo]);
    const lines = out.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(json);
  });

  it('text has a header for each site and both streams beside each other', async () => {
    const { out } = await patchpoint(['sites', demo]);
    expect(out).toMatch(
      /^arch\/arm64\/kernel\/demo-alternatives\.S:\d+: \w+ ARM64_\w+ \(\w+.*\) {2}\d+ insns? -> \d+ insns?$/m,
    );
    expect(out).toMatch(/^ {4}unpatched +\| patched$/m);
    // Fit for a mail: no tabs, no escapes, no trailing blanks.
    expect(out).not.toMatch(/[\t\x1b]| $/m);
  });

  it('walks folders', async () => {
    const { status, out } = await patchpoint(['sites', '--format', 'jsonl', 'examples/arch']);
    expect(status).toBe(0);
    const files = new Set(
      out
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as Site).file),
    );
    expect(files.size).toBeGreaterThan(5);
  });

  it('--state shows what that machine runs', async () => {
    const read = async (state: string): Promise<readonly Site[]> =>
      JSON.parse((await patchpoint(['sites', '--format', 'json', '--state', state, demo])).out);
    const none = await read('none');
    expect(none.map((site) => site.patched?.map((insn) => insn.text) ?? null)).toEqual(
      none.map((site) => (site.patched === null ? null : site.unpatched.map((insn) => insn.text))),
    );
    expect(await read('all')).not.toEqual(none);
  });

  it('--state takes a file, and says what is wrong with a broken one', async () => {
    const good = join(folder, 'good.json');
    const bad = join(folder, 'bad.json');
    writeFileSync(good, '{ "name": "mine", "cpucaps": ["HAS_PAN"] }');
    writeFileSync(bad, '{ "name": ');
    expect((await patchpoint(['sites', '--state', good, demo])).status).toBe(0);
    const { status, err } = await patchpoint(['sites', '--state', bad, demo]);
    expect(status).toBe(2);
    expect(err).toMatch(/bad\.json:1: not valid JSON/);
  });

  it('--state takes a file that names only a core, one that starts with a byte order mark, and one called none', async () => {
    const changed = async (state: string): Promise<number> => {
      const { out } = await patchpoint(['sites', '--format', 'json', '--state', state, demo]);
      const texts = (insns: Site['patched']): string | undefined => insns?.map((insn) => insn.text).join();
      return (JSON.parse(out) as Site[]).filter((site) => texts(site.patched) !== texts(site.unpatched)).length;
    };
    const file = (text: string): string => {
      writeFileSync(join(folder, 'state.json'), text);
      return join(folder, 'state.json');
    };
    expect(await changed(file('{ "name": "board", "core": "neoverse-n1" }'))).toBe(await changed('neoverse-n1'));
    const some = await changed(file('{ "name": "board", "cpucaps": ["HAS_ECV"] }'));
    expect(some).toBeGreaterThan(0);
    expect(await changed(file('\ufeff{ "name": "board", "cpucaps": ["HAS_ECV"] }'))).toBe(some);
    expect(await changed(file('{ "name": "none", "cpucaps": ["HAS_ECV"] }'))).toBe(some);
  });

  it('--config decides CONFIG_*, and is named', async () => {
    const config = join(folder, 'my.config');
    writeFileSync(config, 'CONFIG_ARM64=y\n');
    const { out } = await patchpoint(['sites', '--format', 'json', '--config', config, demo]);
    for (const site of JSON.parse(out) as Site[]) expect(site.configSource).toContain('my.config');
  });
});

describe('lint', () => {
  it('finds nothing in good files: status 0, nothing on stdout', async () => {
    const { status, out, err } = await patchpoint(['lint', demo]);
    expect(out).toBe('');
    expect(err).toContain('1 file checked, nothing found');
    expect(status).toBe(0);
  });

  it('text is what problem matchers of compilers read', async () => {
    const { status, out } = await patchpoint(['lint', mistakes]);
    expect(status).toBe(1);
    const findings = out
      .split('\n')
      .filter((line) => /^\S+:\d+:\d+: (error|warning|note): .* \[[a-z-]+\.[a-z-]+\]$/.test(line));
    expect(findings.length).toBeGreaterThan(10);
  });

  it('json has the fields of the contract', async () => {
    const { status, out } = await patchpoint(['lint', '--format', 'json', mistakes]);
    expect(status).toBe(1);
    for (const finding of JSON.parse(out)) {
      expect(Object.keys(finding).sort()).toEqual(
        [
          ...['rule', 'severity', 'file', 'line', 'column', 'endLine', 'endColumn', 'message', 'related', 'fix'],
          'configSource',
        ].sort(),
      );
    }
  });

  it('rules can be chosen and left out, alone and as a group', async () => {
    const rules = async (...args: readonly string[]): Promise<ReadonlySet<string>> => {
      const { out } = await patchpoint(['lint', '--format', 'jsonl', ...args, mistakes]);
      return new Set(
        out
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line).rule),
      );
    };
    const all = await rules();
    const [first] = all;
    expect(await rules('--rule', first!)).toEqual(new Set([first]));
    expect(await rules('--no-rule', first!)).toEqual(new Set([...all].filter((rule) => rule !== first)));
    expect((await rules('--no-rule', 'alternative')).size).toBeLessThan(all.size);
    expect((await rules('--severity', 'error')).size).toBeLessThanOrEqual(all.size);
  });

  it('github makes workflow commands', async () => {
    const { out } = await patchpoint(['lint', '--format', 'github', mistakes]);
    for (const line of out.trimEnd().split('\n')) {
      expect(line).toMatch(
        /^::(error|warning|notice) file=arch\/arm64\/[\w./-]+,line=\d+,endLine=\d+(,col=\d+,endColumn=\d+)?,title=[\w.-]+::.+/,
      );
    }
  });
});

describe('inputs', () => {
  /** The example tree with files of other kinds in it. */
  const tree = join(folder, 'tree');
  cpSync('examples', tree, { recursive: true });
  const add = (name: string, text: string): string => {
    const path = join(tree, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  const foreign = add('arch/x86/entry/entry.S', '.macro two a:req b:req\n.endm\ntwo\n');
  const c = add('arch/arm64/kernel/setup.c', 'int setup;\n');
  const good = add('arch/arm64/kernel/good.S', 'nop\n');
  const header = add(
    'arch/arm64/include/asm/bad.h',
    '#include <asm/alternative.h>\n.macro bad\nalternative_if ARM64_HAS_NOSUCH\n\tnop\n.endm\n',
  );
  const lint = async (...args: readonly string[]) => await patchpoint(['lint', '--severity', 'error', ...args]);

  it('a folder given twice is read once', async () => {
    const kernel = join(tree, 'arch/arm64/mm');
    const [once, twice] = [await lint(kernel), await lint(kernel, `${kernel}/../mm`)];
    expect(twice).toEqual(once);
    expect(twice.err).not.toContain('no assembly files');
  });

  it('of a whole tree arch/arm64 is read, macros of headers included', async () => {
    const { out } = await lint('--format', 'jsonl', tree);
    const files = new Set(
      out
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).file),
    );
    expect(files).toContain('arch/arm64/include/asm/bad.h');
    expect([...files].filter((file) => !file.startsWith('arch/arm64/'))).toEqual([]);
    expect((await lint(header)).status).toBe(1);
  });

  it('a file without arm64 assembly is told and left out; alone it is nothing to work on', async () => {
    expect(await lint(good, foreign)).toMatchObject({
      status: 0,
      err: expect.stringContaining('holds no arm64 assembly'),
    });
    expect(await lint(foreign)).toMatchObject({
      status: 2,
      out: '',
      err: expect.stringContaining('nothing to work on'),
    });
    for (const path of [c, foreign]) {
      expect(await patchpoint(['expand', path])).toMatchObject({
        status: 2,
        err: expect.stringContaining('no arm64 assembly'),
      });
    }
  });

  it('C files are checked for noinstr code', async () => {
    expect(await lint(c)).toMatchObject({ status: 0, err: expect.stringContaining('nothing found') });
  });

  it('no translation unit is read for rules that nobody wants to hear of', async () => {
    const bad = join(tree, 'kernel/leaks.c');
    mkdirSync(dirname(bad), { recursive: true });
    writeFileSync(
      bad,
      '#define noinstr __attribute__((noinline, section(".noinstr.text")))\nvoid leak(void)\n{\n}\nvoid noinstr f(void)\n{\n\tleak();\n}\n',
    );
    const profiled = async (...args: string[]): Promise<CliResult> =>
      await patchpoint(['lint', '--format', 'jsonl', ...args, bad], { profile: '*' });
    expect(await profiled()).toMatchObject({ status: 1, err: expect.stringContaining('translationUnit') });
    for (const args of [
      ['--no-rule', 'noinstr'],
      ['--rule', 'alternative'],
    ]) {
      const { status, out, err } = await profiled(...args);
      expect({ status, out }).toEqual({ status: 0, out: '' });
      expect(err).not.toContain('translationUnit');
    }
  });

  it('a named part of a kernel is checked by the words of the kernel that it lacks', async () => {
    const part = join(folder, 'part');
    const file = join(part, 'arch/arm64/kernel/part.c');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'void leak(void)\n{\n}\nvoid noinstr f(void)\n{\n\tleak();\n}\n');
    const { status, out, err } = await patchpoint(['lint', '--kernel', part, file]);
    expect({ status, out }).toMatchObject({
      status: 1,
      out: expect.stringContaining('part.c:6:2: warning: f is noinstr'),
    });
    expect(err).toContain('No cpucaps known');
    expect(err).toContain('nothing it includes defines noinstr');
  });

  it('a path that does not exist, and a --kernel that is no kernel, are named', async () => {
    expect(await lint('/nowhere/x.S')).toMatchObject({
      status: 2,
      err: expect.stringContaining('/nowhere/x.S: no such file'),
    });
    expect(await lint('--kernel', join(tree, 'arch'), good)).toMatchObject({
      status: 2,
      err: expect.stringContaining('is no arm64 kernel tree'),
    });
  });

  it('a --build without .config is said to decide nothing', async () => {
    const { err } = await lint('--build', join(tree, 'arch'), good);
    expect(err).toMatch(/has no \.config, so the arm64 defconfig decides/);
  });
});

describe('expand', () => {
  it('--level shows what is left unexpanded as it is written', async () => {
    const { out } = await patchpoint(['expand', '--level', '0', demo]);
    expect(out).toContain('alternative_if_not\tARM64_HAS_VIRT_HOST_EXTN');
  });

  it.each(['gas', 'text', 'json'])('%s', async (format) => {
    const { status, out } = await patchpoint(['expand', '--format', format, demo]);
    expect(status).toBe(0);
    expect(out.length).toBeGreaterThan(100);
    if (format === 'json')
      expect(JSON.parse(out)[0]).toMatchObject({ section: expect.any(String), text: expect.any(String) });
    else expect(out).not.toMatch(/^\s*\.macro/m);
  });
});

describe('--object', () => {
  it('chooses one of the objects of a file, and says when there is no such', async () => {
    for (const command of ['sites', 'expand']) {
      expect(await patchpoint([command, '--object', 'nvhe', demo])).toMatchObject({
        status: 2,
        out: '',
        err: expect.stringContaining('--object nvhe'),
      });
      const own = await patchpoint([command, '--object', 'arch/arm64/kernel/demo-alternatives.o', demo]);
      expect(own).toEqual(await patchpoint([command, demo]));
    }
  });
});

describe('state --list', () => {
  it('names the built-in states', async () => {
    const { status, out } = await patchpoint(['state', '--list', '--kernel', 'examples']);
    expect(status).toBe(0);
    expect(out).toMatch(/^none +0 cpucaps/m);
    expect(out).toMatch(/^all +\d+ cpucaps/m);
  });
});

describe('show', () => {
  it('is the first look of npm start', async () => {
    const { status, out } = await patchpoint(['show', 'examples', '--limit', '2']);
    expect(status).toBe(0);
    expect(out).toContain('unpatched');
    expect(out).toMatch(/warning|error/);
    expect(out).toMatch(/and \d+ more/);
  });

  it('shows the gravest findings of each group of rules', async () => {
    const { out } = await patchpoint(['show', 'examples', '--limit', '4']);
    const groups = [...out.matchAll(/: error: .*\[(\w+)\./g)].map((match) => match[1]);
    expect(groups).toEqual(['alternative', 'alternative', 'noinstr', 'noinstr']);
  });
});

describe('colors and progress', () => {
  it('colors only when they are wanted', async () => {
    const { out } = await patchpoint(['sites', demo], { color: true });
    expect(out).toContain('\x1b[');
  });

  it('a bar is drawn after a second on a terminal, and removed', async () => {
    let now = 0;
    const nowMs = (): number => {
      now += 600;
      return now;
    };
    const { out, err } = await patchpoint(['sites', '--format', 'jsonl', 'examples'], { errIsTerminal: true, nowMs });
    expect(err).toMatch(/\[#*\.*\] \d+\/\d+/);
    expect(err.endsWith('\r\x1b[2K')).toBe(true);
    expect(out).not.toContain('\x1b');
  });
});
