import { keyOfBranch } from './keyExpression.ts';
import type { PathState, Site } from './pathState.ts';
import { isAllowed } from './report.ts';
import type { FunctionFacts, Unit } from './unit.ts';
import type { Walk, WalkHints } from './walk.ts';

/** Notes the key of a static branch that noinstr code tests where no instrumentation is allowed. */
export function checkStaticKey(walk: Walk, site: Site, state: PathState): void {
  if (walk.silent > 0 || !walk.checksCalls || isAllowed(walk, state)) return;
  const key = keyOfBranch(site, walk.hints.useText);
  if (key === null) return;
  walk.keys.push({ name: key.name, index: key.index, text: key.text, site, state });
}

/** Keys that a function and what is always inlined into it test. */
export function keysIn(unit: Unit, fn: FunctionFacts, useText: WalkHints['useText'], depth = 0): Set<string> {
  const keys = new Set<string>();
  for (const { op } of fn.graph.nodes) {
    if (op?.kind === 'use' && isStaticBranch(op.expansion.macro.name)) {
      const key = keyOfBranch({ op, fn, via: null }, useText);
      if (key !== null) keys.add(key.name);
    }
    const callee = op?.kind === 'call' && op.callee !== null && depth < 6 ? unit.functionOf(op.callee) : null;
    if (callee === null || callee.class !== 'always-inline') continue;
    for (const name of keysIn(unit, callee, useText, depth + 1)) keys.add(name);
  }
  return keys;
}

/** The switches of the context are not looked into, but for the keys that they test. */
export function notePrimitiveKeys(walk: Walk, site: Site, name: string, state: PathState): void {
  const fn = walk.silent > 0 || !walk.checksCalls ? null : walk.unit.functionOf(name);
  if (fn?.class !== 'always-inline') return;
  for (const key of keysIn(walk.unit, fn, walk.hints.useText))
    walk.keys.push({ name: key, index: null, text: key, site, state });
}

const staticBranches: ReadonlySet<string> = new Set([
  'static_branch_likely',
  'static_branch_unlikely',
  'static_branch_maybe',
  'static_key_true',
  'static_key_false',
]);

/** Whether a name tests a static key (include/linux/jump_label.h). */
export function isStaticBranch(name: string): boolean {
  return staticBranches.has(name);
}
