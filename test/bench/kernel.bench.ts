// How long things take next to what the compiler's own tools take for the same files, in the same run, and how much
// memory the server needs. Budgets are ratios; `npm run bench` fails when one is exceeded.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  assemblyFiles,
  type KernelBuild,
  type KernelObject,
  kernelBuilds,
  kernelObjects,
} from '../oracle/kernelBuilds.ts';
import { mustSkip } from '../support/optional.ts';
import { type ServerClient, startServer } from '../support/serverClient.ts';
import { type BenchRow, benchTable, bundleProgram, median, megabytes, ms, percentile, timeMs } from './measure.ts';

const { builds, missing } = kernelBuilds();
const [build] = builds;
const isSkipped = mustSkip('benchmarks', missing);
const entry = 'arch/arm64/kernel/entry.S';
const nRounds = 5;

/** What the ratios may not exceed: some three times what they were when this was written. */
const budgets = { expansionCold: 1.5, expansionWarm: 0.6, keystroke: 3, hover: 0.6, coldStart: 30, memory: 6 };

describe.skipIf(isSkipped || build === undefined)('benchmarks', () => {
  const directory = mkdtempSync(join(tmpdir(), 'patchpoint-bench-'));
  const rows: BenchRow[] = [];
  afterAll(() => {
    rmSync(directory, { recursive: true });
    process.stdout.write(`\n${build?.name}, Linux ${build?.version}, ${build?.compiler}\n${benchTable(rows)}\n\n`);
  });
  const add = (what: string, value: string, against: string, ratio: number | null, budget: number | null): void => {
    rows.push({ what, value, against, ratio, budget });
    if (ratio !== null && budget !== null) expect(ratio, what).toBeLessThan(budget);
  };

  it('expansion of all files', async () => {
    const objects = kernelObjects(build!);
    const program = await bundleProgram('expandAll.ts');
    const rounds: { cold: number; warm: number; tools: number }[] = [];
    for (let round = 0; round < nRounds; round++) {
      const output = execFileSync(process.execPath, [program.path, JSON.stringify(build)], { encoding: 'utf8' });
      const { first, second, count } = JSON.parse(output) as { first: number; second: number; count: number };
      expect(count).toBe(objects.length);
      const tools = await timeMs(() => {
        for (const object of objects) preprocessAndAssemble(build!, object, directory);
      });
      rounds.push({ cold: first, warm: second, tools });
    }
    program.dispose();
    const [cold, warm, tools] = (['cold', 'warm', 'tools'] as const).map((key) =>
      median(rounds.map((one) => one[key])),
    );
    const ratio = (key: 'cold' | 'warm'): number => median(rounds.map((one) => one[key] / one.tools));
    const against = `${ms(tools ?? 0)}: gcc -E, as`;
    add(`expand ${objects.length} objects, first time`, ms(cold ?? 0), against, ratio('cold'), budgets.expansionCold);
    add(`expand ${objects.length} objects, again`, ms(warm ?? 0), against, ratio('warm'), budgets.expansionWarm);
  });

  it('keystrokes and hovers in entry.S, without a protocol', async () => {
    const object = kernelObjects(build!).find(({ file }) => file === entry)!;
    const program = await bundleProgram('editEntry.ts');
    const tools: number[] = [];
    for (let round = 0; round < 3 * nRounds; round++) {
      tools.push(await timeMs(() => preprocessAndAssemble(build!, object, directory)));
    }
    const runs = Array.from({ length: nRounds }, () => {
      const output = execFileSync(process.execPath, [program.path, JSON.stringify(build)], { encoding: 'utf8' });
      return JSON.parse(output) as {
        first: number;
        keystrokes: number[];
        parts: Record<string, number[]>;
        hovers: number[];
      };
    });
    program.dispose();
    const reference = median(tools);
    const against = `${ms(reference)}: gcc -E, as`;
    const row = (what: string, values: readonly number[], share: number, budget: number | null): void => {
      const value = percentile(values, share);
      add(what, ms(value), against, value / reference, budget);
    };
    const all = runs.flatMap(({ keystrokes }) => keystrokes);
    row(
      'first look at entry.S',
      runs.map(({ first }) => first),
      0.5,
      null,
    );
    row('keystroke in entry.S, median', all, 0.5, budgets.keystroke);
    row('keystroke in entry.S, 95 %', all, 0.95, null);
    for (const part of Object.keys(runs[0]?.parts ?? {})) {
      row(
        `  of which ${part}`,
        runs.flatMap(({ parts }) => parts[part] ?? []),
        0.5,
        null,
      );
    }
    const hovers = runs.flatMap((run) => run.hovers);
    row(`hover in entry.S, median of ${runs[0]?.hovers.length}`, hovers, 0.5, budgets.hover);
    row('hover in entry.S, 95 %', hovers, 0.95, null);
  });

  it('the built server', async () => {
    const path = `${build!.source}/${entry}`;
    const text = readFileSync(path, 'utf8');
    const lines = text.split('\n');
    const whole = { start: { line: 0, character: 0 }, end: { line: lines.length, character: 0 } };
    const node = median(
      Array.from({ length: nRounds }, () => {
        const from = performance.now();
        spawnSync(process.execPath, ['-e', '0']);
        return performance.now() - from;
      }),
    );
    const starts: number[] = [];
    for (let round = 0; round < nRounds; round++) {
      const from = performance.now();
      const client = await open(build!);
      await hintsOf(client, client.open(path, text), whole);
      starts.push(performance.now() - from);
      await client.close();
    }
    const start = median(starts);
    add('server start to first hints', ms(start), `${ms(node)}: node -e 0`, start / node, budgets.coldStart);

    const client = await open(build!);
    const rss = (): number =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${client.pid}/status`, 'utf8'))?.[1]) * 1024;
    const empty = rss();
    const uri = client.open(path, text);
    await hintsOf(client, uri, whole);
    const one = rss();
    const files = assemblyFiles(build!).filter((file) => file.endsWith('.S') && file !== path);
    for (const file of files.slice(0, 49)) {
      const content = readFileSync(file, 'utf8');
      await hintsOf(client, client.open(file, content), {
        ...whole,
        end: { line: content.split('\n').length, character: 0 },
      });
    }
    const fifty = rss();
    add('server memory, entry.S open', megabytes(one), `${megabytes(empty)}: started`, one / empty, null);
    add(
      'server memory, 50 files open',
      megabytes(fifty),
      `${megabytes(empty)}: started`,
      fifty / empty,
      budgets.memory,
    );

    const middle = Math.floor(lines.length / 2);
    const keystrokes: number[] = [];
    for (let count = 0; count < 200; count++) {
      const from = performance.now();
      const position = { line: middle, character: 0 };
      await client.connection.sendNotification('textDocument/didChange', {
        textDocument: { uri, version: count + 2 },
        contentChanges: [{ range: { start: position, end: position }, text: count % 16 === 0 ? '\n' : '\t' }],
      });
      await hintsOf(client, uri, { start: position, end: { line: middle + 60, character: 0 } });
      await client.connection.sendRequest('textDocument/codeLens', { textDocument: { uri } });
      keystrokes.push(performance.now() - from);
    }
    add('keystroke to hints and lenses over the protocol, median', ms(median(keystrokes)), '', null, null);
    add('keystroke to hints and lenses over the protocol, 95 %', ms(percentile(keystrokes, 0.95)), '', null, null);
    const hovers: number[] = [];
    for (let line = 0; line < lines.length; line += 7) {
      const from = performance.now();
      const position = { line, character: /\w/.exec(lines[line] ?? '')?.index ?? 0 };
      const answer = await client.connection.sendRequest('textDocument/hover', { textDocument: { uri }, position });
      if (answer !== null) hovers.push(performance.now() - from);
    }
    add(`hover over the protocol, median of ${hovers.length}`, ms(median(hovers)), '', null, null);
    add('hover over the protocol, 95 %', ms(percentile(hovers, 0.95)), '', null, null);
    // How far the heap grows before the collector steps in depends on how busy the machine is: no budget.
    add('server memory, after 200 keystrokes', megabytes(rss()), `${megabytes(empty)}: started`, rss() / empty, null);
    await client.close();
  });
});

function open({ source, directory }: KernelBuild): Promise<ServerClient> {
  const settings = { kernel: { buildDirectory: directory } };
  return startServer({ transport: 'ipc', folder: source, initializationOptions: { settings } });
}

async function hintsOf(client: ServerClient, uri: string, range: unknown): Promise<void> {
  await client.connection.sendRequest('textDocument/inlayHint', { textDocument: { uri }, range });
}

/** What the kernel's build does with a file: the preprocessor and the assembler, one after the other. */
function preprocessAndAssemble(build: KernelBuild, { command }: KernelObject, directory: string): void {
  const [text, object] = [join(directory, 'bench.s'), join(directory, 'bench.o')];
  const preprocess = command.replace(/ -Wp,-MMD,\S+/, '').replace(/ -c -o \S+/, ` -E -o ${text}`);
  execFileSync('sh', ['-c', `exec ${preprocess}`], { cwd: build.directory });
  execFileSync('aarch64-linux-gnu-as', ['-o', object, text], { cwd: build.directory });
}
