import type { ByteSource } from './byteSource.ts';
import { type ElfFile, type ElfSectionHeader, hex, sectionFlag, sectionLabel, sectionType } from './elfFile.ts';
import type { IssueList } from './imageIssues.ts';
import type { ImageSection } from './imageMemory.ts';

/** Where the sections of a file are in memory, and their bytes. */
export interface ElfLayout {
  /** By address. */
  readonly sections: readonly ImageSection[];
  /** By number in the file. */
  readonly byIndex: ReadonlyMap<number, ImageSection>;
  /** Lowest address. */
  readonly origin: bigint;
  /** First address after everything. */
  readonly end: bigint;
}

/** More is not believed: a kernel with every debugging option stays below 300 MB. */
const maxLoadedBytes = 1 << 30;
/** Where sections of an object are put that have no address of their own. */
const objectBase = 0x10000n;

/** Tables that nothing here reads after relocation, and type information, which is large. */
const unreadNames = /^\.(BTF|BTF_ids|rela\.dyn|relr\.dyn|dynsym|dynstr|dynamic|hash|gnu\.hash)$/;

/**
 * The allocated sections with their bytes. Those of an object (`ET_REL`) get made-up addresses: code first, each at
 * its alignment and in the file's order. Sections that overlap in the file or in memory are left out with an issue.
 */
export async function readLayout(
  source: ByteSource,
  { sections: headers }: ElfFile,
  relocatable: boolean,
  list: IssueList,
): Promise<ElfLayout> {
  const allocated = [...headers.values()].filter(({ flags }) => (flags & sectionFlag.alloc) !== 0);
  const apart = withoutFileOverlap(source, allocated, list);
  const placed = relocatable ? placeOneAfterAnother(source, apart, list) : withoutOverlap(source, apart, list);
  const byIndex = new Map<number, ImageSection>();
  let loaded = 0;
  for (const { header, address } of placed) {
    const noBits = header.type === sectionType.noBits;
    const unread = !noBits && unreadNames.test(header.name);
    let bytes = new Uint8Array(0);
    if (!noBits && !unread) {
      loaded += header.sizeBytes;
      if (loaded > maxLoadedBytes) {
        list.error(`${source.name}: ${labelOf(header)}: more than 1 GB of sections to be loaded is not believed`);
        break;
      }
      bytes = aligned(await source.read(header.offset, header.sizeBytes));
      if (bytes.length < header.sizeBytes) {
        list.error(`${source.name}: truncated: ${labelOf(header)} could not be read to its end`);
        continue;
      }
    }
    byIndex.set(header.index, {
      index: header.index,
      name: header.name,
      address,
      sizeBytes: header.sizeBytes,
      executable: isCode(header, relocatable),
      writable: (header.flags & sectionFlag.write) !== 0,
      noBits,
      bytes,
      unread,
    });
  }
  const sections = [...byIndex.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
  const last = sections[sections.length - 1];
  return {
    sections,
    byIndex,
    origin: sections[0]?.address ?? 0n,
    end: last === undefined ? objectBase : last.address + BigInt(last.sizeBytes),
  };
}

/** The kernel's assembly declares `.idmap.text` without the flag for code; in the linked image it has it. */
function isCode({ flags, name }: ElfSectionHeader, relocatable: boolean): boolean {
  return (flags & sectionFlag.exec) !== 0 || (relocatable && /\.text(\.|$)/.test(name));
}

/** Bytes at a multiple of four of their buffer, so that they can be seen as words. */
function aligned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes;
  return buffer instanceof ArrayBuffer && bytes.byteOffset % 4 === 0
    ? new Uint8Array(buffer, bytes.byteOffset, bytes.length)
    : new Uint8Array(bytes);
}

function labelOf(header: ElfSectionHeader): string {
  return sectionLabel(header.index, header.name);
}

/** Sections that share bytes of the file would be loaded many times over: only the first of them stays. */
function withoutFileOverlap(
  source: ByteSource,
  headers: readonly ElfSectionHeader[],
  list: IssueList,
): readonly ElfSectionHeader[] {
  const kept: ElfSectionHeader[] = [];
  const sorted = headers
    .filter((header) => header.type !== sectionType.noBits && header.sizeBytes > 0)
    .sort((a, b) => a.offset - b.offset || a.index - b.index);
  let before: ElfSectionHeader | undefined;
  for (const header of sorted) {
    if (before !== undefined && header.offset < before.offset + before.sizeBytes) {
      list.error(
        `${source.name}: ${labelOf(header)} at ${hex(header.offset)} overlaps ${labelOf(before)} in the file; it is left out`,
      );
      continue;
    }
    before = header;
    kept.push(header);
  }
  const empty = headers.filter((header) => header.type === sectionType.noBits || header.sizeBytes === 0);
  return [...kept, ...empty].sort((a, b) => a.index - b.index);
}

interface Placed {
  readonly header: ElfSectionHeader;
  readonly address: bigint;
}

function withoutOverlap(source: ByteSource, headers: readonly ElfSectionHeader[], list: IssueList): readonly Placed[] {
  const sorted = headers
    .filter(({ sizeBytes }) => sizeBytes > 0)
    .sort((a, b) => (a.address === b.address ? a.index - b.index : a.address < b.address ? -1 : 1));
  const kept: Placed[] = [];
  let end = 0n;
  let before: ElfSectionHeader | undefined;
  const origin = sorted[0]?.address ?? 0n;
  for (const header of sorted) {
    const { address } = header;
    const last = address + BigInt(Math.min(header.sizeBytes, Number.MAX_SAFE_INTEGER));
    if (last - origin > 1n << 40n) {
      list.error(
        `${source.name}: ${labelOf(header)}: ${hex(header.sizeBytes)} bytes at ${hex(address)} lie more than 1 TB from the first section at ${hex(origin)}`,
      );
    } else if (before !== undefined && address < end) {
      list.error(`${source.name}: ${labelOf(header)} at ${hex(address)} overlaps ${labelOf(before)}; it is left out`);
    } else {
      kept.push({ header, address });
      before = header;
      end = last;
    }
  }
  return kept;
}

function placeOneAfterAnother(
  source: ByteSource,
  headers: readonly ElfSectionHeader[],
  list: IssueList,
): readonly Placed[] {
  const placed: Placed[] = [];
  let next = objectBase;
  for (const header of [
    ...headers.filter((one) => isCode(one, true)),
    ...headers.filter((one) => !isCode(one, true)),
  ]) {
    const alignment = header.alignment > 16 && header.alignment <= 0x10000 ? BigInt(header.alignment) : 16n;
    if (header.sizeBytes > maxLoadedBytes) {
      list.error(`${source.name}: ${labelOf(header)}: ${hex(header.sizeBytes)} bytes are not believed`);
      continue;
    }
    const address = ((next + alignment - 1n) / alignment) * alignment;
    placed.push({ header, address });
    // An empty section still has a place of its own, which symbols may name.
    next = address + BigInt(Math.max(header.sizeBytes, 4));
  }
  return placed;
}
