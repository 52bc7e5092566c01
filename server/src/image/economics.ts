import { type AlternativeRecord, alternativeBytes } from './alternativeTable.ts';
import type { CpucapNames } from './cpucapNames.ts';
import type { ImageSites } from './imageSites.ts';
import { callbackOf, cpucapOf, sum } from './imageSummary.ts';
import { type ImageKey, type JumpEntry, jumpEntryBytes, type KeyKind, staticKeyBytes } from './jumpTable.ts';
import type { KernelImage } from './kernelImage.ts';
import { type KeyVerdict, keyVerdict } from './keyVerdicts.ts';

/** Bytes of something: in the file, and in memory once init memory is freed. */
export interface Bytes {
  readonly file: number;
  readonly afterInit: number;
}

/** A kind of patching and what it takes beside the code it patches. */
export interface MechanismRow extends Bytes {
  readonly name: string;
  readonly count: number;
  readonly what: string;
}

export interface CpucapRow extends Bytes {
  readonly cpucap: string;
  readonly records: number;
  readonly callbacks: number;
  readonly recordBytes: number;
  readonly replacementBytes: number;
  /** Sites that choose one of two branches: `alternative_has_cap_*` and the like. */
  readonly tests: number;
  /** The same tests as static keys. */
  readonly asKeys: Bytes;
}

export interface KeyRow extends Bytes {
  readonly key: string;
  readonly kind: KeyKind;
  readonly entries: number;
}

export interface KeyMove {
  readonly key: string;
  readonly entries: number;
  readonly verdict: KeyVerdict;
  readonly now: Bytes;
  readonly asAlternative: Bytes;
}

/** Part 4 of an image: what its patch sites cost in bytes, and what other forms of them would. */
export interface Economics {
  readonly mechanisms: readonly MechanismRow[];
  readonly byCpucap: readonly CpucapRow[];
  readonly byCallback: readonly { readonly callback: string; readonly records: number; readonly bytes: number }[];
  readonly byKey: readonly KeyRow[];
  readonly keyMoves: readonly KeyMove[];
  readonly nopCallback: {
    /** Records that use it, and the replacement bytes that they do without. */
    readonly used: { readonly records: number; readonly savedBytes: number };
    /** Ordinary records whose replacement is nothing but NOPs. */
    readonly possible: {
      readonly records: number;
      readonly savedBytes: number;
      readonly byCpucap: Readonly<Record<string, number>>;
    };
  };
}

const nop = 0xd503201f;
const ftraceEntryBytes = 8;

/**
 * The economics of an image. Records of `.altinstructions` and ftrace's table are init memory and freed after boot;
 * replacements stay where the code is; jump entries and keys stay for good.
 * Source: arch/arm64/kernel/vmlinux.lds.S and include/asm-generic/vmlinux.lds.h, v6.12.
 */
export function economics(image: KernelImage, sites: ImageSites, names: CpucapNames): Economics {
  const { alternatives, jumps, keys } = sites;
  const inKernel = image.kind === 'vmlinux' || image.kind === 'raw-image';
  return {
    mechanisms: mechanisms(image, sites, inKernel),
    byCpucap: byCpucap(image, sites, names, inKernel),
    byCallback: group(
      alternatives.filter(({ isCallback }) => isCallback),
      (one) => callbackOf(image, one),
    ).map(([callback, records]) => ({
      callback,
      records: records.length,
      bytes: records.length * alternativeBytes,
    })),
    byKey: [...keys.values()]
      .map((key) => ({ key: key.name, kind: key.kind, entries: key.entries, ...keyBytes(image, key) }))
      .sort((a, b) => b.entries - a.entries || (a.key < b.key ? -1 : 1)),
    keyMoves: keyMoves(image, jumps, keys, names, inKernel),
    nopCallback: nopCallback(image, alternatives, names),
  };
}

function mechanisms(image: KernelImage, sites: ImageSites, inKernel: boolean): readonly MechanismRow[] {
  const { alternatives, jumps, keys, ftrace, staticCalls, runtimeConstants, hypRelocations } = sites;
  const records = alternatives.length * alternativeBytes;
  const replacements = sum(alternatives, ({ replacementBytes }) => replacementBytes);
  const initReplacements = sum(
    alternatives.filter((one) => inKernel && isInit(image, one.replacement)),
    ({ replacementBytes }) => replacementBytes,
  );
  const entries = jumps.length * jumpEntryBytes;
  const keyFile = sum([...keys.values()], (key) => keyBytes(image, key).file) - entries;
  const ftraceBytes = ((ftrace?.sites.length ?? 0) + (ftrace?.skipped ?? 0)) * ftraceEntryBytes;
  const literals = (ftrace?.layout === 'call-ops' ? 8 : 0) * (ftrace?.sites.length ?? 0);
  const constants = runtimeConstants.length * 4;
  return [
    {
      name: 'alternatives: records',
      count: alternatives.length,
      file: records,
      afterInit: inKernel ? 0 : records,
      what: '.altinstructions, 12 bytes each',
    },
    {
      name: 'alternatives: replacements',
      count: alternatives.filter(({ isCallback }) => !isCallback).length,
      file: replacements,
      afterInit: replacements - initReplacements,
      what: 'instructions out of line, beside the code',
    },
    {
      name: 'static keys: jump entries',
      count: jumps.length,
      file: entries,
      afterInit: entries,
      what: '__jump_table, 16 bytes each',
    },
    {
      name: 'static keys: keys',
      count: keys.size,
      file: keyFile,
      afterInit: keys.size * staticKeyBytes,
      what: 'struct static_key, 16 bytes each; false ones are mostly in .bss',
    },
    {
      name: 'ftrace: table',
      count: ftrace?.sites.length ?? 0,
      file: ftraceBytes,
      afterInit: inKernel ? 0 : ftraceBytes,
      what: 'addresses of functions; ftrace keeps records of its own at run time',
    },
    {
      name: 'ftrace: code',
      count: ftrace?.sites.length ?? 0,
      file: literals + (ftrace?.layout === 'mcount' ? 4 : 8) * (ftrace?.sites.length ?? 0),
      afterInit: literals + (ftrace?.layout === 'mcount' ? 4 : 8) * (ftrace?.sites.length ?? 0),
      what: 'NOPs at functions, and the ops literal before them',
    },
    {
      name: 'static calls: keys',
      count: staticCalls.length,
      file: staticCalls.length * 8,
      afterInit: staticCalls.length * 8,
      what: 'function pointers; arm64 patches no text for them',
    },
    {
      name: 'runtime constants',
      count: runtimeConstants.length,
      file: constants,
      afterInit: inKernel ? 0 : constants,
      what: 'places of immediates',
    },
    {
      name: 'hyp relocations',
      count: hypRelocations.length,
      file: hypRelocations.length * 4,
      afterInit: inKernel ? 0 : hypRelocations.length * 4,
      what: 'places of hypervisor addresses',
    },
  ];
}

function isInit(image: KernelImage, address: bigint): boolean {
  const name = image.sectionAt(address)?.name ?? '';
  return name.startsWith('.init') || name.startsWith('.exit');
}

/** A key in `.bss` takes no file space; one inside other data does. */
function keyBytes(image: KernelImage, key: ImageKey): Bytes {
  const section = image.sectionAt(key.address);
  // A key of another object costs nothing here.
  const own = section === undefined ? 0 : staticKeyBytes;
  const entries = key.entries * jumpEntryBytes;
  return { file: entries + (section?.noBits === true ? 0 : own), afterInit: entries + own };
}

function byCpucap(
  image: KernelImage,
  { alternatives }: ImageSites,
  names: CpucapNames,
  inKernel: boolean,
): readonly CpucapRow[] {
  return group(alternatives, (one) => cpucapOf(names, one)).map(([cpucap, records]) => {
    const tests = records.filter((one) => isTest(image, one)).length;
    const recordBytes = records.length * alternativeBytes;
    const replacementBytes = sum(records, (one) => one.replacementBytes);
    const asKeys = tests === 0 ? 0 : tests * jumpEntryBytes + staticKeyBytes;
    return {
      cpucap,
      records: records.length,
      callbacks: records.filter(({ isCallback }) => isCallback).length,
      recordBytes,
      replacementBytes,
      tests,
      asKeys: { file: asKeys, afterInit: asKeys },
      file: recordBytes + replacementBytes,
      afterInit: replacementBytes + (inKernel ? 0 : recordBytes),
    };
  });
}

/** One instruction that is `b` on one side and `nop` on the other: what a static key does as well. */
function isTest(image: KernelImage, one: AlternativeRecord): boolean {
  if (one.originalBytes !== 4) return false;
  const isBranch = (address: bigint): boolean => (image.word(address) ?? 0) >>> 26 === 0x05;
  if (one.isCallback) return one.callback === 'alt_cb_patch_nops' && isBranch(one.original);
  if (image.word(one.original) === nop) return isBranch(one.replacement);
  return isBranch(one.original) && image.word(one.replacement) === nop;
}

function keyMoves(
  image: KernelImage,
  jumps: readonly JumpEntry[],
  keys: ReadonlyMap<bigint, ImageKey>,
  names: CpucapNames,
  inKernel: boolean,
): readonly KeyMove[] {
  const moves: KeyMove[] = [];
  for (const key of keys.values()) {
    const verdict = keyVerdict(key.name, names);
    if (verdict === null) continue;
    const own = jumps.filter((jump) => jump.key === key.address);
    const records = own.length * alternativeBytes;
    // A test that is likely needs no replacement: the shared callback writes its NOP.
    const replacements = own.filter(({ branch }) => branch === 0).length * 4;
    moves.push({
      key: key.name,
      entries: key.entries,
      verdict,
      now: keyBytes(image, key),
      asAlternative: { file: records + replacements, afterInit: replacements + (inKernel ? 0 : records) },
    });
  }
  return moves.sort((a, b) => b.entries - a.entries || (a.key < b.key ? -1 : 1));
}

function nopCallback(
  image: KernelImage,
  alternatives: readonly AlternativeRecord[],
  names: CpucapNames,
): Economics['nopCallback'] {
  const used = alternatives.filter(({ callback }) => callback === 'alt_cb_patch_nops');
  const possible = alternatives.filter((one) => !one.isCallback && isAllNops(image, one));
  return {
    used: { records: used.length, savedBytes: sum(used, ({ originalBytes }) => originalBytes) },
    possible: {
      records: possible.length,
      savedBytes: sum(possible, ({ replacementBytes }) => replacementBytes),
      byCpucap: Object.fromEntries(
        group(possible, (one) => cpucapOf(names, one)).map(([name, records]) => [name, records.length]),
      ),
    },
  };
}

function isAllNops(image: KernelImage, { replacement, replacementBytes }: AlternativeRecord): boolean {
  if (replacementBytes === 0) return false;
  for (let at = 0; at < replacementBytes; at += 4) {
    if (image.word(replacement + BigInt(at)) !== nop) return false;
  }
  return true;
}

/** Groups by name, the largest first. */
function group<T>(items: readonly T[], nameOf: (item: T) => string): readonly (readonly [string, readonly T[]])[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item);
    const members = groups.get(name);
    if (members === undefined) groups.set(name, [item]);
    else members.push(item);
  }
  return [...groups].sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1));
}
