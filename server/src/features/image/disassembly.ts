import { basename } from '../../base/path.ts';
import { firstNotBefore } from '../../base/search.ts';
import { symbolic } from '../../image/imagePlace.ts';
import type { MachineState } from '../../kernel/machineStates.ts';
import type { ImageEntry, OpenedImage } from './openedImage.ts';

/** A function's code in one state, as a document. */
export interface Disassembly {
  /** `schedule (as linked)`. */
  readonly title: string;
  readonly text: string;
  /** 0-based lines whose word is not as in the file. */
  readonly changed: readonly number[];
  /** For each line the offset in the function, or -1. */
  readonly offsets: readonly number[];
}

/** Instructions of one document; the longest functions of a kernel have a tenth of that. */
const maxInsns = 20_000;

/**
 * The code of a function as it is linked, or as a machine runs it: offset, instruction, and at patch sites what they
 * hang on. Lines are the same in every state, so that two of them can be compared. `null` for a name that the image
 * does not have as a function.
 */
export function disassembly(opened: OpenedImage, functionName: string, state: MachineState | null): Disassembly | null {
  const { image, texts } = opened;
  const symbol = image.symbols.named(functionName).find(({ type, sizeBytes }) => type === 'func' && sizeBytes > 0);
  if (symbol === undefined) return null;
  const words = state === null ? null : opened.words(state);
  const where = state === null ? 'as linked' : state.name;
  const notes = notesOf(opened, symbol.address, symbol.sizeBytes);
  const lines = [
    `// ${functionName}: ${symbol.sizeBytes} bytes at 0x${symbol.address.toString(16)} of ${basename(opened.path)}`,
  ];
  const offsets = [-1];
  const changed: number[] = [];
  const digits = symbol.sizeBytes.toString(16).length;
  for (let offset = 0; offset < symbol.sizeBytes && offset < maxInsns * 4; offset += 4) {
    const address = symbol.address + BigInt(offset);
    const label = offset === 0 ? functionName : labelAt(opened, address);
    if (label !== null) {
      lines.push(`${label}:`);
      offsets.push(-1);
    }
    const change = words?.at(address) ?? null;
    const linked = image.word(address);
    const text =
      change !== null && change.new === null
        ? `// not known: ${change.reason ?? 'depends on what the state does not say'}`
        : wordText(texts, change?.new ?? linked, address);
    if (change !== null) changed.push(lines.length);
    const note = notes.get(offset) ?? (change === null ? null : `${change.cause}: ${change.detail}`);
    // With its offset every line is one of a kind: a comparison of two states puts the right ones side by side.
    const at = offset.toString(16).padStart(digits);
    lines.push(`${at}:\t${text}${note === null ? '' : `\t// ${note}`}`);
    offsets.push(offset);
  }
  return { title: `${functionName} (${where})`, text: `${lines.join('\n')}\n`, changed, offsets };
}

function wordText(texts: OpenedImage['texts'], word: number | null, address: bigint): string {
  if (word === null) return '// not in the image';
  return texts.text(word, address).replace(' ', '\t');
}

/** Another symbol in the middle of a function: a local label of assembly, a second entry. */
function labelAt({ image }: OpenedImage, address: bigint): string | null {
  const symbol = image.symbols.at(address).find(({ name, type }) => type !== 'section' && !/^[$.]/.test(name));
  return symbol?.name ?? null;
}

/** What each site of a stretch of code hangs on, by its offset there. */
function notesOf(opened: OpenedImage, start: bigint, sizeBytes: number): ReadonlyMap<number, string> {
  const notes = new Map<number, string>();
  for (const entry of entriesBetween(opened.entries, start, start + BigInt(sizeBytes))) {
    const offset = Number(entry.address - start);
    const before = notes.get(offset);
    const note = entryNote(entry);
    notes.set(offset, before === undefined ? note : `${before}; ${note}`);
  }
  return notes;
}

/** `static key sched_schedstats`, `ARM64_HAS_LSE_ATOMICS, alt_cb_patch_nops`. */
export function entryNote({ cpucap, callback, key }: ImageEntry): string {
  if (key !== null) return `static key ${key}`;
  const name = /^\d+$/.test(cpucap ?? '') ? `cpucap ${cpucap}` : `ARM64_${cpucap}`;
  return callback === null ? name : `${name}, ${callback}`;
}

/** Entries with an address from `start` up to `end`. */
export function entriesBetween(entries: readonly ImageEntry[], start: bigint, end: bigint): readonly ImageEntry[] {
  const found: ImageEntry[] = [];
  for (let at = firstNotBefore(entries, ({ address }) => address < start); at < entries.length; at++) {
    const entry = entries[at];
    if (entry === undefined || entry.address >= end) break;
    found.push(entry);
  }
  return found;
}

/** Where an address is, for people: `schedule+0x10`. */
export function addressText({ image }: OpenedImage, address: bigint): string {
  return symbolic(image, address);
}
