import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** What llvm-mca said of a stream on one core; see records/mca/README.md. */
export interface McaResult {
  readonly raw?: readonly [once: number, hundred: number, uops: number, throughput: number];
  readonly fixed?: readonly [once: number, hundred: number];
  readonly summary?: readonly [uops: number, throughput: number];
  readonly refused?: readonly string[];
  readonly skip?: string;
}

export interface McaRecord {
  readonly id: string;
  readonly asm: readonly string[];
  readonly kind: string;
  readonly mca: Readonly<Record<string, McaResult>>;
}

export interface McaTimeline {
  /** Per instruction: dispatched, issued, executed, retired. */
  readonly t: readonly (readonly number[])[];
  /** Unit number to cycles per iteration. */
  readonly p: Readonly<Record<string, number>>;
}

export interface McaRecords {
  readonly cores: readonly string[];
  readonly records: readonly McaRecord[];
  /** By id, then core. */
  readonly timelines: ReadonlyMap<string, Readonly<Record<string, McaTimeline>>>;
  /** Unit names per core that has timelines, in the tool's order. */
  readonly units: Readonly<Record<string, readonly string[]>>;
}

export function readMcaRecords(): McaRecords {
  const [head, ...records] = readLines('sample.jsonl.gz');
  const [timelineHead, ...timelines] = readLines('timeline.jsonl.gz');
  return {
    cores: head._meta.cores,
    records,
    timelines: new Map(timelines.map((record) => [record.id, record])),
    units: timelineHead._meta.resources,
  };
}

// biome-ignore lint/suspicious/noExplicitAny: lines of two shapes, told apart by the callers
function readLines(name: string): any[] {
  const packed = readFileSync(new URL(`records/mca/${name}`, import.meta.url));
  return gunzipSync(packed)
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}
