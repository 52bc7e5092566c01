import { branchOffset } from '../isa/branchWords.ts';
import type { KernelImage } from './kernelImage.ts';

/** A veneer that the linker made for erratum 843419: it holds an instruction, the site branches there. */
export interface ErratumVeneer {
  readonly veneer: bigint;
  /** The instruction that became `b`; null when the veneer does not lead back to one. */
  readonly site: bigint | null;
  readonly name: string;
}

/** Veneers of `--fix-cortex-a53-843419`: the instruction and a branch to what follows the site (GNU ld 2.40). */
export function readVeneers(image: KernelImage): readonly ErratumVeneer[] {
  return image.symbols.withPrefix('e843419@').map(({ address, name }) => {
    const back = image.word(address + 4n);
    const offset = back === null ? null : branchOffset(back);
    const site = offset === null ? null : address + 4n + offset - 4n;
    const branch = site === null ? null : image.word(site);
    const leadsHere = site !== null && branch !== null && branchOffset(branch) === address - site;
    return { veneer: address, site: leadsHere ? site : null, name };
  });
}
