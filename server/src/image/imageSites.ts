import { type AlternativeRecord, readAlternatives } from './alternativeTable.ts';
import { type RuntimeConstant, readHypRelocations, readRuntimeConstants } from './bootLists.ts';
import { memoryByteSource } from './byteSource.ts';
import { type CapabilityEntry, readCapabilities } from './capabilityTables.ts';
import { type FtraceTable, readFtrace } from './ftraceTable.ts';
import { createIssueList, type ImageIssue, type IssueList } from './imageIssues.ts';
import { type ImageKey, type JumpEntry, readJumpEntries, readKeys } from './jumpTable.ts';
import { type KernelImage, openImage } from './kernelImage.ts';
import { readStaticCalls, type StaticCallKey } from './staticCalls.ts';
import { readTextRanges, type TextRange } from './textRanges.ts';
import { type ErratumVeneer, readVeneers } from './veneers.ts';

/** The vDSO that a kernel carries; its records are not in the kernel's table. */
export interface VdsoPart {
  /** `vdso_start`. */
  readonly start: bigint;
  readonly image: KernelImage;
  /** With the kernel's addresses. */
  readonly alternatives: readonly AlternativeRecord[];
}

/** Everything in an image that is patched, and what names it. */
export interface ImageSites {
  readonly alternatives: readonly AlternativeRecord[];
  readonly vdso: VdsoPart | null;
  /** Compiled-in capability tables. */
  readonly capabilities: readonly CapabilityEntry[];
  readonly jumps: readonly JumpEntry[];
  readonly keys: ReadonlyMap<bigint, ImageKey>;
  readonly ftrace: FtraceTable | null;
  readonly staticCalls: readonly StaticCallKey[];
  readonly runtimeConstants: readonly RuntimeConstant[];
  readonly hypRelocations: readonly bigint[];
  readonly veneers: readonly ErratumVeneer[];
  readonly ranges: readonly TextRange[];
  readonly issues: readonly ImageIssue[];
}

/**
 * Reads every table of an image. Never throws; what is wrong is in `issues`, and the rest is read all the same. `pause`
 * is called between the tables.
 */
export async function readSites(image: KernelImage, pause?: () => Promise<void>): Promise<ImageSites> {
  const list = createIssueList();
  const then = async <T>(value: T): Promise<T> => {
    await pause?.();
    return value;
  };
  const jumps = await then(readJumpEntries(image, list));
  const sites = {
    alternatives: await then(readAlternatives(image, list)),
    vdso: await readVdso(image, list),
    capabilities: readCapabilities(image, list),
    jumps,
    keys: await then(readKeys(image, jumps)),
    ftrace: await then(readFtrace(image, list)),
    staticCalls: await then(readStaticCalls(image)),
    runtimeConstants: readRuntimeConstants(image, list),
    hypRelocations: readHypRelocations(image, list),
    veneers: await then(readVeneers(image)),
    ranges: readTextRanges(image),
  };
  return { ...sites, issues: list.issues };
}

/** Source: arch/arm64/kernel/alternative.c:apply_alternatives_vdso, v6.12. */
async function readVdso(image: KernelImage, list: IssueList): Promise<VdsoPart | null> {
  // A vDSO has no vDSO inside, whatever its symbols say.
  if (image.kind !== 'vmlinux' && image.kind !== 'raw-image') return null;
  const start = image.symbols.addressOf('vdso_start');
  const end = image.symbols.addressOf('vdso_end');
  if (start === null || end === null) return null;
  const bytes = end > start ? image.bytes(start, Number(end - start)) : null;
  if (bytes === null) {
    list.error(`${image.name}: vdso_start and vdso_end hold no vDSO`);
    return null;
  }
  const { value, issues } = await openImage(memoryByteSource(`${image.name} (vDSO)`, bytes));
  for (const { severity, message } of issues) {
    // A vDSO is always stripped.
    if (!message.includes(': stripped: ')) (severity === 'error' ? list.error : list.warn)(message);
  }
  if (value === null) return null;
  const vdso: KernelImage = { ...value, kind: 'vdso' };
  const alternatives = readAlternatives(vdso, list).map((one) => ({
    ...one,
    record: one.record + start,
    original: one.original + start,
    replacement: one.replacement + start,
  }));
  return { start, image: vdso, alternatives };
}
