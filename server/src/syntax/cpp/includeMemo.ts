import type { CppCache } from './cache.ts';
import type { Asked } from './includeSearch.ts';
import { packLines } from './linePack.ts';
import type { MacroState } from './macroTable.ts';
import type { CppInclude, CppIssue, CppLine } from './model.ts';
import { OutputLine } from './output.ts';

/** What an included file did, kept at the macro state it was entered in. */
export interface IncludeMemo {
  readonly after: MacroState;
  readonly asked: Asked;
  readonly lines: readonly CppLine[];
  readonly issues: readonly CppIssue[];
  readonly includes: readonly CppInclude[];
  readonly padded: boolean;
  /** The values of the object's own definitions, where one of them was used. */
  readonly given: string | null;
}

/** What is known of a file at a state, for an object with these definitions; not where it holds the shown file. */
export function memoAt(state: MacroState, key: string, shown: string | null, given: string): IncludeMemo | null {
  const memo = state.includes?.get(key) as IncludeMemo | undefined;
  if (memo === undefined || (shown !== null && memo.asked.has(shown))) return null;
  return memo.given === null || memo.given === given ? memo : null;
}

/** Keeps what a file did: `compact` lines for one main file and their size, others for all of them. */
export function keepMemo(
  cache: CppCache,
  before: MacroState,
  key: string,
  memo: IncludeMemo,
  compact: { readonly main: string; readonly bytes: number } | null,
): void {
  before.includes ??= new Map();
  before.includes.set(key, memo);
  const weight = memo.after.names.length + 3 * memo.asked.size;
  if (compact === null) cache.countMemo(weight);
  else cache.keepFor(compact.main, compact.bytes + 24 * weight, before, key);
}

/** Lines that are packed at a time: few enough for one step, and for their tokens to be forgotten soon. */
const linesAtATime = 1000;

/** Makes the lines of one included file compact while it is read. The end of a logical line ends every macro use. */
export class Packing {
  #from: number;
  #bytes = 0;

  /** Of lines from an index on. */
  constructor(from: number) {
    this.#from = from;
  }

  /** Packs what has come, once it is much. */
  some(lines: CppLine[]): void {
    if (lines.length - this.#from >= linesAtATime) this.all(lines);
  }

  /** Packs what has come. Result: bytes that all lines take now. */
  all(lines: CppLine[]): number {
    const packed = packLines(lines.slice(this.#from).filter((line) => line instanceof OutputLine));
    lines.length = this.#from;
    for (const line of packed.lines) lines.push(line);
    this.#from = lines.length;
    this.#bytes += packed.bytes;
    return this.#bytes;
  }
}
