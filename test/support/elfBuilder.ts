/** Builds small ELF64 AArch64 files for tests: what a linker or an assembler writes, as far as the reader looks. */

export interface BuildSection {
  readonly name: string;
  /** `sh_type`; 1 (PROGBITS) unless given. */
  readonly type?: number;
  /** `sh_flags`: 1 write, 2 alloc, 4 execute. */
  readonly flags?: number;
  readonly address?: bigint;
  readonly bytes?: Uint8Array;
  /** Size of a section without bytes (type 8). */
  readonly size?: number;
  readonly entrySize?: number;
  readonly alignment?: number;
  /** Section that `sh_info` or `sh_link` names. */
  readonly info?: string;
  readonly link?: string;
}

export interface BuildSymbol {
  readonly name: string;
  readonly value: bigint;
  readonly size?: number;
  /** Name of the section; absent: undefined symbol. */
  readonly section?: string;
  readonly type?: 'notype' | 'object' | 'func' | 'section';
  readonly binding?: 'local' | 'global' | 'weak';
}

export interface BuildRelocation {
  readonly offset: bigint;
  readonly type: number;
  /** Name of the symbol; absent: none. */
  readonly symbol?: string;
  readonly addend?: bigint;
}

export interface BuildFile {
  /** `e_type`: 1 object, 3 shared (a vmlinux). */
  readonly type: number;
  readonly sections: readonly BuildSection[];
  readonly symbols?: readonly BuildSymbol[];
  /** Of a section, or of the image (`.rela.dyn`) under the empty name. */
  readonly relocations?: Readonly<Record<string, readonly BuildRelocation[]>>;
}

const typeNumbers = { notype: 0, object: 1, func: 2, section: 3 } as const;
const bindingNumbers = { local: 0, global: 1, weak: 2 } as const;

/** The file's bytes: header, sections in order, symbol table, names, section headers. */
export function buildElf(file: BuildFile): Uint8Array {
  const symbols = [...(file.symbols ?? [])];
  const sections: BuildSection[] = [...file.sections];
  const symbolIndex = new Map(symbols.map(({ name }, index) => [name, index + 1]));
  for (const [name, entries] of Object.entries(file.relocations ?? {})) {
    const bytes = new Uint8Array(entries.length * 24);
    const view = new DataView(bytes.buffer);
    entries.forEach(({ offset, type, symbol, addend = 0n }, index) => {
      view.setBigUint64(index * 24, offset, true);
      view.setUint32(index * 24 + 8, type, true);
      view.setUint32(index * 24 + 12, symbol === undefined ? 0 : (symbolIndex.get(symbol) ?? 0), true);
      view.setBigInt64(index * 24 + 16, BigInt.asIntN(64, addend), true);
    });
    sections.push(
      name === ''
        ? { name: '.rela.dyn', type: 4, flags: 2, address: 0xffff_8000_9000_0000n, bytes, entrySize: 24 }
        : { name: `.rela${name}`, type: 4, bytes, entrySize: 24, info: name, link: '.symtab' },
    );
  }
  const order = ['', ...sections.map(({ name }) => name), '.symtab', '.strtab', '.shstrtab'];
  const numberOf = (name: string | undefined): number => (name === undefined ? 0 : Math.max(0, order.indexOf(name)));
  const strings = stringTable(symbols.map(({ name }) => name));
  const table = new Uint8Array((symbols.length + 1) * 24);
  const tableView = new DataView(table.buffer);
  symbols.forEach((symbol, index) => {
    const at = (index + 1) * 24;
    tableView.setUint32(at, strings.offsets[index] ?? 0, true);
    tableView.setUint8(
      at + 4,
      (bindingNumbers[symbol.binding ?? 'global'] << 4) | typeNumbers[symbol.type ?? 'notype'],
    );
    tableView.setUint16(at + 6, numberOf(symbol.section), true);
    tableView.setBigUint64(at + 8, symbol.value, true);
    tableView.setBigUint64(at + 16, BigInt(symbol.size ?? 0), true);
  });
  if (file.symbols !== undefined) {
    sections.push({ name: '.symtab', type: 2, bytes: table, entrySize: 24, link: '.strtab' });
    sections.push({ name: '.strtab', type: 3, bytes: strings.bytes });
  } else order.splice(order.indexOf('.symtab'), 2);
  const sectionNames = stringTable([...sections.map(({ name }) => name), '.shstrtab']);
  sections.push({ name: '.shstrtab', type: 3, bytes: sectionNames.bytes });
  return layOut(file.type, sections, sectionNames.offsets, numberOf);
}

function layOut(
  type: number,
  sections: readonly BuildSection[],
  nameOffsets: readonly number[],
  numberOf: (name: string | undefined) => number,
): Uint8Array {
  const offsets: number[] = [];
  let at = 64;
  for (const { bytes } of sections) {
    at = Math.ceil(at / 16) * 16;
    offsets.push(at);
    at += bytes?.length ?? 0;
  }
  const headersAt = Math.ceil(at / 16) * 16;
  const file = new Uint8Array(headersAt + (sections.length + 1) * 64);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, type, true);
  view.setUint16(18, 183, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(40, BigInt(headersAt), true);
  view.setUint16(52, 64, true);
  view.setUint16(58, 64, true);
  view.setUint16(60, sections.length + 1, true);
  view.setUint16(62, sections.length, true);
  sections.forEach((section, index) => {
    const { bytes = new Uint8Array(0) } = section;
    file.set(bytes, offsets[index] ?? 0);
    const header = headersAt + (index + 1) * 64;
    view.setUint32(header, nameOffsets[index] ?? 0, true);
    view.setUint32(header + 4, section.type ?? 1, true);
    view.setBigUint64(header + 8, BigInt(section.flags ?? 0), true);
    view.setBigUint64(header + 16, section.address ?? 0n, true);
    view.setBigUint64(header + 24, BigInt(offsets[index] ?? 0), true);
    view.setBigUint64(header + 32, BigInt(section.size ?? bytes.length), true);
    view.setUint32(header + 40, numberOf(section.link), true);
    view.setUint32(header + 44, numberOf(section.info), true);
    view.setBigUint64(header + 48, BigInt(section.alignment ?? 4), true);
    view.setBigUint64(header + 56, BigInt(section.entrySize ?? 0), true);
  });
  return file;
}

function stringTable(names: readonly string[]): { readonly bytes: Uint8Array; readonly offsets: readonly number[] } {
  const text = ['', ...names].map((name) => `${name}\0`);
  const offsets: number[] = [];
  let at = 1;
  for (const name of names) {
    offsets.push(at);
    at += name.length + 1;
  }
  return { bytes: new TextEncoder().encode(text.join('')), offsets };
}

/** Little-endian bytes of 32-bit words. */
export function wordBytes(words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(words.length * 4);
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => {
    view.setUint32(index * 4, word >>> 0, true);
  });
  return bytes;
}
