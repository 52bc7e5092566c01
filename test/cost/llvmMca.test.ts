import { expect, it } from 'vitest';
import { mcaArguments, mcaComplaint, mcaInput, readMcaOutput, readMcaVersion } from '../../server/src/cost/llvmMca.ts';
import { createMcaRunner } from '../../server/src/node/llvmMca.ts';

it('asks for JSON of one core, from standard input', () => {
  expect(mcaArguments('neoverse-n1', 100).join(' ')).toBe(
    '-mtriple=aarch64 -mattr=+all -mcpu=neoverse-n1 -iterations=100 -json -',
  );
});

it('numbered labels, which a single instruction has not, become names', () => {
  const texts = ['1b', '12f'].map((target) => `cbnz w3, ${target}`);
  expect(mcaInput(['b 1f', ...texts, 'tbz x0, #1, 2b', 'mov x0, #1', 'ldr x1, [x0, #8]'])).toBe(
    [
      '\tb .Lnumbered_1f',
      '\tcbnz w3, .Lnumbered_1b',
      '\tcbnz w3, .Lnumbered_12f',
      '\ttbz x0, #1, .Lnumbered_2b',
      '\tmov x0, #1',
      '\tldr x1, [x0, #8]',
      '',
    ].join('\n'),
  );
});

it('reads the summary of the first block', () => {
  const SummaryView = { TotalCycles: 9, TotaluOps: 3, BlockRThroughput: 1.5, IPC: 1 };
  const output = JSON.stringify({ CodeRegions: [{ Instructions: ['nop', 'ret'], SummaryView }] });
  expect(readMcaOutput(output)).toEqual({ instructions: 2, totalCycles: 9, totalUops: 3, blockRThroughput: 1.5 });
});

it('any other output is none', () => {
  for (const output of ['', 'hello', 'null', '[]', '{}', '{"CodeRegions":[]}', '{"CodeRegions":[{}]}', '1']) {
    expect(readMcaOutput(output)).toBeNull();
  }
});

it('knows LLVM by its version', () => {
  expect(readMcaVersion('Debian LLVM version 19.1.7\n  Optimized build.\n')).toBe('19.1.7');
  expect(readMcaVersion('LLVM (http://llvm.org/):\n  LLVM version 21.0.0git\n')).toBe('21.0.0git');
  expect(readMcaVersion('GNU assembler (GNU Binutils) 2.40')).toBeNull();
});

it('a complaint is one line, with the instruction it is about', () => {
  const text =
    '\u001b[0;31merror: \u001b[0mfound an unsupported instruction in the input assembly sequence, use -skip-unsupported-instructions=lack-sched to ignore these on the input.\nnote: instruction: \tcasal\tw0, w1, [x2]\n';
  expect(mcaComplaint(text)).toBe(
    'found an unsupported instruction in the input assembly sequence: casal w0, w1, [x2]',
  );
  expect(mcaComplaint('')).toBe('no reason given');
});

it('a program that does not end is ended', async () => {
  const runner = createMcaRunner({ timeoutMs: 200 });
  const run = await runner.run(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], 'nop\n');
  expect(run).toEqual({ kind: 'failed', reason: expect.stringContaining('did not end within 0.2 s') });
});

it('arguments and input reach it as they are: there is no shell', async () => {
  const script = 'process.stdout.write(process.argv[1] + require("fs").readFileSync(0, "utf8"))';
  const run = await createMcaRunner().run(process.execPath, ['-e', script, '$(id) "; `'], 'nop\n');
  expect(run).toEqual({ kind: 'done', output: '$(id) "; `nop\n' });
});

it('what cannot be started is told, and never thrown', async () => {
  for (const program of ['/nowhere/llvm-mca', '/', 'a\0b', '']) {
    expect(await createMcaRunner().run(program, [], '')).toMatchObject({ kind: 'failed' });
  }
});
