import { closeSync, openSync, readSync } from 'node:fs';

/** One row of a linked image's `.altinstructions`. */
export interface ImageAlternative {
  readonly address: bigint;
  readonly cpucap: number;
  /** Symbol of the function that writes the patched words; without the prefix of the nVHE objects. */
  readonly callback: string | null;
  readonly original: readonly string[];
  readonly replacement: readonly string[];
}

/** One row of a linked image's `__jump_table`. */
export interface ImageJump {
  readonly address: bigint;
  readonly target: bigint;
  /** `symbol` or `symbol+0xOFFSET` of the object the key is in. */
  readonly key: string;
  /** Low bits of the row's key field: which way the branch is written; whether the key starts as true. */
  readonly isBranch: boolean;
  readonly word: string;
}

/** What a linked vmlinux says about its patch sites. */
export interface ImageTables {
  readonly alternatives: readonly ImageAlternative[];
  readonly jumps: readonly ImageJump[];
}

interface Section {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
  readonly link: number;
}

interface Sized {
  readonly name: string;
  readonly address: bigint;
  readonly size: bigint;
}

const alternativeBytes = 12;
const jumpBytes = 16;
const allocated = 2;
const noBits = 8;
const symbolTable = 2;
const functionSymbol = 2;
/** Half of `struct static_key` is the smallest thing that can be a key (include/linux/jump_label.h, 16 bytes). */
const keyBytes = 16n;

/**
 * Reads `struct alt_instr` (arch/arm64/include/asm/alternative.h) and `struct jump_entry` (include/linux/jump_label.h)
 * of a linked, little-endian arm64 vmlinux. Reads ranges: the file has hundreds of megabytes. Throws on anything else.
 */
export function imageTables(path: string): ImageTables {
  return withFile(path, readTables);
}

/** Contents of a section; empty when there is none of that name. */
export function sectionBytes(path: string, name: string): Buffer {
  return withFile(path, (read) => {
    const found = readSections(read).find((one) => one.name === name);
    return found === undefined ? Buffer.alloc(0) : read(found.offset, found.size);
  });
}

/** Words of a linked image's code, 8 hexadecimal digits each. */
export function wordsAt(path: string, address: bigint, count: number): readonly string[] {
  return withFile(path, (read) => {
    const holder = readSections(read).find(
      (one) =>
        one.type !== noBits && one.address !== 0n && one.address <= address && address < one.address + BigInt(one.size),
    );
    if (holder === undefined) throw new Error(`${path}: nothing at 0x${address.toString(16)}`);
    const bytes = read(holder.offset + Number(address - holder.address), count * 4);
    return Array.from({ length: count }, (_, index) => hexWord(bytes.readUInt32LE(index * 4)));
  });
}

/** Names of an image's functions, without what the compiler adds for its clones. */
export function functionNames(path: string): ReadonlySet<string> {
  return withFile(path, (read) => {
    const sections = readSections(read);
    const table = sections.find((one) => one.type === symbolTable);
    const strings = table === undefined ? undefined : sections[table.link];
    if (table === undefined || strings === undefined) return new Set();
    const [bytes, text] = [read(table.offset, table.size), read(strings.offset, strings.size)];
    const names = new Set<string>();
    for (let at = 0; at < table.size; at += 24) {
      if (((bytes[at + 4] ?? 0) & 15) !== functionSymbol) continue;
      const name = stringAt(text, bytes.readUInt32LE(at)).replace(/^__kvm_nvhe_/, '');
      names.add(name.replace(/\.(?:isra|constprop|part|cold)\b.*$/, ''));
    }
    return names;
  });
}

type Read = (offset: number, size: number) => Buffer;

function withFile<Value>(path: string, use: (read: Read) => Value): Value {
  const descriptor = openSync(path, 'r');
  try {
    return use((offset, size) => {
      const bytes = Buffer.alloc(size);
      if (readSync(descriptor, bytes, 0, size, offset) !== size) throw new Error(`${path}: ends before ${offset}`);
      return bytes;
    });
  } finally {
    closeSync(descriptor);
  }
}

function readTables(read: Read): ImageTables {
  const sections = readSections(read);
  const section = (wanted: (one: Section) => boolean, what: string): Section => {
    const found = sections.find(wanted);
    if (found === undefined) throw new Error(`no ${what}`);
    return found;
  };
  const contents = new Map<Section, Buffer>();
  const bytesAt = (address: bigint, size: number): Buffer => {
    const holder = section(
      (one) =>
        (one.flags & allocated) !== 0 &&
        one.type !== noBits &&
        one.address <= address &&
        address + BigInt(size) <= one.address + BigInt(one.size),
      `section with address 0x${address.toString(16)}`,
    );
    let bytes = contents.get(holder);
    if (bytes === undefined) {
      bytes = read(holder.offset, holder.size);
      contents.set(holder, bytes);
    }
    const at = Number(address - holder.address);
    return bytes.subarray(at, at + size);
  };
  const words = (address: bigint, size: number): string[] => {
    const bytes = bytesAt(address, size);
    return Array.from({ length: size / 4 }, (_, index) => hexWord(bytes.readUInt32LE(index * 4)));
  };

  const symbols = readSymbols(
    section((one) => one.type === symbolTable, 'symbol table'),
    sections,
    read,
  );
  const table = section((one) => one.name === '.altinstructions', '.altinstructions');
  const rows = read(table.offset, table.size);
  const alternatives: ImageAlternative[] = [];
  for (let at = 0; at < table.size; at += alternativeBytes) {
    const origin = table.address + BigInt(at);
    const address = origin + BigInt(rows.readInt32LE(at));
    const other = origin + 4n + BigInt(rows.readInt32LE(at + 4));
    const field = rows.readUInt16LE(at + 8);
    const isCallback = (field & 0x8000) !== 0;
    alternatives.push({
      address,
      cpucap: field & 0x7fff,
      callback: isCallback ? symbols.functionAt(other) : null,
      original: words(address, rows[at + 10] ?? 0),
      replacement: isCallback ? [] : words(other, rows[at + 11] ?? 0),
    });
  }
  const from = symbols.addressOf('__start___jump_table');
  const nBytes = Number(symbols.addressOf('__stop___jump_table') - from);
  const entries = bytesAt(from, nBytes);
  const jumps: ImageJump[] = [];
  for (let at = 0; at < nBytes; at += jumpBytes) {
    const origin = from + BigInt(at);
    const address = origin + BigInt(entries.readInt32LE(at));
    const field = BigInt.asUintN(64, origin + 8n + entries.readBigInt64LE(at + 8));
    jumps.push({
      address,
      target: origin + 4n + BigInt(entries.readInt32LE(at + 4)),
      key: symbols.keyAt(field & ~3n),
      isBranch: (field & 1n) !== 0n,
      word: words(address, 4)[0] ?? '',
    });
  }
  return { alternatives, jumps };
}

const hexWord = (word: number): string => word.toString(16).padStart(8, '0');

function readSections(read: Read): Section[] {
  const header = read(0, 64);
  const [tableAt, count, namesIndex] = [
    Number(header.readBigUInt64LE(0x28)),
    header.readUInt16LE(0x3c),
    header.readUInt16LE(0x3e),
  ];
  const table = read(tableAt, count * 64);
  const raw = Array.from({ length: count }, (_, index) => {
    const at = index * 64;
    return {
      nameAt: table.readUInt32LE(at),
      type: table.readUInt32LE(at + 4),
      flags: Number(table.readBigUInt64LE(at + 8)),
      address: table.readBigUInt64LE(at + 16),
      offset: Number(table.readBigUInt64LE(at + 24)),
      size: Number(table.readBigUInt64LE(at + 32)),
      link: table.readUInt32LE(at + 40),
    };
  });
  const names = raw[namesIndex];
  if (names === undefined) throw new Error('no section names');
  const text = read(names.offset, names.size);
  return raw.map((one) => ({ ...one, name: stringAt(text, one.nameAt) }));
}

const stringAt = (bytes: Buffer, offset: number): string => bytes.toString('latin1', offset, bytes.indexOf(0, offset));

interface Symbols {
  addressOf(name: string): bigint;
  functionAt(address: bigint): string | null;
  keyAt(address: bigint): string;
}

function readSymbols(table: Section, sections: readonly Section[], read: Read): Symbols {
  const strings = sections[table.link];
  if (strings === undefined) throw new Error('no strings of the symbol table');
  const [bytes, text] = [read(table.offset, table.size), read(strings.offset, strings.size)];
  const addresses = new Map<string, bigint>();
  const functions = new Map<bigint, string>();
  const objects: Sized[] = [];
  for (let at = 0; at < table.size; at += 24) {
    const type = (bytes[at + 4] ?? 0) & 15;
    if (type > 2) continue;
    // Objects of the nVHE hypervisor have a name of their own for what they share with the kernel.
    const name = stringAt(text, bytes.readUInt32LE(at)).replace(/^__kvm_nvhe_/, '');
    const address = bytes.readBigUInt64LE(at + 8);
    if (type === 0) addresses.set(name, address);
    // Alternatives' callbacks of the hypervisor have no type: their symbols are made by the linker script.
    if (type !== 1 && !functions.has(address) && !name.startsWith('$')) functions.set(address, name);
    const size = bytes.readBigUInt64LE(at + 16);
    if (type === 1 && size >= keyBytes) objects.push({ name, address, size });
  }
  objects.sort((left, right) => (left.address < right.address ? -1 : left.address > right.address ? 1 : 0));
  return {
    addressOf: (name) => {
      const address = addresses.get(name);
      if (address === undefined) throw new Error(`no symbol ${name}`);
      return address;
    },
    functionAt: (address) => functions.get(address) ?? null,
    keyAt: (address) => {
      let [low, high] = [0, objects.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((objects[middle]?.address ?? 0n) <= address) low = middle + 1;
        else high = middle;
      }
      for (let index = low - 1; index >= 0 && index > low - 16; index--) {
        const object = objects[index];
        if (object === undefined || address >= object.address + object.size) continue;
        const offset = address - object.address;
        return offset === 0n ? object.name : `${object.name}+0x${offset.toString(16)}`;
      }
      return `0x${address.toString(16)}`;
    },
  };
}
