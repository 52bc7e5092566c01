import { basename } from '../../base/path.ts';
import type { PatchCallback, ProtectedKey } from '../../noinstr/image/protectedFacts.ts';
import type { TransferRecord } from '../commands/noinstr.ts';
import type { Paint } from '../paint.ts';
import { alignColumns } from './columns.ts';

/** What a reason says, in the order in which the sums are given. */
const reasons: Readonly<Record<string, string>> = {
  'rcu-off': 'RCU does not watch there, or not in every configuration',
  contract: 'noinstr for its own protection, and calls code that can be instrumented outside a region',
  'idle-contract': 'the same in an idle function, whose callees turn RCU off',
  'indirect-instrumentable': 'the pointer is known to lead to code that can be instrumented',
  'outside-region': 'no instrumentation region around it; objtool flags this',
  'open-indirect': 'what the pointer leads to is not known to the end',
  'no-source': 'no source, or no line, was found for the place; nothing is claimed',
  region: 'between instrumentation_begin() and instrumentation_end()',
  context: 'RCU watches on every path to it',
  noinstr: 'its callee, in another object, is noinstr',
  assembly: 'its callee is assembly, which has no ftrace site',
  'closed-indirect': 'everything the pointer can lead to is noinstr',
  'compiler-emitted': 'made by the compiler',
  'switch-table': 'a jump inside the function',
  warn: 'a warning, which marks its own region',
  fatal: 'the kernel does not come back from it',
};

const titles = { allowed: 'allowed', unverified: 'unverified', violation: 'violations' } as const;

/**
 * Transfers out of noinstr text for people: by verdict and by function, violations last, then the sums by reason. Ends
 * in a line break.
 */
export function noinstrText(records: readonly TransferRecord[], nFunctions: number, paint: Paint): string {
  const lines: string[] = [];
  for (const verdict of ['allowed', 'unverified', 'violation'] as const) {
    const rows = records.filter((record) => record.verdict === verdict);
    if (rows.length === 0) continue;
    lines.push(paint.bold(`${titles[verdict]} (${rows.length})`), ...byFunction(rows), '');
  }
  const count = (verdict: TransferRecord['verdict']): number => records.filter((one) => one.verdict === verdict).length;
  lines.push(
    paint.bold(
      `${plural(records.length, 'transfer')} out of ${plural(nFunctions, 'noinstr function')}: ${plural(count('violation'), 'violation')}, ${count('unverified')} unverified, ${count('allowed')} allowed`,
    ),
    ...sums(records),
  );
  return `${lines.join('\n')}\n`;
}

function plural(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function byFunction(rows: readonly TransferRecord[]): string[] {
  const aligned = alignColumns(
    rows.map((row) => [
      row.line === null ? '' : `${row.line}`,
      row.via,
      row.to ?? 'a pointer',
      row.reason,
      row.state === 'always' ? '' : `only ${row.state}`,
      instrumentedBy(row),
      row.fromAddress,
    ]),
    ['right', 'left', 'left', 'left', 'left', 'left', 'left'],
  );
  const lines: string[] = [];
  let head = '';
  for (const [index, row] of rows.entries()) {
    const next = row.file === null ? `  ${row.from}` : `  ${row.from} (${row.file})`;
    if (next !== head) lines.push(next);
    head = next;
    lines.push(`    ${aligned[index] ?? ''}`);
    if (row.note !== null) lines.push(`      ${row.note}`);
    if (row.verdict === 'allowed') continue;
    const inlined = row.chain
      .slice(1)
      .map(({ name, file, line }) => `${name} (${basename(file ?? '?')}:${line ?? '?'})`);
    if (inlined.length > 0) lines.push(`      through ${inlined.join(', ')}`);
    if (row.targets.length > 0) lines.push(`      known targets: ${row.targets.join(', ')}`);
  }
  return lines;
}

/** Who can put something into the callee. */
function instrumentedBy({ toTraceable, toProbeable }: TransferRecord): string {
  return [toTraceable === true ? 'ftrace' : '', toProbeable === true ? 'kprobes' : ''].filter(Boolean).join(' ');
}

function sums(records: readonly TransferRecord[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { reason } of records) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const known = Object.keys(reasons).filter((reason) => counts.has(reason));
  return alignColumns(
    known.map((reason) => [`  ${counts.get(reason) ?? 0}`, reason, reasons[reason] ?? '']),
    ['right', 'left', 'left'],
  );
}

/** Static keys that noinstr code tests; empty without one. */
export function keysText(keys: readonly ProtectedKey[]): string {
  if (keys.length === 0) return '';
  const rows = keys.map(({ name, placed, section, nSites, functions }) => [
    `  ${nSites}`,
    name,
    placed === 'writable' ? 'can be toggled' : placed === 'read-only' ? 'read-only after init' : 'in another object',
    section ?? '',
    `in ${functions.slice(0, 3).join(', ')}${functions.length > 3 ? ` and ${functions.length - 3} more` : ''}`,
  ]);
  const text = alignColumns(rows, ['right', 'left', 'left', 'left', 'left']);
  return `static keys that noinstr code tests (${keys.length})\n${text.join('\n')}\n`;
}

/** Callbacks of alternatives; empty without one. */
export function callbacksText(callbacks: readonly PatchCallback[]): string {
  if (callbacks.length === 0) return '';
  const words = { noinstr: 'noinstr', init: '__init', plain: 'can be instrumented' };
  const rows = callbacks.map(({ name, placed, uses }) => [
    `  ${uses}`,
    name,
    placed === null ? 'in another object' : words[placed],
  ]);
  const text = alignColumns(rows, ['right', 'left', 'left']);
  return `callbacks of alternatives (${callbacks.length})\n${text.join('\n')}\n`;
}
