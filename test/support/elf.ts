import { readFileSync } from 'node:fs';

/** A section of an object file; `bytes` is empty for one without contents (`.bss`). */
export interface ElfSection {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly sizeBytes: number;
  readonly bytes: Buffer;
}

export interface ElfSymbol {
  readonly name: string;
  /** `3` names a section. */
  readonly type: number;
  /** Section that defines it; `0` and the reserved numbers have none. */
  readonly section: number;
  readonly value: number;
}

export interface ElfRelocation {
  readonly offset: number;
  readonly type: number;
  readonly symbol: ElfSymbol;
  readonly addend: bigint;
}

/** A relocatable ELF64 little-endian file, as far as comparing objects needs it. */
export interface ElfFile {
  readonly path: string;
  readonly sections: readonly ElfSection[];
  readonly symbols: readonly ElfSymbol[];
  /** Relocations of a section, by offset; several at one offset stay in the file's order. */
  relocationsOf(section: number): readonly ElfRelocation[];
}

const allocated = 0x2;
const elfType = { symbols: 2, strings: 3, relocations: 4, noBits: 8 } as const;
const sectionSymbol = 3;

/** Throws when the file is no relocatable ELF64 file: the caller's tools made it. */
export function readElf(path: string): ElfFile {
  const file = readFileSync(path);
  if (file.toString('latin1', 0, 4) !== '\x7fELF' || file[4] !== 2 || file[5] !== 1)
    throw new Error(`${path}: no ELF64`);
  const number = (offset: number): number => Number(file.readBigUInt64LE(offset));
  const tableAt = number(0x28);
  const entrySize = file.readUInt16LE(0x3a);
  const count = file.readUInt16LE(0x3c);
  const namesIndex = file.readUInt16LE(0x3e);
  const headers = Array.from({ length: count }, (_, index) => {
    const at = tableAt + index * entrySize;
    return {
      name: file.readUInt32LE(at),
      type: file.readUInt32LE(at + 4),
      flags: number(at + 8),
      offset: number(at + 24),
      size: number(at + 32),
      link: file.readUInt32LE(at + 40),
      info: file.readUInt32LE(at + 44),
    };
  });
  const text = (table: number, offset: number): string => {
    const from = (headers[table]?.offset ?? 0) + offset;
    return file.toString('latin1', from, file.indexOf(0, from));
  };
  const sections = headers.map((header, index) => ({
    index,
    name: text(namesIndex, header.name),
    type: header.type,
    flags: header.flags,
    sizeBytes: header.size,
    bytes: header.type === elfType.noBits ? Buffer.alloc(0) : file.subarray(header.offset, header.offset + header.size),
  }));
  const symbols: ElfSymbol[] = [];
  for (const header of headers) {
    if (header.type !== elfType.symbols) continue;
    for (let at = header.offset; at < header.offset + header.size; at += 24) {
      symbols.push({
        name: text(header.link, file.readUInt32LE(at)),
        type: (file[at + 4] ?? 0) & 15,
        section: file.readUInt16LE(at + 6),
        value: number(at + 8),
      });
    }
  }
  return {
    path,
    sections,
    symbols,
    relocationsOf: (section) => {
      const found: ElfRelocation[] = [];
      for (const header of headers) {
        if (header.type !== elfType.relocations || header.info !== section) continue;
        for (let at = header.offset; at < header.offset + header.size; at += 24) {
          const info = file.readBigUInt64LE(at + 8);
          const symbol = symbols[Number(info >> 32n)];
          if (symbol === undefined) throw new Error(`${path}: a relocation names a symbol that is not there`);
          found.push({
            offset: number(at),
            type: Number(info & 0xffffffffn),
            symbol,
            addend: file.readBigInt64LE(at + 16),
          });
        }
      }
      return found.sort((left, right) => left.offset - right.offset);
    },
  };
}

/** `type symbol+addend`; a section symbol goes by its section's name. */
export function relocationText(elf: ElfFile, { type, symbol, addend }: ElfRelocation): string {
  const name = symbol.type === sectionSymbol ? (elf.sections[symbol.section]?.name ?? '?') : symbol.name;
  return `${type} ${name}${addend < 0n ? '-' : '+'}0x${(addend < 0n ? -addend : addend).toString(16)}`;
}

/** Differences of what two objects put into memory, for people; empty when the kernel would be the same with either. */
export function objectDifferences(real: ElfFile, ours: ElfFile): string[] {
  const differences: string[] = [];
  const loaded = (elf: ElfFile): readonly ElfSection[] =>
    elf.sections.filter((section) => (section.flags & allocated) !== 0 && section.sizeBytes > 0);
  const named = (elf: ElfFile): ReadonlyMap<string, readonly ElfSection[]> => {
    const groups = new Map<string, ElfSection[]>();
    for (const section of loaded(elf)) groups.set(section.name, [...(groups.get(section.name) ?? []), section]);
    return groups;
  };
  const theirs = named(real);
  const mine = named(ours);
  for (const name of new Set([...theirs.keys(), ...mine.keys()])) {
    const left = theirs.get(name) ?? [];
    const right = mine.get(name) ?? [];
    if (left.length !== right.length) {
      differences.push(`${name}: ${left.length} sections in the object, ${right.length} in ours`);
      continue;
    }
    left.forEach((section, index) => {
      const other = right[index];
      if (other !== undefined) differences.push(...sectionDifferences(real, section, ours, other));
    });
  }
  return differences;
}

function sectionDifferences(real: ElfFile, left: ElfSection, ours: ElfFile, right: ElfSection): string[] {
  const { name } = left;
  const differences: string[] = [];
  const kind = (section: ElfSection): string => `type ${section.type} flags 0x${section.flags.toString(16)}`;
  if (kind(left) !== kind(right)) differences.push(`${name}: ${kind(left)} in the object, ${kind(right)} in ours`);
  if (left.sizeBytes !== right.sizeBytes) {
    differences.push(`${name}: ${left.sizeBytes} bytes in the object, ${right.sizeBytes} in ours`);
  }
  for (let at = 0; at < Math.min(left.bytes.length, right.bytes.length); at += 4) {
    if (left.bytes.subarray(at, at + 4).equals(right.bytes.subarray(at, at + 4))) continue;
    const word = (section: ElfSection): string =>
      [...section.bytes.subarray(at, at + 4)]
        .reverse()
        .map((byte) => byte.toString(16).padStart(2, '0'))
        .join('');
    differences.push(`${name}+0x${at.toString(16)}: ${word(left)} in the object, ${word(right)} in ours`);
    break;
  }
  const texts = (elf: ElfFile, section: ElfSection): string[] =>
    elf.relocationsOf(section.index).map((one) => `+0x${one.offset.toString(16)} ${relocationText(elf, one)}`);
  const [theirs, mine] = [texts(real, left), texts(ours, right)];
  const at = theirs.findIndex((text, index) => text !== mine[index]);
  if (at >= 0) differences.push(`${name}: relocation ${theirs[at]} in the object, ${mine[at] ?? 'none'} in ours`);
  else if (mine.length > theirs.length) differences.push(`${name}: relocation ${mine[theirs.length]} only in ours`);
  return differences;
}
