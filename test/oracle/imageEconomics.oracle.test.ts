// The kernel's own argument for the shared NOP callback (commit d926079f17bf, 2022), on one object built before and after
// it: what `--what-if` foretells of the one is what the other saves, and it is what the code shrinks by.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compareImages, type ImageFigures } from '../../server/src/image/compareImages.ts';
import { cpucapNames } from '../../server/src/image/cpucapNames.ts';
import { economics } from '../../server/src/image/economics.ts';
import { readSites } from '../../server/src/image/imageSites.ts';
import { imageSummary } from '../../server/src/image/imageSummary.ts';
import { openImage } from '../../server/src/image/kernelImage.ts';
import { openByteSource } from '../../server/src/node/nodeByteSource.ts';
import { mustSkip } from '../support/optional.ts';

const object = 'kernel/sched/core.o';
const header = 'arch/arm64/include/asm/alternative-macros.h';
const directory = preparedBuild();
const skip = mustSkip('economics of a built object', directory === null ? 'run: node test/oracle/setup.mjs' : null);

describe.skipIf(skip)('the shared NOP callback', () => {
  const folder = mkdtempSync(join(tmpdir(), 'patchpoint-economics-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('saves what the economics say, and what the code shrinks by', async () => {
    const { source, build } = directory!;
    const text = readFileSync(join(source, header), 'utf8');
    const earlier = text.replace(
      /ALTERNATIVE_CB\(("b\t%l\[l_no\]"), (%\[cpucap\]), alt_cb_patch_nops\)/,
      'ALTERNATIVE($1, "nop", $2)',
    );
    expect(earlier).not.toBe(text);
    mkdirSync(join(folder, 'asm'));
    writeFileSync(join(folder, 'asm/alternative-macros.h'), earlier);
    const before = await figures(compile(build, join(folder, 'before.o'), [`-I${folder}`]));
    const after = await figures(compile(build, join(folder, 'after.o'), []));
    const { records, savedBytes } = before.economics.nopCallback.possible;
    expect(records).toBeGreaterThan(20);
    expect(savedBytes).toBe(records * 4);
    expect(after.economics.nopCallback.used).toEqual({ records, savedBytes });
    const comparison = compareImages(before, after);
    expect(comparison.fileBytes.filter(({ difference }) => difference !== 0)).toEqual([
      expect.objectContaining({ name: 'alternatives: replacements', difference: -savedBytes }),
      expect.objectContaining({ name: 'total', difference: -savedBytes }),
    ]);
    expect(comparison.codeBytes.map(({ name, difference }) => [name, difference])).toEqual([
      ['all code', -savedBytes],
      ['alternatives: replacements', -savedBytes],
      ['ftrace: code', 0],
      ['everything else', 0],
    ]);
  });
});

/** Compiles the object as the kernel's build does it, with options that go first. */
function compile(build: string, output: string, options: readonly string[]): string {
  const record = readFileSync(join(build, object.replace(/([^/]+)$/, '.$1.cmd')), 'utf8');
  const command = /^savedcmd_\S+ := (.*?)(?: ; .*)?$/m.exec(record)?.[1] ?? '';
  const changed = command
    .replace(/ -Wp,-MMD,\S+/, '')
    .replace(/ -o \S+/, ` -o ${output}`)
    .replace(/^\S+/, (compiler) => [compiler, ...options].join(' '));
  execFileSync('sh', ['-c', changed], { cwd: build, stdio: 'pipe' });
  return output;
}

async function figures(path: string): Promise<ImageFigures> {
  const source = await openByteSource(path);
  const { value, issues } = await openImage(source);
  await source.close();
  expect(issues).toEqual([]);
  const image = value!;
  const sites = await readSites(image);
  const names = cpucapNames(image, sites);
  return { summary: imageSummary(image, sites, names), economics: economics(image, sites, names) };
}

/** A build directory that the setup made with C objects. */
function preparedBuild(): { readonly source: string; readonly build: string } | null {
  const home = process.env.PATCHPOINT_ORACLE_HOME || join(homedir(), '.cache/patchpoint/oracle');
  const record = join(home, 'oracle.json');
  if (!existsSync(record)) return null;
  const { linked = [] } = JSON.parse(readFileSync(record, 'utf8')) as {
    readonly linked?: readonly { readonly source: string; readonly directory: string }[];
  };
  const found = linked.find((one) => existsSync(join(one.directory, object)));
  return found === undefined ? null : { source: found.source, build: found.directory };
}
