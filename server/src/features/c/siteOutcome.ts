import type { CSite, JumpModel } from '../../kernel/c/cSite.ts';
import type { MachineState } from '../../kernel/machineStates.ts';
import type { AlternativeSite, StreamInsn } from '../../kernel/patchSite.ts';
import { isApplied, streamIn, streamWhenSet } from '../../patch/patchedStream.ts';
import type { KernelTree } from '../../project/kernelTree.ts';
import { questionFor } from '../siteStates.ts';

/** What a machine state makes of a site. */
export interface SiteOutcome {
  /** What stands there; `null` where nobody can know it from the state. */
  readonly stream: readonly StreamInsn[] | null;
  /** Whether that is not what is linked; `null` when not known. */
  readonly changed: boolean | null;
  /** Value of the key or of the test of a cpucap; `null` when not known, and for sites that decide nothing. */
  readonly value: boolean | null;
  /** Why it is not known, or what else there is to say; `null` for nothing. */
  readonly reason: string | null;
}

/** Values of static keys that a preemption model sets, by key; those of the state itself go before them. */
export type ModelKeys = ReadonlyMap<string, boolean>;

export interface StateQuestion {
  readonly tree: KernelTree | null;
  readonly state: MachineState;
  readonly modelKeys: ModelKeys;
}

/** The site as it is linked. */
export function asLinked(site: CSite): SiteOutcome {
  return { stream: linkedStream(site), changed: false, value: linkedValue(site), reason: null };
}

/** The site in a machine state. */
export function siteOutcome(site: CSite, question: StateQuestion): SiteOutcome {
  if (site.alternative !== null) return alternativeOutcome(site.alternative, question);
  if (site.jump !== null) return jumpOutcome(site.jump, question);
  return asLinked(site);
}

/** Instructions at the site before anything is patched. */
export function linkedStream(site: CSite): readonly StreamInsn[] {
  return site.alternative?.original ?? (site.jump !== null ? [site.jump.unpatched] : (site.staticCall?.stream ?? []));
}

/** Instructions of the other state, on a machine of which nothing else is known; `null` when there is none or nobody knows it. */
export function otherStream(site: CSite): readonly StreamInsn[] | null {
  if (site.jump !== null) return [site.jump.patched];
  if (site.alternative === null) return null;
  const patched = streamWhenSet(site.alternative);
  return patched.known ? patched.insns : null;
}

/** An alternative that is a branch in one state and nothing in the other: it answers a question. */
export function decides(alternative: AlternativeSite): boolean {
  return [alternative.original, alternative.replacement].some(([first, ...more]) =>
    first === undefined || more.length > 0 ? false : isBranch(first),
  );
}

/** Whether an instruction of a test goes to its other block. */
export function isBranch({ text }: StreamInsn): boolean {
  return /^b\s/.test(text);
}

function alternativeOutcome(alternative: AlternativeSite, { tree, state }: StateQuestion): SiteOutcome {
  const ask = questionFor(tree, state);
  const applied = isApplied(alternative, ask);
  const stream = streamIn(alternative, ask);
  const value = decides(alternative) ? applied.has : null;
  if (!stream.known) return { stream: null, changed: null, value, reason: stream.reason };
  return { stream: stream.insns, changed: stream.changed, value, reason: applied.reason };
}

function jumpOutcome(jump: JumpModel, question: StateQuestion): SiteOutcome {
  const on = keyValue(jump.key, question) ?? jump.initial;
  if (on === null || jump.initial === null) {
    return { stream: null, changed: null, value: on, reason: jump.reason ?? 'what the key starts with is not known' };
  }
  const changed = on !== jump.initial;
  return { stream: [changed ? jump.patched : jump.unpatched], changed, value: on, reason: null };
}

/** What a state says of a key: its own entry, else what its preemption model sets; `null` when it says nothing. */
export function keyValue(key: string | null, { state, modelKeys }: StateQuestion): boolean | null {
  if (key === null) return null;
  const own = state.keys?.[key];
  if (own !== undefined) return typeof own === 'boolean' ? own : own !== 0;
  return modelKeys.get(key) ?? null;
}

function linkedValue(site: CSite): boolean | null {
  if (site.jump !== null) return site.jump.initial;
  return site.alternative !== null && decides(site.alternative) ? false : null;
}
