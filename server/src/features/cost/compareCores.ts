import { type CostReport, intervalText, noteLines } from './costReport.ts';

/** One site on many cores. */
export interface CoreComparison {
  readonly title: string;
  readonly markdown: string;
  readonly text: string;
}

const columns = ['one pass', 'looped', 'added', 'one pass', 'looped', 'added'] as const;
const firstOfPatched = 4;

/** Reports of the same site from different cores as one table; `null` for none. */
export function compareReports(reports: readonly CostReport[]): CoreComparison | null {
  const [first] = reports;
  if (first === undefined) return null;
  const rows = reports.map((report) => [coreLabel(report), ...report.rows.flatMap(rowCells)]);
  const unknown = [...new Set(reports.flatMap((report) => report.unknown))];
  const standIns = reports.filter((report) => coreLabel(report).endsWith('*')).map((report) => `* ${report.core}`);
  const notes = [...standIns, ...[...new Set(reports.flatMap((report) => report.notes))].slice(0, 8)];
  return {
    title: `${first.title} on ${reports.length} cores`,
    markdown: markdownTable(unknown, rows, notes),
    text: textTable(first.title, unknown, rows, notes),
  };
}

/** A name that leaves room for figures: the table's head says that they are the model's, a note what stands in. */
function coreLabel({ core }: CostReport): string {
  const at = core.indexOf(', modelled as ');
  return at < 0 ? core.replace(/ model$/, '') : `${core.slice(0, at)}*`;
}

function rowCells(row: CostReport['rows'][number]): string[] {
  if (row.failure !== null) return [row.failure, '', ''];
  return [intervalText(row.cyclesOnce), intervalText(row.looped), row.added === null ? '' : intervalText(row.added)];
}

function markdownTable(unknown: readonly string[], rows: readonly string[][], notes: readonly string[]): string {
  const parts = unknown.length === 0 ? [] : [`**unknown:** ${unknown.map((one) => `\`${one}\``).join(', ')}`];
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const head = columns.map((name, index) => `${index + 1 < firstOfPatched ? 'unpatched' : 'patched'}: ${name}`);
  const align = `|:--|${columns.map(() => '--:').join('|')}|`;
  parts.push([line(['model of', ...head]), align, ...rows.map(line)].join('\n'));
  if (notes.length > 0) parts.push(notes.map((note) => `- ${note}`).join('\n'));
  return parts.join('\n\n');
}

function textTable(
  title: string,
  unknown: readonly string[],
  rows: readonly string[][],
  notes: readonly string[],
): string {
  const table: readonly (readonly string[])[] = [['model of', ...columns], ...rows];
  const widths = ['', ...columns].map((_, column) => Math.max(...table.map((cells) => (cells[column] ?? '').length)));
  const lines = [title];
  if (unknown.length > 0) lines.push(`unknown: ${unknown.join('; ')}`);
  const toPatched = widths.slice(0, firstOfPatched).reduce((sum, width) => sum + width + 2, 0);
  const unpatched = `${' '.repeat((widths[0] ?? 0) + 2)}unpatched`;
  lines.push(`${unpatched.padEnd(toPatched)}patched`);
  for (const cells of table) {
    const padded = cells.map((cell, column) => {
      const width = widths[column] ?? 0;
      return column === 0 ? cell.padEnd(width) : cell.padStart(width + 2);
    });
    lines.push(padded.join('').trimEnd());
  }
  return `${[...lines, ...noteLines(notes)].join('\n')}\n`;
}
