import type { InsnRelocation, KernelImage } from '../../image/kernelImage.ts';
import { adrpOffset, branchOffset } from '../../isa/branchWords.ts';

/** Where a branch ends up, behind the stubs that a linker put in between. */
export interface BranchTarget {
  readonly address: bigint;
  /** Name of the function; `symbol+0x10` or an address for what is none. */
  readonly name: string;
  /** In another object: no section of this one holds it. */
  readonly isExternal: boolean;
}

/**
 * The target of a direct branch; `nameAt` names a place. A stub (`adrp`, `add`, `br` through x16 or x17, or one that is
 * called `__NAME_veneer`) stands for what it leads to, in a linked image. Source: GNU ld, bfd/elfnn-aarch64.c.
 */
export function branchTarget(
  image: KernelImage,
  pc: bigint,
  word: number,
  nameAt: (address: bigint) => string,
): BranchTarget {
  const relocation = image.relocationAt(pc);
  const first = relocation?.target ?? BigInt.asUintN(64, pc + (branchOffset(word) ?? 0n));
  const isExternal = image.sectionAt(first) === undefined;
  const called = relocation === null ? null : calledName(relocation);
  if (called !== null || isExternal) return { address: first, name: called ?? nameAt(first), isExternal };
  const address = behindStub(image, first);
  if (address !== null) return { address, name: nameAt(address), isExternal };
  const name = nameAt(first);
  const veneerOf = /^__(.+)_veneer$/.exec(name)?.[1];
  return { address: (veneerOf && image.symbols.addressOf(veneerOf)) || first, name: veneerOf ?? name, isExternal };
}

/** The name in a relocation, unless it is a section's: then a function stands at the target. */
function calledName({ symbol, addend }: InsnRelocation): string | null {
  return symbol.startsWith('.') || addend !== 0n ? null : symbol;
}

function behindStub(image: KernelImage, address: bigint): bigint | null {
  const [adrp, add, br] = [0n, 4n, 8n].map((offset) => image.word(address + offset));
  const page = adrp == null ? null : adrpOffset(adrp);
  if (adrp == null || add == null || br == null || page === null) return null;
  const register = adrp & 31;
  const isAdd = add >>> 22 === 0x244 && (add & 31) === register && ((add >>> 5) & 31) === register;
  const isBranch = br === (0xd61f0000 | (register << 5)) >>> 0;
  if ((register !== 16 && register !== 17) || !isAdd || !isBranch) return null;
  return (address & ~0xfffn) + page + BigInt((add >>> 10) & 0xfff);
}
