import { coreChoice } from '../../cost/cores.ts';
import type { CostRecord } from '../../cost/costRecord.ts';
import { causeLines, costRows, timelineText } from '../../cost/costText.ts';
import type { Paint } from '../paint.ts';
import { alignColumns } from './columns.ts';

/** One block for people: a table with a row per core; then per core what is not known, and why a pass takes so long. */
export function costBlockText(
  name: string,
  records: readonly CostRecord[],
  texts: readonly string[],
  paint: Paint,
): string {
  const [first] = records;
  if (first === undefined) return '';
  const taken =
    first.takenBranches === 0 ? 'no taken branch' : plural(first.takenBranches, 'taken branch', 'taken branches');
  const facts = `${plural(first.instructions, 'instruction')}, ${first.bytes} bytes, ${taken}`;
  const lines = [`${paint.bold(name)}: ${facts} ${paint.dim(modeText(first))}`];
  const titles = records.map(modelTitle);
  const [head = '', ...rows] = alignColumns(costRows(records, titles), [
    'left',
    ...Array.from({ length: 6 }, () => 'right' as const),
  ]);
  lines.push(`  ${paint.dim(head)}`, ...rows.map((row) => `  ${row}`));
  records.forEach((record, index) => {
    const details = detailsOf(record, texts, paint);
    if (details.length === 0) return;
    lines.push(
      '',
      ...(records.length > 1 ? [`  ${paint.bold(titles[index] ?? '')}`] : []),
      ...details.map((line) => `  ${line}`.trimEnd()),
    );
  });
  return `${lines.join('\n')}\n\n`;
}

function modeText({ mode }: CostRecord): string {
  return mode === 'llvm' ? '(as llvm-mca 19 computes it)' : '(a model, not a measurement; memory is an L1 hit)';
}

function modelTitle({ core, modelledAs }: CostRecord): string {
  const title = (name: string): string => coreChoice(name)?.title ?? name;
  return core === modelledAs ? title(core) : `${title(core)}, modelled as ${title(modelledAs)}`;
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Steps of a critical path that are shown; of a longer one the beginning and the end. */
const mostSteps = 24;

function detailsOf(record: CostRecord, texts: readonly string[], paint: Paint): readonly string[] {
  if (record.refused.length > 0) return [`${paint.red('refused')} by llvm-mca: ${record.refused.join(', ')}`];
  if (record.failure !== null) return [`${paint.red('no result')}: ${record.failure}`];
  const lines = causeLines(record).map((line) => {
    const at = line.indexOf(':');
    const word = line.slice(0, at);
    return `${word === 'unknown' ? paint.red(word) : paint.yellow(word)}${line.slice(at)}`;
  });
  const index = (at: number): string => String(at).padStart(String(texts.length - 1).length);
  const width = Math.min(40, Math.max(...record.criticalPath.map((step) => shownText(texts[step.index]).length), 0));
  lines.push(`${paint.cyan('critical path')}`);
  const step = ({ index: at, cause }: CostRecord['criticalPath'][number]): string =>
    `  ${index(at)}  ${shownText(texts[at]).padEnd(width)}  ${paint.dim(cause)}`;
  const path = record.criticalPath;
  const hidden = path.length - mostSteps;
  if (hidden <= 0) lines.push(...path.map(step));
  else {
    lines.push(...path.slice(0, mostSteps / 2).map(step));
    lines.push(`  ${paint.dim(`... ${hidden} more ...`)}`);
    lines.push(...path.slice(-mostSteps / 2).map(step));
  }
  if (record.timeline !== undefined) {
    lines.push(paint.cyan('first pass'), ...timelineText(record, texts.map(shownText)).map((line) => `  ${line}`));
  }
  if (record.pressure !== undefined) {
    const rows = Object.entries(record.pressure).map(([unit, cycles]) => [unit, cycles.toFixed(2)]);
    lines.push(
      paint.cyan('cycles per pass of each unit'),
      ...alignColumns(rows, ['left', 'right']).map((line) => `  ${line}`),
    );
  }
  return lines;
}

function shownText(text: string | undefined): string {
  return (text ?? '').replace(/\s+/g, ' ');
}
