import { entryNote } from './disassembly.ts';
import type { ImageEntry, OpenedImage } from './openedImage.ts';

/** What sites of an image can be sorted by. */
export type GroupBy = 'cpucap' | 'key' | 'callback' | 'function' | 'file';

/** File of a function's source as people read it; `null` where nobody knows. */
export type FileOf = (functionName: string) => string | null;

export interface SiteGroup {
  readonly name: string;
  readonly nSites: number;
  /** Of records and replacements. */
  readonly metadataBytes: number;
}

export interface SitePage {
  readonly sites: readonly ImageEntry[];
  /** How many there are in all. */
  readonly total: number;
}

/** Sites that no group names: jumps by cpucap, functions whose source nobody knows. */
const nothing = '(none)';

/** Groups with the most sites first; `filter` is a part of a group's or a function's name. */
export function siteGroups(opened: OpenedImage, by: GroupBy, filter: string, fileOf: FileOf): readonly SiteGroup[] {
  const groups = new Map<string, { nSites: number; metadataBytes: number }>();
  for (const entry of opened.entries) {
    const name = groupOf(entry, by, fileOf);
    if (name === null || !matches(entry, name, filter)) continue;
    const group = groups.get(name) ?? { nSites: 0, metadataBytes: 0 };
    group.nSites++;
    group.metadataBytes += entry.metadataBytes;
    groups.set(name, group);
  }
  return [...groups]
    .map(([name, group]) => ({ name, ...group }))
    .sort((left, right) => right.nSites - left.nSites || (left.name < right.name ? -1 : 1));
}

/** Sites of one group by address, a page of them. */
export function sitesOfGroup(
  opened: OpenedImage,
  by: GroupBy,
  name: string,
  {
    filter,
    fileOf,
    from,
    limit,
  }: { readonly filter: string; readonly fileOf: FileOf; readonly from: number; readonly limit: number },
): SitePage {
  const all = opened.entries.filter((entry) => groupOf(entry, by, fileOf) === name && matches(entry, name, filter));
  return { sites: all.slice(from, from + limit), total: all.length };
}

/** One site as a list shows it. */
export interface SiteRow {
  /** Function that holds it, empty for none, and bytes from its start. */
  readonly function: string;
  readonly offset: number;
  /** `0x…` */
  readonly address: string;
  readonly kind: ImageEntry['kind'];
  /** What it hangs on, for people. */
  readonly trigger: string;
  /** First instruction as linked. */
  readonly text: string;
}

/** The same page as rows of a list. */
export function siteRows(
  opened: OpenedImage,
  by: GroupBy,
  name: string,
  page: Parameters<typeof sitesOfGroup>[3],
): { readonly sites: readonly SiteRow[]; readonly total: number } {
  const { sites, total } = sitesOfGroup(opened, by, name, page);
  return { sites: sites.map((entry) => siteRow(opened, entry)), total };
}

function siteRow({ image, texts }: OpenedImage, entry: ImageEntry): SiteRow {
  const word = image.word(entry.address);
  return {
    function: entry.functionName,
    offset: entry.offsetBytes,
    address: `0x${entry.address.toString(16)}`,
    kind: entry.kind,
    trigger: entryNote(entry),
    text: word === null ? '' : texts.text(word, entry.address).replace(/ <.*>$/, ''),
  };
}

/** Group of a site; `null` for one that this order does not speak of. */
function groupOf(entry: ImageEntry, by: GroupBy, fileOf: FileOf): string | null {
  switch (by) {
    case 'cpucap':
      return entry.cpucap;
    case 'key':
      return entry.key;
    case 'callback':
      return entry.callback;
    case 'function':
      return entry.functionName === '' ? nothing : entry.functionName;
    case 'file':
      return fileOf(entry.functionName) ?? nothing;
  }
}

function matches(entry: ImageEntry, group: string, filter: string): boolean {
  if (filter === '') return true;
  const wanted = filter.toLowerCase();
  return [group, entry.functionName, entry.cpucap, entry.key, entry.callback].some(
    (text) => text?.toLowerCase().includes(wanted) === true,
  );
}
