import { hex } from './elfFile.ts';
import type { KernelImage } from './kernelImage.ts';

/** `name`, `name+0x10`, or the bare address: how a person calls a place of an image. */
export function symbolic(image: KernelImage, address: bigint): string {
  const found = image.symbols.nearest(address);
  const home = image.sectionAt(address);
  if (found === null) {
    return home === undefined || isLinked(image) ? hex(address) : withOffset(home.name, Number(address - home.address));
  }
  const { symbol, offset } = found;
  // A symbol of another section is only a neighbor by chance; one of another object has no section.
  if (symbol.defined && home !== image.sectionAt(symbol.address)) {
    return home === undefined ? hex(address) : withOffset(home.name, Number(address - home.address));
  }
  // What follows a function is not its code: replacements stand there (patching.md, 5.3).
  if (symbol.defined && home !== undefined && symbol.sizeBytes > 0 && offset >= symbol.sizeBytes) {
    return withOffset(home.name, Number(address - home.address));
  }
  return withOffset(symbol.name, offset);
}

function withOffset(name: string, offset: number): string {
  return offset === 0 ? name : `${name}+${hex(offset)}`;
}

/** Where something is: an address of a linked image, or section and offset, which is all that an object has. */
export interface ImagePlace {
  readonly address: string | null;
  readonly section: string | null;
  readonly offset: string | null;
}

export function imagePlace(image: KernelImage, address: bigint): ImagePlace {
  const section = image.sectionAt(address);
  return {
    address: isLinked(image) ? hex(address) : null,
    section: section?.name ?? null,
    offset: section === undefined ? null : hex(address - section.address),
  };
}

/** Whether addresses are the linker's, not made up for reading an object. */
export function isLinked(image: KernelImage): boolean {
  return image.kind !== 'object' && image.kind !== 'module';
}
