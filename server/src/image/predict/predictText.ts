import type { MachineState } from '../../kernel/machineStates.ts';
import type { CpucapNames } from '../cpucapNames.ts';
import { isLinked } from '../imagePlace.ts';
import type { ImageSites } from '../imageSites.ts';
import type { KernelImage } from '../kernelImage.ts';
import { applyAlternatives, type CpucapSet } from './applyAlternatives.ts';
import { applyHypRelocations, applyRelocations, applyRuntimeConstants } from './applyConstants.ts';
import { applyFtrace } from './applyFtrace.ts';
import { applyJumps, type TextPlace } from './applyJumps.ts';
import { applyShadowCallStack } from './applyShadowCallStack.ts';
import type { CallbackMachine } from './callbackWords.ts';
import { type KeyStates, keyStates } from './keyStates.ts';
import { bootNumbers, callbackMachine, cpucapSet } from './machine.ts';
import { type RuntimeValues, runtimeValues } from './runtimeValues.ts';
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
 * over each other's results in the kernel's order: relocation, shadow call stack, boot alternatives, runtime constants, ftrace,
 * hypervisor relocation, the vDSO's and then the remaining alternatives, static keys. Init and exit text are as they
 * are when they are about to be freed, everything else as the state leaves it.
 *
 * An object or module is taken as loaded into that kernel; what its loader decides stays open.
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
  const runtime = runtimeValues(state.runtime, image.symbols.addressOf('_text'));
  const keys = keyStates(image, sites.keys, state);
  const cpucaps = cpucapSet(state, names, sites, notes);
  const machine = callbackMachine(image, sites, names, cpucaps, runtime, keys);
  const boot = { image, sites, names, state, text, runtime, keys, cpucaps, machine, problems };
  if (isLinked(image)) bootKernel(boot);
  else loadObject(boot);
  notes.push(...runtime.notes, ...keys.notes);
  problems.push(...runtime.problems, ...keys.problems);
  if (text.outside > 0) problems.push(`${text.outside} words that the image's tables name are not in the image`);
  return { words: text.changed(), notes, problems };
}

/** Everything that the patchers of one kernel work with. */
interface Boot {
  readonly image: KernelImage;
  readonly sites: ImageSites;
  readonly names: CpucapNames;
  readonly state: MachineState;
  readonly text: TextChanges;
  readonly runtime: RuntimeValues;
  readonly keys: KeyStates;
  readonly cpucaps: CpucapSet;
  readonly machine: CallbackMachine;
  readonly problems: string[];
}

function bootKernel({ image, sites, names, state, text, runtime, keys, cpucaps, machine, problems }: Boot): void {
  const booted = state.cpucaps.length > 0;
  const boot = bootNumbers(state, names);
  const inBoot = (cpucap: number): boolean => boot.has(cpucap);
  const place = textPlaces(image);
  if (booted) {
    applyRelocations(text, image, runtime);
    applyShadowCallStack(text, image, names, machine);
    applyAlternatives(text, sites.alternatives, cpucaps, names, machine, inBoot);
    applyRuntimeConstants(text, sites.runtimeConstants, runtime);
  }
  if (sites.ftrace) {
    const mode = state.ftrace ?? (booted ? 'nops' : 'off');
    const missing = applyFtrace(text, image, sites.ftrace, runtime, mode, (at) => place(at) !== 'never');
    if (missing.length > 0) problems.push(`ftrace: no site in ${missing.join(', ')}`);
  }
  if (booted) {
    if (!machine.hasCpucap('HAS_VIRT_HOST_EXTN')) applyHypRelocations(text, image, sites.hypRelocations, runtime);
    if (sites.vdso) applyAlternatives(text, sites.vdso.alternatives, cpucaps, names, machine, () => true);
    applyAlternatives(text, sites.alternatives, cpucaps, names, machine, (cpucap) => !inBoot(cpucap));
  }
  applyJumps(text, sites.jumps, sites.keys, keys, place);
}

/**
 * Alternatives of all cpucaps at once, then ftrace's first patching, then the sites of static keys that the state
 * names, in init and exit text as well. Source: kernel/module/main.c:load_module, arch/arm64/kernel/module.c:
 * module_finalize, kernel/jump_label.c:jump_label_add_module, v6.1 and v6.12.
 */
function loadObject({ image, sites, names, state, text, runtime, keys, cpucaps, machine, problems }: Boot): void {
  const loaded = state.cpucaps.length > 0;
  if (loaded) {
    applyAlternatives(text, sites.alternatives, cpucaps, names, machine, () => true, image);
    applyShadowCallStack(text, image, names, machine);
  }
  if (sites.ftrace) {
    const mode = state.ftrace ?? (loaded ? 'nops' : 'off');
    const missing = applyFtrace(text, image, sites.ftrace, runtime, mode, () => true);
    // A state names functions of the kernel and of all modules.
    if (missing.length > 0 && image.kind === 'object') problems.push(`ftrace: no site in ${missing.join(', ')}`);
  }
  applyJumps(text, sites.jumps, sites.keys, keys, () => 'text', image);
}

/** The vDSO lies in the kernel's data. */
export function vdsoStretch(image: KernelImage): readonly { readonly start: bigint; readonly sizeBytes: number }[] {
  const start = image.symbols.addressOf('vdso_start');
  const end = image.symbols.addressOf('vdso_end');
  return start === null || end === null || end <= start ? [] : [{ start, sizeBytes: Number(end - start) }];
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
