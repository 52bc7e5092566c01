import { classifyWord } from './classify.ts';

// Words of branches and adrp as the kernel's own instruction library makes and changes them.

/** Word of `nop`. */
export function encodeNop(): number {
  return 0xd503201f;
}

/** Word of `b` over `delta` bytes, or null when the target is not aligned or out of range (+-128 MiB). */
export function encodeB(delta: bigint): number | null {
  return branch26(0x14000000, delta);
}

/** Word of `bl` over `delta` bytes, or null when the target is not aligned or out of range (+-128 MiB). */
export function encodeBl(delta: bigint): number | null {
  return branch26(0x94000000, delta);
}

function branch26(word: number, delta: bigint): number | null {
  if ((delta & 3n) !== 0n || BigInt.asIntN(28, delta) !== delta) return null;
  return (word | Number((delta >> 2n) & 0x3ffffffn)) >>> 0;
}

interface ImmediateField {
  readonly bits: number;
  readonly shift: number;
}

function branchField(word: number): ImmediateField | null {
  switch (classifyWord(word)) {
    case 'b':
    case 'bl':
      return { bits: 26, shift: 0 };
    case 'cbz':
    case 'b.cond':
      return { bits: 19, shift: 5 };
    case 'tbz':
      return { bits: 14, shift: 5 };
    default:
      return null;
  }
}

/**
 * Distance in bytes an immediate branch (b, bl, cbz/cbnz, tbz/tbnz, b.cond/bc.cond) goes, or null for other words.
 * Source: arch/arm64/lib/insn.c:aarch64_get_branch_offset, v6.12.
 */
export function branchOffset(word: number): bigint | null {
  const field = branchField(word);
  if (field === null) return null;
  return BigInt((word << (32 - field.bits - field.shift)) >> (32 - field.bits)) * 4n;
}

/**
 * The branch with its distance replaced, other bits kept; null for words that are no immediate branch. As in the
 * kernel the distance is cut to 32 bits and masked into the field: a target out of reach wraps silently.
 * Source: arch/arm64/lib/insn.c:aarch64_set_branch_offset, v6.12.
 */
export function withBranchOffset(word: number, offset: bigint): number | null {
  const field = branchField(word);
  if (field === null) return null;
  const mask = 2 ** field.bits - 1;
  const imm = (Number(BigInt.asIntN(32, offset)) >> 2) & mask;
  return ((word & ~(mask << field.shift)) | (imm << field.shift)) >>> 0;
}

/**
 * The word to put at `newPc` so that the branch at `oldPc` keeps its target, or null for words that are no immediate
 * branch. No range check, as in the kernel; whether a branch needs this at all is the caller's question.
 * Source: arch/arm64/kernel/alternative.c:get_alt_insn, v6.12.
 */
export function retargetBranch(word: number, oldPc: bigint, newPc: bigint): number | null {
  const offset = branchOffset(word);
  return offset === null ? null : withBranchOffset(word, oldPc + offset - newPc);
}

/** Distance in bytes between the pages of an adrp and of its target, cut to 32 bits as the kernel does; else null. */
export function adrpOffset(word: number): bigint | null {
  if (classifyWord(word) !== 'adrp') return null;
  const imm = ((word >>> 3) & 0x1ffffc) | ((word >>> 29) & 3);
  return BigInt((imm << 12) | 0);
}

/**
 * The adrp word to put at `newPc` so that it keeps naming the same page, or null for other words. 32-bit arithmetic
 * without range check. Source: arch/arm64/kernel/alternative.c:get_alt_insn with
 * arch/arm64/lib/insn.c:aarch64_insn_adrp_get_offset and _set_offset, v6.12.
 */
export function retargetAdrp(word: number, oldPc: bigint, newPc: bigint): number | null {
  const offset = adrpOffset(word);
  if (offset === null) return null;
  const moved = Number(BigInt.asIntN(32, pageOf(oldPc) + offset - pageOf(newPc)));
  const imm = moved >> 12;
  return ((word & 0x9f00001f) | ((imm & 3) << 29) | (((imm >> 2) & 0x7ffff) << 5)) >>> 0;
}

function pageOf(address: bigint): bigint {
  return address & ~0xfffn;
}
