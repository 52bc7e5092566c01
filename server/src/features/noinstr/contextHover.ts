import type { FunctionReport } from '../../noinstr/analysis.ts';
import { type ContextState, derive } from '../../noinstr/models/contextState.ts';
import type { PathState, Site } from '../../noinstr/pathState.ts';
import { outermostPlace } from '../../noinstr/unit.ts';
import type { FeatureContext } from '../featureContext.ts';
import { type ContextStart, contextStart } from './contextPaths.ts';
import { contextPicture } from './contextTable.ts';
import { holds } from './noinstrViews.ts';
import { keptNoinstr } from './openNoinstr.ts';

interface Followed {
  readonly start: ContextStart;
  readonly visited: readonly { readonly site: Site; readonly state: PathState }[];
}

const followed = new WeakMap<FunctionReport, Followed>();

/** Facts that are said of a place, in this order. */
const shownFacts: readonly string[] = [
  'mode',
  'RCU',
  'lockdep',
  'tracing',
  'preempt count',
  'masked',
  'instrumentation',
  'scheduling',
  'a fault',
  'an interrupt',
];

/**
 * The state of the CPU before what stands at an offset of a noinstr function, as Markdown: what all paths to it agree
 * on. `null` where the file was not checked since it changed, or no path comes there.
 */
export function contextFacts(ctx: FeatureContext, path: string, offset: number): string | null {
  const open = keptNoinstr(ctx.workspace, path);
  const report = open?.analysis.functions.find((one) => holds(open, one, path, offset));
  if (open === null || report === undefined) return null;
  let known = followed.get(report);
  if (known === undefined) {
    // As the rules have it: that RCU may not watch is what entry code has to be written for.
    const start = contextStart(report, null, 'active');
    known = { start, visited: report.modelStates(start.state) };
    followed.set(report, known);
  }
  const { start, visited } = known;
  const states = visited.flatMap(({ site, state }) => {
    const place = outermostPlace(site.op.token);
    return site.via === null && place.file === path && place.offset === offset ? (state.model?.state ?? []) : [];
  });
  return states.length === 0 ? null : factsText(states, start);
}

function factsText(states: readonly ContextState[], start: ContextStart): string {
  const pictures = states.map((state) => contextPicture({ state, derived: derive(state) }));
  const facts = new Map<string, Set<string>>();
  for (const { name, value } of pictures.flat()) {
    const values = facts.get(name) ?? new Set();
    facts.set(name, values.add(value));
  }
  const unknown: string[] = [];
  const split: string[] = [];
  const said = shownFacts.flatMap((name) => {
    const [first, ...more] = facts.get(name) ?? [];
    if (first === undefined) return [];
    if (more.length > 0) split.push(name);
    else if (first === 'not known') unknown.push(name);
    else return [`${name} ${first}`];
    return [];
  });
  // A list of all that is not known helps nobody.
  if (said.length === 0 && split.length === 0) return `**State here:** not known. Start: ${start.text}.`;
  const lines = [
    said.length === 0 ? '' : `**State here:** ${said.join(' · ')}.`,
    split.length === 0 ? '' : `Not the same on all paths: ${split.join(', ')}.`,
    unknown.length === 0 ? '' : `Not known: ${unknown.join(', ')}.`,
    `Start: ${start.text}; context tracking active.`,
  ];
  return lines.filter((line) => line !== '').join('\n\n');
}
