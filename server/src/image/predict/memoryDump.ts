import type { ByteSource } from '../byteSource.ts';
import { createIssueList, type ImageResult, type IssueList } from '../imageIssues.ts';
import type { KernelImage } from '../kernelImage.ts';
import { type CoreFile, type CoreSegment, isCoreFile, readCoreFile } from './coreFile.ts';
import { findImage, imageMarker, isMarkerAt } from './imageSearch.ts';

/** Memory of a running kernel, by the image's link addresses. */
export interface MemoryDump {
  readonly name: string;
  readonly kind: 'raw' | 'core';
  /** KASLR's offset; null when nothing says it. */
  readonly slide: bigint | null;
  readonly kimageVoffset: bigint | null;
  /** Little-endian word; null where the dump has nothing. */
  word(address: bigint): number | null;
  /** The bytes, or null unless the dump has all of them. */
  bytes(address: bigint, length: number): Uint8Array | null;
}

export interface DumpOptions {
  /** `kaslr_slide` and `kimage_voffset` of the state, for a core file that does not name them itself. */
  readonly slide?: bigint | null;
  readonly kimageVoffset?: bigint | null;
}

interface Piece {
  readonly start: bigint;
  readonly bytes: Uint8Array;
}

/**
 * Opens what was read from a machine's memory: raw bytes from `_text` on or with the image somewhere in them, or an ELF
 * core that has the kernel image by virtual addresses (/proc/kcore, kdump) or by physical ones. `value` is null when the kernel's text is not in it;
 * `issues` say why, and whether it is another kernel's memory. Never throws but for a failing medium.
 */
export async function openMemoryDump(
  source: ByteSource,
  image: KernelImage,
  options: DumpOptions = {},
): Promise<ImageResult<MemoryDump | null>> {
  const list = createIssueList();
  const start = image.symbols.addressOf('_text');
  const end = image.symbols.addressOf('_end');
  if (start === null || end === null || end <= start) {
    list.error(`${image.name}: has no symbols _text and _end; a dump cannot be placed`);
    return { value: null, issues: list.issues };
  }
  const isCore = isCoreFile(await source.read(0, 64));
  const value = isCore
    ? await openCore(source, image, start, end, options, list)
    : await openRaw(source, image, start, end, options, list);
  if (value !== null) checkBanner(value, image, list);
  return { value, issues: list.issues };
}

async function openRaw(
  source: ByteSource,
  image: KernelImage,
  start: bigint,
  end: bigint,
  options: DumpOptions,
  list: IssueList,
): Promise<MemoryDump | null> {
  const sizeBytes = Number(end - start);
  let from = 0;
  const marker = imageMarker(image);
  // More than one image's memory: all of a machine's, say.
  if (marker !== null && source.sizeBytes > sizeBytes && !(await isMarkerAt(source, 0, marker))) {
    from = (await findImage(source, [{ fileOffset: 0, sizeBytes: source.sizeBytes }], marker)) ?? 0;
  }
  const bytes = await source.read(from, sizeBytes);
  if (bytes.length === 0) {
    list.error(`${source.name}: empty`);
    return null;
  }
  if (bytes.length < sizeBytes) {
    list.warn(`${source.name}: ends 0x${bytes.length.toString(16)} bytes after _text, before _end`);
  }
  const dump = dumpOf(source.name, 'raw', null, options.kimageVoffset ?? null, [{ start, bytes }]);
  return { ...dump, slide: slideOf(dump, image) ?? options.slide ?? null };
}

/** How far pointers in memory are from what the linker made of them, by the majority of some. */
function slideOf(dump: MemoryDump, image: KernelImage): bigint | null {
  const votes = new Map<bigint, number>();
  for (const { address, value } of pointersOf(image)) {
    const low = dump.word(address);
    const high = dump.word(address + 4n);
    if (low === null || high === null) continue;
    const slide = BigInt.asUintN(64, ((BigInt(high) << 32n) | BigInt(low)) - value);
    // Half of the kernel's range is more than any slide; a pointer that was changed gives nonsense.
    if (slide < 1n << 52n && (slide & 0xfffn) === 0n) votes.set(slide, (votes.get(slide) ?? 0) + 1);
  }
  const [best] = [...votes].sort((a, b) => b[1] - a[1]);
  return best && best[1] >= minVotes ? best[0] : null;
}

const minVotes = 2;
const nTableEntries = 64;

/** Pointers with their link-time values: in text, and in a table that every kernel has and nothing changes. */
function* pointersOf(image: KernelImage): Generator<{ readonly address: bigint; readonly value: bigint }> {
  yield* image.textRelocations;
  const table = image.symbols.addressOf('sys_call_table');
  for (let index = 0; table !== null && index < nTableEntries; index++) {
    const address = table + BigInt(8 * index);
    const value = image.pointer(address);
    if (value !== null && image.sectionAt(value)?.executable === true) yield { address, value };
  }
}

async function openCore(
  source: ByteSource,
  image: KernelImage,
  start: bigint,
  end: bigint,
  options: DumpOptions,
  list: IssueList,
): Promise<MemoryDump | null> {
  const core = await readCoreFile(source, list);
  if (core === null) return null;
  const slide = hexOf(core.vmcoreinfo.get('KERNELOFFSET')) ?? options.slide ?? null;
  const voffset = hexOf(core.vmcoreinfo.get('NUMBER(kimage_voffset)')) ?? options.kimageVoffset ?? null;
  const placed = slide ?? 0n;
  const places = [(segment: CoreSegment) => segment.virtualAddress - placed];
  if (voffset !== null) places.push((segment) => segment.physicalAddress + voffset - placed);
  for (const place of places) {
    const pieces = await readPieces(source, core, start, end, place);
    const dump = dumpOf(source.name, 'core', slide, voffset, pieces);
    if (pieces.length > 0 && !isOtherKernel(dump, image)) return withSlide(dump, image);
  }
  // Nothing says where the kernel is: its banner does.
  const marker = imageMarker(image);
  const regions = core.segments.map(({ fileOffset, sizeBytes }) => ({ fileOffset, sizeBytes: Number(sizeBytes) }));
  const at = marker === null ? null : await findImage(source, regions, marker);
  if (at !== null) {
    const bytes = await source.read(at, Number(end - start));
    return withSlide(dumpOf(source.name, 'core', slide, voffset, [{ start, bytes }]), image);
  }
  list.error(`${source.name}: has no memory of this kernel's image (no linux_banner of ${image.name} in it)`);
  return null;
}

function withSlide(dump: MemoryDump, image: KernelImage): MemoryDump {
  return { ...dump, slide: slideOf(dump, image) ?? dump.slide };
}

async function readPieces(
  source: ByteSource,
  core: CoreFile,
  start: bigint,
  end: bigint,
  linkAddressOf: (segment: CoreSegment) => bigint,
): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  for (const segment of core.segments) {
    const first = BigInt.asUintN(64, linkAddressOf(segment));
    const from = first > start ? first : start;
    const segmentEnd = first + segment.sizeBytes;
    const to = segmentEnd < end ? segmentEnd : end;
    if (from >= to) continue;
    const bytes = await source.read(segment.fileOffset + Number(from - first), Number(to - from));
    if (bytes.length > 0) pieces.push({ start: from, bytes });
  }
  return pieces;
}

function dumpOf(
  name: string,
  kind: MemoryDump['kind'],
  slide: bigint | null,
  kimageVoffset: bigint | null,
  pieces: readonly Piece[],
): MemoryDump {
  const views = pieces.map(({ bytes }) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const find = (address: bigint, length: number): number =>
    pieces.findIndex(({ start, bytes }) => address >= start && Number(address - start) + length <= bytes.length);
  return {
    name,
    kind,
    slide,
    kimageVoffset,
    word: (address) => {
      const index = find(address, 4);
      const piece = pieces[index];
      return piece === undefined ? null : (views[index]?.getUint32(Number(address - piece.start), true) ?? null);
    },
    bytes: (address, length) => {
      const piece = pieces[find(address, length)];
      if (piece === undefined) return null;
      const at = Number(address - piece.start);
      return piece.bytes.subarray(at, at + length);
    },
  };
}

function checkBanner(dump: MemoryDump, image: KernelImage, list: IssueList): void {
  if (!isOtherKernel(dump, image)) return;
  const what = `linux_banner is another text there than in ${image.name}`;
  list.warn(`${dump.name}: ${what}: memory of another kernel, or not from _text on`);
}

/** The banner is the same text in the file and in memory when both are of one build. */
function isOtherKernel(dump: MemoryDump, image: KernelImage): boolean {
  const address = image.symbols.addressOf('linux_banner');
  const wanted = address === null ? null : image.bytes(address, 64);
  const found = address === null ? null : dump.bytes(address, 64);
  return wanted !== null && found !== null && wanted.some((byte, index) => byte !== found[index]);
}

function hexOf(text: string | undefined): bigint | null {
  return text !== undefined && /^(0x)?[0-9a-f]+$/i.test(text) ? BigInt(`0x${text.replace(/^0x/i, '')}`) : null;
}
