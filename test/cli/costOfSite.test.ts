import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { SiteCostRecord } from '../../server/src/features/cost/siteCostRecord.ts';
import { patchpoint } from '../support/runCli.ts';

const demo = 'examples/arch/arm64/kernel/demo-alternatives.S';
/** `alternative_if_not ARM64_HAS_LSE_ATOMICS`. */
const site = `${demo}:108`;

async function records(...args: readonly string[]): Promise<readonly SiteCostRecord[]> {
  const { out } = await patchpoint(['cost', '--site', site, '--format', 'json', ...args]);
  return JSON.parse(out);
}

describe('patchpoint cost --site', () => {
  it('shows both streams, the paths to the end of the function, and the difference', async () => {
    const { out, status } = await patchpoint(['cost', '--site', site]);
    expect(status).toBe(0);
    expect(out).toMatch(/^arch\/arm64\/kernel\/demo-alternatives\.S:108: alternative_if_not ARM64_HAS_LSE_ATOMICS/);
    expect(out).toMatch(/Neoverse N1 model +insns +bytes +taken +uops +one pass +looped +added\n {2}unpatched +5 /);
    expect(out).toMatch(/paths to the function's end, unpatched: 2 paths; one pass: shortest/);
    expect(out).toMatch(/patched against unpatched, path by path \(\d+ pairs?\): one pass/);
  });

  it('as JSON has a record with windows, paths and intervals', async () => {
    const [record] = await records('--timeline');
    expect(record).toMatchObject({
      line: 108,
      cpucap: 'ARM64_HAS_LSE_ATOMICS',
      core: 'neoverse-n1',
      machineState: 'none',
    });
    expect(record?.streams.map((stream) => stream.state)).toEqual(['unpatched', 'patched']);
    const [unpatched, patched] = record?.streams ?? [];
    expect(unpatched?.texts).toEqual(['ldxr w2, [x0]', 'add w2, w2, w1', 'stxr w3, w2, [x0]', 'cbnz w3, 1b', 'ret']);
    expect(patched?.texts[0]).toBe('stadd w1, [x0]');
    expect(unpatched?.window?.cyclesOnce).toEqual([expect.any(Number), expect.any(Number)]);
    expect(unpatched?.window?.timeline).toHaveLength(5);
    expect(unpatched?.paths).toMatchObject({ count: 2, isCut: false, maximum: { loop: true } });
    expect(record?.difference?.cyclesOnce).toHaveLength(2);
  });

  it('takes the core of the machine state, or those that are named', async () => {
    expect((await records('--state', 'cortex-a55')).map((record) => record.core)).toEqual(['cortex-a55']);
    const named = await records('--core', 'cortex-a76', 'neoverse-v2');
    expect(named.map(({ core, modelledAs }) => `${core} as ${modelledAs}`)).toEqual([
      'cortex-a76 as neoverse-n1',
      'neoverse-v2 as neoverse-v2',
    ]);
    expect(await records('--core', 'all')).toHaveLength(14);
  });

  it('of a callback says that it is written at boot', async () => {
    const { out, status } = await patchpoint(['cost', '--site', `${demo}:81`]);
    expect(status).toBe(0);
    expect(out).toContain('patched: written at boot');
  });

  it.each([
    [[`${demo}:3`], 'no alternative on this line; patchpoint sites'],
    [[demo], 'expected FILE:LINE'],
    [['nowhere.S:1'], 'no such file'],
    [[site, 'more.s'], 'expected no file beside --site'],
    [[site, '--mode', 'llvm'], '--site is in kernel mode'],
    [[site, '--core', 'pentium'], 'no core is named pentium'],
  ])('%j is refused with a sentence', async ([place = '', ...rest], reason) => {
    const { err, status } = await patchpoint(['cost', '--site', place, ...rest]);
    expect(status).toBe(2);
    expect(err).toContain(reason);
  });
});

describe('--llvm-mca', () => {
  const folder = mkdtempSync(join(tmpdir(), 'patchpoint-mca-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const program = join(folder, 'mca');
  const log = `${program}.log`;
  writeFileSync(
    program,
    `#!${process.execPath}
require('fs').appendFileSync(${JSON.stringify(log)}, 'started\\n');
if (process.argv[2] === '--version') return void console.log('  LLVM version 19.1.7');
const Instructions = require('fs').readFileSync(0, 'utf8').trim().split('\\n');
const SummaryView = { TotalCycles: 42, TotaluOps: 7, BlockRThroughput: 2.5 };
console.log(JSON.stringify({ CodeRegions: [{ Instructions, SummaryView }] }));
`,
  );
  chmodSync(program, 0o755);
  const block = join(folder, 'block.s');
  writeFileSync(block, '\tnop\n\tret\n');

  it('is started only when it is named', async () => {
    await patchpoint(['cost', block]);
    await patchpoint(['cost', '--site', site]);
    expect(existsSync(log)).toBe(false);
  });

  it('shows both side by side, for a block and for a site', async () => {
    for (const what of [[block], ['--site', site]]) {
      const { out, status } = await patchpoint(['cost', ...what, '--llvm-mca', program]);
      expect(status).toBe(0);
      expect(out).toMatch(/llvm-mca 19\.1\.7 +our llvm mode +difference +our kernel mode/);
      expect(out).toMatch(/one pass +42 /);
    }
    expect(existsSync(log)).toBe(true);
  });

  it('that cannot be run is told', async () => {
    const { err, status } = await patchpoint(['cost', block, '--llvm-mca', join(folder, 'absent')]);
    expect(status).toBe(2);
    expect(err).toContain('cannot be run');
  });
});
