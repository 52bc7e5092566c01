import { basename } from '../../base/path.ts';
import type { MachineState } from '../../kernel/machineStates.ts';
import type { FeatureContext } from '../featureContext.ts';
import type { PatchedView } from '../patchedView.ts';
import { insnLabel } from '../streamText.ts';
import type { CFile } from './cFile.ts';
import type { CSite } from './cSites.ts';
import { idleBlock } from './idleBlock.ts';
import { openCFile } from './openCFile.ts';
import { isOfCallee, isTold, streamLabel, triggerLabel } from './siteLabel.ts';
import { asLinked, type SiteOutcome, siteOutcome } from './siteOutcome.ts';
import { stateQuestion } from './stateQuestion.ts';

/** Instructions of one site that a comment tells; longer streams are cut. */
const maxInsns = 8;

/**
 * A C file with a comment above each line with sites: what stands there in a state. Blocks that a key leaves out in
 * that state are commented out. `null` for files that are no C of a kernel tree.
 */
export function cPatchedView(ctx: FeatureContext, path: string, of: MachineState | 'unpatched'): PatchedView | null {
  const file = openCFile(ctx, path);
  if (file === null) return null;
  const question = of === 'unpatched' ? null : stateQuestion(ctx, file, of);
  const outcome = (site: CSite): SiteOutcome => (question === null ? asLinked(site) : siteOutcome(site, question));
  const above = new Map<number, string[]>();
  const idle = new Set<number>();
  for (const site of file.sites) {
    if (site.removed !== null || isOfCallee(file, site)) continue;
    const result = outcome(site);
    const notes = above.get(site.line) ?? [];
    const note = siteNote(file, site, result);
    if (!notes.includes(note)) notes.push(note);
    above.set(site.line, notes);
    const block = idleBlock(file, site, result);
    if (block !== null) for (let line = block.first; line <= block.last; line++) idle.add(line);
  }
  const out: string[] = [];
  const lines: number[] = [];
  for (let line = 1; line <= file.lines.lineCount; line++) {
    const text = lineText(file, line);
    const indent = /^\s*/.exec(text)?.[0] ?? '';
    for (const note of above.get(line) ?? []) out.push(`${indent}// ${note}`);
    out.push(idle.has(line) && text.trim() !== '' ? `//${text}` : text);
    lines.push(out.length);
  }
  const name = of === 'unpatched' ? 'unpatched' : of.name;
  return { title: `${basename(path)} (${name})`, text: out.join(file.text.includes('\r\n') ? '\r\n' : '\n'), lines };
}

/** `sched_feat_keys[3]: nop (off)`, `ARM64_HAS_LSE_ATOMICS: patched: stadd …`. */
function siteNote(file: CFile, site: CSite, { stream, changed, value, reason }: SiteOutcome): string {
  const times = site.count > 1 ? `, ${site.count} times` : '';
  const head = isTold(file, site) ? triggerLabel(site) : `${site.construct}, ${triggerLabel(site)}`;
  if (stream === null) return `${head}: not known, ${reason ?? 'no reason given'}`;
  const insns = stream.slice(0, maxInsns).map((insn) => insnLabel(insn));
  if (stream.length > maxInsns) insns.push('…');
  const state = site.jump === null ? (changed === true ? 'patched' : 'as linked') : value === true ? 'on' : 'off';
  return `${head} (${state}${times}): ${stream.length === 1 ? streamLabel(site, stream) : insns.join('; ')}`;
}

function lineText(file: CFile, line: number): string {
  const { start, end } = file.lines.lineRange(line, file.text);
  return file.text.slice(start, end);
}
