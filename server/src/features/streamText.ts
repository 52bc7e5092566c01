import type { MachineState } from '../kernel/machineStates.ts';
import type { AlternativeSite, StreamInsn } from '../kernel/patchSite.ts';
import { type CpucapQuestion, isApplied, type PatchedStream, streamIn, streamWhenSet } from '../patch/patchedStream.ts';
import type { KernelTree } from '../project/kernelTree.ts';
import type { SiteView } from './featureContext.ts';
import { recordBytes } from './siteList.ts';
import { questionFor } from './siteStates.ts';

/** `6 nop`, `1 insn`, `5 insns`. */
export function streamSize(insns: readonly StreamInsn[]): string {
  const count = insns.length;
  if (count > 0 && insns.every((insn) => insn.text === 'nop')) return `${count} nop`;
  return `${count} insn${count === 1 ? '' : 's'}`;
}

/** Instruction for people: what was written for an `.inst`, else its text. */
export function insnLabel(insn: StreamInsn): string {
  return insn.written === null ? insn.text : insn.written;
}

/** Instructions in one line: repeated ones counted, separated by `; `. */
export function streamLine(insns: readonly StreamInsn[]): string {
  const parts: string[] = [];
  let index = 0;
  while (index < insns.length) {
    const label = insnLabel(insns[index] ?? emptyInsn);
    let count = 1;
    while (index + count < insns.length && insnLabel(insns[index + count] ?? emptyInsn) === label) count++;
    parts.push(count === 1 ? label : `${label} ×${count}`);
    index += count;
  }
  return parts.join('; ');
}

const emptyInsn: StreamInsn = {
  text: '',
  written: null,
  word: null,
  wordReason: null,
  relocation: null,
  blockLine: 0,
  file: '',
  line: 0,
  chain: [],
};

/** Text cut to `limit` characters with an ellipsis. */
export function shorten(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1).trimEnd()}…`;
}

/** Which sequence of a site runs in a view: the original, the replacement, or nobody can tell. */
export function runningHalf(
  site: AlternativeSite,
  view: Exclude<SiteView, 'both'>,
  ask: CpucapQuestion,
): 'original' | 'replacement' | 'unknown' {
  if (view === 'unpatched') return 'original';
  const applied = isApplied(site, ask);
  if (applied.has === null) return 'unknown';
  return applied.has ? 'replacement' : 'original';
}

/** Both streams as a Markdown table, unpatched on the left. */
export function streamTable(site: AlternativeSite): string {
  const patched = streamWhenSet(site);
  const right = patched.known ? patched.insns : [];
  const rows = Math.max(site.original.length, right.length);
  const head = site.kind === 'callback-alternative' ? 'patched by the callback' : `patched (${site.cpucap.text})`;
  const lines = [`| | unpatched | ${head} |`, '|--:|:--|:--|'];
  for (let row = 0; row < rows; row++) {
    const other = patched.known ? code(right[row]) : row === 0 ? `*${escapeCell(patched.reason)}*` : '';
    lines.push(`| +${row * 4} | ${code(site.original[row])} | ${other} |`);
  }
  return lines.join('\n');
}

function code(insn: StreamInsn | undefined): string {
  if (insn === undefined) return '';
  const note = insn.written === null ? '' : ` ${escapeCell(insn.written)}`;
  return `\`${escapeCell(insn.text)}\`${note}`;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** Bytes in line and bytes of metadata, as one sentence. */
export function byteCosts(site: AlternativeSite): string {
  const bytes = (count: number): string => `${count} byte${count === 1 ? '' : 's'}`;
  const inline = site.origLenBytes === null ? 'unknown length in line' : `${bytes(site.origLenBytes)} in line`;
  if (site.kind === 'callback-alternative') return `${inline} · ${bytes(recordBytes)} of record, no replacement`;
  const replacement =
    site.altLenBytes === null ? 'a replacement of unknown length' : `${bytes(site.altLenBytes)} of replacement`;
  return `${inline} · metadata: ${bytes(recordBytes)} of record, ${replacement}`;
}

/** What the chosen machine state makes of a site, as one sentence; empty where there is nothing to add. */
export function stateSentence(site: AlternativeSite, tree: KernelTree | null, state: MachineState): string {
  const ask = questionFor(tree, state);
  const applied = isApplied(site, ask);
  const where = `In machine state **${state.name}**`;
  if (applied.has === null) return `${where}: not known (${applied.reason ?? 'no reason given'}).`;
  if (!applied.has) return `${where}: stays as linked${applied.reason === null ? '' : ` (${applied.reason})`}.`;
  const stream: PatchedStream = streamIn(site, ask);
  if (!stream.known) return `${where}: ${stream.reason}.`;
  return stream.changed ? `${where}: patched.` : `${where}: the callback leaves it as linked.`;
}
