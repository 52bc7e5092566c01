import type { Severity } from '../../features/diagnostics.ts';
import type { Paint } from '../paint.ts';
import type { LintRecord } from './lintRecord.ts';

/** Text of a 1-based line of a file as results name it, or `undefined`. */
export type SourceLine = (file: string, line: number) => string | undefined;

/**
 * A finding in the form of compilers, `file:line:column: severity: message [rule]`, which problem matchers
 * read; then its related places as notes. With `source`, the line and a caret under it. Ends in a line break.
 */
export function lintText(record: LintRecord, paint: Paint, source: SourceLine | null): string {
  const place = paint.bold(`${record.file}:${record.line}:${record.column}:`);
  const [first = '', ...more] = record.message.split('\n');
  const lines = [`${place} ${severityText(record.severity, paint)}: ${first} ${paint.dim(`[${record.rule}]`)}`];
  for (const line of more) lines.push(`    ${line}`);
  const text = source?.(record.file, record.line);
  if (text !== undefined) lines.push(...excerpt(text, record, paint));
  for (const place of record.related) {
    lines.push(`${paint.bold(`${place.file}:${place.line}:1:`)} ${paint.cyan('note')}: ${place.message}`);
  }
  if (record.fix !== null) lines.push(`    ${paint.green('fix')}: ${record.fix}`);
  return `${lines.join('\n')}\n`;
}

function severityText(severity: Severity, paint: Paint): string {
  switch (severity) {
    case 'error':
      return paint.red('error');
    case 'warning':
      return paint.yellow('warning');
    case 'information':
      return paint.cyan('note');
  }
}

function excerpt(text: string, record: LintRecord, paint: Paint): readonly string[] {
  const number = String(record.line).padStart(6);
  const before = text.slice(0, record.column - 1).replace(/[^\t]/g, ' ');
  const end = record.endLine === record.line ? record.endColumn : text.length + 1;
  const marks = '^'.repeat(Math.max(1, Math.min(end, text.length + 1) - record.column));
  return [`${paint.dim(`${number} |`)} ${text}`, `${paint.dim('       |')} ${before}${paint.green(marks)}`];
}
