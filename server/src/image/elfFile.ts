import type { ByteSource } from './byteSource.ts';
import { createIssueList, type ImageResult, type IssueList } from './imageIssues.ts';

/** Values of `sh_type`, `sh_flags` and `e_type` that matter here (ELF-64 object file format 1.5, sections 3 and 4). */
export const sectionType = {
  symbols: 2,
  strings: 3,
  rela: 4,
  noBits: 8,
  rel: 9,
  dynamicSymbols: 11,
  relr: 19,
} as const;
export const sectionFlag = { write: 1, alloc: 2, exec: 4, compressed: 0x800 } as const;
export const fileType = { relocatable: 1, executable: 2, shared: 3, core: 4 } as const;

/** One row of the section header table, checked: its bytes lie in the file. */
export interface ElfSectionHeader {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: bigint;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly link: number;
  readonly info: number;
  readonly alignment: number;
  readonly entrySize: number;
}

export interface ElfFile {
  readonly type: number;
  /** By section number; a section whose header is not usable is absent, with an issue. */
  readonly sections: ReadonlyMap<number, ElfSectionHeader>;
}

const headerBytes = 64;
const machineAArch64 = 183;
/** Linux with `-ffunction-sections` and debug information stays far below. */
const maxSections = 1_000_000;
const maxNameBytes = 1024;

/**
 * The section headers of an ELF64 little-endian AArch64 file; null with issues when it is none. Never throws but for
 * a failing medium. Source: System V ABI, chapters 4 and 5; ELF for the Arm 64-bit Architecture (AAELF64), 2023Q3.
 */
export async function readElf(source: ByteSource): Promise<ImageResult<ElfFile | null>> {
  const list = createIssueList();
  return { value: await readChecked(source, list), issues: list.issues };
}

async function readChecked(source: ByteSource, list: IssueList): Promise<ElfFile | null> {
  const { name } = source;
  const head = await source.read(0, headerBytes);
  const wrong = wrongHeader(head);
  if (wrong !== null) {
    list.error(`${name}: ${wrong}`);
    return null;
  }
  const view = viewOf(head);
  const type = view.getUint16(16, true);
  const tableAt = toNumber(view.getBigUint64(40, true));
  const entrySize = view.getUint16(58, true);
  let count = view.getUint16(60, true);
  let namesIndex = view.getUint16(62, true);
  if (tableAt === 0 || (count === 0 && namesIndex === 0)) {
    list.error(`${name}: no section headers (offset 0x28): the file was stripped of them; use the linker's own output`);
    return null;
  }
  if (entrySize !== 64) {
    list.error(`${name}: section headers of ${entrySize} bytes (offset 0x3a); ELF64 has 64`);
    return null;
  }
  if (count === 0 || namesIndex === 0xffff) {
    const first = await source.read(tableAt, 64);
    if (first.length < 64) {
      list.error(
        `${name}: truncated: the section headers begin at ${hex(tableAt)}, the file ends at ${hex(source.sizeBytes)}`,
      );
      return null;
    }
    if (count === 0) count = toNumber(viewOf(first).getBigUint64(32, true));
    if (namesIndex === 0xffff) namesIndex = viewOf(first).getUint32(40, true);
  }
  if (count > maxSections) {
    list.error(`${name}: ${count} section headers; more than ${maxSections} are not believed`);
    return null;
  }
  if (tableAt + count * 64 > source.sizeBytes) {
    list.error(
      `${name}: truncated: ${count} section headers at ${hex(tableAt)} end at ${hex(tableAt + count * 64)}, the file at ${hex(source.sizeBytes)}; copy or unpack it anew`,
    );
    return null;
  }
  const table = await source.read(tableAt, count * 64);
  if (table.length < count * 64) {
    list.error(`${name}: truncated: the section headers at ${hex(tableAt)} cannot be read`);
    return null;
  }
  return { type, sections: await readHeaders(source, viewOf(table), count, namesIndex, list) };
}

/** Why the first 64 bytes are not those of a file that is read here; null when they are. */
function wrongHeader(head: Uint8Array): string | null {
  if (head[0] !== 0x7f || head[1] !== 0x45 || head[2] !== 0x4c || head[3] !== 0x46) {
    const what = head.length < 4 ? `it has ${head.length} bytes` : 'it does not begin with 7f 45 4c 46';
    return `no ELF file: ${what}; give a vmlinux, an object, a module, or a raw arm64 Image`;
  }
  if (head.length < headerBytes) return `truncated: an ELF header has ${headerBytes} bytes, the file ${head.length}`;
  if (head[4] === 1) return 'a 32-bit ELF file (EI_CLASS 1); arm64 kernels are ELF64';
  if (head[4] !== 2) return `EI_CLASS ${head[4]} at offset 4 is neither 32-bit nor 64-bit`;
  if (head[5] === 2) return 'a big-endian file (EI_DATA 2); only little-endian kernels are read';
  if (head[5] !== 1) return `EI_DATA ${head[5]} at offset 5 is neither little- nor big-endian`;
  if (head[6] !== 1) return `EI_VERSION ${head[6]} at offset 6; only version 1 exists`;
  const view = viewOf(head);
  const machine = view.getUint16(18, true);
  if (machine !== machineAArch64) {
    return `made for ${machineName(machine)}, not for AArch64 (e_machine ${machine} at offset 0x12, expected ${machineAArch64}); use the file of an arm64 build`;
  }
  const type = view.getUint16(16, true);
  if (type === fileType.core) return 'a core dump, no image (e_type 4 at offset 0x10)';
  if (type < fileType.relocatable || type > fileType.shared)
    return `e_type ${type} at offset 0x10 is no object and no image`;
  return null;
}

function machineName(machine: number): string {
  const names: Readonly<Record<number, string>> = {
    3: 'x86',
    40: '32-bit Arm',
    62: 'x86-64',
    243: 'RISC-V',
    258: 'LoongArch',
  };
  return names[machine] ?? 'another machine';
}

interface RawHeader extends Omit<ElfSectionHeader, 'name'> {
  readonly nameAt: number;
}

async function readHeaders(
  source: ByteSource,
  table: DataView,
  count: number,
  namesIndex: number,
  list: IssueList,
): Promise<ReadonlyMap<number, ElfSectionHeader>> {
  const raw: RawHeader[] = [];
  for (let index = 0; index < count; index++) raw.push(rawHeader(table, index));
  const namesHeader = raw[namesIndex];
  let names: Uint8Array = new Uint8Array(0);
  if (namesHeader === undefined || namesHeader.type !== sectionType.strings) {
    list.error(
      `${source.name}: section ${namesIndex} (e_shstrndx) should hold the section names and is no string table`,
    );
  } else if (namesHeader.offset + namesHeader.sizeBytes > source.sizeBytes) {
    list.error(
      `${source.name}: truncated: the section names at ${hex(namesHeader.offset)} go beyond the end of the file`,
    );
  } else names = await source.read(namesHeader.offset, namesHeader.sizeBytes);
  const sections = new Map<number, ElfSectionHeader>();
  for (const { nameAt, ...header } of raw) {
    // Section 0 is no section.
    if (header.index === 0 || header.type === 0) continue;
    const name = nameAt < names.length ? stringAt(names, nameAt) : '';
    const label = sectionLabel(header.index, name);
    if (nameAt >= names.length && names.length > 0) {
      list.error(
        `${source.name}: ${label}: its name at ${hex(nameAt)} lies outside the section names (${hex(names.length)} bytes)`,
      );
    }
    const inFile = header.type === sectionType.noBits || header.offset + header.sizeBytes <= source.sizeBytes;
    if (!inFile) {
      list.error(
        `${source.name}: truncated: ${label} has ${hex(header.sizeBytes)} bytes at ${hex(header.offset)}, the file ends at ${hex(source.sizeBytes)}`,
      );
      continue;
    }
    sections.set(header.index, { ...header, name });
  }
  return sections;
}

function rawHeader(table: DataView, index: number): RawHeader {
  const at = index * 64;
  return {
    index,
    nameAt: table.getUint32(at, true),
    type: table.getUint32(at + 4, true),
    flags: toNumber(table.getBigUint64(at + 8, true)),
    address: table.getBigUint64(at + 16, true),
    offset: toNumber(table.getBigUint64(at + 24, true)),
    sizeBytes: toNumber(table.getBigUint64(at + 32, true)),
    link: table.getUint32(at + 40, true),
    info: table.getUint32(at + 44, true),
    alignment: toNumber(table.getBigUint64(at + 48, true)),
    entrySize: toNumber(table.getBigUint64(at + 56, true)),
  };
}

/** `section 7 (.text)`: how messages name a section. */
export function sectionLabel(index: number, name: string): string {
  return name === '' ? `section ${index}` : `section ${index} (${name})`;
}

const latin1 = new TextDecoder('latin1');

/** Text of a NUL-terminated string; ends at the table's end, and after 1,024 bytes, where there is no NUL. */
export function stringAt(bytes: Uint8Array, offset: number): string {
  return latin1.decode(bytes.subarray(offset, stringEnd(bytes, offset)));
}

export function stringEnd(bytes: Uint8Array, offset: number): number {
  const limit = Math.min(bytes.length, offset + maxNameBytes);
  let end = offset;
  while (end < limit && bytes[end] !== 0) end++;
  return end;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A 64-bit file offset or size as a number: values that no file reaches stay larger than every file. */
function toNumber(value: bigint): number {
  return Number(value);
}

export function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}
