import { blankComments } from './declarationHead.ts';
import type { StaticKey, TreeKnowledge } from './treeKnowledge.ts';

const maxFiles = 40;

/**
 * The cpucap whose enable hook is the only one to change a key: such a key says what the cpucap says. `null` where the
 * key is changed elsewhere, or by nobody that the tree shows. Entries are those of
 * `arch/arm64/kernel/cpufeature.c:arm64_features`: `.capability`, `.cpu_enable`.
 */
export function cpucapOfSetters(name: string, key: StaticKey, knowledge: TreeKnowledge): string | null {
  const paths = new Set([key.path, ...(knowledge.index?.usesOf(name) ?? [])]);
  const setter = new RegExp(
    `\\bstatic_(?:branch|key)_(?:enable|disable|inc|dec|slow_inc|slow_dec)\\w*\\s*\\(\\s*&\\s*${name}\\b`,
  );
  const caps = new Set<string>();
  for (const path of [...paths].slice(0, maxFiles)) {
    const text = knowledge.textOf(path);
    if (text === undefined || !setter.test(text)) continue;
    const code = blankComments(text);
    for (const { index } of code.matchAll(new RegExp(setter, 'g'))) {
      const fn = functionAround(code, index);
      const cap = fn === null ? null : capEnabledBy(code, fn);
      if (cap === null) return null;
      caps.add(cap);
    }
  }
  const [only] = caps;
  return caps.size === 1 && only !== undefined ? only : null;
}

/** Name of the function whose body holds a place: kernel style begins a body at the start of a line. */
function functionAround(code: string, offset: number): string | null {
  const open = code.lastIndexOf('\n{', offset);
  const close = code.lastIndexOf('\n}', offset);
  if (open < 0 || close > open) return null;
  return /\b([A-Za-z_]\w*)\s*\([^{};]*$/.exec(code.slice(Math.max(0, open - 400), open))?.[1] ?? null;
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
