/** Lines of source files that an image has instructions for: `.debug_line` of DWARF 5, section 6.2. */

interface LineProgram {
  readonly minInsnBytes: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  readonly opcodeLengths: readonly number[];
  readonly files: readonly string[];
}

const form = { block: 0x09, data1: 0x0b, data2: 0x05, data4: 0x06, data8: 0x07, data16: 0x1e } as const;
const stringForm = { inline: 0x08, lineStr: 0x1f, str: 0x0e, udata: 0x0f } as const;
const content = { path: 1, directory: 2 } as const;

/** Bytes with a position. */
class Cursor {
  readonly bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.bytes = bytes;
    this.at = at;
  }

  u8(): number {
    return this.bytes[this.at++] ?? 0;
  }

  u16(): number {
    this.at += 2;
    return this.bytes.readUInt16LE(this.at - 2);
  }

  u32(): number {
    this.at += 4;
    return this.bytes.readUInt32LE(this.at - 4);
  }

  uleb(): number {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
  }

  sleb(): number {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      factor *= 128;
      if (byte < 0x80) return (byte & 0x40) !== 0 ? value - factor : value;
    }
  }

  text(): string {
    const end = this.bytes.indexOf(0, this.at);
    const text = this.bytes.toString('latin1', this.at, end);
    this.at = end + 1;
    return text;
  }
}

/**
 * Lines by file, as the paths are written (directory and name joined). Units of another DWARF version are left out.
 * Rows at address 0 belong to sections that the linker dropped.
 */
export function linesWithCode(debugLine: Buffer, lineStrings: Buffer): ReadonlyMap<string, ReadonlySet<number>> {
  const found = new Map<string, Set<number>>();
  const cursor = new Cursor(debugLine, 0);
  while (cursor.at + 4 < debugLine.length) {
    const length = cursor.u32();
    const end = cursor.at + length;
    const program = cursor.u16() === 5 ? readHeader(cursor, lineStrings) : null;
    if (program !== null) runProgram(cursor, end, program, found);
    cursor.at = end;
  }
  return found;
}

function readHeader(cursor: Cursor, lineStrings: Buffer): LineProgram {
  cursor.at += 2;
  const headerBytes = cursor.u32();
  const from = cursor.at + headerBytes;
  const minInsnBytes = cursor.u8();
  cursor.at += 2;
  const lineBase = (cursor.u8() << 24) >> 24;
  const lineRange = cursor.u8();
  const opcodeBase = cursor.u8();
  const opcodeLengths = Array.from({ length: opcodeBase - 1 }, () => cursor.u8());
  const directories = readEntries(cursor, lineStrings).map(({ path }) => path);
  const files = readEntries(cursor, lineStrings).map(({ path, directory }) => {
    const parent = directories[directory] ?? '';
    return path.startsWith('/') || parent === '' || directory === 0 ? path : `${parent}/${path}`;
  });
  cursor.at = from;
  return { minInsnBytes, lineBase, lineRange, opcodeBase, opcodeLengths, files };
}

function readEntries(cursor: Cursor, lineStrings: Buffer): { path: string; directory: number }[] {
  const formats = Array.from({ length: cursor.u8() }, () => [cursor.uleb(), cursor.uleb()] as const);
  return Array.from({ length: cursor.uleb() }, () => {
    let [path, directory] = ['', 0];
    for (const [kind, coding] of formats) {
      const value = readForm(cursor, coding, lineStrings);
      if (kind === content.path) path = String(value);
      if (kind === content.directory) directory = Number(value);
    }
    return { path, directory };
  });
}

function readForm(cursor: Cursor, coding: number, lineStrings: Buffer): string | number {
  switch (coding) {
    case stringForm.inline:
      return cursor.text();
    case stringForm.lineStr:
      return new Cursor(lineStrings, cursor.u32()).text();
    case stringForm.str:
      return String(cursor.u32());
    case stringForm.udata:
      return cursor.uleb();
    case form.data1:
      return cursor.u8();
    case form.data2:
      return cursor.u16();
    case form.data4:
      return cursor.u32();
    case form.data8:
      cursor.at += 8;
      return 0;
    case form.data16:
      cursor.at += 16;
      return 0;
    case form.block:
      cursor.at += cursor.uleb();
      return 0;
    default:
      throw new Error(`.debug_line: form 0x${coding.toString(16)}`);
  }
}

function runProgram(cursor: Cursor, end: number, program: LineProgram, found: Map<string, Set<number>>): void {
  const { lineBase, lineRange, opcodeBase, opcodeLengths, files } = program;
  let [file, line, isPlaced] = [1, 1, false];
  const add = (): void => {
    const name = files[file];
    if (!isPlaced || name === undefined) return;
    const lines = found.get(name);
    if (lines === undefined) found.set(name, new Set([line]));
    else lines.add(line);
  };
  while (cursor.at < end) {
    const opcode = cursor.u8();
    if (opcode >= opcodeBase) {
      line += lineBase + ((opcode - opcodeBase) % lineRange);
      add();
    } else if (opcode === 0) {
      const next = cursor.uleb();
      const from = cursor.at;
      const extended = cursor.u8();
      if (extended === 1) [file, line, isPlaced] = [1, 1, false];
      if (extended === 2) isPlaced = cursor.bytes.readBigUInt64LE(cursor.at) !== 0n;
      cursor.at = from + next;
    } else if (opcode === 1) add();
    else if (opcode === 3) line += cursor.sleb();
    else if (opcode === 4) file = cursor.uleb();
    else if (opcode === 9) cursor.at += 2;
    else for (let index = 0; index < (opcodeLengths[opcode - 1] ?? 0); index++) cursor.uleb();
  }
}
