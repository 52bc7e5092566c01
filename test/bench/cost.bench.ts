// What the simulator takes next to llvm-mca for the same streams, in the same run. Budgets are ratios of processor time.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMcaRecords } from '../oracle/mcaRecords.ts';
import { costOf } from '../support/costStreams.ts';
import { mustSkip } from '../support/optional.ts';
import { type BenchProgram, type BenchRow, benchTable, bundleProgram } from './measure.ts';

const tool = 'llvm-mca-19';
const isMissing = spawnSync(tool, ['--version']).status !== 0;
const skip = mustSkip(
  'benchmarks of the simulator',
  isMissing ? `${tool} not found (Debian: apt install llvm-19)` : null,
);
const cores = ['cortex-a55', 'cortex-a57', 'neoverse-n1', 'neoverse-v2'];

interface Measured {
  readonly first: number;
  readonly later: number;
  readonly tablesMs: number;
}

/** Processor time in microseconds of all children of a shell command: bash counts in milliseconds. */
function childCpuUs(command: string): number {
  const { stdout } = spawnSync('bash', ['-c', `( ${command} ) >/dev/null 2>&1; times`], { encoding: 'utf8' });
  const seconds = (text: string): number => {
    const match = /^(\d+)m([\d.]+)s$/.exec(text);
    return Number(match?.[1]) * 60 + Number(match?.[2]);
  };
  const [user = '', system = ''] = (stdout.trim().split('\n')[1] ?? '').split(' ');
  return (seconds(user) + seconds(system)) * 1e6;
}

const us = (value: number): string => `${value.toFixed(value < 100 ? 1 : 0)} us`;

describe.skipIf(skip)('the simulator against llvm-mca', () => {
  const folder = mkdtempSync(join(tmpdir(), 'patchpoint-bench-'));
  const rows: BenchRow[] = [];
  let program: BenchProgram | null = null;
  beforeAll(async () => {
    program = await bundleProgram('costStreams.ts');
  });
  afterAll(() => {
    program?.dispose();
    rmSync(folder, { recursive: true });
    process.stdout.write(
      `\nprocessor time per stream; first: in a fresh process, with the engine's own warm-up\n${benchTable(rows)}\n\n`,
    );
  });
  const add = (what: string, value: string, against: string, ratio: number | null, budget: number | null): void => {
    rows.push({ what, value, against, ratio, budget });
    if (ratio !== null && budget !== null) expect(ratio, what).toBeLessThan(budget);
  };
  const { records } = readMcaRecords();
  const command = (core: string, n: number, file: string): string =>
    `${tool} -mtriple=aarch64 -mattr=+all -mcpu=${core} -iterations=${n} -json -instruction-info=false -resource-pressure=false ${file}`;

  describe.each(cores)('%s', (core) => {
    const streams = records.filter(({ mca }) => mca[core]?.raw !== undefined);
    const all = join(folder, `${core}.s`);
    const ours = (n: number): Measured =>
      JSON.parse(execFileSync(process.execPath, [program?.path ?? '', core, String(n), all], { encoding: 'utf8' }));

    test.each([
      [1, 0.2],
      [100, 0.333],
    ])('all records at %i iterations', (n, budget) => {
      writeFileSync(all, streams.map(({ asm }) => `# LLVM-MCA-BEGIN x\n${asm.join('\n')}\n# LLVM-MCA-END\n`).join(''));
      const theirs = childCpuUs(command(core, n, all)) / streams.length;
      const { first, later, tablesMs } = ours(n);
      add(`${core}, ${n} iterations, first`, us(first), us(theirs), first / theirs, null);
      add(`${core}, ${n} iterations`, us(later), us(theirs), later / theirs, budget);
      add(`${core}, tables`, `${tablesMs.toFixed(1)} ms`, '', null, null);
    });

    test('one stream against one process', () => {
      const sample = streams.filter((_, i) => i % 200 === 0);
      const files = sample.map(({ asm }, i) => {
        const file = join(folder, `${core}-${i}.s`);
        writeFileSync(file, `${asm.join('\n')}\n`);
        return file;
      });
      const theirs = childCpuUs(files.map((file) => command(core, 1, file)).join('; ')) / files.length;
      const { later } = ours(1);
      add(`${core}, one stream, process of the tool`, us(later), us(theirs), later / theirs, 0.0033);
    });

    test('a report in kernel mode, both bounds', async () => {
      const some = streams.slice(0, 400);
      for (const { asm } of some.slice(0, 100)) await costOf(core, 'kernel', asm.join('\n'));
      const before = process.cpuUsage();
      for (const { asm } of some) await costOf(core, 'kernel', asm.join('\n'));
      const { user, system } = process.cpuUsage(before);
      const each = (user + system) / some.length;
      add(`${core}, report in kernel mode`, us(each), '10 ms', each / 10_000, 1);
    });
  });
});
