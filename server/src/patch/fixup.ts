import { adrpOffset, branchOffset, retargetAdrp, withBranchOffset } from '../isa/branchWords.ts';
import { classifyWord } from '../isa/classify.ts';

/** What copying did to one word of a replacement; `index` counts words from its start. */
export interface PatchNote {
  readonly index: number;
  readonly kind: /** The branch was re-encoded and keeps its target. */
    | 'branch-retargeted'
    /** The target lies in the replacement: copied verbatim, it now goes to the same place of the patched original. */
    | 'branch-internal'
    /** The target is the end of the replacement: verbatim too, it goes to what follows the original. */
    | 'branch-to-end'
    /** The masked distance no longer reaches the target: the patched branch goes somewhere else. */
    | 'branch-wrapped'
    | 'adrp-retargeted'
    /** Literal load of an FP/SIMD register: copied verbatim, it reads a wrong address. */
    | 'simd-literal-moved'
    /** The linker fills in this word; the patched one reaches the same symbol. */
    | 'left-to-relocation';
}

export type PatchedReplacement =
  | { readonly words: readonly number[]; readonly notes: readonly PatchNote[]; readonly bug: null }
  /** The kernel stops in BUG() at the word `index`. */
  | { readonly words: null; readonly bug: string; readonly index: number };

/**
 * The words that stand at the original once the kernel has patched it: `replacement` holds 32-bit words in address
 * order as linked at `replacementAddress`, the result is for `originalAddress` (bytes; section offsets do as long as
 * both count from the same place and no adrp without relocation occurs). Words at the indices in `relocated` have a
 * field that only the linker fills in and are left alone. Never throws.
 * Source: arch/arm64/kernel/alternative.c:get_alt_insn and branch_insn_requires_update, v6.12: no range check, and a
 * branch to the end of the replacement counts as internal.
 */
export function patchReplacement(
  replacement: readonly number[],
  originalAddress: bigint,
  replacementAddress: bigint,
  relocated: ReadonlySet<number> = new Set(),
): PatchedReplacement {
  const words: number[] = [];
  const notes: PatchNote[] = [];
  const end = replacementAddress + 4n * BigInt(replacement.length);
  for (const [index, word] of replacement.entries()) {
    const from = replacementAddress + 4n * BigInt(index);
    const to = originalAddress + 4n * BigInt(index);
    const insnClass = classifyWord(word);
    if (insnClass === 'literal' || insnClass === 'adr') {
      const what = insnClass === 'adr' ? 'adr' : 'a literal load';
      return { words: null, bug: `${what} in a replacement: get_alt_insn() stops in BUG()`, index };
    }
    let patched = word;
    if (insnClass === 'simd-literal') notes.push({ index, kind: 'simd-literal-moved' });
    const offset = branchOffset(word);
    if (relocated.has(index)) {
      if (offset !== null || insnClass === 'adrp') notes.push({ index, kind: 'left-to-relocation' });
    } else if (offset !== null) {
      const target = from + offset;
      if (target >= replacementAddress && target <= end) {
        notes.push({ index, kind: target === end ? 'branch-to-end' : 'branch-internal' });
      } else {
        patched = withBranchOffset(word, target - to) ?? word;
        notes.push({ index, kind: branchOffset(patched) === target - to ? 'branch-retargeted' : 'branch-wrapped' });
      }
    } else if (adrpOffset(word) !== null) {
      patched = retargetAdrp(word, from, to) ?? word;
      notes.push({ index, kind: 'adrp-retargeted' });
    }
    words.push(patched);
  }
  return { words, notes, bug: null };
}
