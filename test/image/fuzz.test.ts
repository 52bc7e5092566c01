// Damaged images: no exception, no hang, no memory that stays. PATCHPOINT_FUZZ=100000 runs as many mutations of each
// file as the number says.
import { describe, expect, it } from 'vitest';
import { memoryByteSource } from '../../server/src/image/byteSource.ts';
import { cpucapNames } from '../../server/src/image/cpucapNames.ts';
import { economics } from '../../server/src/image/economics.ts';
import { readSites } from '../../server/src/image/imageSites.ts';
import { imageSummary } from '../../server/src/image/imageSummary.ts';
import { createInsnTexts } from '../../server/src/image/insnTexts.ts';
import { openImage } from '../../server/src/image/kernelImage.ts';
import { imageReport } from '../../server/src/image/reportHtml.ts';
import { imageSiteRecords } from '../../server/src/image/siteRecords.ts';
import type { WordDecoder } from '../../server/src/isa/decode.ts';
import { smallKernel, smallObject } from '../support/smallImages.ts';

const nMutations = Number(process.env.PATCHPOINT_FUZZ ?? 400);
const decoder: WordDecoder = {
  decode: (words) => [...words].map((word) => `.inst 0x${word.toString(16)}`),
  close: () => undefined,
};

/** Values that break size and bound arithmetic. */
const interesting = [
  0n,
  1n,
  7n,
  0x7fn,
  0x80n,
  0xffn,
  0x8000n,
  0xffffn,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  1n << 53n,
  (1n << 63n) - 1n,
  (1n << 64n) - 1n,
];

/** Numbers that only depend on the seed (mulberry32). */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

function mutated(original: Uint8Array, seed: number): Uint8Array {
  const below = numbers(seed);
  let bytes = original.slice();
  const nChanges = 1 + below(4);
  for (let change = 0; change < nChanges; change++) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const at = below(Math.max(1, bytes.length - 8));
    const headers = bytes.length > 64 ? Math.min(Number(view.getBigUint64(40, true)), bytes.length) : 0;
    switch (below(6)) {
      case 0:
        bytes[at] = below(256);
        break;
      case 1:
        bytes = bytes.slice(0, at);
        break;
      case 2:
        if (bytes.length > at + 8) view.setBigUint64(at, interesting[below(interesting.length)] ?? 0n, true);
        break;
      case 3:
        bytes.copyWithin(at, below(Math.max(1, bytes.length)), below(Math.max(1, bytes.length)));
        break;
      default: {
        // A field of a section header: that is where the damage goes deepest.
        const field = headers + below(Math.max(1, (bytes.length - headers) / 4)) * 4;
        if (field + 8 <= bytes.length) view.setBigUint64(field, interesting[below(interesting.length)] ?? 0n, true);
      }
    }
  }
  return bytes;
}

/** Everything that the command line does with an image. */
async function readAll(bytes: Uint8Array): Promise<string> {
  const { value: image, issues } = await openImage(memoryByteSource('demo', bytes));
  if (image === null) return issues.length > 0 ? 'refused' : 'refused without a word';
  const sites = await readSites(image);
  const names = cpucapNames(image, sites);
  const figures = { summary: imageSummary(image, sites, names), economics: economics(image, sites, names) };
  imageReport(image, sites, figures);
  const texts = createInsnTexts(image, decoder);
  for (const record of imageSiteRecords({ image, sites, names, texts })) JSON.stringify(record);
  return 'read';
}

describe.each([
  ['kernel', smallKernel()],
  ['object', smallObject()],
] as const)('a damaged %s', (_name, original) => {
  it(`is read or refused with a reason (${nMutations} mutations)`, { timeout: 3_600_000 }, async () => {
    const outcomes = new Map<string, number>();
    for (let seed = 1; seed <= nMutations; seed++) {
      const bytes = mutated(original, seed);
      const outcome = await readAll(bytes).catch((error: unknown) => `seed ${seed}: ${String(error)}`);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    }
    expect([...outcomes.keys()].filter((outcome) => outcome !== 'read' && outcome !== 'refused')).toEqual([]);
    expect(outcomes.get('read')).toBeGreaterThan(0);
    expect(outcomes.get('refused')).toBeGreaterThan(0);
  });

  it('is refused or read when cut anywhere', async () => {
    const wrong: string[] = [];
    for (let length = 0; length < original.length; length += 7) {
      const outcome = await readAll(original.slice(0, length)).catch((error: unknown) => String(error));
      if (outcome !== 'read' && outcome !== 'refused') wrong.push(`${length}: ${outcome}`);
    }
    expect(wrong).toEqual([]);
  });

  it('leaves no memory behind', async () => {
    const grown: number[] = [];
    for (let round = 0; round < 3; round++) {
      for (let seed = 1; seed <= 100; seed++) await readAll(mutated(original, seed));
      grown.push(process.memoryUsage().arrayBuffers);
    }
    expect(Math.max(...grown)).toBeLessThan(256_000_000);
  });
});
