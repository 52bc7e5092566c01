import type { ImageInsn, ImageSiteRecord } from './siteRecords.ts';

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

interface Site {
  readonly record: ImageSiteRecord;
  readonly words: string;
}

const kinds: ReadonlySet<string> = new Set(['alternative', 'callback-alternative', 'jump', 'runtime-constant']);

/**
 * An index over records that have their frames (`withFrames`). A site belongs to every line of its inline chain: to the
 * line of the header that makes it, and to each line that it was inlined into. Traced functions have no line of their own.
 */
export function createImageLines(records: readonly ImageSiteRecord[]): ImageLines {
  const files = new Map<string, Map<number, Site[]>>();
  const grouped = new Map<readonly Site[], readonly LineGroup[]>();
  let count = 0;
  for (const record of records) {
    if (!kinds.has(record.kind) || record.chain.length === 0) continue;
    count++;
    const site: Site = {
      record,
      words: [...record.unpatched, ...(record.patched ?? [])].map(({ word }) => word).join(' '),
    };
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
  }
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
    const { kind, unpatched, patched } = site.record;
    const shape = [
      kind,
      triggerName(site.record),
      ...unpatched.map(mnemonic),
      '|',
      ...(patched ?? []).map(mnemonic),
    ].join(' ');
    const members = groups.get(shape);
    if (members === undefined) groups.set(shape, [site]);
    else members.push(site);
  }
  return [...groups.values()].map(groupOf).sort((a, b) => b.places - a.places || (a.trigger < b.trigger ? -1 : 1));
}

function groupOf(members: readonly Site[]): LineGroup {
  const record = members[0]?.record;
  const functions = new Map<string, { places: number; address: string }>();
  for (const { record: one } of members) {
    const name = one.chain[0]?.name ?? one.symbol;
    const known = functions.get(name);
    if (known === undefined) functions.set(name, { places: 1, address: one.address ?? '' });
    else known.places++;
  }
  const callback = record?.trigger.callback;
  return {
    kind: record?.kind ?? 'alternative',
    trigger: record === undefined ? '' : triggerName(record),
    callback: typeof callback === 'string' ? callback : null,
    unpatched: (record?.unpatched ?? []).map(({ text }) => text),
    patched: record?.patched?.map(({ text }) => text) ?? null,
    patchedReason: record?.patchedReason ?? null,
    places: members.length,
    variants: new Set(members.map(({ words }) => words)).size,
    functions: [...functions].map(([name, one]) => ({ name, ...one })).sort((a, b) => b.places - a.places),
  };
}

function triggerName({ trigger }: ImageSiteRecord): string {
  const name = trigger.cpucap ?? trigger.key ?? trigger.symbol ?? trigger.number;
  return name === null || name === undefined ? '' : String(name);
}

function mnemonic({ text }: ImageInsn): string {
  return text.split(' ')[0] ?? text;
}
