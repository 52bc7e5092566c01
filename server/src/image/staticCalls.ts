import type { KernelImage } from './kernelImage.ts';

/** A static call's key: on arm64 calls go through its pointer and no text is patched (patching.md, 6.5). */
export interface StaticCallKey {
  readonly key: bigint;
  /** Without `__SCK__`. */
  readonly name: string;
  /** Function that the file calls; null for none. */
  readonly target: bigint | null;
  readonly targetName: string | null;
  /** Trampoline `__SCT__name`, where an architecture has one. */
  readonly trampoline: bigint | null;
}

/** Keys of the image's own static calls, by address. */
export function readStaticCalls(image: KernelImage): readonly StaticCallKey[] {
  return image.symbols
    .withPrefix('__SCK__')
    .filter(({ defined, address }) => defined && image.sectionAt(address) !== undefined)
    .map(({ address, name }) => {
      const bare = name.slice('__SCK__'.length);
      const value = image.pointer(address) ?? 0n;
      const target = value === 0n ? null : value;
      return {
        key: address,
        name: bare,
        target,
        targetName: target === null ? null : (image.symbols.at(target)[0]?.name ?? null),
        trampoline: image.symbols.addressOf(`__SCT__${bare}`),
      };
    })
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}
