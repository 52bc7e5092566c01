import { type CostReport, intervalText } from './costReport.ts';

/** One site on many cores. */
export interface CoreComparison {
  readonly title: string;
  readonly markdown: string;
  readonly text: string;
}

const columns = ['core', 'unpatched: one pass', 'looped', 'adds', 'patched: one pass', 'looped', 'adds'] as const;

/** Reports of the same site from different cores as one table; `null` for none. */
export function compareReports(reports: readonly CostReport[]): CoreComparison | null {
  const [first] = reports;
  if (first === undefined) return null;
  const rows = reports.map((report) => [report.core, ...report.rows.flatMap(rowCells)]);
  const unknown = [...new Set(reports.flatMap((report) => report.unknown))];
  const notes = [...new Set(reports.flatMap((report) => report.notes))].slice(0, 8);
  return {
    title: `${first.title} on ${reports.length} cores`,
    markdown: markdownTable(unknown, rows, notes),
    text: textTable(first.title, unknown, rows, notes),
  };
}

function rowCells(row: CostReport['rows'][number]): string[] {
  if (row.failure !== null) return [row.failure, '', ''];
  return [intervalText(row.cyclesOnce), intervalText(row.looped), row.added === null ? '' : intervalText(row.added)];
}

function markdownTable(unknown: readonly string[], rows: readonly string[][], notes: readonly string[]): string {
  const parts = unknown.length === 0 ? [] : [`**unknown:** ${unknown.map((one) => `\`${one}\``).join(', ')}`];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  parts.push(
    [
      line(columns),
      `|:--|${columns
        .slice(1)
        .map(() => '--:')
        .join('|')}|`,
      ...rows.map(line),
    ].join('\n'),
  );
  if (notes.length > 0) parts.push(notes.map((note) => `- ${note}`).join('\n'));
  return parts.join('\n\n');
}

function textTable(
  title: string,
  unknown: readonly string[],
  rows: readonly string[][],
  notes: readonly string[],
): string {
  const table: readonly (readonly string[])[] = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...table.map((cells) => (cells[column] ?? '').length)));
  const lines = [title];
  if (unknown.length > 0) lines.push(`unknown: ${unknown.join('; ')}`);
  for (const cells of table) {
    const padded = cells.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[column] ?? 0) + 2),
    );
    lines.push(padded.join('').trimEnd());
  }
  return `${[...lines, ...notes.map((note) => `note: ${note}`)].join('\n')}\n`;
}
