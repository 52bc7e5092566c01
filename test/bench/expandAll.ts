// Expands every assembled file of a kernel build to flat text, twice, in one process. Argument: the build as JSON.
// Prints milliseconds of the first and of the second round, and how much text came out.

import { expandFile } from '../../server/src/features/expand.ts';
import { type KernelBuild, kernelObjects, openKernel } from '../oracle/kernelBuilds.ts';

const start = performance.now();
const build = JSON.parse(process.argv[2] ?? '') as KernelBuild;
const objects = kernelObjects(build);
const { ctx } = openKernel(build);
const round = (): number => {
  let length = 0;
  for (const { file, object } of objects) {
    const options = { format: 'gas', level: null, state: null, object } as const;
    length += expandFile(ctx, `${build.source}/${file}`, options).text.length;
  }
  return length;
};
const length = round();
const first = performance.now() - start;
const again = performance.now();
round();
process.stdout.write(JSON.stringify({ first, second: performance.now() - again, length, count: objects.length }));
