// Sites of C code against a distribution's kernel: each line of the source that the image has sites of, and each site
// that is found where the image has none. Two minutes on two processors; PATCHPOINT_FULL takes an older kernel as well, and
// files whose only sites come from headers.

import { describe, expect, it } from 'vitest';
import { mustSkip } from '../support/optional.ts';
import { type ClassCount, compareLines, type LineClass, missedLines, unconfirmedSites } from './cSitesCompare.ts';
import { findCSites } from './cSitesFound.ts';
import { cpucapList, imageSource, inTree, missingSymbolizer } from './imagePlaces.ts';
import { type KernelImage, kernelImages } from './images.ts';
import { functionNames, imageTables, sectionBytes } from './imageTables.ts';
import { linesWithCode } from './lineTable.ts';

const { images, missing } = kernelImages();
const isFull = Boolean(process.env.PATCHPOINT_FULL);

/** Lines found, in percent, that each kind must have at least. */
const wanted: Readonly<Record<LineClass, number>> = {
  alternative: 98,
  named: 98,
  tracepoint: 95,
  'dynamic-debug': 95,
  lsm: 95,
};
/** Sites without a reason why the image has none, in percent of all, at most. */
const maxUnexplained = 2;

const skip = mustSkip('sites of C code of a kernel image', missing ?? missingSymbolizer());
/** An older kernel is read in full runs only. */
const chosen = images.filter(({ name }) => isFull || name !== '6.1');

describe.skipIf(skip)('sites of C code', () => {
  it.each(chosen)('are those of $release', { timeout: 3_600_000 }, async (image) => {
    const source = imageSource(image, imageTables(image.vmlinux), cpucapList(image.source));
    const files = filesOf(
      isFull ? [...source.frameLines.keys()] : source.places.map(({ file, line }) => `${file}:${line}`),
    );
    const found = await findCSites(image, files);
    // Code of Xen is shared with another architecture, which is not looked at.
    const failed = found.filter(({ file, error }) => error !== null && !/^arch\/(?!arm64)/.test(file));
    expect(failed.map(({ file, error }) => `${file}: ${error}`)).toEqual([]);

    const counts = compareLines(source, found);
    const code = { lines: codeLines(image), functions: functionNames(image.vmlinux) };
    const { nReported, unconfirmed } = unconfirmedSites(source, code, found);
    const unexplained = unconfirmed.filter(({ explanation }) => explanation === null);
    const report = [
      `${image.release}: ${files.length} files`,
      ...[...counts].flatMap(([group, count]) => [
        `${group}: ${count.nLines} lines, ${percentFound(count).toFixed(2)} % found, ${count.merged.length} more of merged functions`,
        ...grouped(
          count.misses.map(({ place, why }) => [why, `${place.file}:${place.line} ${place.key ?? place.cpucap}`]),
        ),
      ]),
      `${nReported} sites reported, ${unconfirmed.length} not in the image, ${unexplained.length} without a reason`,
      ...grouped(
        unconfirmed.map(({ explanation, file, site }) => [
          explanation ?? 'no reason',
          `${file}:${site.line} ${site.construct}`,
        ]),
      ),
    ].join('\n');
    process.stderr.write(`\n${report}\n`);
    const tooFew = [...counts].filter(([group, count]) => percentFound(count) < wanted[group]).map(([group]) => group);
    expect(tooFew, report).toEqual([]);
    expect((unexplained.length / nReported) * 100, report).toBeLessThan(maxUnexplained);
    // Hooks of security modules are static calls with keys since 6.12.
    const kinds = new Set(source.places.map(({ keyClass }) => keyClass ?? 'alternative'));
    expect([...counts.keys()].sort()).toEqual([...kinds].sort());
  });
});

/** C files and headers of `file:line` texts, each once. */
function filesOf(places: readonly string[]): readonly string[] {
  const files = places.map((place) => place.slice(0, place.lastIndexOf(':')));
  return [...new Set(files)].filter((file) => /\.[ch]$/.test(file));
}

const percentFound = (count: ClassCount): number => 100 - (100 * missedLines(count)) / Math.max(1, count.nLines);

function codeLines(image: KernelImage): ReadonlyMap<string, ReadonlySet<number>> {
  const sections = ['.debug_line', '.debug_line_str'].map((name) => sectionBytes(image.vmlinux, name));
  const [lines = Buffer.alloc(0), strings = Buffer.alloc(0)] = sections;
  const found = new Map<string, Set<number>>();
  for (const [path, numbers] of linesWithCode(lines, strings)) {
    const file = inTree(path, image.source);
    const known = found.get(file);
    if (known === undefined) found.set(file, new Set(numbers));
    else for (const number of numbers) known.add(number);
  }
  return found;
}

/** Misses by their reason, the most frequent first, with a few places of each. */
function grouped(rows: readonly (readonly [string, string])[]): string[] {
  const groups = new Map<string, string[]>();
  for (const [why, place] of rows) {
    const kind =
      why
        .split('\n')[0]
        ?.replace(/\b[0-9a-f]{8}\b/g, '…')
        .slice(0, 100) ?? '';
    groups.set(kind, [...(groups.get(kind) ?? []), place]);
  }
  return [...groups]
    .sort((left, right) => right[1].length - left[1].length)
    .slice(0, 12)
    .map(([why, places]) => `  ${places.length} × ${why}: ${[...new Set(places)].slice(0, 3).join(', ')}`);
}
