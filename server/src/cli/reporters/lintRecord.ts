import type { Finding, Severity } from '../../features/diagnostics.ts';
import type { ExplainedStep } from '../explain.ts';
import type { RuleHelp } from '../ruleHelp.ts';

/** One finding as `patchpoint lint` reports it: paths relative to the tree, lines and columns 1-based. */
export interface LintRecord {
  readonly rule: string;
  readonly severity: Severity;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly message: string;
  readonly related: readonly LintRelated[];
  readonly fix: string | null;
  /** How it comes about, when that was asked for and it is a matter of a path. */
  readonly path?: readonly ExplainedStep[];
}

export interface LintRelated {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** What a reporter is given once everything was looked at. */
export interface LintReport {
  readonly records: readonly LintRecord[];
  readonly version: string;
  readonly root: string;
  readonly configSource: string;
  readonly helpOf: (rule: string) => RuleHelp | null;
}

export function lintRecord(finding: Finding, display: (path: string) => string): LintRecord {
  return {
    rule: finding.rule,
    severity: finding.severity,
    file: display(finding.path),
    line: finding.line,
    column: finding.column,
    endLine: finding.endLine,
    endColumn: finding.endColumn,
    message: finding.message,
    related: finding.related.map((place) => ({ file: display(place.path), line: place.line, message: place.message })),
    fix: finding.fix,
  };
}
