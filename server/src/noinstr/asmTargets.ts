import type { AssemblyAnalysis } from '../project/assemblyAnalysis.ts';
import type { Frame, GasStatement } from '../syntax/gas/model.ts';
import { addressTracker } from './asmAddresses.ts';

/** A branch out of assembly to a symbol: where the outermost use of macros that made it is written. */
export interface AsmBranch {
  readonly target: string;
  readonly section: string;
  /** Section of the target where the same file defines it. */
  readonly targetSection: string | null;
  readonly file: string;
  readonly line: number;
}

/** Branches that can lead to a symbol; the target is the last operand. */
const branch = /^(bl?|b\.\w+|cbn?z|tbn?z)$/;

/**
 * Branches to symbols, from all sections of a file: by name, and through a register that was given the symbol's address
 * just before. Labels of the file itself are among the targets.
 */
export function asmBranches(analysis: AssemblyAnalysis): AsmBranch[] {
  const branches: AsmBranch[] = [];
  const labels = new Map<string, string>();
  for (const statement of analysis.gas.statements) {
    if (statement.kind === 'label') labels.set(statement.op, sectionName(statement.bucket.section));
  }
  const track = addressTracker();
  for (const statement of analysis.gas.statements) {
    const address = track(statement);
    const target = address ?? namedTarget(statement);
    if (target === null) continue;
    const { file, line } = outermost(statement.frame) ?? statement.source;
    branches.push({
      target,
      section: sectionName(statement.bucket.section),
      targetSection: labels.get(target) ?? null,
      file,
      line,
    });
  }
  return branches;
}

function namedTarget({ kind, op, operands }: GasStatement): string | null {
  if (kind !== 'insn' || !branch.test(op)) return null;
  const target = operands.slice(operands.lastIndexOf(',') + 1).trim();
  return /^[A-Za-z_.][\w.$]*$/.test(target) ? target : null;
}

function outermost(frame: Frame | null): { readonly file: string; readonly line: number } | null {
  let at = frame;
  while (at?.parent != null) at = at.parent;
  return at == null ? null : at.callSource;
}

/** Section name without flags and quotes. */
function sectionName(name: string): string {
  return /^"?([.\w]+)/.exec(name)?.[1] ?? name;
}
