const firstCapacity = 1 << 16;
const hashSeed = 0x811c9dc5;
const hashFactor = 0x01000193;

/** Hash of a name that is built up byte by byte: `hash = nameHash(hash, byte)`, from `nameHashSeed`. */
export const nameHashSeed = hashSeed | 0;
export const nameHash = (hash: number, byte: number): number => Math.imul(hash ^ byte, hashFactor);

/** The table as arrays that can be kept outside: `bytes` holds all names one after the other, `ends` where each ends. */
export interface StoredNames {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
}

/**
 * Names as numbers from 0, in the order they were first seen. The bytes of all names lie in one array, because half a
 * million strings in a `Map` would need five times the memory. Names are ASCII: other bytes are no part of one.
 */
export class NameTable {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;
  #ends: Uint32Array<ArrayBuffer>;
  #hashes: Int32Array<ArrayBuffer>;
  /** Number of the name plus one, by hash; 0 is free. A power of two long, at most two thirds full. */
  #slots: Int32Array<ArrayBuffer>;
  #count = 0;

  /** `room`: names that it has place for at first, a power of two. */
  constructor(room = firstCapacity) {
    this.#bytes = new Uint8Array(room * 8);
    this.#ends = new Uint32Array(room);
    this.#hashes = new Int32Array(room);
    this.#slots = new Int32Array(room * 2);
  }

  get size(): number {
    return this.#count;
  }

  /** Bytes of memory that the table holds. */
  get nBytes(): number {
    return this.#bytes.byteLength + this.#ends.byteLength + this.#hashes.byteLength + this.#slots.byteLength;
  }

  /** Number of the name `source[start, end)` whose hash is given; a new one when it is new. */
  intern(source: Uint8Array, start: number, end: number, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let at = spread(hash) & mask; ; at = (at + 1) & mask) {
      const slot = this.#slots[at] ?? 0;
      if (slot === 0) return this.#add(source, start, end, hash, at);
      if (this.#hashes[slot - 1] === hash && this.#equals(slot - 1, source, start, end)) return slot - 1;
    }
  }

  internText(name: string): number {
    const bytes = new Uint8Array(name.length);
    let hash = nameHashSeed;
    for (let at = 0; at < name.length; at++) {
      bytes[at] = name.charCodeAt(at);
      hash = nameHash(hash, bytes[at] ?? 0);
    }
    return this.intern(bytes, 0, bytes.length, hash);
  }

  /** Number of a name, -1 when it was never seen. */
  numberOf(name: string): number {
    const bytes = new Uint8Array(name.length);
    let hash = nameHashSeed;
    for (let at = 0; at < name.length; at++) {
      const code = name.charCodeAt(at);
      if (code > 0x7f) return -1;
      bytes[at] = code;
      hash = nameHash(hash, code);
    }
    const mask = this.#slots.length - 1;
    for (let at = spread(hash) & mask; ; at = (at + 1) & mask) {
      const slot = this.#slots[at] ?? 0;
      if (slot === 0) return -1;
      if (this.#hashes[slot - 1] === hash && this.#equals(slot - 1, bytes, 0, bytes.length)) return slot - 1;
    }
  }

  text(number: number): string {
    const end = this.#ends[number] ?? 0;
    const start = number === 0 ? 0 : (this.#ends[number - 1] ?? 0);
    return String.fromCharCode(...this.#bytes.subarray(start, end));
  }

  /** Length of a name in bytes, which are its UTF-16 units. */
  lengthOf(number: number): number {
    return (this.#ends[number] ?? 0) - (number === 0 ? 0 : (this.#ends[number - 1] ?? 0));
  }

  /** Byte of a name, 0 behind its end. */
  byteOf(number: number, at: number): number {
    const start = number === 0 ? 0 : (this.#ends[number - 1] ?? 0);
    return start + at < (this.#ends[number] ?? 0) ? (this.#bytes[start + at] ?? 0) : 0;
  }

  stored(): StoredNames {
    return { bytes: this.#bytes.subarray(0, this.#length), ends: this.#ends.subarray(0, this.#count) };
  }

  /** A table of stored names; the numbers are the same. */
  static restore({ bytes, ends }: StoredNames): NameTable {
    const table = new NameTable();
    const room = Math.max(firstCapacity, grownLength(ends.length));
    table.#bytes = grown(new Uint8Array(bytes), grownLength(bytes.length));
    table.#length = bytes.length;
    table.#ends = new Uint32Array(room);
    table.#ends.set(ends);
    table.#count = ends.length;
    table.#hashes = new Int32Array(room);
    let start = 0;
    for (let number = 0; number < ends.length; number++) {
      const end = ends[number] ?? 0;
      let hash = nameHashSeed;
      for (let at = start; at < end; at++) hash = nameHash(hash, bytes[at] ?? 0);
      table.#hashes[number] = hash;
      start = end;
    }
    let slots = table.#slots.length;
    while (ends.length * 3 > slots * 2) slots *= 2;
    table.#fillSlots(slots);
    return table;
  }

  #equals(number: number, source: Uint8Array, start: number, end: number): boolean {
    const from = number === 0 ? 0 : (this.#ends[number - 1] ?? 0);
    const length = end - start;
    if ((this.#ends[number] ?? 0) - from !== length) return false;
    for (let at = 0; at < length; at++) if (this.#bytes[from + at] !== source[start + at]) return false;
    return true;
  }

  #add(source: Uint8Array, start: number, end: number, hash: number, at: number): number {
    const number = this.#count++;
    const length = end - start;
    if (this.#length + length > this.#bytes.length) this.#bytes = grown(this.#bytes, this.#length + length);
    if (number >= this.#ends.length) {
      const wider = new Uint32Array(grownLength(this.#ends.length));
      wider.set(this.#ends);
      this.#ends = wider;
      const hashes = new Int32Array(wider.length);
      hashes.set(this.#hashes);
      this.#hashes = hashes;
    }
    for (let index = 0; index < length; index++) this.#bytes[this.#length + index] = source[start + index] ?? 0;
    this.#length += length;
    this.#ends[number] = this.#length;
    this.#hashes[number] = hash;
    this.#slots[at] = number + 1;
    if (this.#count * 3 > this.#slots.length * 2) this.#fillSlots(this.#slots.length * 2);
    return number;
  }

  #fillSlots(length: number): void {
    const slots = new Int32Array(length);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#count; number++) {
      let at = spread(this.#hashes[number] ?? 0) & mask;
      while (slots[at] !== 0) at = (at + 1) & mask;
      slots[at] = number + 1;
    }
    this.#slots = slots;
  }
}

/** The low bits of the hash alone would put names that end alike beside each other. */
const spread = (hash: number): number => hash ^ (hash >>> 15);

const grownLength = (length: number): number => Math.ceil(length * 1.5);

function grown(bytes: Uint8Array<ArrayBuffer>, needed: number): Uint8Array<ArrayBuffer> {
  const wider = new Uint8Array(Math.max(needed, grownLength(bytes.length)));
  wider.set(bytes);
  return wider;
}
