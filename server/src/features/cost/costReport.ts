import type { Interval } from '../../cost/model.ts';

/** One stream of a report. Cycles are the model's, never measured. */
export interface CostRow {
  readonly label: string;
  /** Instructions executed on the straight path, callees excluded. */
  readonly instructions: number;
  /** Bytes of the path's code. */
  readonly bytes: number;
  readonly takenBranches: number;
  readonly uops: number;
  readonly cyclesOnce: Interval | null;
  /** Cycles per pass, back to back. */
  readonly looped: Interval | null;
  /** Cycles that the site adds in the middle of its surroundings; `null` with no site, or where it cannot be said. */
  readonly added: Interval | null;
  /** Why there are no figures, or `null`. */
  readonly failure: string | null;
}

export interface CostReport {
  readonly title: string;
  /** Core and, where it stands in, the model: `Neoverse N1 model`, `Cortex-A76, modelled as Neoverse N1`. */
  readonly core: string;
  readonly rows: readonly CostRow[];
  /** What nobody knows, each once; shown before any figure. */
  readonly unknown: readonly string[];
  /** What is assumed or left out. */
  readonly notes: readonly string[];
  /** Second row against the first, as one sentence; `null` when there is nothing to compare. */
  readonly difference: string | null;
}

/** `4`, `0.3`, `3..5`, `>= 12`. */
export function intervalText(interval: Interval | null): string {
  if (interval === null) return 'unknown';
  const { lo, hi } = interval;
  if (hi === null) return `>= ${numberText(lo)}`;
  const low = numberText(lo);
  const high = numberText(hi);
  return low === high ? low : `${low}..${high}`;
}

function numberText(value: number): string {
  const rounded = Math.abs(value) >= 100 ? Math.round(value) : Math.round(value * 100) / 100;
  return Object.is(rounded, -0) ? '0' : String(rounded);
}

/** One line of Markdown: what both streams cost, unknown parts first. */
export function costLine(report: CostReport): string {
  const rows = report.rows.map((row) => `${row.label} ${rowSummary(row)}`).join(' · ');
  const unknown = report.unknown.length === 0 ? '' : `**unknown: ${unknownText(report.unknown)}** · `;
  return `${unknown}*${report.core}:* ${rows}`;
}

/** The first few unknowns, and how many more there are. */
function unknownText(unknown: readonly string[]): string {
  const shown = unknown.slice(0, 3).join('; ');
  return unknown.length > 3 ? `${shown} and ${unknown.length - 3} more` : shown;
}

function rowSummary(row: CostRow): string {
  if (row.failure !== null) return `not modelled (${row.failure})`;
  const parts = [`${row.instructions} insn${row.instructions === 1 ? '' : 's'}`];
  if (row.added !== null) parts.push(`adds ${cycles(row.added)}`);
  else parts.push(`one pass ${cycles(row.cyclesOnce)}`);
  return parts.join(', ');
}

function cycles(interval: Interval | null): string {
  const text = intervalText(interval);
  return text === 'unknown' ? text : `${text} cycle${text === '1' ? '' : 's'}`;
}

const columns = ['insns', 'bytes', 'taken', 'uops', 'one pass', 'looped', 'added'] as const;

function cells(row: CostRow): readonly string[] {
  if (row.failure !== null) return columns.map(() => '-');
  return [
    String(row.instructions),
    String(row.bytes),
    String(row.takenBranches),
    String(row.uops),
    intervalText(row.cyclesOnce),
    intervalText(row.looped),
    row.added === null ? '' : intervalText(row.added),
  ];
}

/** The whole report as Markdown: unknown parts, the table, the difference, what is assumed. */
export function costMarkdown(report: CostReport): string {
  const parts: string[] = [];
  if (report.unknown.length > 0) parts.push(`**unknown:** ${report.unknown.map((one) => `\`${one}\``).join(', ')}`);
  const head = [`| ${report.core} | ${columns.join(' | ')} |`, `|:--|${columns.map(() => '--:').join('|')}|`];
  const rows = report.rows.map((row) =>
    row.failure === null
      ? `| ${row.label} | ${cells(row).join(' | ')} |`
      : `| ${row.label} | ${row.failure} | | | | | | |`,
  );
  parts.push([...head, ...rows].join('\n'));
  if (report.difference !== null) parts.push(report.difference);
  if (report.notes.length > 0) parts.push(report.notes.map((note) => `- ${note}`).join('\n'));
  return parts.join('\n\n');
}

/** The same in columns of plain text, for a terminal or a mail. */
export function costText(report: CostReport): string {
  const table = [[report.core, ...columns], ...report.rows.map((row) => [`  ${row.label}`, ...cells(row)])];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((line) => (line[column] ?? '').length))) ?? [];
  const lines = [report.title];
  if (report.unknown.length > 0) lines.push(`unknown: ${report.unknown.join('; ')}`);
  for (const line of table) {
    lines.push(
      line
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[column] ?? 0) + 2)))
        .join('')
        .trimEnd(),
    );
  }
  for (const row of report.rows) if (row.failure !== null) lines.push(`  ${row.label}: ${row.failure}`);
  if (report.difference !== null) lines.push(report.difference);
  lines.push(...noteLines(report.notes));
  return `${lines.join('\n')}\n`;
}

const noteWidth = 78;

/** Notes of a text, each broken at blanks so that it fits a terminal. */
export function noteLines(notes: readonly string[]): string[] {
  return notes.flatMap((note) => {
    const lines: string[] = [];
    let line = 'note:';
    for (const word of note.split(' ')) {
      if (line.length + word.length >= noteWidth && line.trim() !== 'note:') {
        lines.push(line);
        line = '     ';
      }
      line += ` ${word}`;
    }
    return [...lines, line];
  });
}
