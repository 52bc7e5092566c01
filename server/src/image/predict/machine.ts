import type { MachineState } from '../../kernel/machineStates.ts';
import type { CpucapNames } from '../cpucapNames.ts';
import type { ImageSites } from '../imageSites.ts';
import type { KernelImage } from '../kernelImage.ts';
import type { CpucapSet } from './applyAlternatives.ts';
import type { CallbackMachine } from './callbackWords.ts';
import type { KeyStates } from './keyStates.ts';
import { known, type RuntimeValues, unknown } from './runtimeValues.ts';

/** Cpucaps that match on every machine. Source: arch/arm64/kernel/cpufeature.c:arm64_features, v6.1 and v6.12. */
const alwaysThere = ['ALWAYS_BOOT', 'ALWAYS_SYSTEM'];

/** The state's cpucaps by the image's numbers; those without one are told in `notes`. */
export function cpucapSet(state: MachineState, names: CpucapNames, sites: ImageSites, notes: string[]): CpucapSet {
  const numbers = new Set<number>();
  const unplaced: string[] = [];
  for (const name of state.cpucaps) {
    const number = names.number(name);
    if (number === null) unplaced.push(name);
    else numbers.add(number);
  }
  if (state.cpucaps.length > 0) {
    for (const name of alwaysThere) {
      const number = names.number(name);
      if (number === null || numbers.has(number)) continue;
      numbers.add(number);
      notes.push(`the state does not list ${name}; it is there on every machine`);
    }
  }
  const inTables = new Set(sites.capabilities.map((entry) => entry.number));
  const detectable = (cpucap: number): boolean => inTables.size === 0 || inTables.has(cpucap);
  const isOpen = sites.alternatives.some(({ cpucap }) => names.name(cpucap) === null && detectable(cpucap));
  if (unplaced.length > 0 && isOpen) notes.push(`no number is known in this image for ${unplaced.join(', ')}`);
  const unconditional = unconditionalCallbacks(sites, names, inTables);
  // A kernel that has not booted has run no callback either.
  if (unconditional !== null && state.cpucaps.length > 0) numbers.add(unconditional);
  return { has: (cpucap) => numbers.has(cpucap), unplaced, detectable };
}

/**
 * The number that marks callbacks, which then run on every machine, up to 6.0: ARM64_NCAPS, which is no cpucap. Null in
 * later kernels, whose callbacks have cpucaps. Source: arch/arm64/kernel/alternative.c:__apply_alternatives, v5.10.
 */
function unconditionalCallbacks(sites: ImageSites, names: CpucapNames, inTables: ReadonlySet<number>): number | null {
  if (names.number('ALWAYS_SYSTEM') !== null) return null;
  const marks = new Set(sites.alternatives.filter((record) => record.isCallback).map((record) => record.cpucap));
  const [mark] = marks;
  if (mark === undefined || marks.size > 1) return null;
  let largest = 0;
  for (const number of inTables) largest = Math.max(largest, number);
  for (const { isCallback, cpucap } of sites.alternatives) if (!isCallback) largest = Math.max(largest, cpucap);
  return names.name(mark) === null && mark > largest ? mark : null;
}

/** Numbers of the cpucaps that the boot CPU settles: the state's list, else those of boot scope. */
export function bootNumbers(state: MachineState, names: CpucapNames): ReadonlySet<number> {
  const numbers = new Set<number>();
  const listed = state.bootCpucaps ? new Set(state.bootCpucaps) : null;
  for (const name of state.cpucaps) {
    const number = names.number(name);
    if (number === null) continue;
    if (listed ? listed.has(name) : names.scope(number) === 'boot') numbers.add(number);
  }
  const always = names.number('ALWAYS_BOOT');
  if (always !== null) numbers.add(always);
  return numbers;
}

/** What callbacks ask of a machine. */
export function callbackMachine(
  image: KernelImage,
  sites: ImageSites,
  names: CpucapNames,
  cpucaps: CpucapSet,
  runtime: RuntimeValues,
  keys: KeyStates,
): CallbackMachine {
  return {
    hasCpucap: (name) => {
      const number = names.number(name);
      return number !== null && cpucaps.has(number);
    },
    runtime,
    keyOn: (symbol) => {
      const address = image.symbols.addressOf(symbol);
      const given = address === null ? null : keys.on(address);
      if (given) return given;
      const initial = address === null ? null : (sites.keys.get(address)?.initial ?? null);
      return initial === null ? unknown(`the state does not give the key ${symbol}`) : known(initial);
    },
    addressOf: (symbol) => image.symbols.addressOf(symbol),
  };
}
