import type { PredictedWord } from './textChanges.ts';

/**
 * A predicted word as one line of JSON: `{ address, old, new, cause, detail }`, and `reason` when `new` is null.
 * Source: the contract of the command line, `image --predict`.
 */
export function predictionLine(word: PredictedWord): string {
  const { address, old, cause, detail, reason } = word;
  const record = {
    address: `0x${address.toString(16)}`,
    old: hexWord(old),
    new: word.new === null ? null : hexWord(word.new),
    cause,
    detail,
    ...(word.new === null ? { reason } : {}),
  };
  return `${JSON.stringify(record)}\n`;
}

/** An A64 word as output shows it: eight lower-case hexadecimal digits. */
export function hexWord(word: number): string {
  return word.toString(16).padStart(8, '0');
}

/** How many words each cause changes, and how many of them are open, in a fixed order. */
export function countByCause(
  words: readonly PredictedWord[],
): readonly { cause: string; words: number; open: number }[] {
  const counts = new Map<string, { words: number; open: number }>();
  for (const word of words) {
    const count = counts.get(word.cause) ?? { words: 0, open: 0 };
    counts.set(word.cause, { words: count.words + 1, open: count.open + (word.new === null ? 1 : 0) });
  }
  return [...counts].map(([cause, count]) => ({ cause, ...count })).sort((a, b) => b.words - a.words);
}
