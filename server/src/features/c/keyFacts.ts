import { LineIndex } from '../../base/text.ts';
import { nameIndexOf } from '../../project/nameIndex/treeIndex.ts';
import type { NameIndex } from '../../project/nameIndex.ts';
import type { FeatureContext } from '../featureContext.ts';
import { bootParameterOf } from './bootParameter.ts';
import type { CFile } from './cFile.ts';
import { keyByModel } from './preemption.ts';

/** A place that changes a key or a static call. */
export interface KeySwitch {
  readonly functionName: string | null;
  readonly path: string;
  readonly line: number;
  /** `enable`, `disable`, `inc`, `dec`, `update`. */
  readonly does: string;
  /** Function that a static call is set to; `null` for keys. */
  readonly target: string | null;
}

/** What a tree says of a key or a static call beside its definition. */
export interface KeyFacts {
  readonly switchers: readonly KeySwitch[];
  /** Places that ask, in this file or (`isWhole`) in the whole tree. */
  readonly nUses: number;
  /** Kernel parameter whose handler changes it. */
  readonly parameter: { readonly text: string; readonly path: string; readonly line: number } | null;
  /** Where it is defined, when that is another file. */
  readonly definition: KeyDefinition | null;
  /** The whole tree was looked at, not only this file. */
  readonly isWhole: boolean;
  /** Why not. */
  readonly reason: string | null;
}

export interface KeyDefinition {
  readonly path: string;
  readonly line: number;
  /** Function that a static call holds as linked; `null` for keys, for none and when the text does not tell. */
  readonly target: string | null;
}

/** Files that hold a name and are read for it; a name that is in more of them is too common to be a key's own. */
const maxFiles = 80;

/** Functions and macros that change a key or a static call (include/linux/jump_label.h, static_call.h, v6.1 to v6.12). */
const switchCall =
  /\b(?:static_(?:branch|key)_(?:slow_|fast_)?(?:try_)?(enable|disable|inc|dec)(?:_\w+)?|static_call_(update)(?:_\w+)?)\s*\(\s*&?\s*([\w.>\-[\]]+)(?:\s*,\s*&?([\w.>-]+))?/g;
/** Tests of a key, and calls. */
const useCall =
  /\b(?:static_(?:branch_(?:likely|unlikely|maybe)|key_(?:true|false))|static_call(?:_cond)?)\s*\(\s*(?:CONFIG_\w+\s*,\s*)?&?\s*([\w.>\-[\]]+)/g;

const known = new WeakMap<NameIndex, { version: number; readonly byName: Map<string, KeyFacts> }>();

/** Facts on a key or static call: from the whole tree once it is indexed, else from the file and those in the index. */
export function keyFacts(ctx: FeatureContext, file: CFile, name: string): KeyFacts {
  const facts = writtenFacts(ctx, file, name);
  const switcher = keyByModel(ctx, file.tree, name)?.switcher ?? null;
  if (switcher === null || facts.switchers.some(({ functionName }) => functionName === switcher.functionName))
    return facts;
  // The scheduler pastes the names of these keys together.
  const text = ctx.workspace.textOf(switcher.path) ?? '';
  const parameter = bootParameterOf(text, switcher.functionName);
  const line = parameter === null ? 1 : (ctx.workspace.lineIndexOf(switcher.path)?.lineAt(parameter.offset) ?? 1);
  return {
    ...facts,
    switchers: [...facts.switchers, { ...switcher, does: 'by model', target: null }],
    parameter: facts.parameter ?? (parameter === null ? null : { text: parameter.text, path: switcher.path, line }),
  };
}

function writtenFacts(ctx: FeatureContext, file: CFile, name: string): KeyFacts {
  const index = file.tree === null ? null : nameIndexOf(ctx.workspace, file.tree);
  const isLocal = file.path.endsWith('.c') && file.keys.some((key) => key.name === name && key.isLocal);
  if (isLocal || index?.state !== 'ready') {
    const isBuilding = !isLocal && index?.state === 'building';
    return ofFile(file, `${isBuilding ? '*' : ''}${name}`, () => {
      const reason = isBuilding ? 'The tree is being indexed; this is from the file alone.' : null;
      const facts = gather(name, [partOf(file.path, file.text, file)], index);
      return { ...facts, definition: null, isWhole: isLocal, reason };
    });
  }
  let kept = known.get(index);
  if (kept === undefined || kept.version !== index.version) {
    kept = { version: index.version, byName: new Map() };
    known.set(index, kept);
  }
  let facts = kept.byName.get(name);
  if (facts === undefined) {
    const paths = new Set([file.path, ...index.usesOf(name)]);
    const isWhole = paths.size <= maxFiles;
    const parts = [...paths].slice(0, maxFiles).flatMap((path) => {
      const text = path === file.path ? file.text : ctx.workspace.textOf(path);
      return text === undefined ? [] : [partOf(path, text, path === file.path ? file : null)];
    });
    const reason = isWhole ? null : `Named in ${paths.size} files, of which ${maxFiles} were looked at.`;
    facts = { ...gather(name, parts, index), definition: definitionIn(ctx, file, index, name), isWhole, reason };
    kept.byName.set(name, facts);
  }
  return facts;
}

const knownOfFile = new WeakMap<CFile, Map<string, KeyFacts>>();

function ofFile(file: CFile, key: string, make: () => KeyFacts): KeyFacts {
  let byName = knownOfFile.get(file);
  if (byName === undefined) {
    byName = new Map();
    knownOfFile.set(file, byName);
  }
  const facts = byName.get(key) ?? make();
  byName.set(key, facts);
  return facts;
}

interface Part {
  readonly path: string;
  readonly text: string;
  readonly lines: () => LineIndex;
  /** Name of the function around an offset, where that is known already. */
  readonly holder: ((offset: number) => string | null) | null;
}

function partOf(path: string, text: string, file: CFile | null): Part {
  if (file === null) {
    let lines: LineIndex | undefined;
    return {
      path,
      text,
      lines: () => {
        lines ??= new LineIndex(text);
        return lines;
      },
      holder: null,
    };
  }
  const holder = (offset: number): string | null =>
    file.functions.find(({ range }) => range.start <= offset && offset < range.end)?.name ?? null;
  return { path, text, lines: () => file.lines, holder };
}

function gather(
  name: string,
  parts: readonly Part[],
  index: NameIndex | null,
): Pick<KeyFacts, 'switchers' | 'nUses' | 'parameter'> {
  const switchers: KeySwitch[] = [];
  let nUses = 0;
  let parameter: KeyFacts['parameter'] = null;
  for (const part of parts) {
    const { path, text } = part;
    if (!text.includes(name)) continue;
    for (const match of text.matchAll(useCall)) if (objectOf(match[1] ?? '') === name) nUses++;
    for (const match of text.matchAll(switchCall)) {
      if (objectOf(match[3] ?? '') !== name) continue;
      const does = match[1] ?? match[2] ?? '';
      const functionName = part.holder === null ? holderIn(index, path, match.index) : part.holder(match.index);
      const target = does === 'update' ? (match[4] ?? null) : null;
      switchers.push({ functionName, path, line: part.lines().lineAt(match.index), does, target });
      if (parameter === null && functionName !== null) {
        const found = bootParameterOf(text, functionName);
        if (found !== null) parameter = { text: found.text, path, line: part.lines().lineAt(found.offset) };
      }
    }
  }
  return { switchers, nUses, parameter };
}

/** The one place of another file that defines a key or static call, by the index. */
function definitionIn(ctx: FeatureContext, file: CFile, index: NameIndex, name: string): KeyDefinition | null {
  if (file.keys.some((key) => key.name === name)) return null;
  const named = [...index.definitionsOf(name), ...index.definitionsOf(`__SCK__${name}`)];
  const [only, other] = named.filter(
    ({ kind, isDeclaration }) =>
      !isDeclaration && (kind === 'static-key' || kind === 'static-call' || kind === 'variable'),
  );
  if (only === undefined || (other !== undefined && other.path !== only.path)) return null;
  const text = ctx.workspace.textOf(only.path) ?? '';
  const after = text.slice(only.offset, only.offset + 200);
  const target = only.kind === 'static-call' ? (/^\w+\s*,\s*(\w+)\s*\)/.exec(after)?.[1] ?? null) : null;
  return { path: only.path, line: only.line, target };
}

/** The last function of the index that begins before an offset. */
function holderIn(index: NameIndex | null, path: string, offset: number): string | null {
  let found: string | null = null;
  for (const { kind, name, offset: at, isDeclaration } of index?.definitionsIn(path) ?? []) {
    if (at > offset) break;
    if ((kind === 'function' || kind === 'inline-function') && !isDeclaration) found = name;
  }
  return found;
}

/** The object that an expression such as `per_type[2]` or `demo_probe.key` is in. */
function objectOf(text: string): string {
  return /^\w+/.exec(text)?.[0] ?? '';
}
