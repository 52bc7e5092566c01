import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundledCostData } from '../../server/src/cost/bundledCostData.ts';
import { compileProgram, type Program } from '../../server/src/cost/program.ts';
import { type CoreTables, loadCoreTables, makeBinder } from '../../server/src/cost/records.ts';
import { simulate } from '../../server/src/cost/simulate.ts';
import { readMcaRecords } from '../oracle/mcaRecords.ts';
import { costOf, someFeatures } from '../support/costStreams.ts';
import { mustSkip } from '../support/optional.ts';

const tool = 'llvm-mca-19';
const isMissing = spawnSync(tool, ['--version']).status !== 0;
const skip = mustSkip(
  'benchmarks of the simulator',
  isMissing ? `${tool} not found (Debian: apt install llvm-19)` : null,
);
const cores = ['cortex-a55', 'cortex-a57', 'neoverse-n1', 'neoverse-v2'];

/** CPU time of this process in microseconds while `work` runs. */
function ownCpuUs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const used = process.cpuUsage(before);
  return used.user + used.system;
}

/** CPU time of a finished child process in microseconds: the shell's own `times`. */
function childCpuUs(command: string): number {
  const { stdout } = spawnSync('sh', ['-c', `${command} >/dev/null 2>&1; times`], { encoding: 'utf8' });
  const [user = '', system = ''] = (stdout.trim().split('\n')[1] ?? '').split(' ');
  const us = (text: string): number => {
    const match = /^(\d+)m([\d.]+)s$/.exec(text);
    return (Number(match?.[1] ?? 0) * 60 + Number(match?.[2] ?? 0)) * 1e6;
  };
  return us(user) + us(system);
}

/** A blank more behind each instruction, so that no cache of texts knows it. */
function unseen(asm: readonly string[], round: number): readonly string[] {
  return asm.map((text) => text + ' '.repeat(round));
}

let rounds = 0;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function programOf(tables: CoreTables, asm: readonly string[]): Program {
  const bind = makeBinder(tables, { mode: 'llvm', features: someFeatures });
  const stream = asm.map((text) => ({ insn: bind(text), taken: false }));
  return compileProgram(tables.model, stream, { mode: 'llvm', bound: 'lo', callLatencyCycles: 100 });
}

describe.skipIf(skip).each(cores)('the simulator against llvm-mca on %s', (core) => {
  const folder = mkdtempSync(join(tmpdir(), 'patchpoint-bench-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const streams = readMcaRecords().records.filter(({ mca }) => mca[core]?.raw !== undefined);
  beforeAll(async () => {
    // The engine of a running server is warm; a process of the tool is never.
    const tables = await loadCoreTables(bundledCostData, core);
    for (const { asm } of streams) for (const n of [1, 30]) simulate(programOf(tables, unseen(asm, ++rounds % 9)), n);
  });
  const command = `${tool} -mtriple=aarch64 -mattr=+all -mcpu=${core} -json -instruction-info=false -resource-pressure=false`;

  test.each([
    [1, 5],
    [100, 3],
  ])('all records at %i iterations: at least %i times less', async (iterations, atLeast) => {
    const file = join(folder, 'all.s');
    const region = (asm: readonly string[]): string => `# LLVM-MCA-BEGIN x\n${asm.join('\n')}\n# LLVM-MCA-END\n`;
    writeFileSync(file, streams.map(({ asm }) => region(asm)).join(''));
    const tables = await loadCoreTables(bundledCostData, core);
    const theirs = childCpuUs(`${command} -iterations=${iterations} ${file}`);
    const round = 10 + (++rounds % 20);
    const ours = ownCpuUs(() => {
      const bind = makeBinder(tables, { mode: 'llvm', features: someFeatures });
      for (const { asm } of streams) {
        const stream = unseen(asm, round).map((text) => ({ insn: bind(text), taken: false }));
        simulate(
          compileProgram(tables.model, stream, { mode: 'llvm', bound: 'lo', callLatencyCycles: 100 }),
          iterations,
        );
      }
    });
    const each = (us: number): string => `${(us / streams.length).toFixed(1)} us`;
    say(
      `${core}, ${iterations} iterations: llvm-mca ${each(theirs)}, here ${each(ours)}: ${(theirs / ours).toFixed(1)} times less`,
    );
    expect(theirs / ours).toBeGreaterThan(atLeast);
  });

  test('one stream: at least 300 times less than a process of the tool', async () => {
    const file = join(folder, 'one.s');
    const tables = await loadCoreTables(bundledCostData, core);
    const sample = streams.filter((_, i) => i % 100 === 0);
    let theirs = 0;
    let ours = 0;
    for (const { asm } of sample) {
      writeFileSync(file, `${asm.join('\n')}\n`);
      theirs += childCpuUs(`${command} -iterations=1 ${file}`);
      ours += ownCpuUs(() => simulate(programOf(tables, unseen(asm, 31)), 1));
    }
    const ratio = theirs / ours;
    say(
      `${core}, one stream: llvm-mca ${(theirs / sample.length).toFixed(0)} us, here ${(ours / sample.length).toFixed(1)} us: ${ratio.toFixed(0)} times less`,
    );
    expect(ratio).toBeGreaterThan(300);
  });

  test('tables of the core: at most 20 ms', async () => {
    const before = process.cpuUsage();
    await loadCoreTables(bundledCostData, core);
    const used = process.cpuUsage(before);
    say(`${core}, tables: ${((used.user + used.system) / 1000).toFixed(1)} ms, files of the form table warm`);
    expect(used.user + used.system).toBeLessThan(20_000);
  });

  test('a report in kernel mode, both bounds', async () => {
    const before = process.cpuUsage();
    for (const { asm } of streams.slice(0, 500)) await costOf(core, 'kernel', asm.join('\n'));
    const used = process.cpuUsage(before);
    const ms = (used.user + used.system) / 1000 / 500;
    say(`${core}, report of one stream: ${ms.toFixed(2)} ms`);
    expect(ms).toBeLessThan(10);
  });
});
