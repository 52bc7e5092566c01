import type { CppExpansion } from '../syntax/cpp/model.ts';
import { argumentsOfUse } from './argumentText.ts';

/** Macros that check the condition in their first argument. */
const checks: ReadonlySet<string> = new Set(['RCU_LOCKDEP_WARN']);

/**
 * Whether a use of a checking macro can never tell anything, its condition being a constant: the list walks for noinstr code
 * (`hlist_for_each_entry_rcu_notrace()`) are made that way. `useText` reads a use with its arguments as written.
 */
export function isIdleMacro(expansion: CppExpansion, useText: (expansion: CppExpansion) => string): boolean {
  if (!checks.has(expansion.macro.name)) return false;
  const condition = argumentOf(expansion, 0, useText, 0).replace(/[\s()]/g, '');
  const [, nots = '', value] = /^(!*)(\d+)$/.exec(condition) ?? [];
  return value !== undefined && (Number(value) !== 0) === (nots.length % 2 === 1);
}

const maxDepth = 16;

/** An argument as written, parameters of the macro around it replaced by what that one was given. */
function argumentOf(
  expansion: CppExpansion,
  index: number,
  useText: (expansion: CppExpansion) => string,
  depth: number,
): string {
  const text = argumentsOfUse(useText(expansion))[index] ?? '';
  const { parent } = expansion;
  if (parent === null || depth > maxDepth) return text;
  const parameters = parent.macro.parameters ?? [];
  return text.replace(/[A-Za-z_]\w*/g, (word) => {
    const at = parameters.indexOf(word);
    return at < 0 ? word : argumentOf(parent, at, useText, depth + 1);
  });
}
