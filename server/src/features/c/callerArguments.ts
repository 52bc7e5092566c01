import type { CUnit } from '../../project/cUnit.ts';
import { completeIndex, nameIndexOf } from '../../project/nameIndex/treeIndex.ts';
import type { NameIndex } from '../../project/nameIndex.ts';
import type { FeatureContext } from '../featureContext.ts';

/** Files that are looked at for calls of one function. */
const maxFiles = 400;
/** Different calls of one function that are followed. */
const maxCalls = 200;
const maxArguments = 300;

/**
 * Argument lists with which a function of a header is called, as text with the constants of the header's macros put
 * in: from the header, from macros that paste its name together, and from the files that the index knows to use it.
 */
export function callerArguments(ctx: FeatureContext, unit: CUnit, name: string): readonly string[] {
  const found = new Set<string>();
  for (const text of pastedCalls(unit, name)) found.add(withConstants(unit, text));
  const users = unit.path.endsWith('.h') ? (indexFor(ctx, unit)?.usesOf(name).slice(0, maxFiles) ?? []) : [];
  for (const path of new Set([unit.path, ...users])) {
    const text = ctx.workspace.textOf(path);
    if (text === undefined) continue;
    for (const args of callsIn(text, name)) {
      if (found.size >= maxCalls) return [...found];
      found.add(withConstants(unit, args));
    }
  }
  return [...found];
}

/** The index of the tree: as far as it goes where somebody waits for an answer, else whole. */
function indexFor(ctx: FeatureContext, { tree }: CUnit): NameIndex | null {
  if (tree === null) return null;
  if (ctx.cFiles === undefined) return completeIndex(ctx.workspace, tree, ctx.cancellation);
  const index = nameIndexOf(ctx.workspace, tree);
  return index.state === 'ready' ? index : null;
}

/** Argument texts of the calls of a name in raw text; its own definition and declarations are no calls. */
function callsIn(text: string, name: string): string[] {
  const found: string[] = [];
  const pattern = new RegExp(`(?<![\\w.>])${name}\\s*\\(`, 'g');
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const args = argumentsAt(text, pattern.lastIndex);
    const lineStart = text.lastIndexOf('\n', match.index) + 1;
    // Behind nothing but a type at the beginning of a line: a definition or a declaration.
    const before = text.slice(lineStart, match.index);
    const isDefinition = before === '' || /^[A-Za-z_][\w\s*]*$/.test(before);
    if (args !== null && !isDefinition) found.push(args);
  }
  return found;
}

/** Text up to the parenthesis that closes the one before `from`. */
function argumentsAt(text: string, from: number): string | null {
  let depth = 1;
  for (let at = from; at < Math.min(text.length, from + maxArguments); at++) {
    const code = text.charCodeAt(at);
    if (code === 40) depth++;
    else if (code === 41 && --depth === 0) return text.slice(from, at).replace(/\s+/g, ' ').trim();
  }
  return null;
}

/** Calls of a name that macros of the unit put together: `branch_##x(&keys[INDEX_##x])` for `branch_fast`. */
function pastedCalls(unit: CUnit, name: string): string[] {
  const found: string[] = [];
  for (const macro of unit.macros.values()) {
    const [parameter] = macro.parameters ?? [];
    if (parameter === undefined || !macro.body.includes('##')) continue;
    const prefix = new RegExp(`(\\w+)\\s*##\\s*${parameter}\\s*\\(`).exec(macro.body)?.[1];
    if (prefix === undefined || !name.startsWith(prefix) || name === prefix) continue;
    const actual = name.slice(prefix.length);
    const body = macro.body
      .replace(new RegExp(`(?:\\b${parameter}\\b|(?<=##\\s*)\\b${parameter}\\b)`, 'g'), actual)
      .replace(/\s*##\s*/g, '');
    found.push(...callsIn(` ${body}`, name));
  }
  return found;
}

/** Text with names of constant macros replaced by their bodies. */
function withConstants(unit: CUnit, text: string, depth = 0): string {
  if (depth > 4) return text;
  return text.replace(/(?<![\w.>])[A-Za-z_]\w*/g, (word) => {
    const macro = unit.macros.get(word);
    return macro === undefined || macro.parameters !== null ? word : withConstants(unit, macro.body, depth + 1);
  });
}
