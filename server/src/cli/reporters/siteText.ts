import type { SiteInsn, SiteRecord } from '../../features/siteList.ts';
import type { Paint } from '../paint.ts';

const minColumnCells = 30;
const maxColumnCells = 60;

/** Steps of a chain that are told; `--format json` has all. */
const shownSteps = 4;

/**
 * A site as text for people, plain enough for a mail: a header line, then both streams side by side in
 * address order, then the way it came out of macros and what is not known. Ends in a line break.
 */
export function siteListing(site: SiteRecord, paint: Paint): string {
  const header = `${paint.bold(`${site.file}:${site.line}`)}: ${site.construct} ${paint.cyan(triggerText(site))}  ${sizes(site)}`;
  const lines = [header];
  const left = site.unpatched.map(insnText);
  const right = site.patched === null ? unknownStream(site) : site.patched.map(insnText);
  const longest = Math.max(minColumnCells, ...left.map((text) => text.length));
  const width = Math.min(maxColumnCells, longest);
  lines.push(paint.dim(`    ${'unpatched'.padEnd(width)} | patched`));
  for (let row = 0; row < Math.max(left.length, right.length); row++) {
    const original = left[row] ?? '';
    const other = right[row] ?? '';
    const differs = original !== other;
    const cell = original.padEnd(width);
    lines.push(
      `    ${differs ? cell : paint.dim(cell)} ${differs ? '|' : ' '} ${differs ? paint.green(other) : paint.dim(other)}`.trimEnd(),
    );
  }
  if (site.chain.length > 0) {
    lines.push(paint.dim(`    from ${chainText(site)}`));
  }
  for (const issue of site.issues) lines.push(paint.yellow(`    not known: ${issue}`));
  return `${lines.join('\n')}\n`;
}

/** Outermost and innermost steps with their places: a chain through ten inline functions is no line to read. */
function chainText({ chain }: SiteRecord): string {
  const steps = chain.map((frame) => `${frame.name} (${frame.file}:${frame.line})`);
  const left = steps.length - shownSteps;
  if (left <= 1) return steps.join(' > ');
  return [...steps.slice(0, shownSteps - 1), `… ${left} more …`, ...steps.slice(-1)].join(' > ');
}

function insnText(insn: SiteInsn): string {
  const text = insn.text.replaceAll('\t', ' ');
  return insn.written === null ? text : `${text}  // ${insn.written}`;
}

function triggerText({ kind, trigger }: SiteRecord): string {
  if (kind === 'jump') {
    const { key, branch, initial, keyKind } = trigger;
    const starts =
      initial === null || initial === undefined ? 'unknown at first' : initial ? 'true at first' : 'false at first';
    const notes = [keyKind === 'key' ? null : keyKind, branch, starts].filter(
      (note) => note !== null && note !== undefined,
    );
    return `${key ?? 'unknown key'} (${notes.join(', ')})`;
  }
  if (kind === 'static-call')
    return `${trigger.call} (static call, ${trigger.target ?? trigger.targetReason ?? 'no function'})`;
  const { cpucap, scope, config, callback } = trigger;
  const notes = [scope, config, callback ? `callback ${callback}` : null].filter(
    (note) => note !== null && note !== undefined,
  );
  return `${cpucap ?? 'unknown cpucap'}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}`;
}

function sizes(site: SiteRecord): string {
  const count = (n: number): string => `${n} insn${n === 1 ? '' : 's'}`;
  const { unpatched, patched } = site;
  return patched === null ? count(unpatched.length) : `${count(unpatched.length)} -> ${count(patched.length)}`;
}

/** What stands for a stream that is not in the source: a callback writes its instructions at boot. */
function unknownStream(site: SiteRecord): readonly string[] {
  const { callback } = site.trigger;
  return [callback ? `(written by ${callback})` : `(${site.patchedReason ?? 'not known'})`];
}
