import type { CParser, CTree, TextEdit } from './cParser.ts';
import { type MaskedMacro, type MaskedText, maskMacros } from './maskMacros.ts';
import type { RawDefinition } from './rawMasks.ts';

/** What a C file holds at file scope as it is written: nothing is preprocessed, every branch of a conditional counts. */
export interface COutline {
  readonly definitions: readonly RawDefinition[];
  readonly macros: readonly MaskedMacro[];
}

/** Symbols of a text as it is written. Total, and fast enough for every keystroke. */
export function readOutline(text: string): COutline {
  const { masks, macros } = maskMacros(text);
  return { definitions: masks.definitions, macros };
}

/**
 * The tree of a text as it is written, kept over edits. Invariant: the tree is that of the masked form of the text given
 * last.
 */
export class RawTree {
  readonly #parser: CParser;
  #masked: MaskedText | null = null;
  #tree: CTree | null = null;

  constructor(parser: CParser) {
    this.#parser = parser;
  }

  /** Parses a text; after the first time only what changed. */
  update(text: string): { readonly tree: CTree; readonly masked: MaskedText } {
    const masked = maskMacros(text);
    const before = this.#masked;
    const tree =
      before === null || this.#tree === null
        ? this.#parser.parse(masked.text)
        : this.#parser.parse(masked.text, this.#tree, editsBetween(before.text, masked.text));
    this.#masked = masked;
    this.#tree = tree;
    return { tree, masked };
  }

  /** Gives the tree's memory back. */
  close(): void {
    this.#tree?.delete();
    this.#tree = null;
    this.#masked = null;
  }
}

/** The one edit that makes a text of another; none when they are equal. */
export function editsBetween(before: string, after: string): readonly TextEdit[] {
  if (before === after) return [];
  const limit = Math.min(before.length, after.length);
  let start = 0;
  while (start + 1024 <= limit && before.slice(start, start + 1024) === after.slice(start, start + 1024)) start += 1024;
  while (start < limit && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let same = 0;
  const most = limit - start;
  while (
    same + 1024 <= most &&
    before.slice(before.length - same - 1024, before.length - same) ===
      after.slice(after.length - same - 1024, after.length - same)
  ) {
    same += 1024;
  }
  while (same < most && before.charCodeAt(before.length - same - 1) === after.charCodeAt(after.length - same - 1)) {
    same++;
  }
  return [{ start, oldEnd: before.length - same, newEnd: after.length - same }];
}

const sample = `static __always_inline int visit(struct item *item, unsigned int flags)
{
	for (int i = 0; i < item->count; i++)
		item->sum += (flags & BIT(i)) ? item->values[i] : -1;
	switch (flags) {
	case FIRST:
		return (int)sizeof(*item);
	default:
		goto out;
	}
out:
	return call(item, "text", &flags);
}
`;

/** Parses some C and forgets it: the first real file then finds the parser compiled. Some tens of milliseconds. */
export function warmUpParser(parser: CParser): void {
  const tree = new RawTree(parser);
  tree.update(sample.repeat(60));
  tree.close();
}
