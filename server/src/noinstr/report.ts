import { namedCall } from './callNames.ts';
import type { PathFinding } from './finding.ts';
import { chainOf, type PathState, type Site } from './pathState.ts';
import type { Walk } from './walk.ts';

/** Instrumentation may run here: inside a region, or, unless the policy is strict, while RCU watches. */
export function isAllowed(walk: Walk, state: PathState): boolean {
  return state.depth > 0 || (walk.policy === 'context' && state.ctx === 'in');
}

/** What a rule says; the rest is taken from the walk. */
export interface Said {
  readonly rule: string;
  readonly severity: PathFinding['severity'];
  readonly subject: string;
  readonly message: string;
  readonly replacement?: string | null;
  readonly related?: PathFinding['related'];
  /** Site to tell it at, in its own function; absent: the outermost call in the root function. */
  readonly anchor?: Site;
}

/** Rules that hold for paths whatever calls whom. */
const pathRules: ReadonlySet<string> = new Set([
  'noinstr.region-left-open',
  'noinstr.region-underflow',
  'noinstr.region-path-mismatch',
  'noinstr.context-switch-in-region',
  'noinstr.entry-order',
  'noinstr.exit-order',
  'noinstr.nmi-order',
  'noinstr.resched-without-trace-on',
  'noinstr.combined-irq-tracing',
  'noinstr.context-unbalanced',
]);

/** Notes a finding, unless the function is one that is checked on its own. */
export function report(walk: Walk, site: Site, state: PathState, said: Said): void {
  if (walk.silent > 0) return;
  if (!walk.checksCalls && !pathRules.has(said.rule)) return;
  const blamed = pathRules.has(said.rule) ? null : blame(walk, site);
  walk.findings.push({
    rule: blamed?.rule ?? said.rule,
    severity: blamed?.severity ?? said.severity,
    site,
    anchor: said.anchor ?? null,
    message: blamed?.message ?? said.message,
    subject: blamed?.subject ?? said.subject,
    related: said.related ?? [],
    ctx: state.ctx,
    replacement: blamed === null ? (said.replacement ?? null) : blamed.replacement,
    state,
  });
}

/** A name on the way whose expansion was looked into on its behalf: the reader wrote that one. */
function blame(
  walk: Walk,
  site: Site,
): {
  rule: string;
  severity: PathFinding['severity'];
  message: string;
  subject: string;
  replacement: string | null;
} | null {
  for (const at of chainOf(site)) {
    for (const name of namesAt(at)) {
      const row = namedCall(name, walk.hints.atomics);
      if (row?.byExpansion !== true || row.rule === null) continue;
      const instead = row.replacement === null ? '' : `; use ${row.replacement}()`;
      return {
        rule: row.rule,
        severity: row.severity ?? (walk.hints.debugPreempt ? 'error' : 'warning'),
        message: `${name}() may call preempt_schedule_notrace() or preempt_count_add() here${instead}`,
        subject: name,
        replacement: row.replacement,
      };
    }
  }
  return null;
}

/** The function called at a site and the macros that wrote the call, outermost first. */
export function namesAt(site: Site): string[] {
  const { op } = site;
  const names: string[] = [];
  for (let at = op.kind === 'use' ? op.expansion : op.token.expansion; at !== null; at = at.parent) {
    names.unshift(at.macro.name);
  }
  if (op.kind === 'call' && op.callee !== null) names.push(op.callee);
  return names;
}
