import type { TransferRecord } from '../commands/noinstr.ts';
import type { Paint } from '../paint.ts';
import { alignColumns } from './columns.ts';

/** Transfers out of noinstr text for people: by verdict, violations last, then the numbers. Ends in a line break. */
export function noinstrText(records: readonly TransferRecord[], nFunctions: number, paint: Paint): string {
  const lines: string[] = [];
  for (const verdict of ['allowed', 'unverified', 'violation'] as const) {
    const rows = records.filter((record) => record.verdict === verdict);
    if (rows.length === 0) continue;
    lines.push(paint.bold(`${verdict} (${rows.length})`));
    lines.push(
      ...alignColumns(
        rows.map((row) => [
          `  ${row.fromAddress}`,
          row.from,
          row.via,
          row.to ?? '(pointer)',
          row.state === 'always' ? '' : `only ${row.state}`,
          row.reason,
          row.file === null ? '' : `${row.file}:${row.line ?? '?'}`,
        ]),
        ['left', 'left', 'left', 'left', 'left', 'left', 'left'],
      ),
    );
  }
  const count = (verdict: TransferRecord['verdict']): number => records.filter((one) => one.verdict === verdict).length;
  lines.push(
    `${records.length} transfers leave ${nFunctions} noinstr functions: ${count('allowed')} allowed, ${count('violation')} violations, ${count('unverified')} unverified`,
  );
  return `${lines.join('\n')}\n`;
}
