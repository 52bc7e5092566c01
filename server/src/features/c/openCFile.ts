import { relativePath } from '../../base/path.ts';
import type { CUnit } from '../../project/cUnit.ts';
import type { CVariable } from '../../syntax/c/cModel.ts';
import type { FeatureContext } from '../featureContext.ts';
import type { CFile, CFunctionPlace, CKeyPlace } from './cFile.ts';
import { cSitesOf } from './cSites.ts';

/** Whether a path is one of C: a source or a header. */
export function isCPath(path: string): boolean {
  return /\.[ch]$/.test(path);
}

/**
 * What is known of a C file: from the context's source of analyzed files where there is one, else analyzed now. `null`
 * for other files, files outside every kernel tree, other architectures', and while nothing is known yet. Throws only
 * `CancelledError`.
 */
export function openCFile(ctx: FeatureContext, path: string): CFile | null {
  if (!isCPath(path)) return null;
  return ctx.cFiles === undefined ? analyzeCFile(ctx, path) : ctx.cFiles.get(path);
}

/** Analyzes a C file of a kernel tree. */
export function analyzeCFile(ctx: FeatureContext, path: string): CFile | null {
  if (!isKernelC(ctx, path)) return null;
  const unit = ctx.workspace.cUnit(path, ctx.cancellation);
  if (unit === null) return null;
  const { tree, text, lines, inactive } = unit;
  return {
    path,
    text,
    lines,
    tree,
    sites: cSitesOf(ctx, path),
    functions: functionsOf(unit),
    keys: unit.variables.flatMap((variable) => keyOf(variable, text) ?? []),
    inactive,
    isMoved: false,
  };
}

/** Whether a file is C of a kernel tree, and not of another architecture in it. */
export function isKernelC(ctx: Pick<FeatureContext, 'workspace'>, path: string): boolean {
  if (!isCPath(path)) return false;
  const tree = ctx.workspace.treeFor(path);
  return (
    tree !== null &&
    !/^(arch\/(?!arm64\/)[^/]+|tools|scripts|samples|Documentation)\//.test(relativePath(tree.root, path))
  );
}

/** Functions by place; several that one macro use makes are one. */
function functionsOf(unit: CUnit): readonly CFunctionPlace[] {
  const places = new Map<number, CFunctionPlace>();
  for (const { name, nameRange, range, line } of unit.functions) {
    if (!places.has(range.start)) places.set(range.start, { name, nameRange, range, line });
  }
  return [...places.values()];
}

/** A definition of a static key or a static call, told by the type of the variable. */
function keyOf(variable: CVariable, text: string): CKeyPlace | null {
  const { nameRange, line, type, storage, initializer, section, attributes } = variable;
  if (storage === 'extern' && initializer === null) return null;
  const written = text.slice(variable.range.start, Math.min(variable.range.end, variable.range.start + 200));
  const config = /\bCONFIG_\w+/.exec(written)?.[0] ?? null;
  const place = { nameRange, line, config, isLocal: storage === 'static', isSealed: isSealed(section, attributes) };
  if (/\bstruct static_call_key\b/.test(type)) {
    const target = /\.func\s*=\s*(?:\([^()]*\)\s*)?&?\s*(\w+)/.exec(initializer ?? '')?.[1] ?? null;
    const name = variable.name.replace(/^__SCK__/, '');
    return { ...place, kind: 'static-call', name, initial: null, target: isNull(target) ? null : target, count: null };
  }
  const typed = /\bstruct static_key(_true|_false)?(?!\w)(?!.*[*(])/.exec(type);
  if (typed === null) return null;
  const initial = typed[1] === undefined ? enabledIn(initializer) : typed[1] === '_true';
  return { ...place, kind: 'static-key', name: variable.name, initial, target: null, count: elements(type) };
}

/** Value that the initializer of a plain `struct static_key` gives; without one it is zero. */
function enabledIn(initializer: string | null): boolean | null {
  if (initializer === null) return false;
  const count = /\.enabled\s*=\s*(?:\([^()]*\)\s*)*\{\s*(?:\(\s*)?(\d+)/.exec(initializer)?.[1];
  return count === undefined ? null : count !== '0';
}

function isNull(target: string | null): boolean {
  return target === null || target === 'NULL' || target === '0' || target === 'void';
}

function elements(type: string): number | null {
  const size = /\[\s*(\d+)\s*\]/.exec(type)?.[1];
  return size === undefined ? null : Number(size);
}

/** Data that is read-only once the kernel is up (include/linux/cache.h: __ro_after_init). */
function isSealed(section: string | null, attributes: CVariable['attributes']): boolean {
  return section === '.data..ro_after_init' || attributes.some(({ name }) => name === '__ro_after_init__');
}
