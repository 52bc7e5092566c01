// Where the patch sites of a distribution's kernel come from: tables of its vmlinux, places by llvm-symbolizer.
// The record is `records/places-VERSION.txt`; written anew with `npx vitest run --project oracle imagePlaces -u`.

import { describe, expect, it } from 'vitest';
import { mustSkip } from '../support/optional.ts';
import { cpucapList, type ImagePlace, imageSource, missingSymbolizer } from './imagePlaces.ts';
import { kernelImages } from './images.ts';
import { imageTables } from './imageTables.ts';

const { images, missing } = kernelImages();
const skip = mustSkip('patch sites of a kernel image', missing ?? missingSymbolizer());

/** Numbers of an image that its tables, counted by hand with other tools, have. */
const counted: Readonly<Record<string, { alternatives: number; jumps: number; places: number; jumpLines: number }>> = {
  '6.12.117+deb12-arm64': { alternatives: 27_549, jumps: 12_201, places: 487, jumpLines: 4_285 },
  '6.1.0-56-arm64': { alternatives: 30_362, jumps: 7_530, places: 371, jumpLines: 3_654 },
};

describe.skipIf(skip)('a kernel image', () => {
  it.each(images)('of $release has the places on record', async (image) => {
    const tables = imageTables(image.vmlinux);
    const { places } = imageSource(image, tables, cpucapList(image.source));
    expect(tables.alternatives.length).toBeGreaterThan(20_000);
    expect(tables.jumps.length).toBeGreaterThan(5_000);
    const known = counted[image.release];
    if (known === undefined) return;
    const [alternatives, jumps] = [places.filter(({ key }) => key === null), places.filter(({ key }) => key !== null)];
    expect({
      alternatives: tables.alternatives.length,
      jumps: tables.jumps.length,
      places: alternatives.length,
      jumpLines: new Set(jumps.map(({ file, line }) => `${file}:${line}`)).size,
    }).toEqual(known);
    await expect(recordText(image.release, places)).toMatchFileSnapshot(`records/places-${image.release}.txt`);
  });
});

/** One line for each place; keys of the hooks of security modules that differ in a number are one. */
function recordText(release: string, places: readonly ImagePlace[]): string {
  const lines = [
    `# Places of the patch sites in ${release}: file, then line, function, trigger, number of sites; jumps with the`,
    '# linked instruction and the branch bit. Made by imagePlaces.oracle.test.ts with llvm-symbolizer 19 --inlining.',
  ];
  const rows = new Map<string, { file: string; nSites: number }>();
  for (const { file, line, function: name, cpucap, callback, key, streams, nSites } of places) {
    const trigger =
      key === null
        ? `${cpucap}${callback === null ? '' : ` ${callback}`}`
        : `${key.replace(/^(security_hook_active_\w+?)_\d+$/, '$1')} ${[...streams].sort().join(', ')}`;
    // GCC numbers its clones.
    const row = `  ${line} ${name.replace(/\.(?:isra|constprop|part)\.\d+/g, '')} ${trigger}`;
    const known = rows.get(`${file}\n${row}`);
    if (known === undefined) rows.set(`${file}\n${row}`, { file, nSites });
    else known.nSites += nSites;
  }
  let current: string | null = null;
  for (const [id, { file, nSites }] of rows) {
    if (file !== current) lines.push(file === '' ? '(no file)' : file);
    current = file;
    lines.push(`${id.slice(file.length + 1)} ×${nSites}`);
  }
  return `${lines.join('\n')}\n`;
}
