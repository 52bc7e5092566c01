import { type Cancellation, CancelledError, neverCancelled } from '../../base/cancellation.ts';
import { estimateStream, type StreamCost } from '../../cost/estimate.ts';
import {
  type McaFigures,
  type McaRun,
  type McaRunner,
  mcaArguments,
  mcaInput,
  readMcaOutput,
  readMcaVersion,
} from '../../cost/llvmMca.ts';
import type { StreamInsn } from '../../cost/program.ts';
import { type CoreTables, makeBinder } from '../../cost/records.ts';
import type { AssemblyAnalysis } from '../../project/assemblyAnalysis.ts';
import type { FeatureContext } from '../featureContext.ts';
import { type CostContext, coreTitle } from './costContext.ts';
import { intervalText, noteLines } from './costReport.ts';
import { type PlacedSite, siteAt, sitePath } from './siteCost.ts';

/** One stream as we see it: what reproduces llvm-mca, and what users are shown. */
export interface OpinionStream {
  readonly label: string;
  readonly texts: readonly string[];
  readonly llvm: StreamCost;
  readonly kernel: StreamCost;
}

/** What llvm-mca is to be asked. */
export interface OpinionQuestion {
  readonly title: string;
  /** The core for people, with what it is modelled as. */
  readonly core: string;
  /** Name for `-mcpu`. */
  readonly cpu: string;
  /** LLVM that our tables were made from. */
  readonly llvmVersion: string;
  readonly streams: readonly OpinionStream[];
  /** Streams that nobody can ask about, with the reason. */
  readonly missing: readonly string[];
}

/** What llvm-mca said of each stream, in their order. */
export interface OpinionAnswer {
  readonly version: string;
  readonly streams: readonly McaOpinion[];
}

type McaOpinion =
  | { readonly kind: 'figures'; readonly once: McaFigures; readonly many: McaFigures }
  | { readonly kind: 'refused'; readonly complaint: string };

export interface Opinion {
  readonly title: string;
  readonly markdown: string;
  readonly text: string;
}

const passes = 100;

/** Both streams of the site at an offset; `null` where there is none, or no tables yet. */
export function opinionOnSite(ctx: FeatureContext, path: string, offset: number): OpinionQuestion | null {
  const analysis = ctx.workspace.assembly(path, ctx.cancellation);
  const placed = analysis && siteAt(analysis, analysis.lines.lineAt(offset));
  return analysis && placed && opinionOnPlaced(ctx, analysis, placed);
}

/** Both streams of a site; `null` while no tables are loaded. */
export function opinionOnPlaced(
  ctx: FeatureContext,
  analysis: AssemblyAnalysis,
  placed: PlacedSite,
): OpinionQuestion | null {
  const cost = ctx.cost ?? null;
  if (cost === null) return null;
  const streams: OpinionStream[] = [];
  const missing: string[] = [];
  for (const choice of ['unpatched', 'patched'] as const) {
    const window = sitePath(ctx, analysis, placed, cost, choice, new Set());
    if (window === null) missing.push(`${choice}: not known from source`);
    else streams.push(opinionStream(choice, window.stream, cost.tables, ctx.cancellation));
  }
  const { model, llvmVersion } = cost.tables;
  const title = `${placed.site.construct} ${placed.site.cpucap.text}`;
  return { title, core: coreTitle(cost), cpu: model.name, llvmVersion, streams, missing };
}

/** A block of text that was bound in `kernel` mode. */
export function opinionOnBlock(title: string, stream: readonly StreamInsn[], cost: CostContext): OpinionQuestion {
  const { model, llvmVersion } = cost.tables;
  const streams = [opinionStream('block', stream, cost.tables, neverCancelled)];
  return { title, core: coreTitle(cost), cpu: model.name, llvmVersion, streams, missing: [] };
}

/** Our own figures of a stream that was bound in `kernel` mode. */
export function opinionStream(
  label: string,
  stream: readonly StreamInsn[],
  tables: CoreTables,
  cancellation: Cancellation,
): OpinionStream {
  const bind = makeBinder(tables, { mode: 'llvm', features: new Set() });
  const asLlvm = stream.map(({ insn, taken }): StreamInsn => ({ insn: bind(insn.text), taken }));
  return {
    label,
    texts: stream.map(({ insn }) => insn.text),
    llvm: estimateStream(tables.model, asLlvm, { mode: 'llvm', timeline: false, cancellation }),
    kernel: estimateStream(tables.model, stream, { mode: 'kernel', timeline: false, cancellation }),
  };
}

/**
 * Asks llvm-mca about each stream: its version first, so that a program that is something else is told so.
 * Throws `CancelledError` alone.
 */
export async function askMca(
  question: OpinionQuestion,
  tool: { readonly runner: McaRunner; readonly program: string },
  cancellation: Cancellation,
): Promise<OpinionAnswer | { readonly problem: string }> {
  const run = async (args: readonly string[], input: string): Promise<McaRun> => {
    if (cancellation.isCancellationRequested) throw new CancelledError();
    return await tool.runner.run(tool.program, args, input);
  };
  const about = await run(['--version'], '');
  const version = about.kind === 'done' ? readMcaVersion(about.output) : null;
  if (about.kind === 'failed') return { problem: about.reason };
  if (version === null) return { problem: `${tool.program} is not llvm-mca: it does not tell an LLVM version` };
  const streams: McaOpinion[] = [];
  for (const { texts } of question.streams) {
    const figures: McaFigures[] = [];
    let refusal: string | null = null;
    for (const iterations of [1, passes]) {
      const answer = await run(mcaArguments(question.cpu, iterations), mcaInput(texts));
      if (answer.kind === 'failed') return { problem: answer.reason };
      const read = answer.kind === 'done' ? readMcaOutput(answer.output) : null;
      if (answer.kind === 'done' && read === null)
        return { problem: `llvm-mca ${version} answered no JSON that is known` };
      if (answer.kind === 'refused') refusal ??= answer.complaint;
      if (read !== null) figures.push(read);
    }
    const [once, many] = figures;
    if (once && many) streams.push({ kind: 'figures', once, many });
    else streams.push({ kind: 'refused', complaint: refusal ?? 'no reason given' });
  }
  return { version, streams };
}

/** Both side by side with the difference, as Markdown and as text. */
export function opinionText(question: OpinionQuestion, answer: OpinionAnswer): Opinion {
  const head = ['', `llvm-mca ${answer.version}`, 'our llvm mode', 'difference', 'our kernel mode'];
  const rows: string[][] = [];
  const notes: string[] = [...question.missing];
  for (const [index, stream] of question.streams.entries()) {
    const opinion = answer.streams[index];
    if (opinion === undefined) continue;
    rows.push(...streamRows(stream, opinion));
    notes.push(...streamNotes(stream, opinion));
  }
  if (answer.version !== question.llvmVersion) {
    notes.push(`our tables are those of LLVM ${question.llvmVersion}; llvm-mca ${answer.version} may have others`);
  }
  notes.push(
    'our llvm mode reproduces llvm-mca; our kernel mode, which is shown elsewhere, adds what LLVM does not know',
  );
  notes.push('both are models, nothing here was measured');
  const title = `${question.title}: second opinion`;
  return {
    title,
    markdown: [
      `**${title}** · ${question.core}`,
      markdownTable(head, rows),
      notes.map((note) => `- ${note}`).join('\n'),
    ].join('\n\n'),
    text: [title, question.core, ...textTable([head, ...rows]), ...noteLines(notes), ''].join('\n'),
  };
}

function streamRows({ label, llvm, kernel }: OpinionStream, opinion: McaOpinion): string[][] {
  const theirs = opinion.kind === 'figures' ? opinion : null;
  const row = (name: string, their: number | undefined, our: number | null, kernelText: string): string[] => [
    name,
    their === undefined ? 'refused' : numberText(their),
    our === null ? 'refused' : numberText(our),
    their === undefined || our === null ? '' : signed(our - their),
    kernelText,
  ];
  const ours = (value: number): number | null => (llvm.refused.length > 0 ? null : value);
  const rThroughput = kernel.blockRThroughput === null ? 'unknown' : numberText(kernel.blockRThroughput);
  return [
    row(`${label}: one pass`, theirs?.once.totalCycles, llvm.cyclesOnce?.lo ?? null, intervalText(kernel.cyclesOnce)),
    row(`${passes} passes`, theirs?.many.totalCycles, llvm.cycles100?.lo ?? null, intervalText(kernel.cycles100)),
    row('micro-ops', theirs?.once.totalUops, ours(llvm.uops), String(kernel.uops)),
    row('throughput', theirs?.once.blockRThroughput, llvm.blockRThroughput, rThroughput),
  ];
}

function streamNotes({ label, texts, llvm }: OpinionStream, opinion: McaOpinion): string[] {
  const notes: string[] = [];
  if (opinion.kind === 'refused') notes.push(`${label}: llvm-mca refuses it: ${opinion.complaint}`);
  else if (opinion.once.instructions !== texts.length) {
    notes.push(`${label}: llvm-mca read ${opinion.once.instructions} of ${texts.length} instructions`);
  }
  if (llvm.refused.length > 0) notes.push(`${label}: LLVM has no figures for ${llvm.refused.join(', ')} on this core`);
  return notes;
}

function numberText(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function signed(difference: number): string {
  const text = numberText(difference);
  return difference > 0 && text !== '0' ? `+${text}` : text.replace(/^-0$/, '0');
}

function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const align = `|:--|${head
    .slice(1)
    .map(() => '--:')
    .join('|')}|`;
  return [line(head), align, ...rows.map(line)].join('\n');
}

function textTable(table: readonly (readonly string[])[]): string[] {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((cells) => (cells[column] ?? '').length)));
  return table.map((cells) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart((widths[column] ?? 0) + 2)))
      .join('')
      .trimEnd(),
  );
}
