import { bareCpucapName } from '../kernel/cpucaps.ts';
import type { MachineState } from '../kernel/machineStates.ts';
import type { CpucapAnswer, CpucapQuestion } from '../patch/patchedStream.ts';
import type { KernelTree } from '../project/kernelTree.ts';

/** Cpucaps that match on every machine; they carry unconditional callbacks (arch/arm64/kernel/cpufeature.c, v6.1 on). */
const always: ReadonlySet<string> = new Set(['ALWAYS_BOOT', 'ALWAYS_SYSTEM']);

/**
 * Asks a machine state for a cpucap. What the state leaves open stays open with its reason; a cpucap whose table
 * entry this configuration does not compile is absent on every machine. The built-in state `none` is the kernel as
 * linked, in which not even unconditional callbacks have run.
 */
export function questionFor(tree: KernelTree | null, state: MachineState): CpucapQuestion {
  if (isAsLinked(state)) return () => ({ has: false, reason: null });
  const present = new Set(state.cpucaps.map(bareCpucapName));
  const open = new Map<string, string>();
  for (const one of [...(state.depends ?? []), ...(state.unknown ?? [])])
    open.set(bareCpucapName(one.name), one.reason);
  return (name): CpucapAnswer => {
    if (always.has(name)) return { has: true, reason: null };
    if (present.has(name)) {
      const compiled = tree?.cpucapMeaning(name).meaning?.isCompiledIn ?? null;
      if (compiled === false && state.name !== 'all')
        return { has: false, reason: 'this configuration never detects it' };
      return { has: true, reason: null };
    }
    const reason = open.get(name);
    if (reason !== undefined) return { has: null, reason };
    return { has: false, reason: null };
  };
}

/**
 * The machine that a patched view is of: the chosen one. While that is `none` every cpucap counts as set, else the
 * patched view would be the unpatched one.
 */
export function patchedState(tree: KernelTree | null, chosen: MachineState): MachineState {
  if (!isAsLinked(chosen)) return chosen;
  const all = tree?.builtinStates().find((state) => state.name === 'all');
  return all === undefined ? chosen : { ...all, keys: chosen.keys, preempt: chosen.preempt };
}

/** The built-in state `none`; a state file may have the name and cpucaps all the same. */
function isAsLinked(state: MachineState): boolean {
  return state.name === 'none' && state.cpucaps.length === 0;
}
