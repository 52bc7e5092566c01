import { throwIfCancelled } from '../base/cancellation.ts';
import type { TextRange } from '../base/text.ts';
import type { KernelTree } from '../project/kernelTree.ts';
import { endOf } from '../project/nameIndex/nameUses.ts';
import { nameIndexOf, textNow } from '../project/nameIndex/treeIndex.ts';
import type { NameDefinition, NameIndex, NameKind } from '../project/nameIndex.ts';
import type { FeatureContext } from './featureContext.ts';
import { bestOf, indexedName, inOrder, usesOfName } from './navigation/cNames.ts';

// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.18/specification/#textDocument_prepareCallHierarchy

/** A function, or a macro that is called like one. */
export interface CallItem {
  readonly name: string;
  readonly kind: 'function' | 'macro';
  /** Macro that makes it, or the path below the root. */
  readonly detail: string;
  readonly path: string;
  readonly range: TextRange;
  readonly selectionRange: TextRange;
  /** Its calls are those that can run without instrumentation. */
  readonly noinstr?: boolean;
}

/** Calls between two functions: places in the caller's file. */
export interface Calls {
  readonly item: CallItem;
  readonly ranges: readonly TextRange[];
}

/** Calls in C and branches in assembly, beside comments and strings. */
const callPattern = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"(?:[^"\\\n]|\\[\s\S])*"|\b([A-Za-z_]\w*)\s*\(/g;
const branchPattern = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"[^"\n]*"|\b(?:bl?|b\.\w+)\s+([A-Za-z_]\w*)/g;
const maxItems = 400;
const maxAssembly = 20_000;
const maxPrepared = 8;

/** Functions that a name at an offset can mean. Empty for everything else. Throws only `CancelledError`. */
export function prepareCallHierarchy(ctx: FeatureContext, path: string, offset: number): readonly CallItem[] {
  const named = indexedName(ctx, path, offset);
  if (named === null) return [];
  const callable = bestOf(named.definitions.filter(({ kind }) => isCallable(kind)));
  return callable.slice(0, maxPrepared).map((one) => itemOf(ctx, named.tree, one));
}

/**
 * Who calls a function by its name, in the files of the index: C functions and macros, and branches in assembly. A call
 * through a pointer is none of them. Throws only `CancelledError`.
 */
export function incomingCalls(ctx: FeatureContext, item: CallItem): readonly Calls[] {
  const tree = ctx.workspace.treeFor(item.path);
  if (tree === null) return [];
  const callers = new Map<string, { readonly holder: NameDefinition; readonly ranges: TextRange[] }>();
  const definition = nameIndexOf(ctx.workspace, tree)
    .definitionsIn(item.path)
    .find(({ offset }) => offset === item.selectionRange.start);
  for (const { path, range, isCalled, within } of usesOfName(ctx, tree, item.name)) {
    if (!isCalled || within === null || (within.name === item.name && within.offset === range.start)) continue;
    // A static function of a file is another one than that of the same name elsewhere.
    if (definition?.isStatic && definition.kind === 'function' && path !== item.path) continue;
    const key = `${within.path}:${within.offset}`;
    const known = callers.get(key);
    if (known === undefined) callers.set(key, { holder: within, ranges: [range] });
    else known.ranges.push(range);
  }
  return [...callers.values()]
    .slice(0, maxItems)
    .map(({ holder, ranges }) => ({ item: itemOf(ctx, tree, holder), ranges }));
}

/** What a function calls by name: functions, those that macros make, and macros that look like functions. Throws only `CancelledError`. */
export function outgoingCalls(ctx: FeatureContext, item: CallItem): readonly Calls[] {
  const tree = ctx.workspace.treeFor(item.path);
  const text = tree === null ? undefined : textNow(ctx.workspace, tree, item.path);
  if (tree === null || text === undefined) return [];
  const index = nameIndexOf(ctx.workspace, tree);
  const called = new Map<string, TextRange[]>();
  const from = item.selectionRange.end;
  const isAssembly = item.path.endsWith('.S');
  const body = isAssembly ? assemblyBody(text, item) : text.slice(from, item.range.end);
  const calls = isAssembly ? branchPattern : callPattern;
  for (const match of body.matchAll(calls)) {
    const name = match[1];
    if (name === undefined || /^(?:if|while|for|switch|return|sizeof|typeof|defined)$/.test(name)) continue;
    const start = from + match.index + match[0].lastIndexOf(name, isAssembly ? undefined : 0);
    const ranges = called.get(name);
    if (ranges === undefined) called.set(name, [{ start, end: start + name.length }]);
    else ranges.push({ start, end: start + name.length });
  }
  const found: Calls[] = [];
  for (const [name, ranges] of called) {
    throwIfCancelled(ctx.cancellation);
    const target = targetOf(index, item.path, name);
    if (target !== null && found.length < maxItems) found.push({ item: itemOf(ctx, tree, target), ranges });
  }
  return found;
}

/** Text of a function in assembly: to the macro that ends it, or to the next one that begins. */
function assemblyBody(text: string, { name, selectionRange }: CallItem): string {
  const rest = text.slice(selectionRange.end);
  const end = rest.search(new RegExp(`^\\s*\\w+\\(\\s*${name}\\s*\\)`, 'm'));
  return end < 0 ? rest.slice(0, maxAssembly) : rest.slice(0, end);
}

/** The definition that a call in a file most likely means: its own, then one that others can see, a header's before all. */
function targetOf(index: NameIndex, path: string, name: string): NameDefinition | null {
  const all = bestOf(inOrder(index.definitionsOf(name)).filter(({ kind }) => isCallable(kind)));
  const seen = all.filter((one) => one.path === path || one.path.endsWith('.h') || !one.isStatic);
  const functions = seen.filter(({ kind }) => kind !== 'macro');
  const candidates = functions.length > 0 ? functions : seen;
  return (
    candidates.find((one) => one.path === path) ?? candidates.find((one) => isArm64(one.path)) ?? candidates[0] ?? null
  );
}

const isArm64 = (path: string): boolean => path.includes('/arch/arm64/');

function isCallable(kind: NameKind): boolean {
  return kind === 'function' || kind === 'inline-function' || kind === 'macro' || kind === 'asm-symbol';
}

function itemOf(ctx: FeatureContext, tree: KernelTree, definition: NameDefinition): CallItem {
  const { name, path, offset, length, kind, madeBy, isDeclaration } = definition;
  const text = textNow(ctx.workspace, tree, path) ?? '';
  const selectionRange = { start: offset, end: offset + length };
  const isWhole = madeBy === null && !isDeclaration;
  const range = isWhole
    ? { start: offset, end: Math.max(endOf(text, definition), selectionRange.end) }
    : selectionRange;
  const below = path.startsWith(`${tree.root}/`) ? path.slice(tree.root.length + 1) : path;
  return {
    name,
    kind: kind === 'macro' || kind === 'asm-macro' ? 'macro' : 'function',
    detail: madeBy === null ? below : `${madeBy} in ${below}`,
    path,
    range,
    selectionRange,
  };
}
