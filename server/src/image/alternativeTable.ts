import { hex } from './elfFile.ts';
import type { IssueList } from './imageIssues.ts';
import { symbolic } from './imagePlace.ts';
import type { KernelImage } from './kernelImage.ts';
import { entryAddresses, tableRanges } from './tableRange.ts';

/** One record of `.altinstructions`, with addresses instead of distances. */
export interface AlternativeRecord {
  /** Position in the table. */
  readonly index: number;
  readonly record: bigint;
  readonly original: bigint;
  readonly originalBytes: number;
  /** Address of the replacement, of the callback for a callback alternative. */
  readonly replacement: bigint;
  readonly replacementBytes: number;
  /** Bits 14:0 of the field; up to 6.0 a callback has ARM64_NCAPS here and depends on no cpucap. */
  readonly cpucap: number;
  readonly isCallback: boolean;
  /** Name of the callback, without the nVHE alias; null when it has no symbol, and for other alternatives. */
  readonly callback: string | null;
}

/** Bytes of one record; the layout has not changed since 4.x (patching.md, 5.2). */
export const alternativeBytes = 12;
const callbackBit = 0x8000;
const names = { start: '__alt_instructions', end: '__alt_instructions_end', section: '.altinstructions' };

/**
 * The image's alternatives, in table order. Records that cannot be (original outside code, length that is no number of
 * instructions) are left out with an issue; overlaps are told.
 * Source: arch/arm64/include/asm/alternative.h:struct alt_instr and ALT_ORIG_PTR, v6.12; callbacks: bit 15 of the
 * field since 6.1, before that a length of 0 beside ARM64_NCAPS.
 */
export function readAlternatives(image: KernelImage, list: IssueList): readonly AlternativeRecord[] {
  const records: AlternativeRecord[] = [];
  let wrong = 0;
  let firstWrong = '';
  let index = 0;
  const callbacks = new Map<bigint, string | null>();
  const ranges = tableRanges(image, names, list);
  if (ranges.length === 0 && (image.kind === 'vmlinux' || image.kind === 'raw-image')) {
    list.error(
      `${image.name}: no .altinstructions, and no ${names.start}: every arm64 kernel has them; were sections removed?`,
    );
  }
  for (const range of ranges) {
    for (const record of entryAddresses(image, range, alternativeBytes, '.altinstructions', list)) {
      const one = readRecord(image, record, index, callbacks);
      index++;
      if (typeof one !== 'string') records.push(one);
      else {
        if (wrong === 0) firstWrong = `record ${index - 1} at ${hex(record)}: ${one}`;
        wrong++;
      }
    }
  }
  if (wrong > 0) list.error(`${image.name}: .altinstructions: ${firstWrong}${more(wrong)}`);
  reportOverlaps(image, records, list);
  return records;
}

function readRecord(
  image: KernelImage,
  record: bigint,
  index: number,
  callbacks: Map<bigint, string | null>,
): AlternativeRecord | string {
  const originalOffset = image.s32(record);
  const replacementOffset = image.s32(record + 4n);
  const field = image.u16(record + 8n);
  const lengths = image.u16(record + 10n);
  if (originalOffset === null || replacementOffset === null || field === null || lengths === null)
    return 'not readable';
  const original = BigInt.asUintN(64, record + BigInt(originalOffset));
  const replacement = BigInt.asUintN(64, record + 4n + BigInt(replacementOffset));
  const originalBytes = lengths & 0xff;
  const replacementBytes = lengths >>> 8;
  const isCallback = (field & callbackBit) !== 0 || (replacementBytes === 0 && originalBytes > 0);
  const problem = wrongRecord(image, { original, originalBytes, replacement, replacementBytes, isCallback });
  if (problem !== null) return problem;
  return {
    index,
    record,
    original,
    originalBytes,
    replacement,
    replacementBytes,
    cpucap: field & ~callbackBit,
    isCallback,
    callback: isCallback ? callbackName(image, replacement, callbacks) : null,
  };
}

function wrongRecord(
  image: KernelImage,
  one: Pick<AlternativeRecord, 'original' | 'originalBytes' | 'replacement' | 'replacementBytes' | 'isCallback'>,
): string | null {
  const { original, originalBytes, replacement, replacementBytes } = one;
  if (originalBytes % 4 !== 0 || replacementBytes % 4 !== 0) {
    return `lengths ${originalBytes} and ${replacementBytes} are no whole number of instructions`;
  }
  if (!isCode(image, original, originalBytes)) return `the original at ${hex(original)} is not code`;
  if (one.isCallback) {
    return replacementBytes === 0 ? null : `a callback alternative with a replacement of ${replacementBytes} bytes`;
  }
  if (replacementBytes !== originalBytes) {
    return `original of ${originalBytes} and replacement of ${replacementBytes} bytes at ${hex(original)}; the kernel stops in BUG()`;
  }
  return isCode(image, replacement, replacementBytes) ? null : `the replacement at ${hex(replacement)} is not code`;
}

function isCode(image: KernelImage, address: bigint, length: number): boolean {
  const section = image.sectionAt(address);
  if (section === undefined || !section.executable || section.noBits) return false;
  return (
    (address - section.address) % 4n === 0n && address + BigInt(length) <= section.address + BigInt(section.sizeBytes)
  );
}

/** nVHE objects reach callbacks through aliases (arch/arm64/kernel/image-vars.h:KVM_NVHE_ALIAS). */
function callbackName(image: KernelImage, address: bigint, known: Map<bigint, string | null>): string | null {
  const before = known.get(address);
  if (before !== undefined) return before;
  const bare = image.symbols.at(address).map(({ name }) => name.replace(/^__kvm_nvhe_/, ''));
  const name = bare[0] ?? null;
  known.set(address, name);
  return name;
}

function reportOverlaps(image: KernelImage, records: readonly AlternativeRecord[], list: IssueList): void {
  const sorted = records
    .filter(({ originalBytes }) => originalBytes > 0)
    .sort((a, b) => (a.original < b.original ? -1 : a.original > b.original ? 1 : a.index - b.index));
  let overlaps = 0;
  let first = '';
  sorted.forEach((one, at) => {
    const before = sorted[at - 1];
    if (before === undefined || one.original >= before.original + BigInt(before.originalBytes)) return;
    if (overlaps === 0)
      first = `records ${before.index} and ${one.index} patch the same code at ${symbolic(image, one.original)}`;
    overlaps++;
  });
  if (overlaps > 0) list.warn(`${image.name}: .altinstructions: ${first}${more(overlaps)}`);
}

function more(count: number): string {
  return count > 1 ? ` (and ${count - 1} more like it)` : '';
}
