// Built images: how long listing every patch site takes next to a disassembly of the same file, and what opening one
// takes next to what `nm` needs for its symbols alone. In the same run; `npm run bench` fails over a budget.

import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { kernelImages } from '../oracle/images.ts';
import { mustSkip } from '../support/optional.ts';
import { type BenchRow, benchTable, bundleProgram, median, megabytes, ms, timeMs } from './measure.ts';

const { images, missing } = kernelImages();
const [image] = images;
const isSkipped = mustSkip('benchmarks of images', missing);
const cli = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));
const nRounds = 3;

/** Listing must beat the disassembly; memory is what docs/images.md promises, in bytes. */
const budgets = { sites: 1, open: 8, memory: 250e6 };

/** Writes the largest resident size of a process, in kilobytes, to the file that PEAK names. */
const tellPeak =
  "process.on('exit', () => require('fs').writeFileSync(process.env.PEAK, String(process.resourceUsage().maxRSS)))";

describe.skipIf(isSkipped || image === undefined)('benchmarks of images', () => {
  const directory = mkdtempSync(join(tmpdir(), 'patchpoint-bench-'));
  const rows: BenchRow[] = [];
  afterAll(() => {
    rmSync(directory, { recursive: true });
    process.stdout.write(`\nLinux ${image?.release}\n${benchTable(rows)}\n\n`);
  });
  const toFile = (program: string, args: readonly string[]): void => {
    const out = openSync(join(directory, 'out'), 'w');
    const env = { ...process.env, PEAK: join(directory, 'peak') };
    const { status } = spawnSync(program, [...args], { stdio: ['ignore', out, 'inherit'], env });
    closeSync(out);
    expect(status).toBe(0);
  };

  it('every site of a vmlinux', async () => {
    const rounds: { ours: number; tool: number }[] = [];
    const hook = join(directory, 'peak.cjs');
    writeFileSync(hook, tellPeak);
    let peak = 0;
    for (let round = 0; round < nRounds; round++) {
      const args = ['--require', hook, cli, 'image', image!.vmlinux, '--sites', 'jsonl'];
      const ours = await timeMs(() => toFile(process.execPath, args));
      peak = Math.max(peak, 1024 * Number(readFileSync(join(directory, 'peak'), 'utf8')));
      const tool = await timeMs(() => toFile('aarch64-linux-gnu-objdump', ['-d', '-j', '.text', image!.vmlinux]));
      rounds.push({ ours, tool });
    }
    const ratio = median(rounds.map(({ ours, tool }) => ours / tool));
    rows.push({
      what: 'image --sites jsonl',
      value: ms(median(rounds.map(({ ours }) => ours))),
      against: `${ms(median(rounds.map(({ tool }) => tool)))}: objdump -d -j .text`,
      ratio,
      budget: budgets.sites,
    });
    rows.push({ what: 'memory for it', value: megabytes(peak), against: '', ratio: null, budget: null });
    expect(ratio).toBeLessThan(budgets.sites);
    expect(peak).toBeLessThan(budgets.memory);
  });

  it('opening a vmlinux', async () => {
    const program = await bundleProgram('../oracle/openImageProgram.ts');
    const rounds: { ready: number; peak: number; tool: number }[] = [];
    for (let round = 0; round < nRounds; round++) {
      const options = { encoding: 'utf8', maxBuffer: 1 << 28 } as const;
      const { readyMs, peakBytes } = JSON.parse(
        execFileSync(process.execPath, [program.path, image!.vmlinux], options),
      );
      const tool = await timeMs(() => toFile('aarch64-linux-gnu-nm', [image!.vmlinux]));
      rounds.push({ ready: readyMs, peak: peakBytes, tool });
    }
    program.dispose();
    const ratio = median(rounds.map(({ ready, tool }) => ready / tool));
    rows.push({
      what: 'tables of a vmlinux ready',
      value: ms(median(rounds.map(({ ready }) => ready))),
      against: `${ms(median(rounds.map(({ tool }) => tool)))}: nm`,
      ratio,
      budget: budgets.open,
    });
    const peak = Math.max(...rounds.map((round) => round.peak));
    rows.push({ what: 'memory for it', value: megabytes(peak), against: '', ratio: null, budget: null });
    expect(ratio).toBeLessThan(budgets.open);
    expect(peak).toBeLessThan(budgets.memory);
  });
});
