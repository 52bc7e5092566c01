import { callbackKnowledge } from '../kernel/callbacks.ts';
import { bareCpucapName } from '../kernel/cpucaps.ts';
import type { AlternativeSite, StreamInsn } from '../kernel/patchSite.ts';
import { patchReplacement } from './fixup.ts';

/** A stream at the site's own address, or the reason why nobody can know it from this state. */
export type PatchedStream =
  | {
      readonly known: true;
      readonly insns: readonly StreamInsn[];
      readonly changed: boolean;
      readonly notes: readonly string[];
    }
  | { readonly known: false; readonly reason: string };

const nopWord = 0xd503201f;

/** Whether a machine has a cpucap: yes, no, or not said (`null`) with the reason. */
export interface CpucapAnswer {
  readonly has: boolean | null;
  readonly reason: string | null;
}
export type CpucapQuestion = (bareName: string) => CpucapAnswer;

/** The stream once the site's cpucap is set and the kernel has patched it, on a machine of which nothing else is known. */
export function streamWhenSet(site: AlternativeSite): PatchedStream {
  return patchedBy(site, () => ({ has: null, reason: null }));
}

/** What patching makes of a site (`arch/arm64/kernel/alternative.c:__apply_alternatives`). */
function patchedBy(site: AlternativeSite, ask: CpucapQuestion): PatchedStream {
  if (site.kind === 'callback-alternative') return callbackStream(site, ask);
  return { known: true, changed: true, ...fixUp(site) };
}

/** The stream in a machine state: patched when the state has the site's cpucap, as linked when it lacks it. */
export function streamIn(site: AlternativeSite, ask: CpucapQuestion): PatchedStream {
  const applied = isApplied(site, ask);
  if (applied.has === null) return { known: false, reason: applied.reason ?? 'not known' };
  if (!applied.has) return { known: true, insns: site.original, changed: false, notes: [] };
  return patchedBy(site, ask);
}

/** Whether a state applies the site. `ALWAYS_` cpucaps are set on every machine. */
export function isApplied(site: AlternativeSite, ask: CpucapQuestion): CpucapAnswer {
  const { name, number } = site.cpucap;
  if (name === null) {
    // Up to 6.0 a callback belongs to no cpucap and always runs.
    if (site.kind === 'callback-alternative' && number === null && site.cpucap.text === 'ARM64_CB_PATCH') {
      return { has: true, reason: null };
    }
    return { has: null, reason: `the cpucap ${site.cpucap.text} is not known in this tree` };
  }
  return ask(bareCpucapName(name));
}

function callbackStream(site: AlternativeSite, ask: CpucapQuestion): PatchedStream {
  const knowledge = callbackKnowledge(site.callback ?? '');
  if (knowledge === null)
    return { known: false, reason: `written at boot by ${site.callback ?? 'a callback'}, which is not known here` };
  const effect = knowledge.effect((name) => ask(name).has);
  switch (effect.kind) {
    case 'nops':
      return { known: true, changed: true, insns: site.original.map(asNop), notes: [] };
    case 'unchanged':
      return { known: true, changed: false, insns: site.original, notes: [] };
    case 'runtime':
      return {
        known: false,
        reason: `written at boot by ${site.callback ?? 'a callback'}; depends on ${effect.reason}`,
      };
  }
}

function asNop(insn: StreamInsn): StreamInsn {
  return { ...insn, text: 'nop', written: null, word: nopWord, wordReason: null, relocation: null };
}

function fixUp(site: AlternativeSite): { insns: readonly StreamInsn[]; notes: readonly string[] } {
  const { replacement, offsetBytes, replacementOffsetBytes } = site;
  const unmoved = (reason: string): { insns: readonly StreamInsn[]; notes: readonly string[] } => ({
    insns: replacement.map((insn) =>
      insn.word === null || !/^(b|bl|b\.\w+|cbn?z|tbn?z|adrp?|ldr)$/.test(insn.text.split(' ')[0] ?? '')
        ? insn
        : { ...insn, word: null, wordReason: reason },
    ),
    notes: [],
  });
  if (offsetBytes === null || replacementOffsetBytes === null) {
    return unmoved('the distance between original and replacement is not known from source');
  }
  const relocated = new Set<number>();
  replacement.forEach((insn, index) => {
    if (insn.relocation !== null || insn.word === null) relocated.add(index);
  });
  const words = replacement.map((insn) => insn.word ?? nopWord);
  const patched = patchReplacement(words, BigInt(offsetBytes), BigInt(replacementOffsetBytes), relocated);
  if (patched.words === null) {
    return { insns: replacement, notes: [patched.bug] };
  }
  const notes = patched.notes
    .filter((note) => note.kind === 'branch-wrapped' || note.kind === 'simd-literal-moved')
    .map((note) =>
      note.kind === 'branch-wrapped'
        ? `instruction ${note.index + 1}: the branch no longer reaches its target from here and goes somewhere else`
        : `instruction ${note.index + 1}: the literal load reads a wrong address once it is copied`,
    );
  return {
    insns: replacement.map((insn, index) => {
      const word = patched.words[index];
      return insn.word === null || word === undefined ? insn : { ...insn, word };
    }),
    notes,
  };
}
