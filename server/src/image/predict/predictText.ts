import type { MachineState } from '../../kernel/machineStates.ts';
import type { CpucapNames } from '../cpucapNames.ts';
import type { ImageSites } from '../imageSites.ts';
import type { KernelImage } from '../kernelImage.ts';
import { applyAlternatives, type CpucapSet } from './applyAlternatives.ts';
import { applyHypRelocations, applyRelocations, applyRuntimeConstants } from './applyConstants.ts';
import { applyFtrace } from './applyFtrace.ts';
import { applyJumps, type TextPlace } from './applyJumps.ts';
import type { CallbackMachine } from './callbackWords.ts';
import { type KeyStates, keyStates } from './keyStates.ts';
import { known, type RuntimeValues, runtimeValues, unknown } from './runtimeValues.ts';
import { type PredictedWords, TextChanges, textParts } from './textChanges.ts';

/** Kernel text as a running kernel has it. */
export interface Prediction {
  /** Every word that is not as in the file, by link address. */
  readonly words: PredictedWords;
  /** What a reader of the words should know. */
  readonly notes: readonly string[];
  /** Parts of the state that could not be used. */
  readonly problems: readonly string[];
}

/**
 * What boot and run time make of the text of a kernel image, on the machine that a state describes: each word that is
 * not as in the file, with its cause; words whose value the state does not settle are listed without one. Patchers run
 * over each other's results in the kernel's order: relocation, boot alternatives, runtime constants, ftrace,
 * hypervisor relocation, the vDSO's and then the remaining alternatives, static keys. Init and exit text are as they
 * are when they are about to be freed, everything else as the state leaves it.
 *
 * A state without any cpucap is a kernel that has not booted: only what the state names explicitly is applied. Never
 * throws. Source: arch/arm64/kernel/{setup,smp,alternative,ftrace}.c, v6.1 and v6.12.
 */
export function predictText(
  image: KernelImage,
  sites: ImageSites,
  names: CpucapNames,
  state: MachineState,
): Prediction {
  const notes: string[] = [];
  const problems: string[] = [];
  const text = new TextChanges(textParts(image, vdsoStretch(image)));
  const runtime = runtimeValues(state.runtime, linkBase(image));
  const keys = keyStates(image, sites.keys, state);
  const cpucaps = cpucapSet(state, names, sites, notes);
  const booted = state.cpucaps.length > 0;
  const machine = callbackMachine(image, sites, names, cpucaps, runtime, keys);
  const boot = bootNumbers(state, names);
  const inBoot = (cpucap: number): boolean => boot.has(cpucap);
  const isVhe = machine.hasCpucap('HAS_VIRT_HOST_EXTN');
  const place = textPlaces(image);

  if (booted) {
    applyRelocations(text, image, runtime);
    applyAlternatives(text, sites.alternatives, cpucaps, names, machine, inBoot);
    applyRuntimeConstants(text, sites.runtimeConstants, runtime);
  }
  if (sites.ftrace) {
    const mode = state.ftrace ?? (booted ? 'nops' : 'off');
    const missing = applyFtrace(text, image, sites.ftrace, runtime, mode, (at) => place(at) !== 'never');
    if (missing.length > 0) problems.push(`ftrace: no site in ${missing.join(', ')}`);
  }
  if (booted) {
    if (!isVhe) applyHypRelocations(text, image, sites.hypRelocations, runtime);
    if (sites.vdso) applyAlternatives(text, sites.vdso.alternatives, cpucaps, names, machine, () => true);
    applyAlternatives(text, sites.alternatives, cpucaps, names, machine, (cpucap) => !inBoot(cpucap));
  }
  applyJumps(text, sites.jumps, sites.keys, keys, place);

  notes.push(...runtime.notes, ...keys.notes);
  problems.push(...runtime.problems, ...keys.problems);
  if (text.outside > 0) problems.push(`${text.outside} words that the image's tables name are not in the image`);
  return { words: text.changed(), notes, problems };
}

/** The vDSO lies in the kernel's data. */
export function vdsoStretch(image: KernelImage): readonly { readonly start: bigint; readonly sizeBytes: number }[] {
  const start = image.symbols.addressOf('vdso_start');
  const end = image.symbols.addressOf('vdso_end');
  return start === null || end === null || end <= start ? [] : [{ start, sizeBytes: Number(end - start) }];
}

/** Link address of the image's first byte. */
function linkBase(image: KernelImage): bigint | null {
  return image.symbols.addressOf('_text');
}

/** Cpucaps that match on every machine. Source: arch/arm64/kernel/cpufeature.c:arm64_features, v6.1 and v6.12. */
const alwaysThere = ['ALWAYS_BOOT', 'ALWAYS_SYSTEM'];

function cpucapSet(state: MachineState, names: CpucapNames, sites: ImageSites, notes: string[]): CpucapSet {
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
  return { has: (cpucap) => numbers.has(cpucap), unplaced, detectable };
}

/** Numbers of the cpucaps that the boot CPU settles: the state's list, else those of boot scope. */
function bootNumbers(state: MachineState, names: CpucapNames): ReadonlySet<number> {
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

function callbackMachine(
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

/**
 * Which text an address belongs to, by the kernel's own bounds, or by section names in an image without them.
 * Source: kernel/extable.c:core_kernel_text, v6.12; linux/kallsyms and sections.h: is_kernel_text.
 */
function textPlaces(image: KernelImage): (address: bigint) => TextPlace {
  const at = (symbol: string): bigint | null => image.symbols.addressOf(symbol);
  const bounds = [at('_stext'), at('_etext'), at('_sinittext'), at('_einittext')] as const;
  const [text, textEnd, init, initEnd] = bounds;
  if (text === null || textEnd === null || init === null || initEnd === null) {
    return (address) => {
      const section = image.sectionAt(address)?.name ?? '';
      if (section.startsWith('.exit')) return 'never';
      return section.startsWith('.init') ? 'init' : 'text';
    };
  }
  return (address) => {
    if (address >= text && address < textEnd) return 'text';
    return address >= init && address < initEnd ? 'init' : 'never';
  };
}
