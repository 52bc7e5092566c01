import type { Economics } from './economics.ts';
import type { ImageSummary } from './imageSummary.ts';

/** One line of a comparison; null where an image has no such thing. */
export interface ComparedRow {
  readonly name: string;
  readonly before: number | null;
  readonly after: number | null;
  readonly difference: number;
}

/** How two images differ: bytes by mechanism, records by cpucap and callback, entries by key. */
export interface ImageComparison {
  readonly before: { readonly image: string; readonly release: string | null; readonly buildId: string | null };
  readonly after: { readonly image: string; readonly release: string | null; readonly buildId: string | null };
  readonly fileBytes: readonly ComparedRow[];
  readonly afterInitBytes: readonly ComparedRow[];
  /** The code, the parts of it that are there for patching, and what these do not explain. */
  readonly codeBytes: readonly ComparedRow[];
  readonly counts: readonly ComparedRow[];
  readonly byCpucap: readonly ComparedRow[];
  readonly byCallback: readonly ComparedRow[];
  readonly byKey: readonly ComparedRow[];
}

/** One image with its figures. */
export interface ImageFigures {
  readonly summary: ImageSummary;
  readonly economics: Economics;
}

/** Compares two images. Rows that are equal in both are left out of the lists by cpucap, callback and key. */
export function compareImages(before: ImageFigures, after: ImageFigures): ImageComparison {
  const head = ({ summary: { image, release, buildId } }: ImageFigures): ImageComparison['before'] => ({
    image,
    release,
    buildId,
  });
  const bytes = (figures: ImageFigures, of: 'file' | 'afterInit'): Readonly<Record<string, number>> => {
    const rows = figures.economics.mechanisms.map((row) => [row.name, row[of]] as const);
    return Object.fromEntries([...rows, ['total', rows.reduce((total, [, value]) => total + value, 0)]]);
  };
  const counts = ({ economics }: ImageFigures): Readonly<Record<string, number>> =>
    Object.fromEntries(economics.mechanisms.map((row) => [row.name, row.count]));
  return {
    before: head(before),
    after: head(after),
    fileBytes: compared(bytes(before, 'file'), bytes(after, 'file')),
    afterInitBytes: compared(bytes(before, 'afterInit'), bytes(after, 'afterInit')),
    codeBytes: compared(codeOf(before), codeOf(after)),
    counts: compared(counts(before), counts(after)),
    byCpucap: changed(before.summary.alternatives.byCpucap, after.summary.alternatives.byCpucap),
    byCallback: changed(before.summary.alternatives.callbacks, after.summary.alternatives.callbacks),
    byKey: changed(keysByName(before), keysByName(after)),
  };
}

/** Mechanisms whose bytes in the file are code. */
const codeMechanisms: readonly string[] = ['alternatives: replacements', 'ftrace: code'];

function codeOf({ summary, economics }: ImageFigures): Readonly<Record<string, number>> {
  const parts = economics.mechanisms.filter(({ name }) => codeMechanisms.includes(name));
  const patching = parts.reduce((sum, { file }) => sum + file, 0);
  return {
    'all code': summary.codeBytes,
    ...Object.fromEntries(parts.map(({ name, file }) => [name, file])),
    'everything else': summary.codeBytes - patching,
  };
}

/** Entries by key; keys whose names the compiler numbers anew in every build are one. */
function keysByName({ summary }: ImageFigures): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [name, entries] of Object.entries(summary.jumps.byKey)) {
    const stable = name
      .replace(/^__UNIQUE_ID_ddebug.*/, '(dynamic debug)')
      .replace(/^___once_key.*/, '(DO_ONCE)')
      .replace(/^(security_hook_active_\w+?)_\d+$/, '$1');
    counts[stable] = (counts[stable] ?? 0) + entries;
  }
  return counts;
}

function compared(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): readonly ComparedRow[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].map((name) => {
    const left = before[name] ?? null;
    const right = after[name] ?? null;
    return { name, before: left, after: right, difference: (right ?? 0) - (left ?? 0) };
  });
}

function changed(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): readonly ComparedRow[] {
  return compared(before, after)
    .filter(({ difference }) => difference !== 0)
    .sort((a, b) => Math.abs(b.difference) - Math.abs(a.difference) || (a.name < b.name ? -1 : 1));
}
