// Half-written versions of every assembly file of a released kernel: nothing throws, nothing points outside of the
// text, and nothing goes on for ever.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build as bundle } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustSkip } from '../support/optional.ts';
import { type KernelBuild, kernelBuilds } from './kernelBuilds.ts';

const { builds, missing } = kernelBuilds();
const newest = builds.filter((build) => !build.name.endsWith('-rest')).slice(0, 1);

/** Cases in all; PATCHPOINT_ROBUST_CASES asks for more. */
const nCases = Number(process.env.PATCHPOINT_ROBUST_CASES || 1600);
/** A single version takes a tenth of a second; one that takes this long hangs, on however slow a machine. */
const watchdogMs = 60_000;

describe.skipIf(mustSkip('broken versions of kernel files', missing))('broken versions', () => {
  const directory = mkdtempSync(join(tmpdir(), 'patchpoint-robust-'));
  const program = join(directory, 'robustRun.cjs');
  beforeAll(async () => {
    const entry = fileURLToPath(new URL('robustRun.ts', import.meta.url));
    const define = { PATCHPOINT_VERSION: '"test"' };
    await bundle({ entryPoints: [entry], outfile: program, bundle: true, platform: 'node', format: 'cjs', define });
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each(newest)('of the files of $name do no harm', async (build) => {
    const { problems, done } = await runAll(program, build);
    expect(problems).toEqual([]);
    expect(Number(/^\d+/.exec(done)?.[0])).toBeGreaterThan(nCases / 2);
  });
});

function runAll(program: string, build: KernelBuild): Promise<{ problems: readonly string[]; done: string }> {
  const child = spawn(process.execPath, [program, JSON.stringify(build), String(nCases)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const problems: string[] = [];
  let [current, done, errors] = ['(start)', '', ''];
  const stop = (): void => {
    problems.push(`${current}: nothing more in ${watchdogMs / 1000} seconds`);
    child.kill('SIGKILL');
  };
  let timer = setTimeout(stop, watchdogMs);
  createInterface({ input: child.stdout }).on('line', (line) => {
    const [, kind, text = ''] = /^(\w+) (.*)$/.exec(line) ?? [];
    if (kind === 'problem') problems.push(text);
    else if (kind === 'done') done = text;
    else if (kind === 'case') {
      current = text;
      clearTimeout(timer);
      timer = setTimeout(stop, watchdogMs);
    }
  });
  child.stderr.on('data', (data: Buffer) => {
    errors += data.toString();
  });
  return new Promise((resolve) => {
    child.once('close', (status) => {
      clearTimeout(timer);
      if (status !== 0 && status !== null) problems.push(`${current}: ended with ${status}: ${errors.slice(-2000)}`);
      resolve({ problems, done });
    });
  });
}
