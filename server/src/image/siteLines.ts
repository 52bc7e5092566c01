import { alternativeBytes } from './alternativeTable.ts';
import { jumpEntryBytes } from './jumpTable.ts';
import type { ImageFrame, ImageSiteRecord } from './siteRecords.ts';

/** Frames of one address, outermost first; empty where debug information has none. */
export type SymbolizedFrames = readonly ImageFrame[];

/** What a symbolizer said of addresses, each as `0x…`. */
export type SymbolizerResult =
  | { readonly kind: 'done'; readonly frames: ReadonlyMap<string, SymbolizedFrames> }
  | { readonly kind: 'failed'; readonly reason: string };

/**
 * Records with the file, the line and the inline chain that debug information has for their addresses (`0x…` to
 * frames, outermost first). Paths are relative to the kernel tree where the files of `arch/arm64` show which it is.
 */
export function withFrames(
  records: readonly ImageSiteRecord[],
  frames: ReadonlyMap<string, readonly ImageFrame[]>,
): readonly ImageSiteRecord[] {
  const attach = frameAttacher(frames);
  return records.map(attach);
}

/** The same, one record at a time. */
export function frameAttacher(
  frames: ReadonlyMap<string, readonly ImageFrame[]>,
): (record: ImageSiteRecord) => ImageSiteRecord {
  const prefix = treePrefix(frames.values());
  const files = new Map<string, string>();
  /** One copy of each path. */
  const relative = (frame: ImageFrame): ImageFrame => {
    if (frame.file === null || !frame.file.startsWith(prefix)) return frame;
    const file = files.get(frame.file) ?? frame.file.slice(prefix.length);
    files.set(frame.file, file);
    return { ...frame, file };
  };
  return (record) => {
    const chain = record.address === null ? undefined : frames.get(record.address)?.map(relative);
    const last = chain?.[chain.length - 1];
    if (chain === undefined || last === undefined) return record;
    const { file, line } = last;
    const origin = file === null || line === null ? null : { file, line };
    return {
      ...record,
      file,
      line,
      endLine: line,
      chain,
      unknownReason: 'an image does not tell the construct',
      unpatched: record.unpatched.map((insn) => ({ ...insn, origin })),
    };
  };
}

/** The directory that most files of `arch/arm64` lie under, with its last `/`; empty when there are none. */
function treePrefix(chains: Iterable<readonly ImageFrame[]>): string {
  const votes = new Map<string, number>();
  for (const chain of chains) {
    for (const { file } of chain) {
      const at = file?.lastIndexOf('/arch/arm64/') ?? -1;
      if (file === null || at < 0) continue;
      const prefix = file.slice(0, at + 1);
      votes.set(prefix, (votes.get(prefix) ?? 0) + 1);
    }
  }
  return [...votes].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}

/** What the sites of one file take. */
export interface FileRow {
  readonly file: string;
  readonly alternatives: number;
  readonly jumps: number;
  /** Records, entries and replacements. */
  readonly bytes: number;
}

/** Sites by the file of the function that they were compiled into: a header's inline functions count for their users. */
export function sitesByFile(records: readonly ImageSiteRecord[]): readonly FileRow[] {
  const rows = new Map<string, { alternatives: number; jumps: number; bytes: number }>();
  for (const { kind, chain, unpatched } of records) {
    const isAlternative = kind === 'alternative' || kind === 'callback-alternative';
    if (!isAlternative && kind !== 'jump') continue;
    const file = chain[0]?.file ?? '(no line)';
    const row = rows.get(file) ?? { alternatives: 0, jumps: 0, bytes: 0 };
    if (isAlternative) row.alternatives++;
    else row.jumps++;
    row.bytes += isAlternative ? alternativeBytes : jumpEntryBytes;
    if (kind === 'alternative') row.bytes += unpatched.length * 4;
    rows.set(file, row);
  }
  return [...rows]
    .map(([file, row]) => ({ file, ...row }))
    .sort((a, b) => b.bytes - a.bytes || (a.file < b.file ? -1 : 1));
}
