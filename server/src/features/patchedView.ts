import { basename } from '../base/path.ts';
import type { MachineState } from '../kernel/machineStates.ts';
import type { AlternativeSite, StreamInsn } from '../kernel/patchSite.ts';
import { type CpucapQuestion, type PatchedStream, streamIn } from '../patch/patchedStream.ts';
import type { AssemblyAnalysis } from '../project/assemblyAnalysis.ts';
import { cPatchedView } from './c/cPatchedView.ts';
import { halfLines } from './fadedRanges.ts';
import type { FeatureContext } from './featureContext.ts';
import { questionFor } from './siteStates.ts';
import { type WrapperLine, type WrittenBlock, writtenSites } from './writtenBlocks.ts';

export interface PatchedView {
  readonly title: string;
  readonly text: string;
  /** For each line of the file, from the first, the 1-based line of the view that shows it. */
  readonly lines: readonly number[];
}

const asLinked: MachineState = { name: 'none', core: null, cpucaps: [] };

/**
 * The file's text with each alternative replaced by the sequence that runs in a state. Everything else is left as
 * it is written, so that two states differ only where the kernel does. `null` when the file cannot be read.
 */
export function patchedView(ctx: FeatureContext, path: string, of: MachineState | 'unpatched'): PatchedView | null {
  const analysis = ctx.workspace.assembly(path, ctx.cancellation);
  if (analysis === null) return cPatchedView(ctx, path, of);
  const state = of === 'unpatched' ? asLinked : of;
  const ask = questionFor(analysis.tree, state);
  const { blocks, wrappers } = writtenSites(analysis);
  const text = analysis.text;
  const out: string[] = [];
  const lines: number[] = [];
  let line = 1;
  const copyTo = (end: number): void => {
    for (; line < end; line++) {
      out.push(lineText(analysis, line));
      lines.push(out.length);
    }
  };
  for (const edit of edits(blocks, wrappers)) {
    if (edit.line < line) continue;
    copyTo(edit.line);
    const first = out.length + 1;
    out.push(
      ...(edit.block === null ? wrapperLines(analysis, edit.wrappers, ask) : blockLines(analysis, edit.block, ask)),
    );
    for (; line <= edit.endLine; line++) lines.push(Math.min(first + line - edit.line, out.length));
  }
  copyTo(analysis.lines.lineCount + 1);
  const name = of === 'unpatched' ? 'unpatched' : state.name;
  return { title: `${basename(path)} (${name})`, text: out.join(text.includes('\r\n') ? '\r\n' : '\n'), lines };
}

interface Edit {
  readonly line: number;
  readonly endLine: number;
  readonly block: WrittenBlock | null;
  readonly wrappers: readonly WrapperLine[];
}

function edits(blocks: readonly WrittenBlock[], wrappers: readonly WrapperLine[]): Edit[] {
  const all: Edit[] = blocks.map((block) => ({ line: block.openLine, endLine: block.endLine, block, wrappers: [] }));
  const byLine = new Map<number, WrapperLine[]>();
  for (const wrapper of wrappers) {
    const known = byLine.get(wrapper.line);
    if (known === undefined) byLine.set(wrapper.line, [wrapper]);
    else known.push(wrapper);
  }
  for (const [line, list] of byLine) all.push({ line, endLine: line, block: null, wrappers: list });
  return all.sort((left, right) => left.line - right.line);
}

function blockLines(analysis: AssemblyAnalysis, block: WrittenBlock, ask: CpucapQuestion): string[] {
  const { site } = block;
  const stream = streamIn(site, ask);
  const indent = /^\s*/.exec(lineText(analysis, block.openLine))?.[0] ?? '';
  const head = `${indent === '' ? '\t' : indent}// ${site.cpucap.text}: ${outcome(site, stream)}`;
  if (!stream.known) return [head, ...sourceLines(analysis, block.openLine, block.endLine)];
  const nops = stream.insns.length > 0 && stream.insns.every((insn) => insn.text === 'nop');
  const half = stream.changed ? 'replacement' : 'original';
  const lines = site.kind === 'callback-alternative' ? callbackLines(block, stream.changed) : halfLines(block, half);
  const written = lines === null || nops ? null : sourceLines(analysis, lines.first, lines.last);
  return [head, ...(written ?? insnLines(stream.insns))];
}

/** A callback's placeholders stand between its opener and its end; once it wrote them they have no line. */
function callbackLines(block: WrittenBlock, changed: boolean): { first: number; last: number } | null {
  if (changed || block.endLine - block.openLine < 2) return null;
  return { first: block.openLine + 1, last: block.endLine - 1 };
}

function wrapperLines(analysis: AssemblyAnalysis, wrappers: readonly WrapperLine[], ask: CpucapQuestion): string[] {
  const line = wrappers[0]?.line ?? 1;
  const out = [lineText(analysis, line)];
  for (const wrapper of wrappers) {
    for (const site of wrapper.sites) {
      const stream = streamIn(site, ask);
      out.push(`\t// ${wrapper.name}, ${site.cpucap.text}: ${outcome(site, stream)}`);
      if (stream.known) out.push(...insnLines(stream.insns).map((text) => text.replace(/^\t/, '\t//\t')));
    }
  }
  return out;
}

function outcome(site: AlternativeSite, stream: PatchedStream): string {
  if (!stream.known) return `not known, ${stream.reason}`;
  if (!stream.changed) return site.kind === 'callback-alternative' ? 'left as linked' : 'as linked';
  return site.kind === 'callback-alternative' ? `patched by ${site.callback ?? 'a callback'}` : 'patched';
}

function insnLines(insns: readonly StreamInsn[]): string[] {
  return insns.map((insn) => `\t${insn.text.replace(' ', '\t')}${insn.written === null ? '' : `\t// ${insn.written}`}`);
}

function sourceLines(analysis: AssemblyAnalysis, first: number, last: number): string[] {
  const out: string[] = [];
  for (let line = first; line <= last; line++) out.push(lineText(analysis, line));
  return out;
}

function lineText(analysis: AssemblyAnalysis, line: number): string {
  const { start, end } = analysis.lines.lineRange(line, analysis.text);
  return analysis.text.slice(start, end);
}
