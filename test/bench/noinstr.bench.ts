// How long the check of noinstr code takes next to the compiler's preprocessor on the same file, in the same run. Budgets
// are ratios; absolute figures are of the machine.

import { execFileSync, spawnSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { kernelBuilds } from '../oracle/kernelBuilds.ts';
import { mustSkip } from '../support/optional.ts';
import { type BenchRow, benchTable, bundleProgram, median, megabytes, ms, percentile } from './measure.ts';

const { builds, missing } = kernelBuilds();
const [build] = builds;
const isSkipped = mustSkip('benchmarks of the check of noinstr code', missing);
const nRounds = 5;

/** Some three times what the ratios were when this was written. */
const budgets = { first: 40, keystroke: 1.5 };

describe.skipIf(isSkipped || build === undefined)('noinstr code', () => {
  const rows: BenchRow[] = [];
  afterAll(() => {
    process.stdout.write(`\n${build?.name}, Linux ${build?.version}, ${build?.compiler}\n${benchTable(rows)}\n\n`);
  });
  const add = (what: string, value: string, against: string, ratio: number | null, budget: number | null): void => {
    rows.push({ what, value, against, ratio, budget });
    if (ratio !== null && budget !== null) expect(ratio, what).toBeLessThan(budget);
  };

  it.each(['arch/arm64/kernel/entry-common.c', 'kernel/sched/core.c'])('%s', async (file) => {
    const program = await bundleProgram('editNoinstr.ts');
    const output = execFileSync(process.execPath, [program.path, JSON.stringify(build), file], { encoding: 'utf8' });
    program.dispose();
    const { first, keystrokes, steps, rss, flags } = JSON.parse(output) as {
      first: number;
      keystrokes: number[];
      steps: number[];
      rss: number;
      flags: string[];
    };
    const tools = Array.from({ length: nRounds }, () => {
      const from = performance.now();
      const args = ['-E', '-nostdinc', ...flags, `${build?.source}/${file}`, '-o', '/dev/null'];
      const { status, stderr } = spawnSync('aarch64-linux-gnu-gcc', args, { cwd: build?.directory, encoding: 'utf8' });
      expect(status, stderr).toBe(0);
      return performance.now() - from;
    });
    const reference = median(tools);
    const against = `${ms(reference)}: gcc -E`;
    add(`${file}: first check`, ms(first), against, first / reference, budgets.first);
    const middle = median(keystrokes);
    add(`${file}: keystroke, median`, ms(middle), against, middle / reference, budgets.keystroke);
    add(`${file}: keystroke, 95 %`, ms(percentile(keystrokes, 0.95)), against, null, null);
    add(`${file}: longest step of a keystroke, 95 %`, ms(percentile(steps, 0.999)), '', null, null);
    add(`${file}: memory with the names of the tree`, megabytes(rss), '', null, null);
  });
});
