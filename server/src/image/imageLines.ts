import type { ImageSiteRecord } from './siteRecords.ts';

/** Sites of a line that are alike: the same trigger, and the same words but for registers' and targets' sake. */
export interface LineGroup {
  readonly kind: ImageSiteRecord['kind'];
  /** cpucap, key or symbol. */
  readonly trigger: string;
  readonly callback: string | null;
  /** Streams of one of the places. */
  readonly unpatched: readonly string[];
  readonly patched: readonly string[] | null;
  readonly patchedReason: string | null;
  readonly places: number;
  /** How many different words the places have. */
  readonly variants: number;
  /** Functions that the places were compiled into, the one with most of them first. */
  readonly functions: readonly { readonly name: string; readonly places: number; readonly address: string }[];
}

/** Which sites of an image each source line became, by debug information. */
export interface ImageLines {
  readonly sites: number;
  /** Groups of a line, the largest first; `file` relative to the tree, line 1-based. */
  at(file: string, line: number): readonly LineGroup[];
  /** Lines of a file that have sites, with how many; in line order. */
  linesOf(file: string): readonly { readonly line: number; readonly sites: number }[];
}

/** What is kept of a site: 40,000 of them stay in memory. */
interface Site {
  readonly kind: ImageSiteRecord['kind'];
  readonly trigger: string;
  readonly callback: string | null;
  /** Texts, shared among sites with the same words. */
  readonly unpatched: readonly string[];
  readonly patched: readonly string[] | null;
  readonly patchedReason: string | null;
  readonly words: string;
  /** The function that it was compiled into. */
  readonly name: string;
  readonly address: string;
}

export interface ImageLinesBuilder {
  /** Adds a record that has its frames; one without is left out. */
  add(record: ImageSiteRecord): void;
  done(): ImageLines;
}

const kinds: ReadonlySet<string> = new Set(['alternative', 'callback-alternative', 'jump', 'runtime-constant']);

/**
 * An index over records that have their frames (`frameAttacher`). A site belongs to every line of its inline chain: to
 * the line of the header that makes it, and to each line that it was inlined into. Traced functions have no line.
 */
export function createImageLines(records: Iterable<ImageSiteRecord>): ImageLines {
  const builder = createImageLinesBuilder();
  for (const record of records) builder.add(record);
  return builder.done();
}

/** The same, one record at a time. */
export function createImageLinesBuilder(): ImageLinesBuilder {
  const files = new Map<string, Map<number, Site[]>>();
  let count = 0;
  const add = (record: ImageSiteRecord): void => {
    if (!kinds.has(record.kind) || record.chain.length === 0) return;
    count++;
    const site = siteOf(record);
    const seen = new Set<string>();
    for (const { file, line } of record.chain) {
      if (file === null || line === null || seen.has(`${file}:${line}`)) continue;
      seen.add(`${file}:${line}`);
      const lines = files.get(file) ?? new Map<number, Site[]>();
      files.set(file, lines);
      const sites = lines.get(line);
      if (sites === undefined) lines.set(line, [site]);
      else sites.push(site);
    }
  };
  return { add, done: () => linesOver(files, count) };
}

function siteOf(record: ImageSiteRecord): Site {
  const { kind, unpatched, patched, patchedReason, trigger, chain, symbol, address } = record;
  return {
    kind,
    trigger: triggerName(record),
    callback: typeof trigger.callback === 'string' ? trigger.callback : null,
    unpatched: unpatched.map(({ text }) => text),
    patched: patched?.map(({ text }) => text) ?? null,
    patchedReason,
    words: [...unpatched, ...(patched ?? [])].map(({ word }) => word).join(' '),
    name: chain[0]?.name ?? symbol,
    address: address ?? '',
  };
}

function linesOver(files: ReadonlyMap<string, ReadonlyMap<number, readonly Site[]>>, count: number): ImageLines {
  const grouped = new Map<readonly Site[], readonly LineGroup[]>();
  return {
    sites: count,
    at: (file, line) => {
      const sites = files.get(file)?.get(line);
      if (sites === undefined) return [];
      // A line of a header can have 16,000 places; hovers ask for it again and again.
      const groups = grouped.get(sites) ?? groupsOf(sites);
      grouped.set(sites, groups);
      return groups;
    },
    linesOf: (file) =>
      [...(files.get(file) ?? [])]
        .map(([line, sites]) => ({ line, sites: sites.length }))
        .sort((a, b) => a.line - b.line),
  };
}

function groupsOf(sites: readonly Site[]): readonly LineGroup[] {
  const groups = new Map<string, Site[]>();
  for (const site of sites) {
    const { kind, trigger, unpatched, patched } = site;
    const shape = [kind, trigger, ...unpatched.map(mnemonic), '|', ...(patched ?? []).map(mnemonic)].join(' ');
    const members = groups.get(shape);
    if (members === undefined) groups.set(shape, [site]);
    else members.push(site);
  }
  return [...groups.values()]
    .flatMap(([first, ...more]) => (first === undefined ? [] : [groupOf(first, more)]))
    .sort((a, b) => b.places - a.places || (a.trigger < b.trigger ? -1 : 1));
}

function groupOf(first: Site, more: readonly Site[]): LineGroup {
  const members = [first, ...more];
  const functions = new Map<string, { places: number; address: string }>();
  for (const { name, address } of members) {
    const known = functions.get(name);
    if (known === undefined) functions.set(name, { places: 1, address });
    else known.places++;
  }
  const { kind, trigger, callback, unpatched, patched, patchedReason } = first;
  return {
    kind,
    trigger,
    callback,
    unpatched,
    patched,
    patchedReason,
    places: members.length,
    variants: new Set(members.map(({ words }) => words)).size,
    functions: [...functions].map(([name, one]) => ({ name, ...one })).sort((a, b) => b.places - a.places),
  };
}

function triggerName({ trigger }: ImageSiteRecord): string {
  const name = trigger.cpucap ?? trigger.key ?? trigger.symbol ?? trigger.number;
  return name === null || name === undefined ? '' : String(name);
}

function mnemonic(text: string): string {
  return text.split(' ', 1)[0] ?? text;
}
