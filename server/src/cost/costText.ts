import type { CostRecord, RecordCycles } from './costRecord.ts';

/** `12`, `3..5`, `>= 12`, or `-` where there is nothing; one decimal where it says something. */
export function cyclesText(cycles: RecordCycles, digits = 0): string {
  if (cycles === null) return '-';
  const shown = (value: number): string => String(Number(value.toFixed(digits)));
  if (typeof cycles === 'number') return shown(cycles);
  const [lo, hi] = cycles;
  if (hi === null) return `>= ${shown(lo)}`;
  return shown(lo) === shown(hi) ? shown(lo) : `${shown(lo)}..${shown(hi)}`;
}

/** Cells of the table of several records: a header row, then one row per record. Numbers are text. */
export function costRows(records: readonly CostRecord[], titles: readonly string[]): readonly (readonly string[])[] {
  const withAdded = records.some((record) => record.added !== null);
  const header = ['model', 'uops', 'one pass', 'looped', '100 passes', 'by counting', ...(withAdded ? ['added'] : [])];
  const rows = records.map((record, index) => [
    titles[index] ?? record.core,
    record.uops === null ? '-' : String(record.uops),
    cyclesText(record.cyclesOnce),
    cyclesText(record.looped ?? null, 2),
    cyclesText(record.cycles100),
    record.blockRThroughput === null ? '-' : String(Number(record.blockRThroughput.toFixed(2))),
    ...(withAdded ? [cyclesText(record.added, 2)] : []),
  ]);
  return [header, ...rows];
}

const widestTimeline = 100;

/**
 * The first pass as a picture, one line per instruction: `D` dispatched, `=` waits for issue, `e` runs, `E` its result
 * is there, `-` waits for retirement, `R` retired, as llvm-mca draws it. The first line counts cycles.
 */
export function timelineText(record: CostRecord, texts: readonly string[]): readonly string[] {
  const rows = record.timeline ?? [];
  const last = Math.max(0, ...rows.map(([, , , retired]) => retired));
  const shownCycles = Math.min(last + 1, widestTimeline);
  const indexWidth = String(Math.max(0, rows.length - 1)).length;
  const head = `${' '.repeat(indexWidth)}  ${Array.from({ length: shownCycles }, (_, cycle) => (cycle % 10 === 0 ? String((cycle / 10) % 10) : '.')).join('')}`;
  const lines = rows.map(([dispatched, issued, executed, retired], index) => {
    let line = '';
    for (let cycle = 0; cycle < shownCycles; cycle++)
      line += timelineMark(cycle, dispatched, issued, executed, retired);
    return `${String(index).padStart(indexWidth)}  ${line}  ${texts[index] ?? ''}`;
  });
  const cut =
    last + 1 > shownCycles
      ? [`${' '.repeat(indexWidth)}  the picture ends at cycle ${shownCycles} of ${last + 1}`]
      : [];
  return rows.length === 0 ? [] : [head, ...lines, ...cut];
}

function timelineMark(cycle: number, dispatched: number, issued: number, executed: number, retired: number): string {
  if (cycle < dispatched || cycle > retired) return cycle % 5 === 0 ? '.' : ' ';
  if (cycle === retired && retired > executed) return 'R';
  if (cycle === executed) return 'E';
  if (cycle > executed) return '-';
  if (cycle === dispatched) return 'D';
  return cycle < issued ? '=' : 'e';
}

/** What is not known and what is assumed, unknowns first; one line each, without repeats of one reason. */
export function causeLines(record: CostRecord): readonly string[] {
  const byReason = new Map<string, { places: string[]; head: string }>();
  for (const { index, text, reason, cycles, assumed, sources } of record.causes) {
    const [lo, hi] = cycles;
    const figure = hi === null ? `>= ${lo} cycles, no bound known` : lo === hi ? `${lo} cycles` : `${lo}..${hi} cycles`;
    const head = hi === null ? 'unknown' : assumed ? 'assumed' : lo === hi ? 'our figure' : 'range';
    const from = sources.length === 0 ? '' : ` [${sources.join(', ')}]`;
    const what = index === null ? text : text.replace(/\s+/g, ' ');
    const key = `${head}: ${what}: ${figure}${reason === '' ? '' : `; ${reason}`}${from}`;
    const known = byReason.get(key);
    if (known === undefined) byReason.set(key, { places: index === null ? [] : [String(index)], head });
    else if (index !== null) known.places.push(String(index));
  }
  return [...byReason].map(([line, { places }]) => (places.length > 1 ? `${line} (${places.length} times)` : line));
}
