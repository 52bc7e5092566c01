// Runs the streams of a file between LLVM-MCA markers through the simulator, in one process. Arguments: core,
// iterations, file. Prints microseconds of processor time per stream: of the first pass over the file, and of a later
// one in which no text has been seen before; and of loading the tables.

import { readFileSync } from 'node:fs';
import { bundledCostData } from '../../server/src/cost/bundledCostData.ts';
import { compileProgram } from '../../server/src/cost/program.ts';
import { type CoreTables, loadCoreTables, makeBinder } from '../../server/src/cost/records.ts';
import { simulate } from '../../server/src/cost/simulate.ts';

const [core = '', iterations = '1', file = ''] = process.argv.slice(2);
const streams = readFileSync(file, 'utf8')
  .split('# LLVM-MCA-BEGIN')
  .slice(1)
  .map((block) => block.split('\n').slice(1, -2));

/** Processor time of this process, all its threads, since `before`. */
function cpuUs(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

async function main(): Promise<void> {
  const atStart = process.cpuUsage();
  const tables = await loadCoreTables(bundledCostData, core);
  const tablesMs = cpuUs(atStart) / 1000;
  const timed = (round: number): number => {
    const before = process.cpuUsage();
    pass(tables, round);
    return cpuUs(before) / streams.length;
  };
  const first = timed(0);
  for (let round = 1; round < 4; round++) pass(tables, round);
  // The median of a few: collections and the compiler's threads fall into one or the other.
  const later = [4, 5, 6, 7, 8].map(timed).sort((a, b) => a - b)[2];
  process.stdout.write(JSON.stringify({ first, later, tablesMs }));
}

function pass(tables: CoreTables, round: number): void {
  // A blank more behind each instruction, so that no cache of texts knows it.
  const blanks = ' '.repeat(round);
  const bind = makeBinder(tables, { mode: 'llvm', features: new Set() });
  for (const asm of streams) {
    const stream = asm.map((text) => ({ insn: bind(text + blanks), taken: false }));
    const program = compileProgram(tables.model, stream, { mode: 'llvm', bound: 'lo', callLatencyCycles: 100 });
    simulate(program, Number(iterations));
  }
}

void main();
