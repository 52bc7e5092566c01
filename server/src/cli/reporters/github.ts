import type { Severity } from '../../features/diagnostics.ts';
import type { LintRecord } from './lintRecord.ts';

/**
 * A finding as a workflow command of GitHub Actions, which shows it on the changed line of a pull request
 * (docs.github.com: "Workflow commands for GitHub Actions", escaping as in actions/toolkit core/src/command.ts).
 */
export function githubCommand(record: LintRecord): string {
  const properties = [
    ['file', record.file],
    ['line', String(record.line)],
    ['endLine', String(record.endLine)],
    // Columns are only taken for a range within one line.
    ...(record.line === record.endLine
      ? [['col', String(record.column)] as const, ['endColumn', String(record.endColumn)] as const]
      : []),
    ['title', record.rule],
  ];
  const list = properties.map(([key, value]) => `${key}=${escapeProperty(value ?? '')}`).join(',');
  return `::${command(record.severity)} ${list}::${escapeData(record.message)}\n`;
}

function command(severity: Severity): string {
  return severity === 'information' ? 'notice' : severity;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
