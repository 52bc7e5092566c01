// How long the index of names takes beside ripgrep, which only counts the same tokens in the same files.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { kernelBuilds } from '../oracle/kernelBuilds.ts';
import { mustSkip } from '../support/optional.ts';
import { type BenchRow, benchTable, bundleProgram, median, megabytes, ms, timeMs } from './measure.ts';

interface Figures {
  readonly files: number;
  readonly sourceBytes: number;
  readonly names: number;
  readonly definitions: number;
  readonly bytes: number;
  readonly cold: number;
  readonly cpu: number;
  readonly read: number;
  readonly restored: number;
  readonly readAgain: number;
  readonly storedBytes: number;
  readonly made: number;
  readonly edit: number;
  readonly lookup: number;
  readonly empty: number;
  readonly full: number;
}

const { builds, missing } = kernelBuilds();
const [build] = builds;
const hasRipgrep = spawnSync('rg', ['--version']).status === 0;
const isSkipped = mustSkip('benchmark of the index', hasRipgrep ? missing : 'rg (apt-get install ripgrep)');
const nRounds = 5;

/** What may not be exceeded: ratios some three times what they were when this was written, memory in bytes. */
const budgets = { cold: 5, restored: 1.5, memory: 200e6 };

describe.skipIf(isSkipped || build === undefined)('index of names', () => {
  const directory = mkdtempSync(join(tmpdir(), 'patchpoint-bench-'));
  const rows: BenchRow[] = [];
  afterAll(() => {
    rmSync(directory, { recursive: true });
    process.stdout.write(`\n${build?.name}, Linux ${build?.version}\n${benchTable(rows)}\n\n`);
  });
  const add = (
    what: string,
    value: string,
    against = '',
    ratio: number | null = null,
    budget: number | null = null,
  ) => {
    rows.push({ what, value, against, ratio, budget });
    if (ratio !== null && budget !== null) expect(ratio, what).toBeLessThan(budget);
  };

  it('of the whole tree', async () => {
    const program = await bundleProgram('indexTree.ts');
    const list = join(directory, 'files');
    const rounds: { readonly ours: Figures; readonly rg: number }[] = [];
    let tokens = 0;
    for (let round = 0; round < nRounds; round++) {
      const output = execFileSync(process.execPath, [program.path, build!.source, list], { encoding: 'utf8' });
      const rg = await timeMs(() => {
        tokens = countTokens(list);
      });
      rounds.push({ ours: JSON.parse(output) as Figures, rg });
    }
    program.dispose();
    const ours = rounds[0]!.ours;
    const of = (key: keyof Figures): number => median(rounds.map((one) => one.ours[key]));
    const ratio = (key: keyof Figures): number => median(rounds.map((one) => one.ours[key] / one.rg));
    const against = `${ms(median(rounds.map(({ rg }) => rg)))}: rg, ${tokens} tokens`;
    expect(ours.readAgain).toBe(0);
    add(
      `index of ${ours.files} files, ${megabytes(ours.sourceBytes)}`,
      ms(of('cold')),
      against,
      ratio('cold'),
      budgets.cold,
    );
    add('  processor time', ms(of('cpu')));
    add('  taken up from the store', ms(of('restored')), against, ratio('restored'), budgets.restored);
    add(`  names ${ours.names}, definitions ${ours.definitions}`, megabytes(ours.bytes));
    add('  in the store', megabytes(ours.storedBytes));
    add('  what macros make, all of it', ms(of('made')));
    add('  kernel/sched/core.c after a keystroke', ms(of('edit')));
    add('  slowest of five first look-ups', ms(of('lookup')));
    add('  memory of the process', megabytes(of('full')), `${megabytes(of('empty'))}: started`);
    expect(of('full')).toBeLessThan(budgets.memory);
  });
});

/** What ripgrep counts: identifiers, also those in comments and strings. */
function countTokens(list: string): number {
  const paths = readFileSync(list, 'utf8').split('\n');
  let sum = 0;
  // A command line holds some thousand paths.
  for (let at = 0; at < paths.length; at += 3000) {
    const output = execFileSync(
      'rg',
      ['--count-matches', '--no-filename', '[A-Za-z_][A-Za-z0-9_]*', ...paths.slice(at, at + 3000)],
      { encoding: 'utf8', maxBuffer: 1 << 26 },
    );
    for (const line of output.split('\n')) sum += Number(line);
  }
  return sum;
}
