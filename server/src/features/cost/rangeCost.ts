import type { TextRange } from '../../base/text.ts';
import { estimateStream } from '../../cost/estimate.ts';
import type { StreamInsn } from '../../cost/program.ts';
import { plainInsnText } from '../../kernel/streamWords.ts';
import type { AssemblyAnalysis } from '../../project/assemblyAnalysis.ts';
import type { GasResult, GasStatement } from '../../syntax/gas/model.ts';
import type { FeatureContext } from '../featureContext.ts';
import { statementsInState } from '../patchedStatements.ts';
import { noCpucaps } from '../stateChoices.ts';
import { type SourceLine, sourceLine } from './codeRegion.ts';
import { binderFor, coreTitle } from './costContext.ts';
import type { CostReport } from './costReport.ts';
import { assumedNote, costRow, unboundedTexts } from './siteCost.ts';

/**
 * Cost of the code that the lines of a selection make, straight through (conditional branches not taken), as the
 * chosen machine state runs it. `null` when the lines make no instruction, or no tables are loaded.
 */
export function rangeCost(ctx: FeatureContext, path: string, range: TextRange): CostReport | null {
  const analysis = ctx.workspace.assembly(path, ctx.cancellation);
  const cost = ctx.cost ?? null;
  if (analysis === null || cost === null) return null;
  const first = analysis.lines.lineAt(range.start);
  const last = analysis.lines.lineAt(Math.max(range.start, range.end - 1));
  const stream = rangeStream(ctx, analysis, first, last);
  if (stream.length === 0) return null;
  const figures = estimateStream(cost.tables.model, stream, {
    mode: 'kernel',
    timeline: false,
    cancellation: ctx.cancellation,
  });
  const callees = stream.filter(({ insn }) => insn.branch === 'call').map(({ insn }) => insn.target ?? '(indirect)');
  return {
    title: first === last ? `line ${first}` : `lines ${first} to ${last}`,
    core: coreTitle(cost),
    rows: [costRow(ctx.state.name === noCpucaps.name ? 'as linked' : `in ${ctx.state.name}`, figures)],
    unknown: unboundedTexts(figures),
    notes: [
      ...new Set([
        ...callees.map((callee) => `without the callee ${callee}`),
        ...figures.causes.filter((cause) => cause.assumed).map(assumedNote),
        ...(stream.some(({ insn }) => insn.branch === 'conditional')
          ? ['conditional branches count as not taken']
          : []),
      ]),
    ].slice(0, 8),
    difference: null,
  };
}

/** An instruction with the line that makes it. */
export interface SourcedInsn extends StreamInsn {
  readonly source: SourceLine;
}

/** Instructions that lines of the file make in line, in address order, for the chosen machine state. */
export function rangeStream(
  ctx: FeatureContext,
  analysis: AssemblyAnalysis,
  first: number,
  last: number,
): SourcedInsn[] {
  const cost = ctx.cost ?? null;
  if (cost === null) return [];
  const bind = binderFor(cost, ctx.state);
  const own = linesOf(statementsInState(analysis, analysis, ctx.state), analysis.path, first, last);
  const isOwn = own.length > 0;
  const found = isOwn ? { statements: own, gas: analysis.gas } : inMacros(ctx, analysis, first, last);
  return found.statements.map((statement) => {
    const insn = bind(plainInsnText(found.gas, statement));
    const taken = insn.branch !== null && insn.branch !== 'conditional';
    return { insn, taken, source: sourceLine(statement, !isOwn) };
  });
}

function inMacros(
  ctx: FeatureContext,
  analysis: AssemblyAnalysis,
  first: number,
  last: number,
): { statements: GasStatement[]; gas: GasResult } {
  for (const expansion of analysis.openExpansions()) {
    const { source, end } = expansion.macro;
    if (source.line > first || end.line < last) continue;
    const statements = statementsInState(analysis, expansion, ctx.state);
    const { gas } = expansion;
    return { statements: linesOf(statements, analysis.path, first, last, gas), gas };
  }
  return { statements: [], gas: analysis.gas };
}

function linesOf(
  statements: readonly GasStatement[],
  path: string,
  first: number,
  last: number,
  open: GasResult | null = null,
): GasStatement[] {
  return statements.filter((statement) => {
    if (statement.kind !== 'insn' && statement.op !== '.inst') return false;
    const source = sourceLine(statement, open !== null);
    return source.path === path && source.line >= first && source.line <= last;
  });
}
