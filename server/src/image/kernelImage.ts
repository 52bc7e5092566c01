import { firstNotBefore } from '../base/search.ts';
import { type ByteSource, memoryByteSource } from './byteSource.ts';
import { type ElfFile, fileType, hex, readElf, sectionLabel, sectionType } from './elfFile.ts';
import { type ElfLayout, readLayout } from './elfLayout.ts';
import { relocateImage, relocateObject, type SectionRelocations } from './elfRelocations.ts';
import { isGzip, unpackGzip } from './gzip.ts';
import { type ImageFacts, readImageFacts } from './imageFacts.ts';
import { createIssueList, type ImageResult, type IssueList } from './imageIssues.ts';
import { createImageMemory, type ImageMemory } from './imageMemory.ts';
import { isRawImage, readRawImage, systemMapColumns } from './rawImage.ts';
import { createSymbolTable, type SymbolColumns, type SymbolTable, symbolBytes, symbolColumns } from './symbolTable.ts';

/** A relocation of an instruction of an object. */
export interface InsnRelocation {
  readonly type: number;
  /** Name of the symbol, of its section for a section symbol. */
  readonly symbol: string;
  readonly addend: bigint;
  /** Where it leads, in the image's made-up addresses. */
  readonly target: bigint;
}

/** A built image in memory: its allocated sections, symbols and what it says about itself. All reads are synchronous. */
export interface KernelImage extends ImageMemory {
  readonly name: string;
  readonly kind: 'vmlinux' | 'object' | 'module' | 'vdso' | 'raw-image';
  readonly symbols: SymbolTable;
  readonly facts: ImageFacts;
  relocationAt(address: bigint): InsnRelocation | null;
}

export interface OpenImageOptions {
  /** Text of a `System.map`, for a raw `Image` and for a stripped vmlinux. */
  readonly systemMap?: string | undefined;
  /** Called between pieces of the work, where others are waiting. */
  readonly pause?: (() => Promise<void>) | undefined;
}

/**
 * Opens a vmlinux, an object, a module, a vDSO or a raw `Image` (with its `System.map`), gzip-compressed ones too.
 * `value` is null when nothing can be shown; whatever is wrong with the file is an issue that names what and where.
 * Never throws but for a failing medium. Allocated sections are read, debug information is not.
 */
export async function openImage(
  source: ByteSource,
  options: OpenImageOptions = {},
): Promise<ImageResult<KernelImage | null>> {
  const list = createIssueList();
  return { value: await open(source, options, list), issues: list.issues };
}

async function open(source: ByteSource, options: OpenImageOptions, list: IssueList): Promise<KernelImage | null> {
  const head = await source.read(0, 64);
  if (isGzip(head)) {
    const unpacked = await unpackGzip(await source.read(0, source.sizeBytes));
    if (unpacked instanceof Uint8Array) {
      // One layer: a file packed twice is no image.
      if (isGzip(unpacked)) list.error(`${source.name}: gzip data inside gzip data; no image`);
      else return await open(memoryByteSource(source.name, unpacked), options, list);
    } else list.error(`${source.name}: ${unpacked.problem}`);
    return null;
  }
  const other = otherFormat(head);
  if (other !== null) {
    list.error(`${source.name}: ${other}`);
    return null;
  }
  if (isRawImage(head)) {
    const raw = await readRawImage(source, options.systemMap ?? null, list);
    if (raw === null) return null;
    return await finish(source.name, 'raw-image', raw.memory, raw.symbols, () => null);
  }
  const { value: file, issues } = await readElf(source);
  for (const { severity, message } of issues) (severity === 'error' ? list.error : list.warn)(message);
  return file === null ? null : await openElf(source, file, options, list);
}

/** Formats that a kernel or module comes in and that are not read, each with the way out. */
function otherFormat(head: Uint8Array): string | null {
  const starts = (...bytes: readonly number[]): boolean => bytes.every((byte, index) => head[index] === byte);
  if (head.length === 0) return 'the file is empty';
  if (starts(0xfd, 0x37, 0x7a, 0x58, 0x5a)) return 'xz-compressed; unpack it first: xz -dk FILE';
  if (starts(0x28, 0xb5, 0x2f, 0xfd)) return 'zstd-compressed; unpack it first: zstd -dk FILE';
  if (starts(0x42, 0x5a, 0x68)) return 'bzip2-compressed; unpack it first: bzip2 -dk FILE';
  if (starts(0x04, 0x22, 0x4d, 0x18) || starts(0x02, 0x21, 0x4c, 0x18))
    return 'lz4-compressed; unpack it first: lz4 -dk FILE';
  if (starts(0x21, 0x3c, 0x61, 0x72, 0x63, 0x68)) return 'an archive of objects; take one out first: ar x FILE';
  if (starts(0x4d, 0x5a) && head[4] === 0x7a && head[5] === 0x69 && head[6] === 0x6d && head[7] === 0x67) {
    return 'an EFI zboot image, which holds the kernel compressed; use the vmlinux or the Image that it was made from';
  }
  if (starts(0x4d, 0x5a) && !isRawImage(head))
    return 'an EFI program or the boot image of another architecture; use the vmlinux or the raw arm64 Image';
  if (starts(0x4c, 0x4c, 0x56, 0x4d) || starts(0x42, 0x43, 0xc0, 0xde))
    return 'LLVM bitcode, no machine code; build without LTO or use the linked image';
  return null;
}

async function openElf(
  source: ByteSource,
  file: ElfFile,
  { systemMap, pause }: OpenImageOptions,
  list: IssueList,
): Promise<KernelImage | null> {
  const relocatable = file.type === fileType.relocatable;
  const layout = await readLayout(source, file, relocatable, list);
  if (layout.sections.length === 0) {
    list.error(`${source.name}: no section of it is loaded when it runs; no image (a file of debug information?)`);
    return null;
  }
  const own = await readSymbols(source, file, layout, relocatable, sectionType.symbols, list);
  const columns = own ?? (relocatable || systemMap === undefined ? null : systemMapColumns(layout.origin, systemMap));
  if (columns === null) {
    const lost = relocatable
      ? 'nothing in it can be placed; use the file as the compiler wrote it'
      : 'tables that have no section of their own are not found; use the file as the linker wrote it (vmlinux, not vmlinux.stripped) or give its System.map';
    list.error(`${source.name}: stripped: no symbol table (.symtab); ${lost}`);
  }
  const known = columns ?? symbolColumns(new Uint8Array(0), new Uint8Array(0), layout.origin, () => Number.NaN);
  const symbols = createSymbolTable(known);
  await pause?.();
  if (relocatable) {
    const code = await relocateObject(source, file, layout, known, list);
    const memory = createImageMemory(layout.sections, []);
    const kind = memory.section('.gnu.linkonce.this_module') || memory.section('.modinfo') ? 'module' : 'object';
    return await finish(source.name, kind, memory, symbols, relocationFinder(memory, code, known, symbols, layout));
  }
  const dynamic = await readSymbols(source, file, layout, false, sectionType.dynamicSymbols, list);
  const dynamicTable = dynamic === null ? null : createSymbolTable(dynamic);
  const textRelocations = await relocateImage(
    source,
    file,
    layout,
    (index) => {
      const symbol = dynamicTable?.byIndex(index);
      return symbol?.defined === true ? symbol.address : null;
    },
    list,
    pause,
  );
  const memory = createImageMemory(layout.sections, textRelocations);
  const isKernel = symbols.addressOf('_text') !== null || memory.section('.head.text') !== undefined;
  return await finish(source.name, isKernel ? 'vmlinux' : 'vdso', memory, symbols, () => null);
}

async function finish(
  name: string,
  kind: KernelImage['kind'],
  memory: ImageMemory,
  symbols: SymbolTable,
  relocationAt: KernelImage['relocationAt'],
): Promise<KernelImage> {
  return { ...memory, name, kind, symbols, relocationAt, facts: await readImageFacts(memory, symbols) };
}

/** Columns of `.symtab` or `.dynsym`; null when there is none that can be read. */
async function readSymbols(
  source: ByteSource,
  file: ElfFile,
  layout: ElfLayout,
  relocatable: boolean,
  type: number,
  list: IssueList,
): Promise<SymbolColumns | null> {
  const header = [...file.sections.values()].find((section) => section.type === type);
  if (header === undefined) return null;
  const label = sectionLabel(header.index, header.name);
  const strings = file.sections.get(header.link);
  if (header.entrySize !== symbolBytes || header.sizeBytes % symbolBytes !== 0) {
    list.error(
      `${source.name}: ${label}: ${hex(header.sizeBytes)} bytes in entries of ${header.entrySize}; symbols have ${symbolBytes}`,
    );
    return null;
  }
  if (strings === undefined || strings.type !== sectionType.strings) {
    const self = header.link === header.index ? 'itself' : `section ${header.link}`;
    list.error(`${source.name}: ${label} takes its names from ${self} (sh_link), which is no string table`);
    return null;
  }
  const table = await source.read(header.offset, header.sizeBytes);
  const names = await source.read(strings.offset, strings.sizeBytes);
  const count = table.length / symbolBytes;
  // Room between the made-up places of other objects' symbols, so that "symbol + 16" is not the next symbol.
  const spacing = 2 ** Math.max(4, Math.min(16, Math.floor(Math.log2(0x1000_0000 / Math.max(1, count)))));
  const undefinedAt = Number(layout.end - layout.origin) + spacing;
  const firstUndefined = undefinedAt - (undefinedAt % spacing);
  let outside = 0;
  const columns = symbolColumns(table, names, layout.origin, (section, value, index) => {
    if (section === 0) return relocatable ? firstUndefined + index * spacing : Number.NaN;
    if (section >= 0xff00) return Number.NaN;
    const home = layout.byIndex.get(section);
    // Debug sections have symbols too.
    if (home === undefined) return Number.NaN;
    const offset = relocatable ? Number(value) : Number(value - home.address);
    // Symbols such as _end may stand at the end, and section bounds of the linker's script a little outside.
    if (relocatable && offset > home.sizeBytes) {
      outside++;
      return Number.NaN;
    }
    return Number(home.address - layout.origin) + offset;
  });
  if (outside > 0) list.error(`${source.name}: ${label}: ${outside} symbols lie outside their sections`);
  return columns;
}

function relocationFinder(
  memory: ImageMemory,
  code: ReadonlyMap<number, SectionRelocations>,
  columns: SymbolColumns,
  symbols: SymbolTable,
  layout: ElfLayout,
): KernelImage['relocationAt'] {
  return (address) => {
    const section = memory.sectionAt(address);
    const relocations = section === undefined ? undefined : code.get(section.index);
    if (section === undefined || relocations === undefined) return null;
    const offset = Number(address - section.address);
    const at = firstNotBefore(relocations.offsets, (one) => one < offset);
    if (relocations.offsets[at] !== offset) return null;
    const index = relocations.symbols[at] ?? 0;
    const symbol = symbols.byIndex(index);
    const addend = relocations.addends[at] ?? 0n;
    const place = columns.place[index] ?? Number.NaN;
    if (symbol === null || Number.isNaN(place)) return null;
    const name =
      symbol.type === 'section' ? (layout.byIndex.get(columns.section[index] ?? 0)?.name ?? '') : symbol.name;
    const target = BigInt.asUintN(64, columns.origin + BigInt(place) + addend);
    return { type: relocations.types[at] ?? 0, symbol: name, addend, target };
  };
}
