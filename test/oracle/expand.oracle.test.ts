// Our expansion of each `.S` file, assembled by GNU as without any option, against the object that the kernel's own
// build made of the file: the same bytes and relocations in every section that is loaded.

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { expandFile } from '../../server/src/features/expand.ts';
import { objectDifferences, readElf } from '../support/elf.ts';
import { mustSkip } from '../support/optional.ts';
import { openCrossTools } from './crossTools.ts';
import { assemblyFiles, kernelBuilds, kernelObjects, openKernel } from './kernelBuilds.ts';

const { builds, missing } = kernelBuilds();

/** What only a file that still needs a preprocessor or macros has. */
const unexpanded =
  /^\s*(?:#|\.(?:macro|endm|exitm|purgem|rept|irpc?|endr|if\w*|else\w*|endif|include|altmacro|noaltmacro)\b)/;

describe.skipIf(mustSkip('expansion against the objects of kernel builds', missing))('expand --format gas', () => {
  const tools = openCrossTools();
  afterAll(() => tools.dispose());

  it.each(builds)('assembles to the objects of $name', (build) => {
    const session = openKernel(build);
    const objects = kernelObjects(build);
    const wrong: string[] = [];
    for (const { object, file } of objects) {
      const options = { format: 'gas', level: null, state: null, object } as const;
      const { text, issues } = expandFile(session.ctx, `${build.source}/${file}`, options);
      const left = text.split('\n').filter((line) => unexpanded.test(line));
      const ours = tools.assemble(text, build);
      const differences =
        typeof ours === 'string' ? [ours] : objectDifferences(readElf(`${build.directory}/${object}`), ours);
      for (const what of [...issues, ...left.slice(0, 3), ...differences]) wrong.push(`${object}: ${what}`);
    }
    expect(wrong).toEqual([]);
    expect(objects.length).toBeGreaterThan(build.name.endsWith('-rest') ? 0 : 20);
  });

  it.each(builds.filter((build) => builds.some((rest) => rest.name === `${build.name}-rest`)))(
    'every file of $name that can be assembled by itself is among them',
    (build) => {
      const assembled = new Set(
        builds
          .filter((one) => one.name === build.name || one.name === `${build.name}-rest`)
          .flatMap((one) => kernelObjects(one).map(({ file }) => `${build.source}/${file}`)),
      );
      const sources = assemblyFiles(build).filter((path) => path.endsWith('.S'));
      const texts = sources.map((path) => readFileSync(path, 'utf8'));
      // 32-bit code is not for this assembler; what others include is assembled with them.
      const isPart = (path: string): boolean =>
        texts.some((text) => new RegExp(`^#include "[^"]*\\b${basename(path)}"`, 'm').test(text));
      expect(sources.filter((path) => !assembled.has(path) && !path.includes('vdso32') && !isPart(path))).toEqual([]);
    },
  );
});
