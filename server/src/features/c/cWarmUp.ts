import type { CFile } from './cFile.ts';

/** Places that are asked about in advance. */
const maxPlaces = 40;

/**
 * Offsets whose hovers together need everything that hovers of the file need (meanings of its cpucaps, facts on its
 * keys), so that the reader's first ones do not wait for it.
 */
export function warmUpOffsets(file: CFile): readonly number[] {
  const offsets = new Map<string, number>();
  const add = (about: string, at: number): void => {
    if (!offsets.has(about) && offsets.size < maxPlaces) offsets.set(about, at);
  };
  for (const { kind, range, jump, alternative, staticCall } of file.sites) {
    add(`${kind} ${jump?.object ?? alternative?.cpucap.text ?? staticCall?.call ?? ''}`, range.start);
  }
  for (const { name, nameRange } of file.keys) add(`key ${name}`, nameRange.start);
  return [...offsets.values()];
}
