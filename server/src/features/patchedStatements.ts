import type { MachineState } from '../kernel/machineStates.ts';
import type { AlternativeSite } from '../kernel/patchSite.ts';
import { streamIn } from '../patch/patchedStream.ts';
import type { AssemblyAnalysis } from '../project/assemblyAnalysis.ts';
import type { GasResult, GasStatement } from '../syntax/gas/model.ts';
import { type ConstructGrammar, readConstructGrammar } from './rules/constructs.ts';
import { questionFor } from './siteStates.ts';

/**
 * Statements of a file (or of one open expansion of it) as a machine state leaves it: an applied replacement stands where the original stood, its
 * out-of-line copy and the records are gone. A site whose stream nobody can know stays as it is linked.
 */
export function statementsInState(
  analysis: AssemblyAnalysis,
  source: { readonly gas: GasResult; readonly sites: readonly AlternativeSite[] },
  state: MachineState,
): readonly GasStatement[] {
  const ask = questionFor(analysis.tree, state);
  const gone = new Set<GasStatement>();
  const inserted = new Map<GasStatement, readonly GasStatement[]>();
  for (const site of source.sites) {
    const stream = streamIn(site, ask);
    if (!stream.known || !stream.changed) {
      for (const statement of half(site, 'replacement')) gone.add(statement);
      continue;
    }
    const original = half(site, 'original');
    const first = site.labels.originalStart;
    if (first === null) continue;
    const replacement = half(site, 'replacement');
    const moved =
      site.kind === 'alternative'
        ? replacement.map((statement) => ({ ...statement, bucket: first.bucket }))
        : original
            .filter((statement) => statement.kind === 'insn' || statement.kind === 'data')
            .map((statement) => ({ ...statement, kind: 'insn' as const, op: 'nop', operands: '', text: 'nop' }));
    for (const statement of [...original, ...replacement]) gone.add(statement);
    inserted.set(first, moved);
  }
  const grammar = readConstructGrammar(analysis.gas);
  const out: GasStatement[] = [];
  for (const statement of source.gas.statements) {
    // What the construct's macros emit around the sequences (sections, records, length checks) has done its work.
    if (!isScaffold(statement, grammar) && !gone.has(statement)) out.push(statement);
    out.push(...(inserted.get(statement) ?? []));
  }
  return out;
}

/** Statements between the labels of one sequence. */
function half(site: AlternativeSite, which: 'original' | 'replacement'): GasStatement[] {
  const { labels } = site;
  const start = which === 'original' ? labels.originalStart : labels.replacementStart;
  const end = which === 'original' ? labels.originalEnd : labels.replacementEnd;
  if (start === null || end === null || start.bucket !== end.bucket) return [];
  return start.bucket.statements.slice(start.index + 1, end.index);
}

/** Labels, records, section switches and length checks that the parts of a construct emit, at any depth. */
function isScaffold(statement: GasStatement, grammar: ConstructGrammar): boolean {
  if (statement.kind === 'insn' || statement.op === '.inst' || statement.op === '.arch_extension') return false;
  for (let frame = statement.frame; frame !== null; frame = frame.parent) {
    if (frame.macro !== null && grammar.macros.has(frame.macro)) return true;
  }
  return false;
}
