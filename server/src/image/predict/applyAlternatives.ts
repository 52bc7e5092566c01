import { patchReplacement } from '../../patch/fixup.ts';
import type { AlternativeRecord } from '../alternativeTable.ts';
import type { CpucapNames } from '../cpucapNames.ts';
import type { KernelImage } from '../kernelImage.ts';
import { type CallbackMachine, callbackWords } from './callbackWords.ts';
import { nopWord } from './insnWords.ts';
import { objectWords } from './objectReplacement.ts';
import type { TextChanges } from './textChanges.ts';

/** The cpucaps of a state by the image's numbers. */
export interface CpucapSet {
  has(cpucap: number): boolean;
  /** Cpucaps that the state names and whose number in the image is not known. */
  readonly unplaced: readonly string[];
  /** Whether the image can detect a cpucap at all: what its tables lack is never set. */
  detectable(cpucap: number): boolean;
}

/**
 * Applies the records of one table in its order: those whose cpucap the machine has, and of these the ones that `pass`
 * wants. `object` is an image that is not linked yet, whose loader has a say in the words. Source: arch/arm64/kernel/alternative.c:__apply_alternatives, v6.1 and v6.12.
 */
export function applyAlternatives(
  text: TextChanges,
  records: readonly AlternativeRecord[],
  cpucaps: CpucapSet,
  names: CpucapNames,
  machine: CallbackMachine,
  pass: (cpucap: number) => boolean,
  object: KernelImage | null = null,
): void {
  for (const record of records) {
    if (!pass(record.cpucap)) continue;
    const name = names.name(record.cpucap);
    const isOpen = name === null && cpucaps.unplaced.length > 0 && cpucaps.detectable(record.cpucap);
    if (isOpen && !cpucaps.has(record.cpucap)) {
      const reason = `cpucap ${record.cpucap} of the image has no name; the state's ${cpucaps.unplaced.join(', ')} may be it`;
      markUnknown(text, record, `cpucap ${record.cpucap}`, reason);
      continue;
    }
    if (!cpucaps.has(record.cpucap)) continue;
    const cpucap = name ?? `cpucap ${record.cpucap}`;
    if (record.isCallback) applyCallback(text, record, machine, cpucap);
    else applyReplacement(text, record, cpucap, object);
  }
}

function applyReplacement(
  text: TextChanges,
  record: AlternativeRecord,
  cpucap: string,
  object: KernelImage | null,
): void {
  if (record.originalBytes !== record.replacementBytes) {
    const reason = `the record's lengths differ (${record.originalBytes} and ${record.replacementBytes} bytes): the kernel stops in BUG()`;
    markUnknown(text, record, cpucap, reason);
    return;
  }
  const words: number[] = [];
  for (let at = 0; at < record.replacementBytes; at += 4) {
    const word = text.read(record.replacement + BigInt(at));
    if (typeof word !== 'number') {
      markUnknown(text, record, cpucap, `the replacement's word at +${at} is not known: ${word.reason}`);
      return;
    }
    words.push(word);
  }
  const loaded = object === null ? words : objectWords(object, record, words);
  const open = new Map<number, string>();
  for (const [index, word] of loaded.entries()) if (typeof word !== 'number') open.set(index, word.reason);
  const known = loaded.map((word) => (typeof word === 'number' ? word : nopWord));
  const patched = patchReplacement(known, record.original, record.replacement);
  if (patched.words === null) {
    markUnknown(text, record, cpucap, patched.bug);
    return;
  }
  for (const [index, word] of patched.words.entries()) {
    const address = record.original + BigInt(4 * index);
    const reason = open.get(index);
    if (reason === undefined) text.write(address, word, 'alternative', cpucap);
    else text.writeUnknown(address, 'alternative', cpucap, reason);
  }
}

function applyCallback(text: TextChanges, record: AlternativeRecord, machine: CallbackMachine, cpucap: string): void {
  const detail = `${record.callback ?? 'callback'} (${cpucap})`;
  const words: number[] = [];
  for (let at = 0; at < record.originalBytes; at += 4) {
    const word = text.read(record.original + BigInt(at));
    if (typeof word !== 'number') {
      markUnknown(text, record, detail, word.reason);
      return;
    }
    words.push(word);
  }
  const result = callbackWords(record.callback, { address: record.original, words }, machine);
  if (result.kind === 'unknown') markUnknown(text, record, detail, result.reason);
  if (result.kind !== 'words') return;
  for (const [index, word] of result.words.entries()) {
    text.write(record.original + BigInt(4 * index), word, 'callback', detail);
  }
}

function markUnknown(text: TextChanges, record: AlternativeRecord, detail: string, reason: string): void {
  const cause = record.isCallback ? 'callback' : 'alternative';
  for (let at = 0; at < record.originalBytes; at += 4) {
    text.writeUnknown(record.original + BigInt(at), cause, detail, reason);
  }
}
