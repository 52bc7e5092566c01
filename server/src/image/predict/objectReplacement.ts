import { branchOffset, withBranchOffset } from '../../isa/branchWords.ts';
import { classifyWord } from '../../isa/classify.ts';
import type { AlternativeRecord } from '../alternativeTable.ts';
import type { KernelImage } from '../kernelImage.ts';

/** A replacement's word before it is copied: as the loader leaves it, or why that cannot be known. */
export type ObjectWord = number | { readonly reason: string };

/**
 * The words of a replacement in an object or module, as far as its loader's work can be told from the file: a branch
 * inside the record's own section is known, since the section moves as a whole; what reaches into another section, into
 * another object, or is completed with an absolute address is not.
 * Source: arch/arm64/kernel/module.c:apply_relocate_add, v6.1 and v6.12.
 */
export function objectWords(
  image: KernelImage,
  record: AlternativeRecord,
  words: readonly number[],
): readonly ObjectWord[] {
  const home = image.sectionAt(record.original);
  const isHome = (address: bigint): boolean => home !== undefined && image.sectionAt(address) === home;
  return words.map((word, index) => {
    const address = record.replacement + BigInt(4 * index);
    const relocation = image.relocationAt(address);
    if (relocation !== null) {
      const isBranch = branchOffset(word) !== null;
      if (isBranch && isHome(relocation.target) && isHome(record.replacement)) {
        return withBranchOffset(word, relocation.target - address) ?? word;
      }
      return { reason: `the loader completes it with the address of ${relocation.symbol}` };
    }
    const isRelative = branchOffset(word) !== null || classifyWord(word) === 'adrp';
    if (isRelative && !isHome(record.replacement))
      return { reason: 'the replacement is in another section of the object' };
    return word;
  });
}

/** Whether a branch between two places of an object keeps its distance when the object is loaded. */
export function keepsDistance(image: KernelImage, from: bigint, to: bigint): boolean {
  const home = image.sectionAt(from);
  return home !== undefined && image.sectionAt(to) === home;
}
