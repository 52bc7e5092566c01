import { type AlternativeRecord, alternativeBytes } from './alternativeTable.ts';
import type { CpucapNames } from './cpucapNames.ts';
import { hex } from './elfFile.ts';
import { symbolic } from './imagePlace.ts';
import type { ImageSites } from './imageSites.ts';
import { type ImageKey, jumpEntryBytes, type KeyKind, staticKeyBytes } from './jumpTable.ts';
import type { KernelImage } from './kernelImage.ts';

/** The answer of `patchpoint image`: what is in an image. Counts are of records; sizes are bytes. */
export interface ImageSummary {
  readonly image: string;
  readonly kind: KernelImage['kind'];
  readonly release: string | null;
  readonly buildId: string | null;
  /** Size of everything that is executed, patch sites included. */
  readonly codeBytes: number;
  readonly compiler: string | null;
  readonly configInside: boolean;
  readonly symbols: number;
  readonly alternatives: {
    readonly entries: number;
    /** Records of each callback, by its name. */
    readonly callbacks: Readonly<Record<string, number>>;
    /** Records of each cpucap, callbacks among them; by number where nothing names it. */
    readonly byCpucap: Readonly<Record<string, number>>;
    readonly bytes: { readonly entries: number; readonly replacements: number; readonly originals: number };
    readonly vdso: { readonly entries: number; readonly byCpucap: Readonly<Record<string, number>> } | null;
  };
  readonly jumps: {
    readonly entries: number;
    readonly keys: number;
    readonly bytes: number;
    readonly keyBytes: number;
    /** Entries of each key; keys of the same name together. */
    readonly byKey: Readonly<Record<string, number>>;
    readonly keysByKind: Readonly<Record<KeyKind, number>>;
    readonly initial: { readonly true: number; readonly false: number; readonly unknown: number };
  };
  readonly ftrace: { readonly sites: number; readonly layout: string | null; readonly skipped: number };
  readonly staticCalls: { readonly keys: number; readonly trampolines: number };
  readonly runtimeConstants: { readonly sites: number; readonly bySymbol: Readonly<Record<string, number>> };
  readonly hypRelocations: number;
  readonly textRelocations: number;
  readonly erratumVeneers: number;
  readonly noinstr: { readonly start: string; readonly end: string; readonly functions: number } | null;
  readonly ranges: readonly { readonly name: string; readonly start: string; readonly end: string }[];
  readonly capabilities: {
    /** Entries of the image's own tables. */
    readonly entries: number;
    readonly unnamed: readonly { readonly number: number; readonly records: number; readonly reason: string }[];
    readonly conflicts: readonly string[];
  };
  readonly issues: readonly string[];
}

export function imageSummary(image: KernelImage, sites: ImageSites, names: CpucapNames): ImageSummary {
  const { alternatives, vdso, jumps, keys, ftrace } = sites;
  const noinstr = sites.ranges.find(({ name }) => name === 'noinstr');
  const numbers = new Set(alternatives.map(({ cpucap }) => cpucap));
  return {
    image: image.name,
    codeBytes: image.sections.reduce((sum, { executable, sizeBytes }) => sum + (executable ? sizeBytes : 0), 0),
    kind: image.kind,
    release: image.facts.release,
    buildId: image.facts.buildId,
    compiler: image.facts.compiler,
    configInside: image.facts.config !== null,
    symbols: image.symbols.count,
    alternatives: {
      entries: alternatives.length,
      callbacks: countBy(
        alternatives.filter(({ isCallback }) => isCallback),
        (one) => callbackOf(image, one),
      ),
      byCpucap: countBy(alternatives, (one) => cpucapOf(names, one)),
      bytes: {
        entries: alternatives.length * alternativeBytes,
        replacements: sum(alternatives, ({ replacementBytes }) => replacementBytes),
        originals: sum(alternatives, ({ originalBytes }) => originalBytes),
      },
      vdso:
        vdso === null
          ? null
          : {
              entries: vdso.alternatives.length,
              byCpucap: countBy(vdso.alternatives, (one) => cpucapOf(names, one)),
            },
    },
    jumps: {
      entries: jumps.length,
      keys: keys.size,
      bytes: jumps.length * jumpEntryBytes,
      keyBytes: keys.size * staticKeyBytes,
      byKey: entriesByKey(keys),
      keysByKind: {
        tracepoint: 0,
        'dynamic-debug': 0,
        'lsm-hook': 0,
        ordinary: 0,
        ...countBy([...keys.values()], ({ kind }) => kind),
      },
      initial: {
        true: [...keys.values()].filter(({ initial }) => initial === true).length,
        false: [...keys.values()].filter(({ initial }) => initial === false).length,
        unknown: [...keys.values()].filter(({ initial }) => initial === null).length,
      },
    },
    ftrace: { sites: ftrace?.sites.length ?? 0, layout: ftrace?.layout ?? null, skipped: ftrace?.skipped ?? 0 },
    staticCalls: {
      keys: sites.staticCalls.length,
      trampolines: sites.staticCalls.filter(({ trampoline }) => trampoline !== null).length,
    },
    runtimeConstants: {
      sites: sites.runtimeConstants.length,
      bySymbol: countBy(sites.runtimeConstants, ({ symbol }) => symbol),
    },
    hypRelocations: sites.hypRelocations.length,
    textRelocations: image.textRelocations.length,
    erratumVeneers: sites.veneers.length,
    noinstr:
      noinstr === undefined
        ? null
        : {
            start: hex(noinstr.start),
            end: hex(noinstr.end),
            functions: functionsIn(image, noinstr.start, noinstr.end),
          },
    ranges: sites.ranges.map(({ name, start, end }) => ({ name, start: hex(start), end: hex(end) })),
    capabilities: {
      entries: sites.capabilities.length,
      unnamed: [...numbers]
        .filter((number) => names.name(number) === null)
        .sort((a, b) => a - b)
        .map((number) => ({
          number,
          records: alternatives.filter(({ cpucap }) => cpucap === number).length,
          reason:
            sites.capabilities.length > 0
              ? 'no entry in the image’s capability tables, so nothing sets it'
              : 'no source tree (--kernel DIR) and no capability tables in the image',
        })),
      conflicts: names.conflicts,
    },
    issues: sites.issues.map(({ message }) => message),
  };
}

export function cpucapOf(names: CpucapNames, { cpucap }: AlternativeRecord): string {
  return names.name(cpucap) ?? String(cpucap);
}

export function callbackOf(image: KernelImage, { callback, replacement }: AlternativeRecord): string {
  return callback ?? symbolic(image, replacement);
}

/** Counts by name, the largest first. */
export function countBy<T>(items: readonly T[], nameOf: (item: T) => string): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const item of items) {
    const name = nameOf(item);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return sortedRecord(counts);
}

function entriesByKey(keys: ReadonlyMap<bigint, ImageKey>): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { name, entries } of keys.values()) counts.set(name, (counts.get(name) ?? 0) + entries);
  return sortedRecord(counts);
}

function sortedRecord(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)));
}

export function sum<T>(items: readonly T[], bytesOf: (item: T) => number): number {
  return items.reduce((total, item) => total + bytesOf(item), 0);
}

function functionsIn(image: KernelImage, start: bigint, end: bigint): number {
  const places = new Set<bigint>();
  for (const { type, address, defined } of image.symbols.all()) {
    if (type === 'func' && defined && address >= start && address < end) places.add(address);
  }
  return places.size;
}
