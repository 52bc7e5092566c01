import type { TextRange } from '../base/text.ts';
import type { StreamInsn } from '../kernel/patchSite.ts';
import { streamWhenSet } from '../patch/patchedStream.ts';
import type { AssemblyAnalysis } from '../project/assemblyAnalysis.ts';
import { cHints } from './c/cHints.ts';
import { inlineExpansion } from './expansionSteps.ts';
import type { FeatureContext, SiteView } from './featureContext.ts';
import { contextMarks } from './noinstr/noinstrViews.ts';
import { patchedState, questionFor } from './siteStates.ts';
import { insnLabel, runningHalf, shorten, streamLine } from './streamText.ts';
import { type WrittenBlock, writtenSites } from './writtenBlocks.ts';

export interface Hint {
  readonly offset: number;
  /** Below 39 characters. */
  readonly label: string;
  /** Markdown. */
  readonly tooltip: string;
  readonly kind: 'other-state' | 'expansion' | 'context';
}

/** The editor cuts hints off after 43 characters, blanks around them included. */
const maxLabel = 38;
/** Macro lines whose expansion is longer are left to the hover. */
const maxExpansionInsns = 4;

/** Hints of the asked range, in order: at each line of a sequence, what the other state has there. */
export function inlayHints(
  ctx: FeatureContext,
  path: string,
  range: TextRange,
  options: { readonly view: SiteView; readonly expansions: boolean; readonly context?: boolean },
): readonly Hint[] {
  const ofC = [
    ...cHints(ctx, path, range, options),
    ...(options.context === true ? contextHints(ctx, path, range) : []),
  ];
  const analysis = ctx.workspace.assembly(path, ctx.cancellation);
  if (analysis === null) return ofC;
  const first = analysis.lines.lineAt(range.start);
  const last = analysis.lines.lineAt(range.end);
  const hints: Hint[] = [];
  for (const block of writtenSites(analysis).blocks) {
    if (block.endLine < first || block.openLine > last) continue;
    hints.push(...blockHints(ctx, analysis, block, options.view));
  }
  if (options.expansions)
    hints.push(...expansionHints(analysis, first, last, new Set(hints.map((hint) => hint.offset))));
  return [...hints, ...ofC]
    .filter((hint) => hint.offset >= range.start && hint.offset <= range.end)
    .sort((a, b) => a.offset - b.offset);
}

/** Whether RCU watches, where that changes along a noinstr function. */
function contextHints(ctx: FeatureContext, path: string, range: TextRange): Hint[] {
  const tooltips = {
    OUT: 'RCU is not watching from here on: nothing that can be instrumented may run.',
    IN: 'RCU is watching from here on.',
    region: 'Inside an instrumentation region.',
    '?': 'Whether RCU watches depends on the caller or the path.',
  };
  return contextMarks(ctx, path, range).map(({ offset, label }) => ({
    offset,
    label: `context: ${label}`,
    tooltip: tooltips[label],
    kind: 'context',
  }));
}

function blockHints(ctx: FeatureContext, analysis: AssemblyAnalysis, block: WrittenBlock, view: SiteView): Hint[] {
  const { site } = block;
  if (block.openLine === block.endLine || site.kind === 'callback-alternative') return callbackHints(analysis, block);
  const ask = questionFor(analysis.tree, patchedState(analysis.tree, ctx.state));
  const running = view === 'both' ? 'both' : runningHalf(site, view, ask);
  const patched = streamWhenSet(site);
  const replacement = patched.known ? patched.insns : site.replacement;
  const cap = site.cpucap.text;
  const hints: Hint[] = [];
  if (running !== 'replacement') {
    hints.push(...halfHints(analysis, site.original, replacement, `with \`${cap}\`, patched`));
  }
  if (running !== 'original') {
    hints.push(...halfHints(analysis, replacement, site.original, `without \`${cap}\`, as linked`));
  }
  return hints;
}

/** One hint for each line of a sequence: the other sequence's instructions at the same places. */
function halfHints(
  analysis: AssemblyAnalysis,
  own: readonly StreamInsn[],
  other: readonly StreamInsn[],
  when: string,
): Hint[] {
  const hints: Hint[] = [];
  let index = 0;
  while (index < own.length) {
    const line = own[index]?.blockLine ?? 0;
    const from = index;
    while (index < own.length && own[index]?.blockLine === line) index++;
    const there = other.slice(from, index);
    if (there.length === 0) continue;
    const filler = own.slice(from, index).every((insn) => insn.text === 'nop') && index - from > 1;
    const label = filler ? `= ${streamLine(own.slice(from, index))}` : `⇄ ${streamLine(there)}`;
    const listing = there.map((insn) => `\t${insnLabel(insn)}`).join('\n');
    hints.push({
      offset: lineEnd(analysis, line),
      label: shorten(label, maxLabel),
      tooltip: `In the other state (${when}):\n\n\`\`\`arm64-kernel-asm\n${listing}\n\`\`\``,
      kind: 'other-state',
    });
  }
  return hints;
}

function callbackHints(analysis: AssemblyAnalysis, block: WrittenBlock): Hint[] {
  const { site } = block;
  if (site.kind !== 'callback-alternative' || site.callback === null) return [];
  const patched = streamWhenSet(site);
  const line = site.original[0]?.blockLine ?? block.openLine;
  const label = patched.known ? `⇄ ${streamLine(patched.insns)}` : `⇄ written by ${site.callback}`;
  const tooltip = patched.known ? `Patched by \`${site.callback}\`.` : `${patched.reason}.`;
  return [{ offset: lineEnd(analysis, line), label: shorten(label, maxLabel), tooltip, kind: 'other-state' }];
}

/** What a macro line stands for, where that is short. */
function expansionHints(analysis: AssemblyAnalysis, first: number, last: number, taken: ReadonlySet<number>): Hint[] {
  const hints: Hint[] = [];
  const seen = new Set<number>();
  for (const frame of analysis.gas.frames) {
    const { line, file } = frame.callSource;
    if (frame.depth !== 1 || frame.kind !== 'macro' || file !== analysis.path || line < first || line > last) continue;
    const offset = lineEnd(analysis, line);
    if (seen.has(line) || taken.has(offset)) continue;
    const whole = inlineExpansion(analysis.gas, frame, 40);
    const insns = (whole ?? []).filter((text) => text.startsWith('\t')).map((text) => text.trim());
    if (whole === null || insns.length === 0 || insns.length > maxExpansionInsns) continue;
    seen.add(line);
    hints.push({
      offset,
      label: shorten(`= ${insns.join('; ')}`, maxLabel),
      tooltip: `\`\`\`arm64-kernel-asm\n${whole.join('\n')}\n\`\`\``,
      kind: 'expansion',
    });
  }
  return hints;
}

function lineEnd(analysis: AssemblyAnalysis, line: number): number {
  const { start, end } = analysis.lines.lineRange(line, analysis.text);
  return start + analysis.text.slice(start, end).trimEnd().length;
}
