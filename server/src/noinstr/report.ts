import type { PathFinding } from './finding.ts';
import type { PathState, Site } from './pathState.ts';
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
  'noinstr.combined-irq-tracing',
  'noinstr.resched-without-trace-on',
  'noinstr.region-without-context',
  'noinstr.context-unbalanced',
]);

/** Notes a finding, unless the function is one that is checked on its own. */
export function report(walk: Walk, site: Site, state: PathState, said: Said): void {
  if (walk.silent > 0) return;
  if (!walk.checksCalls && !pathRules.has(said.rule)) return;
  // Whether a region is open here is what the finding before was about.
  if (state.spoiled && !pathRules.has(said.rule)) return;
  walk.findings.push({
    rule: said.rule,
    severity: said.severity,
    site,
    anchor: said.anchor ?? null,
    message: said.message,
    subject: said.subject,
    related: said.related ?? [],
    ctx: state.ctx,
    replacement: said.replacement ?? null,
    state,
  });
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
