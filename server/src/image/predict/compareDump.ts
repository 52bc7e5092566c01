import type { ImageSites } from '../imageSites.ts';
import type { KernelImage } from '../kernelImage.ts';
import { type DifferenceClass, differenceClassifier } from './differenceClass.ts';
import type { MemoryDump } from './memoryDump.ts';
import { type Prediction, vdsoStretch } from './predictText.ts';
import { littleEndianWords } from './textChanges.ts';

/** A word of kernel text in memory that is not what was predicted. */
export interface TextDifference {
  readonly address: bigint;
  /** Word in the file. */
  readonly old: number;
  /** Null when the prediction leaves the word open. */
  readonly predicted: number | null;
  readonly found: number;
  readonly class: DifferenceClass;
  /** For people: what makes it this class. */
  readonly reason: string;
}

export interface DumpComparison {
  /** Words of text that were compared. */
  readonly nWords: number;
  /** Of them: not as in the file, and as predicted. */
  readonly nExpectedPatches: number;
  readonly differences: readonly TextDifference[];
  /** Parts of the text that could not be compared, each with the reason. */
  readonly skipped: readonly string[];
  /** More differences than are listed. */
  readonly nNotListed: number;
}

const maxDifferences = 100_000;

/**
 * Compares a running kernel's text with its prediction, word by word, and tells for each difference what explains it.
 * Init and exit text that boot has freed, and what lies before `_stext`, which the kernel hands back as memory, are
 * skipped with a note. Bounded: `nNotListed` counts what is beyond 100,000 differences. Never throws.
 */
export function compareDump(
  image: KernelImage,
  sites: ImageSites,
  prediction: Prediction,
  dump: MemoryDump,
): DumpComparison {
  const differences: TextDifference[] = [];
  const skipped: string[] = [];
  const classify = differenceClassifier(image, sites, dump);
  let nWords = 0;
  let nExpectedPatches = 0;
  let nNotListed = 0;
  for (const part of comparedParts(image)) {
    const live = dump.bytes(part.start, part.sizeBytes);
    const disk = image.bytes(part.start, part.sizeBytes);
    if (live === null || disk === null) {
      skipped.push(`${part.name}: not in the dump`);
      continue;
    }
    const found = littleEndianWords(live);
    const old = littleEndianWords(disk);
    const wanted = old.slice();
    const open = new Set<number>();
    let nPatches = 0;
    for (const change of prediction.words.between(part.start, part.start + BigInt(part.sizeBytes))) {
      const index = Number(change.address - part.start) >>> 2;
      if (change.new === null) open.add(index);
      else {
        wanted[index] = change.new;
        if (found[index] === change.new) nPatches += 1;
      }
    }
    const different: number[] = [];
    for (let index = 0; index < old.length; index++) {
      if (wanted[index] !== found[index] || (open.size > 0 && open.has(index))) different.push(index);
    }
    // What is freed holds something else altogether.
    if (part.freed && different.length > old.length / 4) {
      skipped.push(`${part.name}: freed after boot (${different.length} of ${old.length} words are others)`);
      continue;
    }
    nWords += old.length;
    nExpectedPatches += nPatches;
    for (const index of different) {
      if (differences.length >= maxDifferences) {
        nNotListed += 1;
        continue;
      }
      const address = part.start + BigInt(4 * index);
      const change = prediction.words.at(address);
      const now = found[index] ?? 0;
      const predicted = change ? change.new : (old[index] ?? 0);
      differences.push({ address, old: old[index] ?? 0, predicted, found: now, ...classify(address, now, change) });
    }
  }
  return { nWords, nExpectedPatches, differences, skipped, nNotListed };
}

interface ComparedPart {
  readonly name: string;
  readonly start: bigint;
  readonly sizeBytes: number;
  /** Freed when boot is over. */
  readonly freed: boolean;
}

function comparedParts(image: KernelImage): readonly ComparedPart[] {
  const parts: ComparedPart[] = [];
  for (const { name, address, sizeBytes, executable } of image.sections) {
    // The header of the image and its padding are no code; a signed file has other words there.
    if (!executable || name === '.head.text') continue;
    const freed = name.startsWith('.init') || name.startsWith('.exit');
    parts.push({ name, start: address, sizeBytes: sizeBytes & ~3, freed });
  }
  for (const { start, sizeBytes } of vdsoStretch(image)) {
    parts.push({ name: 'vDSO', start, sizeBytes: sizeBytes & ~3, freed: false });
  }
  return parts;
}
