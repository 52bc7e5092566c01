import { splitArguments } from './argumentText.ts';
import type { FunctionClass } from './classes.ts';
import { blankComments } from './declarationHead.ts';
import type { TreeKnowledge } from './treeKnowledge.ts';
import type { FunctionFacts } from './unit.ts';
import type { HookTargets } from './walk.ts';

const maxFiles = 60;
const maxSteps = 3;
const nothing: HookTargets = { names: [], closed: false, stores: [] };

/** Where a function was put into a hook. */
export interface HookStore {
  readonly name: string;
  readonly path: string;
  readonly offset: number;
  readonly class: FunctionClass | null;
  /** The member it was put into, where the called expression does not say it. */
  readonly member?: string;
  /** Put into a variable of the function that calls it: the call itself tells. */
  readonly isLocal?: true;
  /** The called expression names it itself; its place is that of the call. */
  readonly inCall?: true;
  /** Handed in by a caller of the function that stores it: the caller's choice, not the hook's. */
  readonly isArgument?: boolean;
}

/** A statement expression that picks a member or a function: each of those is a target. */
export function chosenTargets(text: string, fn: FunctionFacts, knowledge: TreeKnowledge): HookTargets {
  const last = text.slice(text.lastIndexOf('? ('));
  const parts: HookTargets[] = [];
  const members = new Set([...last.matchAll(/-> ([A-Za-z_]\w*) ;/g)].map((match) => match[1] ?? ''));
  const holder = /\bstruct ([A-Za-z_]\w*) \*/.exec(text)?.[1];
  for (const member of members) {
    const found = holder === undefined ? nothing : storesOf(holder, member, fn, knowledge);
    const stores = found.stores.map((store) => ({ ...store, member: `${member} of struct ${holder}` }));
    parts.push({ ...found, stores });
  }
  const named = [...last.matchAll(/: ([A-Za-z_]\w*) ;/g)].map((match) => match[1] ?? '');
  for (const name of named) {
    parts.push(isFunction(name, fn, knowledge) ? direct(name, fn, knowledge) : nothing);
  }
  const stores = parts.flatMap((part) => part.stores);
  return { names: unique(stores), closed: parts.length > 0 && parts.every((part) => part.closed), stores };
}

function direct(name: string, fn: FunctionFacts, knowledge: TreeKnowledge): HookTargets {
  const { file, offset } = fn.nameToken;
  const kind = classOfTarget(name, fn.unit.path, fn, knowledge);
  return { names: [name], closed: true, stores: [{ name, path: file, offset, class: kind, inCall: true }] };
}

/** Stores to a member of a struct, wherever the struct's name is used. */
function storesOf(holder: string, member: string, fn: FunctionFacts, knowledge: TreeKnowledge): HookTargets {
  const { path, text } = fn.unit;
  const own = storesIn(blankComments(text), holder, member, path, fn, knowledge);
  const others = findStoresElsewhere(holder, member, fn, knowledge);
  const stores = [...own.stores, ...others.stores];
  return { names: unique(stores), closed: stores.length > 0 && !own.open && !others.open, stores };
}

/** Stores of files other than the function's own to a member of a struct. */
export function findStoresElsewhere(
  holder: string,
  member: string,
  fn: FunctionFacts,
  knowledge: TreeKnowledge,
): { readonly stores: readonly HookStore[]; readonly open: boolean } {
  const { index } = knowledge;
  const paths = new Set(index?.usesOf(holder) ?? []);
  paths.delete(fn.unit.path);
  if (paths.size > maxFiles) return { stores: [], open: true };
  const stores: HookStore[] = [];
  let open = index === null || index.state === 'building';
  for (const path of paths) {
    if (/\/arch\/(?!arm64\/)|\/tools\//.test(path)) continue;
    const source = knowledge.textOf(path);
    if (source === undefined) continue;
    const found = storesIn(blankComments(source), holder, member, path, fn, knowledge);
    stores.push(...found.stores);
    open ||= found.open;
  }
  return { stores, open };
}

interface Stores {
  /** Variables that are being followed. */
  readonly followed: Set<string>;
  readonly stores: HookStore[];
  open: boolean;
}

function storesIn(
  text: string,
  holder: string,
  member: string,
  path: string,
  fn: FunctionFacts,
  knowledge: TreeKnowledge,
): Stores {
  const result: Stores = { stores: [], open: false, followed: new Set() };
  const patterns = [
    new RegExp(`(?:\\.|->)\\s*${member}(?:\\[[^\\]]*\\])?\\s*=(?!=)\\s*([^,;}]+)`, 'g'),
    new RegExp(
      `\\b(?:__this_cpu_write|this_cpu_write|raw_cpu_write|WRITE_ONCE|smp_store_release)\\(\\s*[^,;]*(?:\\.|->)${member}\\s*,\\s*([^;]+?)\\)\\s*;`,
      'g',
    ),
  ];
  for (const pattern of patterns) {
    for (const match of text.matchAll(pattern)) {
      if (isOfAnother(text, match.index, match[0], holder)) continue;
      const value = (match[1] ?? '').trim();
      follow(value, text, match.index, path, fn, knowledge, 0, result);
    }
  }
  return result;
}

/** Whether a store is to a member of another struct, as far as the declaration around or before it tells. */
function isOfAnother(text: string, at: number, store: string, holder: string): boolean {
  const before = text.slice(Math.max(0, at - 4000), at);
  const base = /([A-Za-z_]\w*)(?:\[[^\]]*\])?\s*$/.exec(before)?.[1];
  if (/^\.\s*\w/.test(store) && (base === undefined || /[{,]\s*$/.test(before))) {
    const opened = [...before.matchAll(/\bstruct\s+([A-Za-z_]\w*)\b[^;{}]*=\s*\{/g)].at(-1);
    return opened !== undefined && opened[1] !== holder && !before.slice(opened.index).includes('\n};');
  }
  if (base === undefined) return false;
  const declared = [...before.matchAll(new RegExp(`\\bstruct\\s+([A-Za-z_]\\w*)\\s*\\*?\\s*${base}\\b`, 'g'))].at(-1);
  return declared !== undefined && declared[1] !== holder;
}

/** Follows a stored value back to functions: names, both sides of `?:`, parameters, variables. */
function follow(
  value: string,
  text: string,
  at: number,
  path: string,
  fn: FunctionFacts,
  knowledge: TreeKnowledge,
  step: number,
  result: Stores,
): void {
  const elvis = /^([^?]*)\?\s*:\s*(.+)$/s.exec(value);
  if (elvis !== null) {
    for (const side of [elvis[1], elvis[2]]) {
      follow((side ?? '').trim(), text, at, path, fn, knowledge, step, result);
    }
    return;
  }
  const called = /^([A-Za-z_]\w*)\s*\([^()]*\)$/.exec(value)?.[1];
  if (called !== undefined && step < maxSteps) {
    if (!followReturns(called, text, path, fn, knowledge, step, result)) result.open = true;
    return;
  }
  const choice = /^[^?]*\?\s*([^:]*):\s*(.+)$/s.exec(value);
  if (choice !== null) {
    for (const side of [choice[1], choice[2]]) {
      const trimmed = (side ?? '').trim();
      if (trimmed !== '') follow(trimmed, text, at, path, fn, knowledge, step, result);
    }
    return;
  }
  const name = /^\(?\s*&?\s*([A-Za-z_]\w*)\s*\)?$/.exec(value)?.[1];
  if (name === 'NULL' || value === '0') return;
  if (name !== undefined && isFunction(name, fn, knowledge)) {
    const offset = text.indexOf(name, at);
    result.stores.push({ name, path, offset, class: classOfTarget(name, path, fn, knowledge) });
    return;
  }
  if (name === undefined || step >= maxSteps) {
    result.open = true;
    return;
  }
  const around = enclosingFunction(text, at);
  if (around === null) {
    result.open = true;
    return;
  }
  const variable = `${around.name} ${name}`;
  if (result.followed.has(variable)) return;
  result.followed.add(variable);
  const position = around.parameters.indexOf(name);
  if (position >= 0) {
    // Other files may call it with something else.
    if (!around.isStatic) result.open = true;
    let calls = 0;
    const nBefore = result.stores.length;
    for (const match of text.matchAll(new RegExp(`\\b${around.name}\\(([^;{]*?)\\)\\s*;`, 'g'))) {
      if (match.index === around.start) continue;
      calls++;
      const arg = splitArguments(match[1] ?? '')[position];
      if (arg === undefined) result.open = true;
      else follow(arg.trim(), text, match.index, path, fn, knowledge, step + 1, result);
    }
    if (calls === 0) result.open = true;
    result.stores.push(...result.stores.splice(nBefore).map((store) => ({ ...store, isArgument: true })));
    return;
  }
  const body = text.slice(around.start, around.end);
  let assignments = 0;
  for (const match of body.matchAll(new RegExp(`(?<![.>\\w])${name}\\s*=(?!=)\\s*([^,;]+)`, 'g'))) {
    assignments++;
    follow((match[1] ?? '').trim(), text, around.start + match.index, path, fn, knowledge, step + 1, result);
  }
  if (assignments === 0) result.open = true;
}

/** Follows what a function of the same file returns. Tells whether it is there. */
function followReturns(
  name: string,
  text: string,
  path: string,
  fn: FunctionFacts,
  knowledge: TreeKnowledge,
  step: number,
  result: Stores,
): boolean {
  const head = new RegExp(`^[^\\n;{}#]*\\b${name}\\s*\\([^;{}]*\\)\\s*\\n?\\{`, 'm').exec(text);
  if (head === null) return false;
  const end = text.indexOf('\n}', head.index);
  const body = text.slice(head.index, end < 0 ? text.length : end);
  for (const match of body.matchAll(/\breturn\s+([^;]+);/g)) {
    follow((match[1] ?? '').trim(), text, head.index + match.index, path, fn, knowledge, step + 1, result);
  }
  return true;
}

function classOfTarget(name: string, path: string, fn: FunctionFacts, knowledge: TreeKnowledge): FunctionClass | null {
  if (path === fn.unit.path) return fn.unit.functionOf(name)?.class ?? knowledge.classIn(path, name);
  return knowledge.classIn(path, name) ?? fn.unit.functionOf(name)?.class ?? null;
}

/** The function whose body holds a place: kernel style puts its braces into the first column. */
function enclosingFunction(
  text: string,
  at: number,
): { name: string; parameters: readonly string[]; start: number; end: number; isStatic: boolean } | null {
  const open = text.lastIndexOf('\n{', at);
  if (open < 0) return null;
  const end = text.indexOf('\n}', open);
  if (end >= 0 && end < at) return null;
  const from = Math.max(text.lastIndexOf('\n}', open), text.lastIndexOf(';', open), 0);
  const head = text.slice(from, open);
  const match = /([A-Za-z_]\w*)\s*\(([^{}]*)\)[^()]*$/.exec(head);
  if (match?.[1] === undefined) return null;
  const parameters = splitArguments(match[2] ?? '').map(
    (one) => /([A-Za-z_]\w*)\s*(?:\[[^\]]*\])?\s*$/.exec(one)?.[1] ?? '',
  );
  const isStatic = /\bstatic\b/.test(head.slice(Math.max(0, head.lastIndexOf('\n\n', match.index)), match.index));
  return { name: match[1], parameters, start: from + match.index, end: end < 0 ? text.length : end, isStatic };
}

function isFunction(name: string, fn: FunctionFacts, knowledge: TreeKnowledge): boolean {
  if (fn.unit.functionOf(name) !== null) return true;
  const { index } = knowledge;
  if (index === null) return fn.unit.prototypeOf(name) !== null;
  return index
    .definitionsOf(name)
    .some((one) => one.kind === 'function' || one.kind === 'inline-function' || one.kind === 'asm-symbol');
}

function unique(stores: readonly HookStore[]): string[] {
  return [...new Set(stores.map((one) => one.name))];
}
