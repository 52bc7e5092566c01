import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** Value below which the given share (0 to 1) of the values lies. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** Milliseconds that work takes. */
export async function timeMs(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** One figure of the table. `ratio` is what a budget holds; absolute figures are of this machine only. */
export interface BenchRow {
  readonly what: string;
  readonly value: string;
  readonly against: string;
  readonly ratio: number | null;
  readonly budget: number | null;
}

export const ms = (value: number): string => `${value < 100 ? value.toFixed(1) : value.toFixed(0)} ms`;
export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

/** The rows as a table for a terminal. */
export function benchTable(rows: readonly BenchRow[]): string {
  const cells = rows.map(({ what, value, against, ratio, budget }) => [
    what,
    value,
    against,
    ratio === null ? '' : ratio.toFixed(3),
    budget === null ? '' : `< ${budget}`,
  ]);
  const head = ['', 'ours', 'against', 'ratio', 'budget'];
  const widths = head.map((name, column) => Math.max(name.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ');
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line)].join('\n');
}

export interface BenchProgram {
  readonly path: string;
  dispose(): void;
}

/** A program of this folder as it would ship: one minified file, without the test runner's instrumentation. */
export async function bundleProgram(name: string): Promise<BenchProgram> {
  const directory = mkdtempSync(join(tmpdir(), 'patchpoint-bench-'));
  const path = join(directory, basename(name).replace(/\.ts$/, '.cjs'));
  await build({
    entryPoints: [fileURLToPath(new URL(name, import.meta.url))],
    outfile: path,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    define: { PATCHPOINT_VERSION: '"bench"' },
  });
  return { path, dispose: () => rmSync(directory, { recursive: true }) };
}
