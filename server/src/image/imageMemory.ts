import { firstNotBefore } from '../base/search.ts';
import { viewOf } from './elfFile.ts';

/** A part of an image that is in memory when the image runs. */
export interface ImageSection {
  /** Number in the file's section table; made up for a raw image. */
  readonly index: number;
  readonly name: string;
  readonly address: bigint;
  readonly sizeBytes: number;
  readonly executable: boolean;
  readonly writable: boolean;
  /** `.bss` and the like: zeros, no bytes in the file. */
  readonly noBits: boolean;
  /** The file's bytes: empty for `noBits`, and for sections that nobody reads here (`unread`). */
  readonly bytes: Uint8Array;
  readonly unread: boolean;
}

/** A 64-bit word in an executable section that relocation writes when the kernel starts. */
export interface TextRelocation {
  readonly address: bigint;
  readonly value: bigint;
  readonly kind: 'rela' | 'relr';
}

/** Sections by address, with typed reads. Addresses outside, or a read over a section's end, give null. */
export interface ImageMemory {
  /** By address; they do not overlap. */
  readonly sections: readonly ImageSection[];
  readonly textRelocations: readonly TextRelocation[];
  section(name: string): ImageSection | undefined;
  sectionAt(address: bigint): ImageSection | undefined;
  bytes(address: bigint, length: number): Uint8Array | null;
  word(address: bigint): number | null;
  s32(address: bigint): number | null;
  u16(address: bigint): number | null;
  /** The 64-bit word once relocation has run, in executable sections as well. */
  pointer(address: bigint): bigint | null;
  /** A section's 32-bit words as on disk. Empty for a section without bytes. */
  words(section: ImageSection): Uint32Array;
}

/** Reads over sections, which must be sorted by address and free of overlaps. */
export function createImageMemory(
  sections: readonly ImageSection[],
  textRelocations: readonly TextRelocation[],
): ImageMemory {
  const relocated = new Map(textRelocations.map(({ address, value }) => [address, value]));
  const views = sections.map(({ bytes }) => viewOf(bytes));
  const indexAt = sectionFinder(sections);
  /** Calls `read` with the place of `length` bytes; zeros where the file has none. */
  const at = <T>(address: bigint, length: number, zero: T, read: (view: DataView, offset: number) => T): T | null => {
    const index = indexAt(address);
    const section = sections[index];
    const view = views[index];
    if (section === undefined || view === undefined || section.unread) return null;
    const offset = Number(address - section.address);
    if (offset + length > section.sizeBytes) return null;
    return section.noBits ? zero : read(view, offset);
  };
  return {
    sections,
    textRelocations,
    section: (name) => sections.find((section) => section.name === name),
    sectionAt: (address) => sections[indexAt(address)],
    bytes: (address, length) => {
      const section = sections[indexAt(address)];
      if (section === undefined || section.unread) return null;
      const offset = Number(address - section.address);
      if (length < 0 || offset + length > section.sizeBytes) return null;
      if (section.noBits) return length <= maxZeros ? new Uint8Array(length) : null;
      return section.bytes.subarray(offset, offset + length);
    },
    word: (address) => at(address, 4, 0, (view, offset) => view.getUint32(offset, true)),
    s32: (address) => at(address, 4, 0, (view, offset) => view.getInt32(offset, true)),
    u16: (address) => at(address, 2, 0, (view, offset) => view.getUint16(offset, true)),
    pointer: (address) =>
      relocated.get(address) ?? at(address, 8, 0n, (view, offset) => view.getBigUint64(offset, true)),
    words: ({ bytes }) => new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 2),
  };
}

/** A size that the file does not pay for must not become memory. */
const maxZeros = 0x100000;

/**
 * Index of the section that holds an address, -1 for none; the last one is tried first, since neighbors are asked for.
 * `sections` are sorted by address and free of overlaps.
 */
export function sectionFinder(sections: readonly ImageSection[]): (address: bigint) => number {
  let last = 0;
  return (address) => {
    if (holds(sections[last], address)) return last;
    const at = firstNotBefore(sections, (section) => section.address <= address) - 1;
    if (!holds(sections[at], address)) return -1;
    last = at;
    return last;
  };
}

function holds(section: ImageSection | undefined, address: bigint): boolean {
  return section !== undefined && address >= section.address && address < section.address + BigInt(section.sizeBytes);
}
