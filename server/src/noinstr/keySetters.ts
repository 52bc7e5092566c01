import { blankComments } from './declarationHead.ts';
import type { StaticKey, TreeKnowledge } from './treeKnowledge.ts';

const maxFiles = 40;

/**
 * The cpucap whose enable hook is the only one to change a key: such a key says what the cpucap says. `null` where the
 * key is changed elsewhere, or by nobody that the tree shows. Entries are those of
 * `arch/arm64/kernel/cpufeature.c:arm64_features`: `.capability`, `.cpu_enable`.
 */
export function cpucapOfSetters(name: string, key: StaticKey, knowledge: TreeKnowledge): string | null {
  const caps = new Set<string>();
  for (const { code, offset } of settersOf(name, key, knowledge)) {
    const fn = functionAround(code, offset);
    const cap = fn === null ? null : capEnabledBy(code, fn.name);
    if (cap === null) return null;
    caps.add(cap);
  }
  const [only] = caps;
  return caps.size === 1 && only !== undefined ? only : null;
}

/** Whether a function that is not `__init` changes a key: then it cannot be read-only after init. */
export function isChangedAfterInit(name: string, key: StaticKey, knowledge: TreeKnowledge): boolean {
  for (const { code, offset } of settersOf(name, key, knowledge)) {
    const fn = functionAround(code, offset);
    if (fn !== null && !/\b__init\b/.test(fn.head)) return true;
  }
  return false;
}

/** Places that change a key, with the text around them without comments. */
function* settersOf(
  name: string,
  key: StaticKey,
  knowledge: TreeKnowledge,
): Generator<{ readonly code: string; readonly offset: number }> {
  const paths = new Set([key.path, ...(knowledge.index?.usesOf(name) ?? [])]);
  const setter = new RegExp(
    `\\bstatic_(?:branch|key)_(?:enable|disable|inc|dec|slow_inc|slow_dec)\\w*\\s*\\(\\s*&\\s*${name}\\b`,
  );
  for (const path of [...paths].slice(0, maxFiles)) {
    const text = knowledge.textOf(path);
    if (text === undefined || !setter.test(text)) continue;
    const code = blankComments(text);
    for (const { index } of code.matchAll(new RegExp(setter, 'g'))) yield { code, offset: index };
  }
}

/** The function whose body holds a place, and the words before its body: kernel style begins a body at the start of a line. */
function functionAround(code: string, offset: number): { readonly name: string; readonly head: string } | null {
  const open = code.lastIndexOf('\n{', offset);
  const close = code.lastIndexOf('\n}', offset);
  if (open < 0 || close > open) return null;
  const head = /[^{};]*$/.exec(code.slice(Math.max(0, open - 400), open))?.[0] ?? '';
  const name = /\b([A-Za-z_]\w*)\s*\([^{};]*$/.exec(head)?.[1];
  return name === undefined ? null : { name, head };
}

/** The cpucap of the table entry that has a function as its enable hook. */
function capEnabledBy(code: string, fn: string): string | null {
  const hook = new RegExp(`\\.cpu_enable\\s*=\\s*${fn}\\b`).exec(code);
  if (hook === null) return null;
  const start = code.lastIndexOf('{', hook.index);
  const end = code.indexOf('}', hook.index);
  const entry = code.slice(Math.max(0, start), end < 0 ? code.length : end);
  return /\.capability\s*=\s*(\w+)/.exec(entry)?.[1] ?? null;
}
