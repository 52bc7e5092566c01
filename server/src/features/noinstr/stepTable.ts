import type { LinePlace } from './linePlace.ts';

/** One level of the picture of a stack, or one fact of a state. */
export interface StepLevel {
  readonly name: string;
  readonly value: string;
  /** It is what the model is about: in a trampoline, or not as it should be. */
  readonly marked: boolean;
}

export interface StepRow {
  readonly step: string;
  /** The function that makes the call, where the call does not show it. */
  readonly group: string | null;
  /** Calls inside calls stand further in. */
  readonly indent: number;
  /** One for each column of the table. */
  readonly cells: readonly string[];
  readonly ticks: readonly (boolean | null)[];
  /** What went wrong here, whole sentences. */
  readonly problems: readonly string[];
  /** The whole state, for one step at a time; for a stack the innermost level first. */
  readonly picture: readonly StepLevel[];
  readonly place: LinePlace | null;
  /** The cursor stands here. */
  readonly isHere: boolean;
}

/** A run of a model, step by step, as views and the command line show it. */
export interface StepTable {
  readonly title: string;
  readonly about: readonly string[];
  readonly columns: readonly string[];
  readonly checks: readonly { readonly id: string; readonly text: string }[];
  readonly rows: readonly StepRow[];
  readonly notes: readonly string[];
}

function tick(value: boolean | null): string {
  if (value === null) return '–';
  return value ? '✓' : '✗';
}

/** The table in fixed width, for a terminal or a mail: title, steps, problems below them, what the ticks mean. */
export function stepText(table: StepTable, display: (path: string) => string = (path) => path): string {
  const header = ['#', 'step', ...table.columns, ...table.checks.map(({ id }) => id)];
  const body = table.rows.map((row, index) => [
    `${row.isHere ? '>' : ''}${index + 1}`,
    `${'  '.repeat(row.indent)}${row.step}`,
    ...row.cells,
    ...row.ticks.map(tick),
  ]);
  const widths = header.map((word, at) => Math.max(word.length, ...body.map((cells) => cells[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => (at === 0 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  const problems = table.rows.flatMap((row, index) =>
    row.problems.map((problem) => {
      const at = row.place === null ? '' : ` (${display(row.place.path)}:${row.place.line})`;
      return `step ${index + 1}${at}: ${problem}`;
    }),
  );
  const legend = table.checks.map(
    ({ id, text }, at) => `${tick(allOf(table.rows.map((row) => row.ticks[at])))} ${id}  ${text}`,
  );
  return [
    table.title,
    ...table.about,
    '',
    line(header),
    ...body.flatMap((cells, at) => {
      const group = table.rows[at]?.group ?? null;
      const isNew = group !== null && group !== (table.rows[at - 1]?.group ?? null);
      return isNew ? [line(['', group]), line(cells)] : [line(cells)];
    }),
    '',
    ...problems,
    ...(problems.length > 0 ? [''] : []),
    ...legend,
    ...(table.notes.length > 0 ? ['', ...table.notes.flatMap(wrapped)] : []),
    '',
  ].join('\n');
}

/** One tick for a column: broken where one is, `null` where nothing was to be kept. */
function allOf(ticks: readonly (boolean | null | undefined)[]): boolean | null {
  if (ticks.includes(false)) return false;
  return ticks.includes(true) ? true : null;
}

const noteWidth = 110;

/** A paragraph in lines. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length >= noteWidth) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
