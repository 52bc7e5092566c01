import type { BoundInsn, Cause, CoreModel, FusedPairs, FusionKind } from './model.ts';

/** `data/cost/fusion.json`, as it is in the file. */
export interface FusionFile {
  readonly enabledByDefault: boolean;
  readonly sources: readonly { readonly id: string; readonly title: string; readonly url: string }[];
  /** Every model; an empty list: no source names a pair for it. */
  readonly cores: Readonly<Record<string, readonly FusedPairs[]>>;
}

/** The kinds of pairs of one core. The shape of the file is checked by tests. */
export function fusionOf(file: unknown, core: string): readonly FusedPairs[] {
  return (file as FusionFile).cores[core] ?? [];
}

/**
 * The fused pairs of a stream on a core: index of the second instruction to what says that it is fused. An instruction
 * is in one pair at most, the earlier one wins; the pair across two passes of a loop is none. Empty for a core without
 * pairs.
 */
export function fusedPairs(model: CoreModel, stream: readonly BoundInsn[]): ReadonlyMap<number, FusedPairs> {
  const found = new Map<number, FusedPairs>();
  const known = model.fusion ?? [];
  if (known.length === 0) return found;
  for (let second = 1; second < stream.length; second++) {
    const [a, b] = [stream[second - 1], stream[second]];
    if (a === undefined || b === undefined || found.has(second - 1)) continue;
    const pair = known.find(({ kind }) => isPair(kind, a, b));
    if (pair !== undefined) found.set(second, pair);
  }
  return found;
}

/** What a report says of the pairs that were fused, or null without one. */
export function fusionCause(stream: readonly BoundInsn[], pairs: ReadonlyMap<number, FusedPairs>): Cause | null {
  if (pairs.size === 0) return null;
  const shown = [...pairs.keys()].map(
    (second) => `${stream[second - 1]?.mnemonic ?? ''} + ${stream[second]?.mnemonic ?? ''} at ${second - 1}`,
  );
  return {
    index: null,
    text: `fused pairs: ${shown.join(', ')}`,
    reason: 'the second instruction of a pair takes no slot and no unit, and issues with the first',
    cycles: { lo: 0, hi: 0 },
    assumed: true,
    sources: [...new Set([...pairs.values()].map(({ source }) => source))].sort(),
  };
}

/**
 * Forms of a pair: plain registers or an immediate without a shift. Narrower than LLVM, which looks at opcodes: both
 * instructions have one width and one register, the branch on a register is no TBZ, and MOVK + MOVK is no pair.
 * Source: llvm/lib/Target/AArch64/AArch64MacroFusion.cpp, LLVM main at 07934784d88f.
 */
const compareForm = /^(?:cmp|cmn|tst) ([wx]),(?:#|\1)$/;
const arithmeticFlagsForm = /^(?:adds|subs|ands|bics) ([wx]),\1,(?:#|\1)$/;
const aluForm = /^(?:add|sub|and|orr|eor|bic|orn) ([wx]),\1,(?:#|\1)$/;
const zeroBranchForm = /^cbn?z ([wx]),@$/;
const literalForm = /^movz? ([wx]),#0?$/;
const upperForm = /^movk ([wx]),#0?,lsl#/;

function isPair(kind: FusionKind, a: BoundInsn, b: BoundInsn): boolean {
  // What LLVM has no record for keeps its unknown, and a row of ours its interval.
  if (a.record === null || b.record === null || a.own !== null || b.own !== null) return false;
  switch (kind) {
    case 'aes':
      return /^aese aesmc$|^aesd aesimc$/.test(`${a.mnemonic} ${b.mnemonic}`) && isInPlace(a, b);
    case 'adrp-add':
      return a.mnemonic === 'adrp' && b.form === 'add x,x,#' && isInPlace(a, b);
    case 'compare-branch':
      return compareForm.test(a.form) && isFlagBranch(b);
    case 'arithmetic-branch':
      return (arithmeticFlagsForm.test(a.form) || compareForm.test(a.form)) && isFlagBranch(b);
    case 'arithmetic-cbz':
      return haveOneWidth(aluForm, a, zeroBranchForm, b) && resultOf(a) === sourceOf(b);
    case 'movz-movk':
      return haveOneWidth(literalForm, a, upperForm, b) && /lsl\s*#?16$/i.test(b.text.trim()) && isInPlace(a, b);
  }
}

/** The second instruction works on the result of the first one and leaves its own in the same register. */
function isInPlace(a: BoundInsn, b: BoundInsn): boolean {
  const result = resultOf(a);
  return result !== undefined && result === sourceOf(b) && result === resultOf(b);
}

function isFlagBranch(insn: BoundInsn): boolean {
  return insn.branch === 'conditional' && insn.form === 'b.cc @';
}

function haveOneWidth(aForm: RegExp, a: BoundInsn, bForm: RegExp, b: BoundInsn): boolean {
  const width = aForm.exec(a.form)?.[1];
  return width !== undefined && width === bForm.exec(b.form)?.[1];
}

function resultOf(insn: BoundInsn): number | undefined {
  return insn.writes[0]?.registers[0];
}

function sourceOf(insn: BoundInsn): number | undefined {
  return insn.reads[0]?.registers[0];
}
