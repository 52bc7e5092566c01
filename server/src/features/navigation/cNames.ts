// Names in C: what is defined where and used where, by the index of the tree.

import { throwIfCancelled } from '../../base/cancellation.ts';
import type { TextRange } from '../../base/text.ts';
import type { KernelTree } from '../../project/kernelTree.ts';
import { type NameUse, usesInText } from '../../project/nameIndex/nameUses.ts';
import { nameIndexOf, textNow } from '../../project/nameIndex/treeIndex.ts';
import type { NameDefinition, NameIndex, NameKind } from '../../project/nameIndex.ts';
import type { FeatureContext } from '../featureContext.ts';
import { wordAt } from '../wordAt.ts';
import type { NamedPlace } from './occurrences.ts';

/** A name in a document with what the index knows of it. */
export interface IndexedName {
  readonly name: string;
  readonly range: TextRange;
  readonly tree: KernelTree;
  readonly index: NameIndex;
  /** Definitions before declarations. */
  readonly definitions: readonly NameDefinition[];
}

/** More files than this hold only names of which nobody wants all uses. */
const maxFiles = 1500;

/**
 * The name at an offset of a document; that of its key where it names a static call (`static_call(x)`). `null` outside
 * of a tree, in comments and strings, and for what the index does not know. Throws only `CancelledError`.
 */
export function indexedName(ctx: FeatureContext, path: string, offset: number): IndexedName | null {
  const tree = ctx.workspace.treeFor(path);
  const text = ctx.workspace.textOf(path);
  if (tree === null || text === undefined) return null;
  const found = wordAt(text, offset);
  if (found === null || /^\d/.test(found.text)) return null;
  const { range, text: word } = found;
  const index = nameIndexOf(ctx.workspace, tree);
  throwIfCancelled(ctx.cancellation);
  const use = usesInText(index, path, text, word).find((one) => one.range.start === range.start);
  if (use === undefined) return null;
  const key =
    use.call?.startsWith('static_call') || use.call?.includes('STATIC_CALL') ? staticCallKey(index, word) : null;
  const calls = key === null ? [] : index.definitionsOf(key).filter(({ kind }) => kind === 'static-call');
  const definitions = calls.length > 0 ? calls : index.definitionsOf(word);
  return { name: word, range, tree, index, definitions: inOrder(definitions) };
}

/** Name of the variable behind a static call, as the tree's own macro makes it (include/linux/static_call_types.h, v6.12). */
export function staticCallKey(index: NameIndex, name: string): string | null {
  const key = index.expandName(`STATIC_CALL_KEY(${name})`);
  return key === `STATIC_CALL_KEY(${name})` ? null : key;
}

/** Whether a C language server can't be expected to know a thing: what macros make, and what is patched. */
export function isOurs(ctx: FeatureContext, { kind, madeBy }: Pick<NameDefinition, 'kind' | 'madeBy'>): boolean {
  return ctx.allOfC === true || madeBy !== null || isPatched(kind) || kind === 'asm-symbol' || kind === 'asm-macro';
}

export function isPatched(kind: NameKind): boolean {
  return kind === 'static-key' || kind === 'static-call' || kind === 'tracepoint';
}

/**
 * Whether a place of a C file is left to the index: its names are C, but for cpucaps, which the outline of its text and
 * the tree's tables know.
 */
export function isForC(ctx: FeatureContext, path: string, offset: number): boolean {
  if (!path.endsWith('.c')) return false;
  const text = ctx.workspace.textOf(path) ?? '';
  return wordAt(text, offset)?.text.startsWith('ARM64_') !== true;
}

/**
 * Places that name a thing of C: all uses of what is ours (`isOurs`), nothing for the rest, which a language server of C
 * knows better. `null`: the index has no say. Throws only `CancelledError`.
 */
export function cReferences(ctx: FeatureContext, path: string, offset: number): readonly NamedPlace[] | null {
  const named = indexedName(ctx, path, offset);
  if (named === null) return null;
  const { definitions, tree, name } = named;
  if (!definitions.some((one) => isOurs(ctx, one))) return null;
  const found = definitions.map((one) => place(one.path, one.offset, one.length, true));
  const seen = new Set(found.map(({ path: file, range }) => `${file}:${range.start}`));
  const isCall = definitions.some(({ kind }) => kind === 'static-call');
  for (const use of usesOfName(ctx, tree, name)) {
    if (seen.has(`${use.path}:${use.range.start}`)) continue;
    // A function and a static call may have the same name.
    if (isCall && !isOfStaticCall(use)) continue;
    found.push({ path: use.path, range: use.range, isDefinition: false });
  }
  return found;
}

const isOfStaticCall = ({ call }: NameUse): boolean => call !== null && /static_call/i.test(call);

function place(path: string, start: number, length: number, isDefinition: boolean): NamedPlace {
  return { path, range: { start, end: start + length }, isDefinition };
}

/** Definitions before declarations, then by path. */
export function inOrder(definitions: readonly NameDefinition[]): readonly NameDefinition[] {
  return [...definitions].sort(
    (left, right) =>
      Number(left.isDeclaration) - Number(right.isDeclaration) ||
      (left.path < right.path ? -1 : left.path > right.path ? 1 : left.offset - right.offset),
  );
}

/** Definitions; declarations only where there are none. */
export function bestOf(definitions: readonly NameDefinition[]): readonly NameDefinition[] {
  const real = definitions.filter(({ isDeclaration }) => !isDeclaration);
  return real.length > 0 ? real : definitions;
}

/** Uses of a name in the files of the index, by path and offset. Throws only `CancelledError`. */
export function usesOfName(ctx: FeatureContext, tree: KernelTree, name: string): readonly NameUse[] {
  const index = nameIndexOf(ctx.workspace, tree);
  const found: NameUse[] = [];
  for (const path of [...index.usesOf(name)].sort().slice(0, maxFiles)) {
    throwIfCancelled(ctx.cancellation);
    const text = textNow(ctx.workspace, tree, path);
    if (text !== undefined) found.push(...usesInText(index, path, text, name));
  }
  return found;
}
