import data from '../../data/kernel/cpucapDescriptions.json' with { type: 'json' };
import { bareCpucapName, type CpucapTable, renamedCpucaps } from '../kernel/cpucaps.ts';
import type { CapabilityEntry } from './capabilityTables.ts';
import { inferFromCode } from './cpucapsFromCode.ts';
import type { ImageSites } from './imageSites.ts';
import type { KernelImage } from './kernelImage.ts';

/** Names of an image's cpucap numbers, and where each comes from. */
export interface CpucapNames {
  /** Without `ARM64_`; null for a number that nothing names. */
  name(number: number): string | null;
  /** Takes names with and without `ARM64_`, and a cpucap's older and newer names; null when the image has none of them. */
  number(name: string): number | null;
  scope(number: number): 'boot' | 'system' | 'local' | null;
  evidence(number: number): 'tree' | 'image' | 'inferred' | null;
  /** Numbers that the tree and the image's own tables name differently: the tree is that of another kernel. */
  readonly conflicts: readonly string[];
}

interface Named {
  readonly name: string;
  readonly evidence: 'tree' | 'image' | 'inferred';
}

interface DescribedCpucap {
  readonly name: string;
  readonly descriptions?: readonly string[];
  readonly decidedBy?: string;
  readonly scope?: string;
  readonly field?: { readonly register: string; readonly position: number };
}

const described: readonly DescribedCpucap[] = data.cpucaps;

/**
 * Names from the tree's list where a tree is open, from the image's own capability tables by their descriptions, and
 * for the rest from replacements that only one cpucap has. Where tree and image disagree on a number the image wins:
 * numbers change between releases and between stable backports.
 */
export function cpucapNames(image: KernelImage, sites: ImageSites, table?: CpucapTable): CpucapNames {
  const scopes = new Map(sites.capabilities.map(({ number, scope }) => [number, scope]));
  const own = namesOfTables(sites.capabilities);
  const conflicts: string[] = [];
  const names = new Map<number, Named>();
  for (const { number, name } of table?.caps ?? []) names.set(number, { name, evidence: 'tree' });
  for (const [number, candidates] of own) {
    const inTree = names.get(number)?.name;
    if (inTree !== undefined && candidates.some((one) => isSameCpucap(one, inTree))) continue;
    if (inTree !== undefined)
      conflicts.push(`cpucap ${number} is ${inTree} in the tree and ${candidates[0]} in ${image.name}`);
  }
  // A tree of another kernel names nothing.
  if (conflicts.length > 0) names.clear();
  for (const [number, candidates] of own) {
    const name = inOrder(candidates, number, own) ?? candidates[0];
    if (name !== undefined && !names.has(number)) names.set(number, { name, evidence: 'image' });
  }
  for (const [number, candidates] of inferFromCode(image, sites)) {
    const taken = [...names.values()].some(({ name }) => candidates.some((one) => isSameCpucap(name, one)));
    const name = inOrder(candidates, number, own) ?? candidates[0];
    if (name !== undefined && !taken && !names.has(number)) names.set(number, { name, evidence: 'inferred' });
  }
  const numbers = new Map([...names].map(([number, { name }]) => [name, number]));
  return {
    name: (number) => names.get(number)?.name ?? null,
    number: (name) => {
      const bare = bareCpucapName(name);
      return (
        aliasesOf(bare)
          .map((one) => numbers.get(one))
          .find((one) => one !== undefined) ?? null
      );
    },
    scope: (number) => scopes.get(number) ?? null,
    evidence: (number) => names.get(number)?.evidence ?? null,
    conflicts,
  };
}

/** Candidate names of each number that has an entry, best first. */
function namesOfTables(capabilities: readonly CapabilityEntry[]): ReadonlyMap<number, readonly string[]> {
  const names = new Map<number, readonly string[]>();
  for (const entry of capabilities) {
    const found = described.filter((one) => describes(one, entry)).map(({ name }) => name);
    if (found.length > 0) names.set(entry.number, found);
  }
  return names;
}

function describes(one: DescribedCpucap, { description, matches, scope, field }: CapabilityEntry): boolean {
  if (description !== null) return one.descriptions?.includes(description) === true;
  if (one.descriptions !== undefined || one.decidedBy !== matches) return false;
  if (one.scope !== undefined && one.scope !== scope) return false;
  return (
    one.field === undefined || (Number(one.field.register) === field.register && one.field.position === field.position)
  );
}

/**
 * The kernel's list is almost sorted: of an old and a new name, the one that fits between its neighbors. Where both
 * fit, the one of the same age as a name that is certain: the renames came together.
 */
function inOrder(
  candidates: readonly string[],
  number: number,
  known: ReadonlyMap<number, readonly string[]>,
): string | null {
  if (candidates.length < 2) return candidates[0] ?? null;
  const wrong = (candidate: string, at: number): number =>
    [...known].filter(([other, [name = '', ...more]]) => {
      return more.length === 0 && other !== at && other < at !== name < candidate;
    }).length;
  const [first = '', second = ''] = [...candidates].sort((a, b) => wrong(a, number) - wrong(b, number));
  if (wrong(first, number) < wrong(second, number)) return first;
  const isOld = (name: string): boolean => renamedCpucaps.some(({ from }) => from === name);
  const olderFits = [...known].some(([at, [name = '', other = '']]) => {
    const [older, newer] = isOld(name) ? [name, other] : [other, name];
    return other !== '' && at !== number && wrong(older, at) < wrong(newer, at);
  });
  return candidates.find((name) => isOld(name) === olderFits) ?? first;
}

function isSameCpucap(left: string, right: string): boolean {
  return left === right || aliasesOf(left).includes(right);
}

/** The name and those it had or got later; an inverted sense is another cpucap. */
function aliasesOf(name: string): readonly string[] {
  const others = renamedCpucaps.flatMap(({ from, to, inverted }) => {
    if (inverted) return [];
    return from === name ? [to] : to === name ? [from] : [];
  });
  return [name, ...others];
}
