import { hexWord } from '../../isa/hexWord.ts';
import { imagePlace, isLinked } from '../imagePlace.ts';
import type { KernelImage } from '../kernelImage.ts';
import type { PredictedWord, PredictedWords } from './textChanges.ts';

/**
 * Predicted words as JSON, one line each: `{ address, old, new, cause, detail }`, and `reason` when `new` is null. The
 * lines come in pieces of some thousand. Words of an object have `section` and `offset` instead of an address. Source: the contract of the command line, `image --predict`.
 */
export function* predictionLines(image: KernelImage, words: PredictedWords): Generator<string> {
  const linked = isLinked(image);

  let piece = '';
  for (const word of words) {
    piece += predictionLine(word, linked ? `"0x${word.address.toString(16)}"` : placeInObject(image, word.address));
    if (piece.length < pieceLength) continue;
    yield piece;
    piece = '';
  }
  if (piece !== '') yield piece;
}

const pieceLength = 1 << 20;

function placeInObject(image: KernelImage, address: bigint): string {
  const { section, offset } = imagePlace(image, address);
  return `null,"section":${JSON.stringify(section)},"offset":${JSON.stringify(offset)}`;
}

function predictionLine({ old, new: now, cause, detail, reason }: PredictedWord, place: string): string {
  const end = now === null ? `,"reason":${JSON.stringify(reason)}}\n` : '}\n';
  const next = now === null ? 'null' : `"${hexWord(now)}"`;
  const name = JSON.stringify(detail);
  return `{"address":${place},"old":"${hexWord(old)}","new":${next},"cause":"${cause}","detail":${name}${end}`;
}

/** How many words each cause changes, and how many of them are open, in a fixed order. */
export function countByCause(words: PredictedWords): readonly { cause: string; words: number; open: number }[] {
  const counts = new Map<string, { words: number; open: number }>();
  for (const word of words) {
    const count = counts.get(word.cause) ?? { words: 0, open: 0 };
    count.words += 1;
    if (word.new === null) count.open += 1;
    counts.set(word.cause, count);
  }
  return [...counts].map(([cause, count]) => ({ cause, ...count })).sort((a, b) => b.words - a.words);
}
