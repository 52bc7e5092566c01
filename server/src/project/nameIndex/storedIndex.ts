import { languageWordsStamp } from './languageWords.ts';
import { NameTable } from './nameTable.ts';
import { definitionKinds, type ScannedFile } from './scannedFile.ts';

/**
 * Keeps indexes from one run to the next: bytes under a key. A host without a place for them has none. Reading answers
 * `null` for what is not there; neither throws.
 */
export interface IndexStore {
  readonly read: (key: string) => Promise<Uint8Array | null>;
  readonly write: (key: string, bytes: Uint8Array) => Promise<void>;
}

/** What is known of one file, as kept. */
export interface IndexedFile {
  readonly path: string;
  /** Of the file on disk when it was read; NaN: it was the text of an open document. */
  readonly stamp: number;
  readonly nBytes: number;
  readonly scanned: ScannedFile;
}

export interface StoredIndex {
  readonly table: NameTable;
  readonly files: readonly IndexedFile[];
}

/** Grows when the scanner finds other things in the same text: what was stored before is then of no use. */
const formatVersion = 2;
const magic = 0x78646e69;
const headerLength = 3;

/** What the numbers of a stored index mean. */
const meaning = (root: string): string =>
  JSON.stringify([formatVersion, definitionKinds.join(' '), languageWordsStamp, root]);

/** The index of one tree as bytes: a header with a checksum, lengths of the sections, sections of 32-bit words. */
export function encodeIndex(root: string, { table, files }: StoredIndex): Uint8Array {
  const { bytes, ends } = table.stored();
  const counts = new Uint32Array(files.length * 3);
  const stamps = new Float64Array(files.length);
  for (const [at, { stamp, nBytes, scanned }] of files.entries()) {
    counts.set([nBytes, scanned.names.length, scanned.definitions.length], at * 3);
    stamps[at] = stamp;
  }
  const paths = files.map(({ path }) => path.slice(root.length)).join('\n');
  const encoder = new TextEncoder();
  const sections = [
    encoder.encode(meaning(root)),
    encoder.encode(paths),
    bytes,
    asBytes(ends),
    asBytes(counts),
    asBytes(stamps),
    asBytes(joined(files.map(({ scanned }) => scanned.names))),
    asBytes(joined(files.map(({ scanned }) => scanned.definitions))),
  ];
  const header = headerLength + sections.length;
  const total = sections.reduce((sum, section) => sum + padded(section.length), header * 4);
  const words = new Uint32Array(total / 4);
  const out = new Uint8Array(words.buffer);
  words[0] = magic;
  words[1] = sections.length;
  let at = header * 4;
  for (const [index, section] of sections.entries()) {
    words[headerLength + index] = section.length;
    out.set(section, at);
    at += padded(section.length);
  }
  words[2] = checksum(words);
  return out;
}

/** A stored index of the same tree and the same version; `null` when the bytes are no such index, or are damaged. */
export function decodeIndex(root: string, stored: Uint8Array): StoredIndex | null {
  if (stored.length % 4 !== 0 || stored.length < headerLength * 4) return null;
  // Views of words want an even place, and a `Buffer` can lie anywhere.
  const bytes = stored.byteOffset % 8 === 0 ? stored : new Uint8Array(stored);
  const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  if (words[0] !== magic || words[2] !== checksum(words)) return null;
  const sections: Uint8Array[] = [];
  let at = (headerLength + (words[1] ?? 0)) * 4;
  for (let index = 0; index < (words[1] ?? 0); index++) {
    const length = words[headerLength + index] ?? 0;
    if (at + length > bytes.length) return null;
    sections.push(bytes.subarray(at, at + length));
    at += padded(length);
  }
  const [head, pathBytes, nameBytes, ends, counts, stamps, names, definitions] = sections;
  if (!head || !pathBytes || !nameBytes || !ends || !counts || !stamps || !names || !definitions) return null;
  const decoder = new TextDecoder();
  if (decoder.decode(head) !== meaning(root)) return null;
  const table = NameTable.restore({ bytes: nameBytes, ends: asWords(ends) });
  const text = decoder.decode(pathBytes);
  const paths = text === '' ? [] : text.split('\n');
  const numbers = { counts: asWords(counts), names: asWords(names), definitions: asWords(definitions) };
  const files = splitFiles(root, paths, new Float64Array(new Uint8Array(stamps).buffer), numbers);
  return { table, files };
}

interface Numbers {
  readonly counts: Uint32Array;
  readonly names: Uint32Array;
  readonly definitions: Uint32Array;
}

function splitFiles(root: string, paths: readonly string[], stamps: Float64Array, numbers: Numbers): IndexedFile[] {
  let [name, definition] = [0, 0];
  return paths.map((path, at) => {
    const [nBytes = 0, nNames = 0, nDefinitions = 0] = numbers.counts.subarray(at * 3, at * 3 + 3);
    const scanned = {
      names: numbers.names.subarray(name, name + nNames),
      definitions: numbers.definitions.subarray(definition, definition + nDefinitions),
    };
    name += nNames;
    definition += nDefinitions;
    return { path: root + path, stamp: stamps[at] ?? Number.NaN, nBytes, scanned };
  });
}

const padded = (length: number): number => Math.ceil(length / 8) * 8;

const asBytes = (numbers: Uint32Array | Float64Array): Uint8Array =>
  new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);

/** The sections begin at multiples of four. */
const asWords = (bytes: Uint8Array): Uint32Array => new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);

function joined(lists: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all;
}

/** Over all words but its own. */
function checksum(words: Uint32Array): number {
  let sum = 1;
  for (let at = 0; at < words.length; at++) {
    if (at !== 2) sum = (Math.imul(sum, 31) + (words[at] ?? 0)) | 0;
  }
  return sum >>> 0;
}
