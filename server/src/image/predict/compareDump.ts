import type { ImageSites } from '../imageSites.ts';
import type { KernelImage } from '../kernelImage.ts';
import { type DifferenceClass, differenceClassifier } from './differenceClass.ts';
import type { MemoryDump } from './memoryDump.ts';
import type { Prediction } from './predictText.ts';
import type { PredictedWord } from './textChanges.ts';

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
  const predicted = new Map<bigint, PredictedWord>(prediction.words.map((word) => [word.address, word]));
  const differences: TextDifference[] = [];
  const skipped: string[] = [];
  const classify = differenceClassifier(image, sites, dump);
  let nWords = 0;
  let nExpectedPatches = 0;
  let nNotListed = 0;
  for (const part of textParts(image, sites)) {
    const live = dump.bytes(part.start, part.sizeBytes);
    const disk = image.bytes(part.start, part.sizeBytes);
    if (live === null || disk === null) {
      skipped.push(`${part.name}: not in the dump`);
      continue;
    }
    const found = wordsOf(live);
    const old = wordsOf(disk);
    const different: number[] = [];
    let nPatches = 0;
    for (let index = 0; index < old.length; index++) {
      const address = part.start + BigInt(4 * index);
      const change = predicted.get(address);
      const wanted = change ? change.new : (old[index] ?? 0);
      if (wanted !== found[index]) different.push(index);
      else if (change) nPatches += 1;
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
      const change = predicted.get(address);
      const word = { address, old: old[index] ?? 0, predicted: change ? change.new : (old[index] ?? 0) };
      const now = found[index] ?? 0;
      differences.push({ ...word, found: now, ...classify(address, now, change ?? null) });
    }
  }
  return { nWords, nExpectedPatches, differences, skipped, nNotListed };
}

interface TextPart {
  readonly name: string;
  readonly start: bigint;
  readonly sizeBytes: number;
  /** Freed when boot is over. */
  readonly freed: boolean;
}

function textParts(image: KernelImage, sites: ImageSites): readonly TextPart[] {
  const parts: TextPart[] = [];
  for (const { name, address, sizeBytes, executable } of image.sections) {
    // The header of the image and its padding are no code; a signed file has other words there.
    if (!executable || name === '.head.text') continue;
    const freed = name.startsWith('.init') || name.startsWith('.exit');
    parts.push({ name, start: address, sizeBytes: sizeBytes & ~3, freed });
  }
  const start = sites.vdso?.start;
  const end = image.symbols.addressOf('vdso_end');
  if (start !== undefined && end !== null && end > start) {
    parts.push({ name: 'vDSO', start, sizeBytes: Number(end - start) & ~3, freed: false });
  }
  return parts;
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const words = new Uint32Array(bytes.length >> 2);
  for (let index = 0; index < words.length; index++) words[index] = view.getUint32(4 * index, true);
  return words;
}
