// Checks the noinstr code of a file, then types into the middle of it, in one process without a protocol. Arguments: the
// build as JSON, the file below its tree. Prints milliseconds (of the first check, of each keystroke, of the longest
// step between which requests are answered), bytes of memory, and the flags the file is compiled with.

import { finish } from '../../server/src/base/steps.ts';
import { checkingSource } from '../../server/src/features/noinstr/noinstrFindings.ts';
import { prepareNames } from '../../server/src/features/noinstr/openNoinstr.ts';
import { type KernelBuild, openKernel } from '../oracle/kernelBuilds.ts';

const build = JSON.parse(process.argv[2] ?? '') as KernelBuild;
const { ctx } = openKernel(build);
const { workspace } = ctx;
const path = `${build.source}/${process.argv[3]}`;
const tree = workspace.treeFor(path);
if (tree === null) throw new Error(`${path} is in no kernel tree`);
prepareNames(workspace, tree);
const original = workspace.textOf(path) ?? '';

const steps: number[] = [];

function check(): number {
  const start = performance.now();
  const work = checkingSource(ctx, path, 'context', true);
  for (let isDone = false; !isDone; ) {
    const from = performance.now();
    isDone = work.next().done === true;
    steps.push(performance.now() - from);
  }
  return performance.now() - start;
}

workspace.openDocument(path, original, 1);
const first = check();
// Warm: the code is compiled after some readings.
for (let count = 0; count < 10; count++) type(count);
steps.length = 0;
const keystrokes = Array.from({ length: 30 }, (_, count) => type(10 + count));

function type(count: number): number {
  const at = original.indexOf('\n', Math.floor(original.length / 2)) + 1;
  workspace.changeDocument(path, `${original.slice(0, at)}${' '.repeat(count + 1)}${original.slice(at)}`, count + 2);
  return check();
}

const { includePaths, forcedIncludes, defines } = tree.cCompileContexts(path)[0]?.options ?? {
  includePaths: [],
  forcedIncludes: [],
  defines: [],
};
const flags = [
  ...includePaths.map((one) => `-I${one}`),
  ...defines.map(({ name, value }) => (value === null ? `-U${name}` : `-D${name}=${value}`)),
  ...forcedIncludes.flatMap((one) => ['-include', one]),
];
finish(checkingSource(ctx, path, 'context', false));
console.log(JSON.stringify({ first, keystrokes, steps, rss: process.memoryUsage().rss, flags }));
