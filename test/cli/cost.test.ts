import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { patchpoint } from '../support/runCli.ts';

const folder = mkdtempSync(join(tmpdir(), 'patchpoint-cost-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const wrapper = file(
  'wrapper.s',
  `# LLVM-MCA-BEGIN key off
	bti	c
	nop
	mov	w0, #0
	ret
# LLVM-MCA-END
# LLVM-MCA-BEGIN atomic
	add	x1, x1, #8
	# PATCHPOINT-SITE-BEGIN
	ldadd	x2, x3, [x1]
	# PATCHPOINT-SITE-END
	add	x3, x3, #1
# LLVM-MCA-END
`,
);

interface CostRecord {
  readonly name: string;
  readonly core: string;
  readonly modelledAs: string;
  readonly cyclesOnce: unknown;
  readonly cycles100: unknown;
  readonly refused: readonly string[];
  readonly timeline: readonly (readonly number[])[];
  readonly pressure: Readonly<Record<string, number>>;
}

async function records(args: readonly string[]): Promise<readonly CostRecord[]> {
  const { out } = await patchpoint(['cost', '--format', 'json', ...args]);
  return JSON.parse(out);
}

describe('kernel mode', () => {
  it('json has one record per block and core, with every field of the contract', async () => {
    const found = await records([wrapper, '--core', 'cortex-a55', '--core', 'neoverse-n1', '--timeline']);
    expect(found.map(({ name, core }) => `${name} on ${core}`)).toEqual([
      'key off on cortex-a55',
      'key off on neoverse-n1',
      'atomic on cortex-a55',
      'atomic on neoverse-n1',
    ]);
    for (const record of found) {
      expect(record).toMatchObject({
        modelledAs: record.core,
        mode: 'kernel',
        instructions: expect.any(Number),
        bytes: expect.any(Number),
        takenBranches: expect.any(Number),
        uops: expect.any(Number),
        cyclesOnce: [expect.any(Number), expect.any(Number)],
        cycles100: [expect.any(Number), expect.any(Number)],
        blockRThroughput: expect.any(Number),
        criticalPath: expect.any(Array),
        pressure: expect.any(Object),
        unmodelled: expect.any(Array),
        causes: expect.any(Array),
      });
      expect(record.timeline[0]).toHaveLength(4);
    }
  });

  it('jsonl has the same records, one a line', async () => {
    const { out } = await patchpoint(['cost', '--format', 'jsonl', wrapper]);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(await records([wrapper]));
  });

  it('the added cycles are those of the marked site', async () => {
    const [off, atomic] = await records([wrapper]);
    expect(off).toMatchObject({ added: null, addedReason: expect.stringContaining('no site') });
    expect(atomic).toMatchObject({ added: [expect.any(Number), expect.any(Number)], addedReason: null });
  });

  it('text shows the interval and what widened it', async () => {
    const { out, status } = await patchpoint(['cost', wrapper, '--timeline']);
    expect(status).toBe(0);
    expect(out).toMatch(/^atomic: 3 instructions, 12 bytes, no taken branch \(a model, not a measurement/m);
    expect(out).toMatch(/^ {2}Neoverse N1 +3 +\d+\.\.\d+ /m);
    expect(out).toMatch(/^ {2}range: ldadd x2, x3, \[x1\]: 10\.\.25 cycles/m);
    expect(out).toMatch(/^ {2}critical path$/m);
    expect(out).toMatch(/^ {4}1 {2}D=+e+ER +ldadd x2, x3, \[x1\]$/m);
    expect(out).not.toMatch(/[\t\x1b]| $/m);
  });
});

describe('--fusion', () => {
  const pair = file('pair.s', 'cmp x0, x1\nb.eq 1f\nadd x2, x3, x4\n1:\n');

  it('says which pairs it assumes to be fused', async () => {
    const { out, status } = await patchpoint(['cost', pair, '--core', 'neoverse-v2', '--fusion']);
    expect(status).toBe(0);
    expect(out).toMatch(/^ {2}assumed: fused pairs: cmp \+ b\.eq at 0: .* \[L\]$/m);
    expect((await patchpoint(['cost', pair, '--core', 'neoverse-v2'])).out).not.toMatch(/fused/);
  });

  it.each([
    [[pair, '--fusion', '--mode', 'llvm'], /--fusion is in kernel mode only/],
    [['--site', 'a.S:1', '--fusion'], /--fusion is for a text, not for --site/],
  ])('is refused elsewhere: %j', async (args, message) => {
    const { status, err } = await patchpoint(['cost', ...args]);
    expect(status).toBe(2);
    expect(err).toMatch(message);
  });
});

describe('llvm mode', () => {
  it('gives numbers, and refuses a block by its mnemonics', async () => {
    const [off, atomic] = await records([wrapper, '--mode', 'llvm']);
    expect(off).toMatchObject({ cyclesOnce: 4, cycles100: 103, uops: 4, blockRThroughput: 1, refused: [] });
    expect(atomic).toMatchObject({ cyclesOnce: null, cycles100: null, refused: ['ldadd'] });
  });

  it('a call takes 100 cycles unless told otherwise', async () => {
    const call = file('call.s', 'bl foo\n');
    expect((await records([call, '--mode', 'llvm']))[0]?.cyclesOnce).toBe(103);
    expect((await records([call, '--mode', 'llvm', '--call-latency', '0']))[0]?.cyclesOnce).toBe(3);
  });
});

describe('cores', () => {
  it('all are the models, a stand-in says what it is', async () => {
    expect(await records([wrapper, '--core', 'all'])).toHaveLength(28);
    const [standIn] = await records([wrapper, '--core', 'cortex-a78']);
    expect(standIn).toMatchObject({ core: 'cortex-a78', modelledAs: 'neoverse-n2' });
  });

  it('several may follow one option', async () => {
    const found = await records([wrapper, '--core', 'cortex-a55', 'cortex-a57']);
    expect(new Set(found.map(({ core }) => core))).toEqual(new Set(['cortex-a55', 'cortex-a57']));
  });

  it('patchpoint cores lists models, stand-ins and limits', async () => {
    const { out } = await patchpoint(['cores']);
    expect(out).toMatch(/^cortex-a55 +Cortex-A55 +in order +2 +- +8 +19\.1\.7 CortexA55Model$/m);
    expect(out).toMatch(/^cortex-a78 +modelled as neoverse-n2/m);
    expect(out).toMatch(/Memory is an L1 hit/);
    const json = JSON.parse((await patchpoint(['cores', '--format', 'json'])).out);
    expect(json.find((core: { name: string }) => core.name === 'cortex-a57')).toMatchObject({
      model: 'cortex-a57',
      modelledAs: null,
      source: expect.any(String),
      limits: expect.any(Array),
    });
  });
});

describe('bad input', () => {
  const run = (args: readonly string[]) => patchpoint(['cost', ...args]);

  it('names the line that is no instruction and goes on with the other blocks', async () => {
    const path = file(
      'bad.s',
      '# LLVM-MCA-BEGIN a\nnop\nhello world\n# LLVM-MCA-END\n# LLVM-MCA-BEGIN b\nret\n# LLVM-MCA-END\n',
    );
    const { status, out, err } = await run([path]);
    expect(status).toBe(2);
    expect(err).toContain(`${path}:3: "hello world" is not an A64 instruction`);
    expect(out).toMatch(/^b: 1 instruction/);
  });

  it('an instruction that no table knows does not fail', async () => {
    const { status, out } = await run([file('new.s', 'add x0, x0, #1\nld64b x0, [x1]\n')]);
    expect(status).toBe(0);
    expect(out).toMatch(/>= \d+/);
  });

  it.each([
    [['missing.s'], /missing\.s: .*no such file/i],
    [[wrapper, '--core', 'pentium'], /no core is named pentium; patchpoint cores lists them/],
    [[wrapper, '--mode', 'fast'], /--mode fast: expected one of kernel, llvm/],
    [[wrapper, '--call-latency', 'x'], /--call-latency x: expected a number of cycles/],
    [[wrapper, '--features', 'SVE9'], /--features SVE9: expected some of/],
    [[wrapper, wrapper], /expected one file/],
    [[file('empty.s', '\n')], /empty\.s:1: no instructions/],
    [[file('binary.s', 'nop\0')], /binary\.s: not a text file/],
  ])('says what is wrong: %j', async (args, message) => {
    const { status, err } = await run(args);
    expect(status).toBe(2);
    expect(err).toMatch(message);
  });
});
