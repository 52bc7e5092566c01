import type { ByteSource } from './byteSource.ts';
import { type ElfFile, type ElfSectionHeader, hex, sectionLabel, sectionType, viewOf } from './elfFile.ts';
import type { ElfLayout } from './elfLayout.ts';
import type { IssueList } from './imageIssues.ts';
import { type ImageSection, sectionFinder, type TextRelocation } from './imageMemory.ts';
import type { SymbolColumns } from './symbolTable.ts';

/** AAELF64 (2023Q3), table 4: the relocation types that the tables of a kernel use. */
export const relocationType = {
  none: 0,
  abs64: 257,
  abs32: 258,
  abs16: 259,
  prel64: 260,
  prel32: 261,
  prel16: 262,
  globDat: 1025,
  jumpSlot: 1026,
  relative: 1027,
} as const;

const relaBytes = 24;
/** Entries read at once, 400 kB: the kernel's .rela.dyn has 7 MB. */
const chunkEntries = 16384;

interface RelaEntry {
  /** Distance of the place from the layout's origin for images, offset in the section for objects. */
  readonly offset: bigint;
  readonly type: number;
  readonly symbol: number;
  readonly addend: bigint;
}

/**
 * Writes what `.rela.dyn` says into the loaded sections of a linked image (`ET_DYN`): the file has zeros there.
 * Executable sections stay as on disk; their relocated words are the result, by address.
 * Source: arch/arm64/kernel/pi/relocate.c:relocate_kernel, v6.12 (RELATIVE and RELR; the rest is the linker's).
 */
export async function relocateImage(
  source: ByteSource,
  file: ElfFile,
  layout: ElfLayout,
  dynamicSymbol: (index: number) => bigint | null,
  list: IssueList,
  pause?: () => Promise<void>,
): Promise<readonly TextRelocation[]> {
  const text: TextRelocation[] = [];
  const indexAt = sectionFinder(layout.sections);
  const views = new Map(layout.sections.map((section) => [section, viewOf(section.bytes)]));
  const store = (address: bigint, value: bigint, kind: TextRelocation['kind'], applied: boolean): boolean => {
    const section = layout.sections[indexAt(address)];
    const offset = section === undefined ? 0 : Number(address - section.address);
    if (section === undefined || offset + 8 > section.sizeBytes) return false;
    // The kernel relocates itself by RELATIVE entries alone; a slide leaves the others' words as they are in the file.
    if (section.executable) {
      if (applied) text.push({ address, value, kind });
      return true;
    }
    if (!section.noBits && !section.unread && kind === 'rela') {
      views.get(section)?.setBigUint64(offset, value, true);
    }
    return true;
  };
  let outside = 0;
  let first = 0n;
  let unknown = 0;
  for (const header of file.sections.values()) {
    if (header.type === sectionType.relr) await readRelr(source, header, layout, text, list);
    if (header.type !== sectionType.rela || header.info !== 0) continue;
    await forEachRela(
      source,
      header,
      list,
      ({ offset, type, symbol, addend }) => {
        if (type === relocationType.none) return;
        let value = BigInt.asUintN(64, addend);
        if (type === relocationType.abs64 || type === relocationType.globDat || type === relocationType.jumpSlot) {
          value = BigInt.asUintN(64, (dynamicSymbol(symbol) ?? 0n) + addend);
        } else if (type !== relocationType.relative) {
          unknown++;
          return;
        }
        if (store(offset, value, 'rela', type === relocationType.relative)) return;
        if (outside === 0) first = offset;
        outside++;
      },
      pause,
    );
    if (outside > 0) {
      list.error(
        `${source.name}: ${sectionLabel(header.index, header.name)}: ${outside} relocations lie in no loaded section, the first at ${hex(first)}`,
      );
    }
    if (unknown > 0) {
      list.warn(
        `${source.name}: ${sectionLabel(header.index, header.name)}: ${unknown} relocations of a type that kernels do not have`,
      );
    }
    outside = 0;
    unknown = 0;
  }
  return text.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
}

/**
 * RELR leaves the link-time value in place; only the words in code are noted, because the kernel's slide changes them.
 * An even entry is an address, an odd one a bitmap of the 63 words after the last place.
 */
async function readRelr(
  source: ByteSource,
  header: ElfSectionHeader,
  layout: ElfLayout,
  text: TextRelocation[],
  list: IssueList,
): Promise<void> {
  const view = viewOf(await source.read(header.offset, header.sizeBytes));
  const indexAt = sectionFinder(layout.sections);
  let outside = 0;
  const note = (address: bigint): void => {
    const section = layout.sections[indexAt(address)];
    if (section === undefined) {
      outside++;
      return;
    }
    const offset = Number(address - section.address);
    if (!section.executable || offset + 8 > section.bytes.length) return;
    text.push({ address, value: viewOf(section.bytes).getBigUint64(offset, true), kind: 'relr' });
  };
  let place = 0n;
  for (let at = 0; at + 8 <= view.byteLength; at += 8) {
    let entry = view.getBigUint64(at, true);
    if ((entry & 1n) === 0n) {
      note(entry);
      place = entry + 8n;
      continue;
    }
    for (let bit = 0n; bit < 63n; bit++) {
      entry >>= 1n;
      if ((entry & 1n) === 1n) note(place + bit * 8n);
    }
    place += 63n * 8n;
  }
  if (outside > 0) {
    list.error(
      `${source.name}: ${sectionLabel(header.index, header.name)}: ${outside} relocations lie in no loaded section`,
    );
  }
}

/** Relocations of one executable section of an object, sorted by offset. */
export interface SectionRelocations {
  readonly offsets: Float64Array;
  readonly types: Uint32Array;
  readonly symbols: Uint32Array;
  readonly addends: BigInt64Array;
}

/**
 * Applies the relocations of an object's data sections at the layout's addresses, so that tables read as in a linked
 * image; a flag in an addend (the branch bit of `__jump_table`) stays in the value. Those of code are the result, by
 * section number. `columns` are the symbols that the relocations name.
 */
export async function relocateObject(
  source: ByteSource,
  file: ElfFile,
  layout: ElfLayout,
  columns: SymbolColumns,
  list: IssueList,
): Promise<ReadonlyMap<number, SectionRelocations>> {
  const code = new Map<number, SectionRelocations>();
  for (const header of file.sections.values()) {
    if (header.type !== sectionType.rela) continue;
    const target = layout.byIndex.get(header.info);
    if (target === undefined || target.noBits || target.unread) continue;
    const entries: RelaEntry[] = [];
    let wrong = 0;
    let overflow = 0;
    await forEachRela(source, header, list, (entry) => {
      if (entry.offset >= BigInt(target.sizeBytes) || entry.symbol >= columns.place.length) wrong++;
      else if (target.executable) entries.push(entry);
      else if (!applyToData(target, entry, columns)) overflow++;
    });
    const label = sectionLabel(header.index, header.name);
    if (wrong > 0) {
      list.error(`${source.name}: ${label}: ${wrong} relocations lie outside ${target.name} or name no symbol`);
    }
    if (overflow > 0) {
      list.error(`${source.name}: ${label}: ${overflow} relocations of ${target.name} have no value here`);
    }
    if (target.executable) code.set(target.index, sortRelocations(entries));
  }
  return code;
}

function applyToData(
  target: ImageSection,
  { offset, type, symbol, addend }: RelaEntry,
  columns: SymbolColumns,
): boolean {
  if (type === relocationType.none) return true;
  const at = Number(offset);
  const place = columns.place[symbol] ?? Number.NaN;
  if (Number.isNaN(place)) return false;
  const value = columns.origin + BigInt(place) + addend;
  const distance = value - (target.address + offset);
  const view = viewOf(target.bytes);
  const room = target.sizeBytes - at;
  switch (type) {
    case relocationType.abs64:
    case relocationType.prel64:
      if (room < 8) return false;
      view.setBigUint64(at, BigInt.asUintN(64, type === relocationType.abs64 ? value : distance), true);
      return true;
    case relocationType.abs32:
    case relocationType.prel32: {
      const field = type === relocationType.abs32 ? value : distance;
      if (room < 4 || field < -(1n << 31n) || field >= 1n << 32n) return false;
      view.setUint32(at, Number(BigInt.asUintN(32, field)), true);
      return true;
    }
    default:
      // Anything else (a cpucap that is an unknown symbol, CRCs) has no value before linking.
      return false;
  }
}

function sortRelocations(entries: RelaEntry[]): SectionRelocations {
  const sorted = entries.sort((a, b) => (a.offset < b.offset ? -1 : a.offset > b.offset ? 1 : 0));
  return {
    offsets: Float64Array.from(sorted, ({ offset }) => Number(offset)),
    types: Uint32Array.from(sorted, ({ type }) => type),
    symbols: Uint32Array.from(sorted, ({ symbol }) => symbol),
    addends: BigInt64Array.from(sorted, ({ addend }) => addend),
  };
}

async function forEachRela(
  source: ByteSource,
  header: ElfSectionHeader,
  list: IssueList,
  visit: (entry: RelaEntry) => void,
  pause?: () => Promise<void>,
): Promise<void> {
  const label = sectionLabel(header.index, header.name);
  if (header.entrySize !== relaBytes) {
    list.error(`${source.name}: ${label}: entries of ${header.entrySize} bytes; RELA entries have ${relaBytes}`);
    return;
  }
  if (header.sizeBytes % relaBytes !== 0) {
    list.error(`${source.name}: ${label}: ${hex(header.sizeBytes)} bytes are no whole number of entries`);
  }
  const count = Math.floor(header.sizeBytes / relaBytes);
  for (let from = 0; from < count; from += chunkEntries) {
    const nEntries = Math.min(chunkEntries, count - from);
    const view = viewOf(await source.read(header.offset + from * relaBytes, nEntries * relaBytes));
    for (let at = 0; at + relaBytes <= view.byteLength; at += relaBytes) {
      visit({
        offset: view.getBigUint64(at, true),
        type: view.getUint32(at + 8, true),
        symbol: view.getUint32(at + 12, true),
        addend: view.getBigInt64(at + 16, true),
      });
    }
    await pause?.();
  }
}
