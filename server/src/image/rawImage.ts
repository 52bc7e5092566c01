import type { ByteSource } from './byteSource.ts';
import { hex, viewOf } from './elfFile.ts';
import { relocationType } from './elfRelocations.ts';
import type { IssueList } from './imageIssues.ts';
import { createImageMemory, type ImageMemory, type ImageSection, type TextRelocation } from './imageMemory.ts';
import { createSymbolTable, type SymbolColumns, type SymbolTable } from './symbolTable.ts';

/** `ARM\x64` at offset 56 (Documentation/arch/arm64/booting.rst, v6.12). */
export function isRawImage(head: Uint8Array): boolean {
  return head.length >= 64 && viewOf(head).getUint32(56, true) === 0x644d5241;
}

const maxImageBytes = 1 << 30;

/**
 * A raw `Image`: the kernel's memory from `_text` on, whose parts only `System.map` tells apart. Null with an issue
 * without the map or with one of another kernel.
 */
export async function readRawImage(
  source: ByteSource,
  systemMap: string | null,
  list: IssueList,
): Promise<{ readonly memory: ImageMemory; readonly symbols: SymbolTable } | null> {
  const { name } = source;
  if (systemMap === null) {
    list.error(`${name}: a raw Image has no symbols; give its System.map as well`);
    return null;
  }
  const head = viewOf(await source.read(0, 64));
  if ((head.getBigUint64(24, true) & 1n) !== 0n) {
    list.error(`${name}: a big-endian kernel (flags at offset 0x18); only little-endian kernels are read`);
    return null;
  }
  if (source.sizeBytes > maxImageBytes) {
    list.error(`${name}: ${hex(source.sizeBytes)} bytes are not believed of a raw Image`);
    return null;
  }
  const map = parseSystemMap(systemMap);
  const start = map.get('_text') ?? map.get('_head');
  if (start === undefined) {
    list.error(`${name}: the System.map has no _text: it is none, or only a placeholder of the distribution`);
    return null;
  }
  const end = map.get('_end');
  const imageSize = head.getBigUint64(16, true);
  if (end !== undefined && imageSize !== 0n && end - start !== imageSize) {
    list.error(
      `${name}: image_size at offset 0x10 is ${hex(imageSize)}, the System.map has ${hex(end - start)} from _text to _end: not of the same build`,
    );
    return null;
  }
  const bytes = await source.read(0, source.sizeBytes);
  const sections = cutSections(start, bytes, map);
  const textRelocations = relocate(name, sections, start, bytes, map, list);
  return {
    memory: createImageMemory(sections, textRelocations),
    symbols: createSymbolTable(systemMapColumns(start, systemMap)),
  };
}

function parseSystemMap(text: string): ReadonlyMap<string, bigint> {
  const map = new Map<string, bigint>();
  for (const { name, address } of mapLines(text)) if (!map.has(name)) map.set(name, address);
  return map;
}

function* mapLines(text: string): Iterable<{ name: string; address: bigint; type: string }> {
  for (const [, address, type, name] of text.matchAll(/^([0-9a-fA-F]{1,16}) ([A-Za-z?]) (\S+)/gm)) {
    if (address !== undefined && type !== undefined && name !== undefined)
      yield { name, type, address: BigInt(`0x${address}`) };
  }
}

/**
 * Code between read-only data, up to the page tables behind it: the entry trampoline is followed by the addresses that it
 * loads, which have no symbols of their own. In some versions a part of it is in `.text`.
 * Source: arch/arm64/kernel/vmlinux.lds.S:TRAMP_TEXT, v6.1 and v6.12.
 */
function readOnlyTextRange(map: ReadonlyMap<string, bigint>): { readonly from: bigint; readonly to: bigint } | null {
  const behind = map.get('_etext') ?? 0n;
  let from: bigint | null = null;
  let to = behind;
  for (const part of ['entry_tramp_text', 'hibernate_exit_text', 'relocate_new_kernel', 'idmap_text']) {
    const start = map.get(`__${part}_start`);
    const end = map.get(`__${part}_end`);
    if (start === undefined || end === undefined || start < behind || end <= start) continue;
    if (from === null || start < from) from = start;
    if (end > to) to = end;
  }
  if (from === null) return null;
  const tables = map.get('idmap_pg_dir');
  const isNext = tables !== undefined && tables > to && tables - to <= 0x10000n;
  return { from, to: isNext ? tables : to };
}

/** Parts of the image by the symbols of the linker script (arch/arm64/kernel/vmlinux.lds.S, 6.1 and 6.12). */
function cutSections(start: bigint, bytes: Uint8Array, map: ReadonlyMap<string, bigint>): readonly ImageSection[] {
  const symbol = (...names: readonly string[]): bigint | undefined =>
    names.map((one) => map.get(one)).find((at) => at !== undefined);
  const readOnlyText = readOnlyTextRange(map);
  const code: [string, bigint | undefined, bigint | undefined][] = [
    ['.head.text', start, symbol('_stext')],
    ['.text', symbol('_stext'), symbol('_etext')],
    ['.rodata.text', readOnlyText?.from, readOnlyText?.to],
    ['.init.text', symbol('__inittext_begin', '_sinittext'), symbol('_einittext')],
    ['.exit.text', symbol('__exittext_begin'), symbol('__exittext_end')],
  ];
  const end = start + BigInt(bytes.length);
  const sections: ImageSection[] = [];
  const add = (name: string, from: bigint, to: bigint, executable: boolean): void => {
    const offset = Number(from - start);
    sections.push({
      index: sections.length + 1,
      name,
      address: from,
      sizeBytes: Number(to - from),
      executable,
      writable: !executable,
      noBits: false,
      bytes: new Uint8Array(bytes.slice(offset, offset + Number(to - from))),
      unread: false,
    });
  };
  let next = start;
  const known = code
    .flatMap(([name, from, to]) =>
      from !== undefined && to !== undefined && from < to && to <= end ? [{ name, from, to }] : [],
    )
    .sort((a, b) => (a.from < b.from ? -1 : 1));
  for (const { name, from, to } of known) {
    if (from < next) continue;
    if (from > next) add('.data', next, from, false);
    add(name, from, to, true);
    next = to;
  }
  if (next < end) add('.data', next, end, false);
  const last = symbol('_end');
  if (last !== undefined && last > end && last - end < BigInt(maxImageBytes)) {
    sections.push({
      index: sections.length + 1,
      name: '.bss',
      address: end,
      sizeBytes: Number(last - end),
      executable: false,
      writable: true,
      noBits: true,
      bytes: new Uint8Array(0),
      unread: false,
    });
  }
  return sections;
}

/** The image carries its `.rela.dyn`; 6.12 has symbols for it, 6.1 its offset and size. */
function relocate(
  name: string,
  sections: readonly ImageSection[],
  start: bigint,
  bytes: Uint8Array,
  map: ReadonlyMap<string, bigint>,
  list: IssueList,
): readonly TextRelocation[] {
  const offset = map.get('__rela_offset');
  const size = map.get('__rela_size');
  const from =
    map.get('__pi_rela_start') ?? map.get('__rela_start') ?? (offset === undefined ? undefined : start + offset);
  const to =
    map.get('__pi_rela_end') ??
    map.get('__rela_end') ??
    (from === undefined || size === undefined ? undefined : from + size);
  if (from === undefined || to === undefined || to < from || to > start + BigInt(bytes.length)) {
    list.error(`${name}: the System.map does not tell where .rela.dyn is: pointers in data stay zero`);
    return [];
  }
  const memory = createImageMemory(sections, []);
  const view = viewOf(bytes);
  const text: TextRelocation[] = [];
  const end = Number(to - start);
  for (let at = Number(from - start); at + 24 <= end; at += 24) {
    if (view.getUint32(at + 8, true) !== relocationType.relative) continue;
    const address = view.getBigUint64(at, true);
    const value = view.getBigUint64(at + 16, true);
    const section = memory.sectionAt(address);
    if (section === undefined || section.noBits) continue;
    const place = Number(address - section.address);
    if (place + 8 > section.sizeBytes) continue;
    if (section.executable) text.push({ address, value, kind: 'rela' });
    else viewOf(section.bytes).setBigUint64(place, value, true);
  }
  return text.sort((a, b) => (a.address < b.address ? -1 : 1));
}

/** The symbols of a `System.map`, without sizes; `origin` is the image's lowest address. */
export function systemMapColumns(origin: bigint, text: string): SymbolColumns {
  const lines = [...mapLines(text)];
  const encoded = new TextEncoder().encode(`\0${lines.map(({ name }) => `${name}\0`).join('')}`);
  const count = lines.length + 1;
  const columns = {
    origin,
    names: encoded,
    nameAt: new Uint32Array(count),
    place: new Float64Array(count).fill(Number.NaN),
    sizes: new Float64Array(count),
    info: new Uint8Array(count),
    section: new Uint32Array(count),
  };
  let at = 1;
  lines.forEach(({ name, address, type }, line) => {
    const index = line + 1;
    const isCode = /[tTwW]/.test(type);
    columns.nameAt[index] = at;
    columns.section[index] = 1;
    columns.info[index] = (type === type.toUpperCase() ? 0x10 : 0) | (isCode ? 2 : 1);
    const place = Number(address - origin);
    // Absolute symbols are no places of the image.
    if (!/[aA]/.test(type) && place >= 0 && place < 2 ** 40) columns.place[index] = place;
    at += new TextEncoder().encode(name).length + 1;
  });
  return columns;
}
