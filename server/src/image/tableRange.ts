import { hex } from './elfFile.ts';
import type { IssueList } from './imageIssues.ts';
import type { KernelImage } from './kernelImage.ts';

/** A table in memory; `end` is the first byte after it. */
export interface TableRange {
  readonly start: bigint;
  readonly end: bigint;
}

/** How a table is called: by the symbols of the linker script in a linked image, by its section elsewhere. */
export interface TableName {
  readonly start: string;
  readonly end: string;
  readonly section: string;
}

/**
 * Places of a table: one in a linked image, one for each section of that name in an object. A table whose bounds make
 * no sense, or that has no bytes in the file, is an issue and absent.
 */
export function tableRanges(image: KernelImage, name: TableName, list: IssueList): readonly TableRange[] {
  const start = image.symbols.addressOf(name.start);
  const end = image.symbols.addressOf(name.end);
  if (start !== null && end !== null) {
    const problem = wrongBounds(image, start, end);
    if (problem === null) return [{ start, end }];
    list.error(`${image.name}: ${name.start} ${hex(start)} and ${name.end} ${hex(end)}: ${problem}`);
    return [];
  }
  const found: TableRange[] = [];
  for (const section of image.sections) {
    if (section.name !== name.section) continue;
    if (section.noBits)
      list.error(`${image.name}: section ${section.index} (${section.name}) has no bytes in the file`);
    else found.push({ start: section.address, end: section.address + BigInt(section.sizeBytes) });
  }
  return found;
}

function wrongBounds(image: KernelImage, start: bigint, end: bigint): string | null {
  if (end < start) return 'the table ends before it begins';
  if (end === start) return null;
  const section = image.sectionAt(start);
  if (section === undefined || section.unread) return 'no section of the file holds them';
  if (section.noBits) return `${section.name} has no bytes in the file`;
  if (end > section.address + BigInt(section.sizeBytes)) return `the table goes beyond the end of ${section.name}`;
  return null;
}

/** Addresses of a table's whole entries; a rest at the end is an issue. */
export function* entryAddresses(
  image: KernelImage,
  range: TableRange,
  entryBytes: number,
  what: string,
  list: IssueList,
): Iterable<bigint> {
  const length = Number(range.end - range.start);
  if (length % entryBytes !== 0) {
    list.error(
      `${image.name}: ${what} at ${hex(range.start)}: ${hex(length)} bytes are no whole number of entries of ${entryBytes}`,
    );
  }
  const step = BigInt(entryBytes);
  const last = range.start + BigInt(length - (length % entryBytes));
  for (let at = range.start; at < last; at += step) yield at;
}
