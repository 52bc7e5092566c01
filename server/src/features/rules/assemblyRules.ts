// What keeps a file from being expanded as its author meant, apart from alternatives.

import type { AssemblyAnalysis } from '../../project/assemblyAnalysis.ts';
import type { Frame } from '../../syntax/gas/model.ts';
import { findingAt, type RawFinding } from './ruleModel.ts';

const rules: Readonly<Record<string, string>> = {
  macro: 'assembly.macro',
  conditional: 'assembly.conditional',
  limit: 'assembly.limit',
};

/** Problems of the macro layer that a person must fix; what only says that something is unknown is left out. */
export function checkAssembly(analysis: AssemblyAnalysis): RawFinding[] {
  const findings: RawFinding[] = [];
  for (const issue of analysis.gas.issues) {
    const rule = rules[issue.kind];
    if (rule === undefined || issue.source.file === '') continue;
    const outermost = issue.frame === null ? issue.source : outermostOf(issue.frame);
    const message = `${issue.message.charAt(0).toUpperCase()}${issue.message.slice(1)}.`;
    findings.push(findingAt(rule, issue.source, outermost, message));
  }
  return findings;
}

function outermostOf(frame: Frame): { file: string; line: number } {
  let at = frame;
  while (at.parent !== null) at = at.parent;
  return at.callSource;
}
