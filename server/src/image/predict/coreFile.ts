import type { ByteSource } from '../byteSource.ts';
import type { IssueList } from '../imageIssues.ts';

/** One loadable piece of an ELF core file. */
export interface CoreSegment {
  readonly virtualAddress: bigint;
  readonly physicalAddress: bigint;
  readonly fileOffset: number;
  readonly sizeBytes: bigint;
}

export interface CoreFile {
  readonly segments: readonly CoreSegment[];
  /** `KEY=VALUE` lines of the VMCOREINFO note; empty without one. */
  readonly vmcoreinfo: ReadonlyMap<string, string>;
}

const elfMagic = 0x464c457f;
const corefile = 4;
const aarch64 = 183;
const loadSegment = 1;
const noteSegment = 4;
const maxSegments = 0x10000;
const maxNoteBytes = 1 << 20;

/** Whether a file begins as an ELF core does. */
export function isCoreFile(head: Uint8Array): boolean {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return head.length >= 64 && view.getUint32(0, true) === elfMagic && view.getUint16(16, true) === corefile;
}

/**
 * Segments and VMCOREINFO of an ELF core: a copy of /proc/kcore, a vmcore of kdump, or QEMU's dump-guest-memory. Null
 * with an issue when it is no little-endian AArch64 core.
 * Source: fs/proc/kcore.c, kernel/vmcore_info.c, v6.12; the ELF specification (PN_XNUM: the count is in section 0).
 */
export async function readCoreFile(source: ByteSource, list: IssueList): Promise<CoreFile | null> {
  const head = await source.read(0, 64);
  if (!isCoreFile(head)) {
    list.error(`${source.name}: no ELF core file`);
    return null;
  }
  const header = viewOf(head);
  if (header.getUint8(4) !== 2 || header.getUint8(5) !== 1 || header.getUint16(18, true) !== aarch64) {
    list.error(`${source.name}: an ELF core, but not of a little-endian 64-bit Arm machine`);
    return null;
  }
  const at = Number(header.getBigUint64(32, true));
  const entryBytes = header.getUint16(54, true);
  let count = header.getUint16(56, true);
  if (count === 0xffff) {
    const section = await source.read(Number(header.getBigUint64(40, true)), 64);
    count = section.length === 64 ? viewOf(section).getUint32(44, true) : 0;
  }
  if (entryBytes < 56 || count === 0 || count > maxSegments) {
    list.error(`${source.name}: program headers are broken (${count} of ${entryBytes} bytes)`);
    return null;
  }
  const table = await source.read(at, entryBytes * count);
  if (table.length < entryBytes * count) list.warn(`${source.name}: cut off inside its program headers`);
  const segments: CoreSegment[] = [];
  let vmcoreinfo: ReadonlyMap<string, string> = new Map();
  const view = viewOf(table);
  for (let place = 0; place + 56 <= table.length; place += entryBytes) {
    const kind = view.getUint32(place, true);
    const fileOffset = Number(view.getBigUint64(place + 8, true));
    const sizeBytes = view.getBigUint64(place + 32, true);
    if (kind === loadSegment) {
      const virtualAddress = view.getBigUint64(place + 16, true);
      segments.push({ virtualAddress, physicalAddress: view.getBigUint64(place + 24, true), fileOffset, sizeBytes });
    } else if (kind === noteSegment && vmcoreinfo.size === 0) {
      const length = Math.min(Number(sizeBytes), maxNoteBytes);
      vmcoreinfo = readVmcoreinfo(await source.read(fileOffset, length));
    }
  }
  return { segments, vmcoreinfo };
}

function readVmcoreinfo(notes: Uint8Array): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const view = viewOf(notes);
  let at = 0;
  while (at + 12 <= notes.length) {
    const nameBytes = view.getUint32(at, true);
    const textBytes = view.getUint32(at + 4, true);
    const nameAt = at + 12;
    const textAt = nameAt + roundUp(nameBytes);
    const name = asciiOf(notes.subarray(nameAt, nameAt + nameBytes)).replace(/\0.*$/s, '');
    if (name === 'VMCOREINFO') {
      for (const line of asciiOf(notes.subarray(textAt, textAt + textBytes)).split('\n')) {
        const equals = line.indexOf('=');
        if (equals > 0) found.set(line.slice(0, equals), line.slice(equals + 1).replace(/\0+$/, ''));
      }
    }
    at = textAt + roundUp(textBytes);
  }
  return found;
}

function roundUp(length: number): number {
  return Math.ceil(length / 4) * 4;
}

function asciiOf(bytes: Uint8Array): string {
  return new TextDecoder('latin1').decode(bytes);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
