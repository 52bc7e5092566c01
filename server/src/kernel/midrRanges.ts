import { type CTables, type CToken, closingIndex, evaluateGate, expandMacros, splitAtCommas } from './cTables.ts';

/** CPUs of one model between two revisions (`rVpR`, both ends included). */
export interface MidrRange {
  /** Macro of `asm/cputype.h`, `MIDR_CORTEX_A76`. */
  readonly model: string;
  readonly min: { readonly variant: number; readonly revision: number };
  readonly max: { readonly variant: number; readonly revision: number };
  /** `CONFIG_` conditions that the configuration does not meet leave a range out of effect. */
  readonly isCompiledIn: boolean;
  /** Revision of which some parts have the fix, told by a REVIDR_EL1 bit (`MIDR_FIXED`); `null` mostly. */
  readonly fixedSome: { readonly variant: number; readonly revision: number } | null;
}

const maxListDepth = 4;

/** MIDR ranges that an entry's members name, directly or through lists of the same file. */
export function readMidrRanges(
  members: ReadonlyMap<string, readonly CToken[]>,
  tables: CTables,
  isConfigSet: (name: string) => boolean,
): readonly MidrRange[] {
  const tokens = ['midr_range', 'midr_range_list', 'match_list', 'midr_fixed'].flatMap(
    (name) => members.get(name) ?? [],
  );
  return rangesIn(tokens, tables, isConfigSet, 0);
}

/** Ranges of a list by its array name, `null` when no file has it. */
export function midrListByName(
  files: readonly CTables[],
  name: string,
  isConfigSet: (name: string) => boolean,
): readonly MidrRange[] | null {
  for (const tables of files) {
    const list = tables.arrays.get(name);
    if (list) return rangesIn(list.tokens, tables, isConfigSet, 0);
  }
  return null;
}

function rangesIn(
  tokens: readonly CToken[],
  tables: CTables,
  isConfigSet: (name: string) => boolean,
  depth: number,
): readonly MidrRange[] {
  if (depth > maxListDepth) return [];
  const out: MidrRange[] = [];
  const expanded = expandMacros(tokens, tables.macros, (macro) => /^(ERRATA|CAP)_MIDR/.test(macro.name));
  for (let at = 0; at < expanded.length; at++) {
    const token = expanded[at];
    if (!token) break;
    const list = tables.arrays.get(token.text);
    if (list) out.push(...rangesIn(list.tokens, tables, isConfigSet, depth + 1));
    if (!token.text.startsWith('MIDR_') || expanded[at + 1]?.text !== '(') continue;
    const end = closingIndex(expanded, at + 1);
    const args = splitAtCommas(expanded.slice(at + 2, end)).map((part) => part.map((each) => each.text).join(''));
    const isCompiledIn = token.gates.every((gate) => evaluateGate(gate, isConfigSet) !== false);
    const last = out[out.length - 1];
    if (token.text === 'MIDR_FIXED' && last) out[out.length - 1] = { ...last, fixedSome: fixedRevision(args[0] ?? '') };
    const range = rangeOf(token.text, args, isCompiledIn);
    if (range) out.push(range);
    at = end;
  }
  return out;
}

/** `0x4` or `MIDR_CPU_VAR_REV(1,1)`: variant and revision as `MIDR_EL1` has them. */
function fixedRevision(text: string): MidrRange['fixedSome'] {
  const pair = /^MIDR_CPU_VAR_REV\((\w+),(\w+)\)$/.exec(text);
  if (pair) return { variant: Number(pair[1]), revision: Number(pair[2]) };
  const value = Number(text);
  return Number.isNaN(value) ? null : { variant: (value >> 20) & 15, revision: value & 15 };
}

/** The range macros of `asm/cputype.h` (unchanged from 4.19 to 6.12). */
function rangeOf(macro: string, args: readonly string[], isCompiledIn: boolean): MidrRange | null {
  const [model = '', ...rest] = args;
  const numbers = rest.map(Number);
  if (!model.startsWith('MIDR_') || numbers.some(Number.isNaN)) return null;
  const [a = 0, b = 0, c = 0, d = 0] = numbers;
  const make = (v1: number, r1: number, v2: number, r2: number): MidrRange => ({
    model,
    min: { variant: v1, revision: r1 },
    max: { variant: v2, revision: r2 },
    isCompiledIn,
    fixedSome: null,
  });
  if (macro === 'MIDR_RANGE') return make(a, b, c, d);
  if (macro === 'MIDR_REV_RANGE') return make(a, b, a, c);
  if (macro === 'MIDR_REV') return make(a, b, a, b);
  return macro === 'MIDR_ALL_VERSIONS' ? make(0, 0, 15, 15) : null;
}

/** Whether a CPU of `model` at `variant`/`revision` lies in a range that the configuration has. */
export function isInMidrRange(range: MidrRange, model: string, variant: number, revision: number): boolean {
  const at = variant * 16 + revision;
  return (
    range.isCompiledIn &&
    range.model === model &&
    at >= range.min.variant * 16 + range.min.revision &&
    at <= range.max.variant * 16 + range.max.revision
  );
}

/** `Cortex-A76 r0p0-r3p1, Neoverse-N1`: ranges for people, in order, each once; past the sixth only their number. */
export function midrRangesText(ranges: readonly MidrRange[]): string {
  const texts = [...new Set(ranges.map(rangeText))];
  return texts.length <= 7 ? texts.join(', ') : `${texts.slice(0, 6).join(', ')} and ${texts.length - 6} more`;
}

function rangeText({ model, min, max }: MidrRange): string {
  const revision = (at: { variant: number; revision: number }): string => `r${at.variant}p${at.revision}`;
  const isOpen = max.variant === 15 && max.revision === 15;
  const isFromStart = min.variant === 0 && min.revision === 0;
  if (isOpen) return isFromStart ? modelName(model) : `${modelName(model)} from ${revision(min)}`;
  const first = revision(min);
  const last = revision(max);
  return `${modelName(model)} ${first === last ? first : `${first}-${last}`}`;
}

/** `MIDR_CORTEX_A76` as people write it: `Cortex-A76`. */
export function modelName(model: string): string {
  return model
    .replace(/^MIDR_/, '')
    .split('_')
    .map((word) => (/^[A-Z]{4,}\d?$/.test(word) ? word.charAt(0) + word.slice(1).toLowerCase() : word))
    .join('-');
}
