import { definitionStride, type ScannedFile } from './scannedFile.ts';

/** Which files hold a name and which definitions give it, by the name's number: arrays instead of a map of lists. */
export interface InvertedFiles {
  /** Files that this was made of: files with higher numbers are not in it. */
  readonly nFiles: number;
  /** Numbers of the files that hold a name. */
  readonly filesOf: (name: number) => Uint32Array;
  /** Calls back for each definition of a name: number of the file, index of its first number in `definitions`. */
  readonly forEachDefinition: (name: number, each: (file: number, at: number) => void) => void;
  readonly nBytes: number;
}

/** Sorts the lists of all files by name: two passes that count, two that place. `null` stands for a file that is gone. */
export function invertFiles(files: readonly (ScannedFile | null)[], nNames: number): InvertedFiles {
  const useEnds = new Uint32Array(nNames + 1);
  const definitionEnds = new Uint32Array(nNames + 1);
  let nUses = 0;
  let nDefinitions = 0;
  for (const file of files) {
    if (file === null) continue;
    const { names, definitions } = file;
    for (let at = 0; at < names.length; at++) count(useEnds, names[at] ?? 0);
    for (let at = 0; at < definitions.length; at += definitionStride) count(definitionEnds, definitions[at] ?? 0);
    nUses += names.length;
    nDefinitions += definitions.length / definitionStride;
  }
  toStarts(useEnds);
  toStarts(definitionEnds);
  const users = new Uint32Array(nUses);
  const definitionFiles = new Uint32Array(nDefinitions);
  const definitionPlaces = new Uint32Array(nDefinitions);
  for (const [number, file] of files.entries()) {
    if (file === null) continue;
    const { names, definitions } = file;
    for (let at = 0; at < names.length; at++) users[take(useEnds, names[at] ?? 0)] = number;
    for (let at = 0; at < definitions.length; at += definitionStride) {
      const place = take(definitionEnds, definitions[at] ?? 0);
      definitionFiles[place] = number;
      definitionPlaces[place] = at;
    }
  }
  // Taking has moved each start to the end of its list.
  const startOf = (ends: Uint32Array, name: number): number => (name === 0 ? 0 : (ends[name - 1] ?? 0));
  return {
    nFiles: files.length,
    filesOf: (name) => (name >= nNames ? users.subarray(0, 0) : users.subarray(startOf(useEnds, name), useEnds[name])),
    forEachDefinition: (name, each) => {
      if (name >= nNames) return;
      const end = definitionEnds[name] ?? 0;
      for (let at = startOf(definitionEnds, name); at < end; at++) {
        each(definitionFiles[at] ?? 0, definitionPlaces[at] ?? 0);
      }
    },
    nBytes: 4 * (useEnds.length + definitionEnds.length + users.length + 2 * nDefinitions),
  };
}

function count(counts: Uint32Array, name: number): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

/** Counts to starts. */
function toStarts(counts: Uint32Array): void {
  let sum = 0;
  for (let name = 0; name < counts.length; name++) {
    const own = counts[name] ?? 0;
    counts[name] = sum;
    sum += own;
  }
}

function take(starts: Uint32Array, name: number): number {
  const place = starts[name] ?? 0;
  starts[name] = place + 1;
  return place;
}
