// What keeps a file from being expanded as its author meant, apart from alternatives.

import { outermostFrame } from '../../kernel/alternatives.ts';
import type { AssemblyAnalysis } from '../../project/assemblyAnalysis.ts';
import { findingAt, type RawFinding } from './ruleModel.ts';

const rules: Readonly<Record<string, string>> = {
  macro: 'assembly.macro',
  conditional: 'assembly.conditional',
  limit: 'assembly.limit',
};

const preprocessorRules: Readonly<Record<string, string>> = {
  'unbalanced-conditional': 'assembly.conditional',
  limit: 'assembly.limit',
};

/** Problems of the preprocessor and of the macro layer that a person must fix; what only says that something is unknown is left out. */
export function checkAssembly(analysis: AssemblyAnalysis): RawFinding[] {
  const findings: RawFinding[] = [];
  for (const { kind, message, file, line } of analysis.cpp.issues) {
    const rule = preprocessorRules[kind];
    if (rule === undefined) continue;
    findings.push(findingAt(rule, { file, line }, { file, line }, sentence(message)));
  }
  for (const issue of analysis.gas.issues) {
    const rule = rules[issue.kind];
    if (rule === undefined || issue.source.file === '') continue;
    // A header that was not written for assembly is C here, whose calls can have the name of a macro.
    if (issue.frame === null && issue.source.file !== analysis.path && issue.source.file.endsWith('.h')) continue;
    const outermost = issue.frame === null ? issue.source : outermostFrame(issue.frame).callSource;
    findings.push(findingAt(rule, issue.source, outermost, sentence(issue.message)));
  }
  return findings;
}

function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}
