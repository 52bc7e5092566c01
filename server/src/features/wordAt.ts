import type { TextRange } from '../base/text.ts';

/** A word of a text. */
export interface Word {
  readonly text: string;
  readonly range: TextRange;
}

/** The word that an offset stands in or right behind, `null` between words. `character` is what words are made of. */
export function wordAt(text: string, offset: number, character = /\w/): Word | null {
  const isWord = (at: number): boolean => character.test(text[at] ?? '');
  let start = offset;
  while (start > 0 && isWord(start - 1)) start--;
  let end = offset;
  while (end < text.length && isWord(end)) end++;
  return start === end ? null : { text: text.slice(start, end), range: { start, end } };
}
