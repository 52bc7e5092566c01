import { outermostSource } from '../kernel/alternatives.ts';
import type { AlternativeSite } from '../kernel/patchSite.ts';
import type { AssemblyAnalysis } from '../project/assemblyAnalysis.ts';
import type { GasStatement } from '../syntax/gas/model.ts';

/** A named piece of code in a file: from its label to the next one of the section that the linker sees. */
export interface AssemblyFunction {
  readonly name: string;
  /** Line of the file that makes the label, and the last line of the file that emits something into it. */
  readonly line: number;
  readonly endLine: number;
  readonly section: string;
  /** Sites whose original sequence lies in the function. */
  readonly sites: readonly AlternativeSite[];
}

const known = new WeakMap<AssemblyAnalysis, readonly AssemblyFunction[]>();

/** Functions that the analyzed file's own lines begin, in order of their first line. Local labels begin none. */
export function assemblyFunctions(analysis: AssemblyAnalysis): readonly AssemblyFunction[] {
  let functions = known.get(analysis);
  if (functions === undefined) {
    functions = collect(analysis);
    known.set(analysis, functions);
  }
  return functions;
}

function collect(analysis: AssemblyAnalysis): AssemblyFunction[] {
  const functions: AssemblyFunction[] = [];
  for (const bucket of analysis.gas.buckets) {
    if (bucket.subsection !== 0) continue;
    const starts = bucket.statements.filter((one) => beginsFunction(analysis, one));
    starts.forEach((start, index) => {
      const stop = starts[index + 1]?.index ?? bucket.statements.length;
      const line = outermostSource(start, null).line;
      let endLine = line;
      for (let at = start.index; at < stop; at++) {
        const statement = bucket.statements[at];
        if (statement === undefined || statement.kind !== 'insn') continue;
        const source = outermostSource(statement, null);
        if (source.file === analysis.path) endLine = Math.max(endLine, source.line);
      }
      const sites = analysis.sites.filter(({ labels }) => {
        const original = labels.originalStart;
        return (
          original !== null && original.bucket === bucket && original.index >= start.index && original.index < stop
        );
      });
      functions.push({ name: start.op, line, endLine, section: bucket.section, sites });
    });
  }
  return functions.sort((left, right) => left.line - right.line);
}

function beginsFunction(analysis: AssemblyAnalysis, statement: GasStatement): boolean {
  if (statement.kind !== 'label' || /^(\.L|[0-9])/.test(statement.op)) return false;
  return outermostSource(statement, null).file === analysis.path;
}
