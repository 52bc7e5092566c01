import type { MachineState } from '../../kernel/machineStates.ts';
import { isLinked } from '../imagePlace.ts';
import type { ImageKey } from '../jumpTable.ts';
import type { KernelImage } from '../kernelImage.ts';
import { type Known, known, unknown } from './runtimeValues.ts';

/** Static keys of an image as a machine state has them. */
export interface KeyStates {
  /**
   * Whether a key is on; `null` when the state says nothing about it, so that it is as the image has it. A count other
   * than 0 is on: -1 marks a key that is being switched on.
   */
  on(key: bigint): Known<boolean> | null;
  /** The same when `.init.text` is about to be freed. */
  onBeforeInitIsFreed(key: bigint): Known<boolean> | null;
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

type Given = Readonly<Record<string, boolean | number>>;

/**
 * Reads `keys`, `keysPreInit` and `preempt` of a state. A key is named by its symbol, `symbol+0xOFFSET` into an object,
 * or its link address `0x…`. A name that several keys of the image have says nothing certain: those keys are unknown,
 * unless the value is the one they have anyway. Never throws.
 */
export function keyStates(image: KernelImage, keys: ReadonlyMap<bigint, ImageKey>, state: MachineState): KeyStates {
  const problems: string[] = [];
  const notes: string[] = [];
  const reader = { image, keys, problems, notes };
  const final = new Map<bigint, Known<boolean>>();
  for (const [name, value] of Object.entries(preemptKeys(state.preempt))) {
    for (const symbol of image.symbols.named(name))
      if (keys.has(symbol.address)) final.set(symbol.address, known(value));
  }
  readKeys(reader, 'keys', state.keys ?? {}, final);
  const beforeInit = new Map(final);
  readKeys(reader, 'keysPreInit', state.keysPreInit ?? {}, beforeInit);
  return {
    on: (key) => final.get(key) ?? null,
    onBeforeInitIsFreed: (key) => beforeInit.get(key) ?? null,
    problems,
    notes,
  };
}

interface KeyReader {
  readonly image: KernelImage;
  readonly keys: ReadonlyMap<bigint, ImageKey>;
  readonly problems: string[];
  readonly notes: string[];
}

function readKeys(reader: KeyReader, member: string, given: Given, into: Map<bigint, Known<boolean>>): void {
  const byAddress: [bigint, boolean][] = [];
  const unused: string[] = [];
  const absent: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    const on = value !== false && value !== 0;
    if (/^0x[0-9a-f]+$/i.test(name)) {
      byAddress.push([BigInt(name), on]);
      continue;
    }
    const candidates = keysNamed(reader, name);
    if (candidates === null) absent.push(name);
    else if (candidates.length === 0) unused.push(name);
    else if (candidates.length === 1 && candidates[0] !== undefined) into.set(candidates[0], known(on));
    else addAmbiguous(reader, member, name, candidates, on, into);
  }
  // An address is certain whatever a name says.
  for (const [address, on] of byAddress) {
    if (reader.keys.has(address)) into.set(address, known(on));
    else unused.push(`0x${address.toString(16)}`);
  }
  // A state of the kernel names keys that a module does not know.
  if (absent.length > 0 && isLinked(reader.image)) {
    reader.problems.push(`${member}: the image has no symbol for ${someOf(absent)}`);
  }
  if (unused.length > 0 && isLinked(reader.image)) reader.notes.push(`${member}: no jump entry uses ${someOf(unused)}`);
}

function addAmbiguous(
  { keys, notes }: KeyReader,
  member: string,
  name: string,
  candidates: readonly bigint[],
  on: boolean,
  into: Map<bigint, Known<boolean>>,
): void {
  const what = `${candidates.length} keys are called ${name}`;
  const unclear = candidates.filter((address) => keys.get(address)?.initial !== on);
  const [first] = unclear;
  if (first === undefined) return;
  const example = `"0x${first.toString(16)}"`;
  for (const address of unclear)
    into.set(address, unknown(`${what}; name them by address, as 0x${address.toString(16)}`));
  notes.push(
    `${member}: ${what}: say which by address, such as ${example} for the first (--sites jsonl --kind jump lists each as keyAddress)`,
  );
}

/** Addresses of the keys a name means; `null` when the image has no such symbol. */
function keysNamed({ image, keys }: KeyReader, name: string): readonly bigint[] | null {
  const match = /^(.+?)(?:\+(0x[0-9a-f]+|\d+))?$/i.exec(name);
  const symbols = image.symbols.named(match?.[1] ?? name);
  if (symbols.length === 0) return null;
  const offset = match?.[2] === undefined ? 0n : BigInt(match[2]);
  const addresses = new Set(symbols.map((symbol) => symbol.address + offset));
  return [...addresses].filter((address) => keys.has(address));
}

/** At most five names of a list. */
function someOf(names: readonly string[]): string {
  const rest = names.length - 5;
  return names.slice(0, 5).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

/**
 * Keys that the preemption model sets in a kernel with PREEMPT_DYNAMIC; others lack them.
 * Source: kernel/sched/core.c:__sched_dynamic_update and arch/arm64/kernel/entry-common.c, v6.12; `lazy` v6.13.
 */
function preemptKeys(model: MachineState['preempt']): Readonly<Record<string, boolean>> {
  if (model === null || model === undefined) return {};
  const preempts = model === 'full' || model === 'lazy';
  return {
    sk_dynamic_cond_resched: model === 'none' || model === 'voluntary',
    sk_dynamic_might_resched: model === 'voluntary',
    sk_dynamic_preempt_schedule: preempts,
    sk_dynamic_preempt_schedule_notrace: preempts,
    sk_dynamic_irqentry_exit_cond_resched: preempts,
    sk_dynamic_preempt_lazy: model === 'lazy',
  };
}
