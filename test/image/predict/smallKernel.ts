import type { AlternativeRecord } from '../../../server/src/image/alternativeTable.ts';
import type { CpucapNames } from '../../../server/src/image/cpucapNames.ts';
import { createImageMemory, type ImageSection } from '../../../server/src/image/imageMemory.ts';
import type { ImageSites } from '../../../server/src/image/imageSites.ts';
import type { KernelImage } from '../../../server/src/image/kernelImage.ts';
import type { ImageSymbol } from '../../../server/src/image/symbolTable.ts';

/** Link address of the small kernels' first byte. */
export const base = 0xffff800080000000n;

export interface SmallKernel {
  /** Words of `.text`, from `base` on. */
  readonly text: readonly number[];
  /** Words of `.init.text`, from `base + 0x10000` on. */
  readonly init?: readonly number[];
  /** Bytes of `.data`, from `base + 0x14000` on. */
  readonly data?: Uint8Array;
  /** Symbols by distance from `base` in bytes. */
  readonly symbols?: Readonly<Record<string, number | readonly number[]>>;
  readonly relocated?: readonly { readonly at: number; readonly value: bigint }[];
}

/** An image that is made of words instead of a file, with the bounds that a kernel has. */
export function smallImage({ text, init = [], data, symbols = {}, relocated = [] }: SmallKernel): KernelImage {
  const bounds = { _text: 0, _stext: 0, _etext: 4 * text.length, _sinittext: 0x10000 };
  const places = { ...bounds, _einittext: 0x10000 + 4 * init.length, _end: 0x20000, ...symbols };
  const all: ImageSymbol[] = Object.entries(places).flatMap(([name, at]) =>
    [at].flat().map((offset) => ({
      name,
      address: base + BigInt(offset),
      sizeBytes: 4,
      type: 'func' as const,
      binding: 'global' as const,
      defined: true,
    })),
  );
  const memory = createImageMemory(
    [
      section('.text', base, text),
      section('.init.text', base + 0x10000n, init),
      ...(data
        ? [{ ...section('.data', base + 0x14000n, []), executable: false, bytes: data, sizeBytes: data.length }]
        : []),
    ],
    relocated.map(({ at, value }) => ({ address: base + BigInt(at), value, kind: 'rela' as const })),
  );
  const named = (name: string): readonly ImageSymbol[] => all.filter((symbol) => symbol.name === name);
  return {
    ...memory,
    name: 'small',
    kind: 'vmlinux',
    symbols: {
      count: all.length,
      addressOf: (name) => named(name)[0]?.address ?? null,
      named,
      at: (address) => all.filter((symbol) => symbol.address === address),
      functionAt: () => null,
      nearest: () => null,
      withPrefix: (prefix) => all.filter((symbol) => symbol.name.startsWith(prefix)),
      all: () => all,
      byIndex: () => null,
    },
    facts: { buildId: null, banner: null, release: null, compiler: null, config: null },
    relocationAt: () => null,
  };
}

function section(name: string, address: bigint, words: readonly number[]): ImageSection {
  const bytes = new Uint8Array(new Uint32Array(words).buffer);
  const flags = { executable: true, writable: false, noBits: false, unread: false };
  return { index: 1, name, address, sizeBytes: bytes.length, bytes, ...flags };
}

/** Sites of a small kernel; what is not given is empty. */
export function smallSites(sites: Partial<ImageSites>): ImageSites {
  return {
    alternatives: [],
    vdso: null,
    capabilities: [],
    jumps: [],
    keys: new Map(),
    ftrace: null,
    staticCalls: [],
    runtimeConstants: [],
    hypRelocations: [],
    veneers: [],
    ranges: [],
    issues: [],
    ...sites,
  };
}

/** A record by distances from `base`; `to` is a replacement's distance or a callback's name. */
export function record(cpucap: number, at: number, bytes: number, to: number | string): AlternativeRecord {
  const isCallback = typeof to === 'string';
  return {
    index: 0,
    record: base,
    original: base + BigInt(at),
    originalBytes: bytes,
    replacement: base + BigInt(isCallback ? 0 : to),
    replacementBytes: isCallback ? 0 : bytes,
    cpucap,
    isCallback,
    callback: isCallback ? to : null,
  };
}

const list = ['ALWAYS_BOOT', 'ALWAYS_SYSTEM', 'HAS_PAN', 'HAS_VIRT_HOST_EXTN', 'SSBS', 'SPECTRE_V3A'];

/** Numbers 0 to 5 have these names. */
export const smallNames: CpucapNames = {
  name: (number) => list[number] ?? null,
  number: (name) => (list.includes(name) ? list.indexOf(name) : null),
  scope: (number) => (number === 0 || number === 3 ? 'boot' : 'system'),
  evidence: () => 'tree',
  conflicts: [],
};
