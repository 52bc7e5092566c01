import { firstNotBefore } from '../base/search.ts';
import { stringAt, stringEnd, viewOf } from './elfFile.ts';

export type SymbolType = 'func' | 'object' | 'notype' | 'section' | 'other';

export interface ImageSymbol {
  readonly name: string;
  readonly address: bigint;
  readonly sizeBytes: number;
  readonly type: SymbolType;
  readonly binding: 'local' | 'global' | 'weak';
  /** False for a symbol of another object: its address is one made up for this image. */
  readonly defined: boolean;
}

/** Symbols of an image by name and by address; numbers in typed arrays, names decoded when asked for. */
export interface SymbolTable {
  readonly count: number;
  /** Address of the global of that name, else of the first local one; null when there is none. */
  addressOf(name: string): bigint | null;
  named(name: string): readonly ImageSymbol[];
  /** Symbols exactly there: functions first, globals before locals. */
  at(address: bigint): readonly ImageSymbol[];
  /** The function with a size that holds the address; replacements lie in none (patching.md, 5.3). */
  functionAt(address: bigint): ImageSymbol | null;
  /** The last named symbol at or below the address in the same section; `offset` in bytes. */
  nearest(address: bigint): { readonly symbol: ImageSymbol; readonly offset: number } | null;
  withPrefix(prefix: string): readonly ImageSymbol[];
  all(): Iterable<ImageSymbol>;
  /** By number in the file's own table; for relocations. */
  byIndex(index: number): ImageSymbol | null;
}

/** Columns of a symbol table; `place` is the distance from `origin` in bytes, NaN where a symbol has no place. */
export interface SymbolColumns {
  readonly origin: bigint;
  readonly names: Uint8Array;
  readonly nameAt: Uint32Array;
  readonly place: Float64Array;
  readonly sizes: Float64Array;
  /** `st_info`. */
  readonly info: Uint8Array;
  /** Number of the section that holds the symbol; 0: not defined here. */
  readonly section: Uint32Array;
}

const typeNames: readonly SymbolType[] = ['notype', 'object', 'func', 'section', 'other'];

/** Bytes of one `Elf64_Sym`. */
export const symbolBytes = 24;

/**
 * Columns of a `.symtab`. `placeOf` gives a symbol's distance from `origin` for its section number and value, NaN for
 * none; `count` is how many whole rows there are.
 */
export function symbolColumns(
  table: Uint8Array,
  names: Uint8Array,
  origin: bigint,
  placeOf: (section: number, value: bigint, index: number) => number,
): SymbolColumns {
  const count = Math.floor(table.length / symbolBytes);
  const view = viewOf(table);
  const columns = {
    origin,
    names,
    nameAt: new Uint32Array(count),
    place: new Float64Array(count),
    sizes: new Float64Array(count),
    info: new Uint8Array(count),
    section: new Uint32Array(count),
  };
  for (let index = 0; index < count; index++) {
    const at = index * symbolBytes;
    const section = view.getUint16(at + 6, true);
    columns.nameAt[index] = view.getUint32(at, true);
    columns.info[index] = view.getUint8(at + 4);
    columns.section[index] = section;
    columns.place[index] = index === 0 ? Number.NaN : placeOf(section, view.getBigUint64(at + 8, true), index);
    columns.sizes[index] = view.getUint32(at + 16, true) + view.getUint32(at + 20, true) * 2 ** 32;
  }
  return columns;
}

/** Lookups over columns; the indexes they need are made at their first use. */
export function createSymbolTable(columns: SymbolColumns): SymbolTable {
  const count = columns.place.length;
  let hash: NameHash | null = null;
  let named: PlaceIndex | null = null;
  let functions: PlaceIndex | null = null;
  const byName = (): NameHash => (hash ??= hashNames(columns));
  const byPlace = (): PlaceIndex => (named ??= indexPlaces(columns, (index) => isNamed(columns, index)));
  const byFunction = (): PlaceIndex =>
    (functions ??= indexPlaces(
      columns,
      (index) => typeOf(columns, index) === 'func' && (columns.sizes[index] ?? 0) > 0,
    ));
  const symbol = (index: number): ImageSymbol => symbolOf(columns, index);
  const find = (name: string): readonly number[] => findName(columns, byName(), name);
  const best = (indexes: readonly number[]): number | undefined =>
    [...indexes].sort((a, b) => rank(columns, a) - rank(columns, b) || a - b)[0];

  return {
    count,
    addressOf: (name) => {
      const index = best(find(name).filter((one) => !Number.isNaN(columns.place[one])));
      return index === undefined ? null : addressAt(columns, columns.place[index] ?? 0);
    },
    named: (name) => find(name).map(symbol),
    at: (address) => {
      const index = byPlace();
      const place = placeOfAddress(columns, address);
      const found: number[] = [];
      for (let at = lastAtOrBelow(index, place); at >= 0 && index.places[at] === place; at--) {
        found.push(index.symbols[at] ?? 0);
      }
      return found.sort((a, b) => rank(columns, a) - rank(columns, b) || a - b).map(symbol);
    },
    functionAt: (address) => {
      const index = byFunction();
      const place = placeOfAddress(columns, address);
      const from = lastAtOrBelow(index, place);
      const holding: number[] = [];
      // Functions nest only as aliases: a few steps back see them all.
      for (let at = from; at >= 0 && from - at < 16; at--) {
        const one = index.symbols[at] ?? 0;
        if (place < (columns.place[one] ?? 0) + (columns.sizes[one] ?? 0)) holding.push(one);
        else if (holding.length > 0) break;
      }
      const first = best(holding);
      return first === undefined ? null : symbol(first);
    },
    nearest: (address) => {
      const index = byPlace();
      const place = placeOfAddress(columns, address);
      const from = lastAtOrBelow(index, place);
      if (from < 0) return null;
      const same: number[] = [];
      for (let at = from; at >= 0 && index.places[at] === index.places[from]; at--) same.push(index.symbols[at] ?? 0);
      const first = best(same);
      if (first === undefined) return null;
      return { symbol: symbol(first), offset: place - (columns.place[first] ?? 0) };
    },
    withPrefix: (prefix) => {
      const wanted = new TextEncoder().encode(prefix);
      const found: ImageSymbol[] = [];
      for (let index = 0; index < count; index++) {
        const at = columns.nameAt[index] ?? 0;
        if (wanted.every((byte, offset) => columns.names[at + offset] === byte)) found.push(symbol(index));
      }
      return found;
    },
    all: function* all(): Iterable<ImageSymbol> {
      for (let index = 1; index < count; index++) yield symbol(index);
    },
    byIndex: (index) => (index > 0 && index < count ? symbol(index) : null),
  };
}

function symbolOf(columns: SymbolColumns, index: number): ImageSymbol {
  const place = columns.place[index] ?? Number.NaN;
  const binding = (columns.info[index] ?? 0) >> 4;
  return {
    name: stringAt(columns.names, columns.nameAt[index] ?? 0),
    address: Number.isNaN(place) ? 0n : addressAt(columns, place),
    sizeBytes: columns.sizes[index] ?? 0,
    type: typeOf(columns, index),
    binding: binding === 1 ? 'global' : binding === 2 ? 'weak' : 'local',
    defined: columns.section[index] !== 0,
  };
}

function typeOf({ info }: SymbolColumns, index: number): SymbolType {
  return typeNames[Math.min((info[index] ?? 0) & 15, 4)] ?? 'other';
}

function addressAt({ origin }: SymbolColumns, place: number): bigint {
  return BigInt.asUintN(64, origin + BigInt(place));
}

function placeOfAddress({ origin }: SymbolColumns, address: bigint): number {
  return Number(address - origin);
}

/** Lower is better: functions before data before labels, globals before locals; what has no size is only a mark. */
function rank(columns: SymbolColumns, index: number): number {
  const type = typeOf(columns, index);
  const byType = type === 'func' ? 0 : type === 'object' ? 1 : 2;
  const unsized = (columns.sizes[index] ?? 0) === 0 && byType < 2 ? 1 : 0;
  return byType * 4 + unsized * 2 + ((columns.info[index] ?? 0) >> 4 === 0 ? 1 : 0);
}

/**
 * Not a section's or a file's own symbol, no mapping symbol (`$x`, `__kvm_nvhe_$d`: local, without a type and with a
 * dollar) and no assembler-local label.
 */
function isNamed(columns: SymbolColumns, index: number): boolean {
  const info = columns.info[index] ?? 0;
  if ((info & 15) > 2) return false;
  const { names } = columns;
  const at = columns.nameAt[index] ?? 0;
  const first = names[at];
  if (first === undefined || first === 0 || (first === 0x2e && names[at + 1] === 0x4c)) return false;
  return info !== 0 || !names.subarray(at, stringEnd(names, at)).includes(0x24);
}

/** Symbols sorted by place. */
interface PlaceIndex {
  readonly places: Float64Array;
  readonly symbols: Uint32Array;
}

function indexPlaces(columns: SymbolColumns, wanted: (index: number) => boolean): PlaceIndex {
  const { place } = columns;
  const picked: number[] = [];
  for (let index = 1; index < place.length; index++) {
    if (!Number.isNaN(place[index] ?? Number.NaN) && wanted(index)) picked.push(index);
  }
  const symbols = Uint32Array.from(picked);
  symbols.sort((a, b) => (place[a] ?? 0) - (place[b] ?? 0) || a - b);
  return { places: Float64Array.from(symbols, (index) => place[index] ?? 0), symbols };
}

function lastAtOrBelow({ places }: PlaceIndex, place: number): number {
  return firstNotBefore(places, (one) => one <= place) - 1;
}

interface NameHash {
  readonly heads: Int32Array;
  /** Next symbol with the same hash; -1 ends. */
  readonly next: Int32Array;
}

function hashNames(columns: SymbolColumns): NameHash {
  const count = columns.place.length;
  const heads = new Int32Array(2 ** Math.ceil(Math.log2(Math.max(16, count * 2)))).fill(-1);
  const next = new Int32Array(count).fill(-1);
  // From the end, so that chains are in the file's order.
  for (let index = count - 1; index > 0; index--) {
    const at = columns.nameAt[index] ?? 0;
    const slot = hashBytes(columns.names, at, stringEnd(columns.names, at)) & (heads.length - 1);
    next[index] = heads[slot] ?? -1;
    heads[slot] = index;
  }
  return { heads, next };
}

function findName(columns: SymbolColumns, { heads, next }: NameHash, name: string): readonly number[] {
  const wanted = new TextEncoder().encode(name);
  if (wanted.length === 0) return [];
  const found: number[] = [];
  const slot = hashBytes(wanted, 0, wanted.length) & (heads.length - 1);
  for (let index = heads[slot] ?? -1; index >= 0; index = next[index] ?? -1) {
    const at = columns.nameAt[index] ?? 0;
    const end = at + wanted.length;
    const ends = end >= columns.names.length || columns.names[end] === 0;
    if (ends && wanted.every((byte, offset) => columns.names[at + offset] === byte)) found.push(index);
  }
  return found;
}

/** FNV-1a, 32 bits. */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193);
  return hash >>> 0;
}
