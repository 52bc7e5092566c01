import type { ComparedRow, ImageComparison } from '../../image/compareImages.ts';
import type { Economics } from '../../image/economics.ts';
import type { LineGroup } from '../../image/imageLines.ts';
import type { ImageSummary } from '../../image/imageSummary.ts';
import type { FileRow } from '../../image/siteLines.ts';
import type { ImageInsn, ImageSiteRecord } from '../../image/siteRecords.ts';
import type { Paint } from '../paint.ts';
import { alignColumns } from './columns.ts';

/** Rows that a person reads; the rest is told by its number. */
const maxRows = 16;

/** What is in an image, as text for people. Ends in a line break. */
export function summaryText(summary: ImageSummary, paint: Paint): string {
  const { alternatives, jumps, ftrace, noinstr } = summary;
  const lines: string[] = [];
  lines.push(`${paint.bold(summary.image)}: ${kindText(summary)}`);
  if (summary.compiler !== null) lines.push(paint.dim(`  compiler ${summary.compiler}`));
  if (summary.buildId !== null) lines.push(paint.dim(`  build id ${summary.buildId}`));
  const vdso = alternatives.vdso === null ? '' : `, ${grouped(alternatives.vdso.entries)} more in the vDSO`;
  lines.push('', heading(paint, 'alternatives', `${counted(alternatives.entries, 'record')}${vdso}`));
  if (alternatives.entries > 0) {
    const { bytes } = alternatives;
    lines.push(
      `  ${grouped(bytes.entries)} bytes of records, ${grouped(bytes.replacements)} of replacements, for ${grouped(bytes.originals)} bytes of code`,
    );
    lines.push(...table(alternatives.byCpucap, 'cpucap', paint));
    lines.push(...table(alternatives.callbacks, 'callback', paint));
  }
  lines.push(
    '',
    heading(
      paint,
      'static keys',
      `${counted(jumps.entries, 'jump entry', 'jump entries')} of ${counted(jumps.keys, 'key')}`,
    ),
  );
  if (jumps.entries > 0) {
    const kinds = Object.entries(jumps.keysByKind).filter(([, count]) => count > 0);
    lines.push(
      `  ${grouped(jumps.bytes)} bytes of entries; ${kinds.map(([kind, n]) => `${grouped(n)} ${kind}`).join(', ')}`,
    );
    lines.push(...table(jumps.byKey, 'key', paint));
  }
  const layout = ftrace.layout === null ? '' : ` (layout ${ftrace.layout})`;
  lines.push('', heading(paint, 'ftrace', `${counted(ftrace.sites, 'function')}${layout}`));
  lines.push(
    heading(
      paint,
      'static calls',
      `${counted(summary.staticCalls.keys, 'key')}, ${counted(summary.staticCalls.trampolines, 'trampoline')}`,
    ),
  );
  lines.push(heading(paint, 'runtime constants', counted(summary.runtimeConstants.sites, 'site')));
  lines.push(heading(paint, 'hyp relocations', counted(summary.hypRelocations, 'word')));
  lines.push(heading(paint, 'erratum 843419', counted(summary.erratumVeneers, 'veneer')));
  lines.push(
    heading(
      paint,
      'noinstr',
      noinstr === null ? 'no such code' : `${noinstr.start} to ${noinstr.end}, ${grouped(noinstr.functions)} functions`,
    ),
  );
  for (const { number, records, reason } of summary.capabilities.unnamed) {
    lines.push(paint.yellow(`not known: cpucap ${number} (${counted(records, 'record')}): ${reason}`));
  }
  for (const conflict of summary.capabilities.conflicts) lines.push(paint.yellow(`not of one build: ${conflict}`));
  return `${lines.join('\n')}\n`;
}

function kindText({ kind, release }: ImageSummary): string {
  const names: Readonly<Record<ImageSummary['kind'], string>> = {
    vmlinux: 'kernel',
    'raw-image': 'raw kernel image',
    object: 'object',
    module: 'module',
    vdso: 'vDSO',
  };
  return release === null ? names[kind] : `${names[kind]} ${release}`;
}

function heading(paint: Paint, name: string, text: string): string {
  return `${paint.cyan(name.padEnd(18))}${text}`;
}

function table(counts: Readonly<Record<string, number>>, what: string, paint: Paint): readonly string[] {
  // Names that are numbers come first in an object, whatever their count.
  const rows = Object.entries(counts).sort((a, b) => b[1] - a[1]);
  if (rows.length === 0) return [];
  const shown = rows.slice(0, maxRows).map(([name, count]) => [grouped(count), name]);
  const lines = alignColumns(shown, ['right', 'left']).map((line) => `    ${line}`);
  const rest = rows.length - shown.length;
  return [
    paint.dim(`  by ${what}`),
    ...lines,
    ...(rest > 0 ? [paint.dim(`    and ${grouped(rest)} more (--format json lists all)`)] : []),
  ];
}

/** `27,549`. */
function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

function signed(count: number): string {
  return count > 0 ? `+${grouped(count)}` : grouped(count);
}

/** The economics table. */
export function economicsText(economics: Economics, byFile: readonly FileRow[] | null, paint: Paint): string {
  const { mechanisms, byCpucap, keyMoves, nopCallback } = economics;
  const lines = [paint.bold('What patching takes, in bytes')];
  lines.push(
    ...aligned(
      ['', 'count', 'in the file', 'after init'],
      mechanisms.map((row) => [row.name, grouped(row.count), grouped(row.file), grouped(row.afterInit)]),
      paint,
    ),
  );
  lines.push('', paint.bold('cpucaps: alternatives now, and their branches as static keys'));
  lines.push(
    ...aligned(
      ['cpucap', 'records', 'file', 'after init', 'tests', 'as keys: file', 'after init'],
      byCpucap
        .slice(0, maxRows)
        .map((row) => [
          row.cpucap,
          grouped(row.records),
          grouped(row.file),
          grouped(row.afterInit),
          grouped(row.tests),
          grouped(row.asKeys.file),
          grouped(row.asKeys.afterInit),
        ]),
      paint,
    ),
  );
  if (byCpucap.length > maxRows) lines.push(paint.dim(`  and ${byCpucap.length - maxRows} more (--format json)`));
  lines.push('', paint.bold('static keys that tell about the machine: as alternatives'));
  if (keyMoves.length === 0) lines.push('  none');
  for (const { key, entries, verdict, now, asAlternative } of keyMoves) {
    const saves = `${signed(asAlternative.file - now.file)} bytes in the file, ${signed(asAlternative.afterInit - now.afterInit)} after init`;
    const could = verdict.couldBeAlternative === 'yes';
    const head = `  ${key}: ${grouped(entries)} entries${verdict.cpucap === null ? '' : `, says what ${verdict.cpucap} says`}`;
    lines.push(could ? `${head}: ${paint.green(saves)}` : `${head}: ${paint.dim('must stay a key')}`);
    lines.push(paint.dim(`      ${verdict.why}`));
  }
  if (byFile !== null) {
    lines.push('', paint.bold('by file: bytes of records, entries and replacements'));
    const rows = byFile
      .slice(0, maxRows)
      .map((row) => [row.file, grouped(row.alternatives), grouped(row.jumps), grouped(row.bytes)]);
    lines.push(...aligned(['file', 'alternatives', 'jumps', 'bytes'], rows, paint));
    if (byFile.length > maxRows)
      lines.push(paint.dim(`  and ${grouped(byFile.length - maxRows)} more (--format json)`));
  }
  const { used, possible } = nopCallback;
  lines.push('', paint.bold('the shared NOP callback (alt_cb_patch_nops)'));
  lines.push(
    `  used by ${grouped(used.records)} records, which do without ${grouped(used.savedBytes)} bytes of replacements`,
  );
  lines.push(
    `  ${grouped(possible.records)} more records have nothing but NOPs as their replacement and could use it: ${grouped(possible.savedBytes)} bytes less`,
  );
  for (const [cpucap, records] of Object.entries(possible.byCpucap)) lines.push(`    ${grouped(records)}  ${cpucap}`);
  return `${lines.join('\n')}\n`;
}

function aligned(head: readonly string[], rows: readonly (readonly string[])[], paint: Paint): readonly string[] {
  const [first = '', ...others] = alignColumns(
    [head, ...rows],
    head.map((_, column) => (column === 0 ? 'left' : 'right')),
  );
  return [paint.dim(`  ${first}`), ...others.map((line) => `  ${line}`)];
}

/** Two images side by side. */
export function comparisonText(comparison: ImageComparison, paint: Paint): string {
  const { before, after } = comparison;
  const name = ({ image, release }: ImageComparison['before']): string =>
    release === null ? image : `${image} (${release})`;
  const lines = [`${paint.bold('before')} ${name(before)}`, `${paint.bold('after ')} ${name(after)}`];
  const part = (title: string, rows: readonly ComparedRow[], limit: number): void => {
    lines.push('', paint.bold(title));
    if (rows.length === 0) lines.push('  no difference');
    const cell = (value: number | null): string => (value === null ? '-' : grouped(value));
    lines.push(
      ...aligned(
        ['', 'before', 'after', 'difference'],
        rows.slice(0, limit).map((row) => [row.name, cell(row.before), cell(row.after), signed(row.difference)]),
        paint,
      ),
    );
    if (rows.length > limit) lines.push(paint.dim(`  and ${rows.length - limit} more (--format json lists all)`));
  };
  part('count', comparison.counts, 99);
  part('bytes in the file', comparison.fileBytes, 99);
  part('bytes after init', comparison.afterInitBytes, 99);
  part('bytes of code', comparison.codeBytes, 99);
  part('records by cpucap', comparison.byCpucap, maxRows);
  part('records by callback', comparison.byCallback, maxRows);
  part('jump entries by key', comparison.byKey, maxRows);
  return `${lines.join('\n')}\n`;
}

/** One site of an image: a line, then both streams. */
export function imageSiteText(site: ImageSiteRecord, paint: Paint): string {
  const place = site.address ?? `${site.section}+${site.offset}`;
  const source = site.file === null ? '' : ` ${site.file}:${site.line}`;
  const lines = [`${paint.bold(place)} <${site.symbol}>${source}: ${site.kind} ${paint.cyan(triggerText(site))}`];
  const left = site.unpatched.map(({ text, word }) => cellText(text, word));
  const right =
    site.patched === null
      ? [`(${site.patchedReason ?? 'not known'})`]
      : site.patched.map(({ text, word }) => cellText(text, word));
  const width = Math.min(60, Math.max(20, ...left.map((text) => text.length)));
  for (let row = 0; row < Math.max(left.length, right.length); row++) {
    lines.push(`    ${(left[row] ?? '').padEnd(width)} | ${right[row] ?? ''}`.trimEnd());
  }
  for (const { name, file, line } of site.chain.slice(0, -1))
    lines.push(paint.dim(`    in ${name} ${file ?? ''}:${line ?? ''}`));
  for (const issue of site.issues) lines.push(paint.yellow(`    not known: ${issue}`));
  return `${lines.join('\n')}\n`;
}

/** Places of a line that are alike. */
export function lineGroupText(group: LineGroup, paint: Paint): string {
  const { kind, trigger, callback, unpatched, patched, patchedReason, places, variants, functions } = group;
  const shapes = variants > 1 ? `, ${grouped(variants)} with other registers or targets` : '';
  const name = callback === null ? trigger : `${trigger} ${callback}`;
  const lines = [
    `${paint.bold(`${grouped(places)} place${places === 1 ? '' : 's'}`)}${shapes}: ${kind} ${paint.cyan(name)}`,
  ];
  const width = Math.min(60, Math.max(20, ...unpatched.map((text) => text.length)));
  unpatched.forEach((text, row) => {
    const right = patched === null ? (row === 0 ? `(${patchedReason ?? 'not known'})` : '') : (patched[row] ?? '');
    lines.push(`    ${text.padEnd(width)} | ${right}`.trimEnd());
  });
  const shown = functions.slice(0, maxFunctions).map((one) => `${one.name}${one.places > 1 ? ` ×${one.places}` : ''}`);
  const rest = functions.length - shown.length;
  lines.push(paint.dim(`    in ${shown.join(', ')}${rest > 0 ? ` and ${grouped(rest)} more functions` : ''}`));
  return `${lines.join('\n')}\n`;
}

const maxFunctions = 8;

function cellText(text: string, word: ImageInsn['word']): string {
  return `${word ?? '--------'} ${text}`;
}

function triggerText({ trigger }: ImageSiteRecord): string {
  const shown = ['cpucap', 'callback', 'key', 'branch', 'call', 'target', 'function', 'layout', 'symbol', 'constant'];
  const parts = shown.map((name) => trigger[name]).filter((value) => value !== undefined && value !== null);
  return parts.length > 0 ? parts.join(' ') : `cpucap ${trigger.number ?? ''}`;
}
