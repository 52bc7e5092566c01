import { firstNotBefore } from '../base/search.ts';
import type {
  DefineOutline,
  DefinitionOutline,
  OutlineBlock,
  SourceLanguage,
  SourceOutline,
  SourceToken,
} from './outlineModel.ts';
import { languageOf } from './outlineModel.ts';
import { scanOutline } from './outlineScan.ts';
import type { Workspace } from './workspace.ts';

const outlines = new WeakMap<object, Map<SourceLanguage, SourceOutline>>();

/**
 * Outline of a document or file as it is now; `undefined` when it cannot be read. Kept as long as the workspace
 * keeps the text, so asking again is free. Never throws.
 */
export function outlineOf(workspace: Workspace, path: string): SourceOutline | undefined {
  const text = workspace.textOf(path);
  // The line index is made once per text: its identity is the text's.
  const identity = workspace.lineIndexOf(path);
  if (text === undefined || identity === undefined) return undefined;
  const language = languageOf(path);
  let kept = outlines.get(identity);
  if (kept === undefined) {
    kept = new Map();
    outlines.set(identity, kept);
  }
  let outline = kept.get(language);
  if (outline === undefined || outline.text !== text) {
    outline = scanOutline(text, language);
    kept.set(language, outline);
  }
  return outline;
}

/** Index of the first item that ends after an offset, in items ordered by offset without overlap. */
export function firstEndingAfter(items: readonly { readonly end: number }[], offset: number): number {
  return firstNotBefore(items, ({ end }) => end <= offset);
}

/** The item that holds an offset, else the one that ends there (a cursor behind a word means the word). */
export function itemAt<T extends { readonly start: number; readonly end: number }>(
  items: readonly T[],
  offset: number,
): T | null {
  const index = firstEndingAfter(items, offset);
  const after = items[index];
  if (after !== undefined && after.start <= offset) return after;
  const before = items[index - 1];
  return before !== undefined && before.end === offset ? before : null;
}

/** Innermost `.macro` around a token, `.irp` and `.irpc` left out. */
export function macroAround(scope: OutlineBlock | null): OutlineBlock | null {
  let block = scope;
  while (block !== null && block.kind !== 'macro') block = block.parent;
  return block;
}

/**
 * The parameter that `\name` means: the outermost block that has one of that name, because GNU as puts arguments
 * in from outside inwards (gas/macro.c:macro_expand_body). `null` when there is none.
 */
export function parameterOf(
  scope: OutlineBlock | null,
  name: string,
): { readonly block: OutlineBlock; readonly index: number } | null {
  let found: { readonly block: OutlineBlock; readonly index: number } | null = null;
  for (let block = scope; block !== null; block = block.parent) {
    const index = block.parameters.findIndex((parameter) => parameter.name === name);
    if (index >= 0) found = { block, index };
  }
  return found;
}

/** Offset where a block ends: behind its closing statement, or the end of the text while it is open. */
export function blockEnd(outline: SourceOutline, block: OutlineBlock): number {
  return block.close?.end ?? outline.text.length;
}

export function tokenText(outline: SourceOutline, token: SourceToken): string {
  return outline.text.slice(token.start, token.end);
}

/** Definitions of one document by name. Macros by lower-case name, as the assembler compares them. */
export interface OutlineNames {
  readonly macros: ReadonlyMap<string, readonly OutlineBlock[]>;
  readonly defines: ReadonlyMap<string, readonly DefineOutline[]>;
  readonly definitions: ReadonlyMap<string, readonly DefinitionOutline[]>;
}

const names = new WeakMap<SourceOutline, OutlineNames>();

export function namesOf(outline: SourceOutline): OutlineNames {
  let kept = names.get(outline);
  if (kept === undefined) {
    const macros = outline.blocks.filter((block) => block.kind === 'macro' && block.name !== null);
    kept = {
      macros: groupBy(macros, (block) => block.name?.name.toLowerCase() ?? ''),
      defines: groupBy(outline.defines, (define) => define.name),
      definitions: groupBy(outline.definitions, (definition) => definition.name),
    };
    names.set(outline, kept);
  }
  return kept;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
