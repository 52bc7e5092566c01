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

export function memoAt(state: MacroState, key: string): IncludeMemo | undefined {
  return state.includes?.get(key) as IncludeMemo | undefined;
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

/** Packs the lines printed since, and lets go of the tokens that they were made of. Result: bytes that they take now. */
export function packSince(lines: CppLine[], from: number, asked: Asked): number {
  const packed = packLines(lines.slice(from).filter((line) => line instanceof OutputLine));
  lines.length = from;
  for (const line of packed.lines) lines.push(line);
  for (const file of asked.values()) if (typeof file !== 'boolean') file.forgetTokens();
  return packed.bytes;
}
