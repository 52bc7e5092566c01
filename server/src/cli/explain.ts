import type { Finding } from '../features/diagnostics.ts';
import { findingPath, pathText, type StepState } from '../features/noinstr/findingPath.ts';
import { keptNoinstr } from '../features/noinstr/openNoinstr.ts';
import type { Policy } from '../noinstr/walk.ts';
import type { Session } from './session.ts';

/** One step from the entry of a function to a finding, as `lint --explain` has it in its records. */
export interface ExplainedStep {
  readonly file: string;
  readonly line: number;
  /** Calls that are inlined around it. */
  readonly level: number;
  readonly text: string;
  /** What holds behind it. */
  readonly after: StepState;
}

export interface Explained {
  readonly steps: readonly ExplainedStep[];
  readonly text: string;
}

/** How a finding comes about; `null` for what is no matter of a path. */
export function explain(session: Session, path: string, finding: Finding, policy: Policy): Explained | null {
  if (!finding.rule.startsWith('noinstr.') || !/\.[ch]$/.test(path)) return null;
  const found = findingPath(session.ctx, path, finding, policy);
  if (found === null) return null;
  const steps = found.steps.map(
    ({ path: file, line, level, text, after }): ExplainedStep => ({
      file: session.display(file),
      line,
      level,
      text,
      after,
    }),
  );
  return { steps, text: pathText(found, session.display) };
}

/** Callees of which nothing is claimed, for each noinstr function of a file that was just checked. */
export function unverifiedNotes(session: Session, path: string): readonly string[] {
  const { ctx, display } = session;
  const notes = new Set<string>();
  for (const { fn, unverified } of keptNoinstr(ctx.workspace, path)?.analysis.functions ?? []) {
    for (const { name, reason } of unverified) {
      notes.add(`${display(path)}: ${fn.name}() calls ${name}(), of which nothing is claimed: ${reason}`);
    }
  }
  return [...notes];
}
