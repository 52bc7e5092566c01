import type { PathFinding } from './finding.ts';
import type { Site } from './pathState.ts';
import type { Texts } from './place.ts';
import type { Walk } from './walk.ts';

/** Several regions that one return finds open, none of them left early: the return is where the end is missing. */
export function joinOpenRegions(walk: Walk): void {
  const { findings } = walk;
  for (const op of new Set(findings.filter(isMarker).map((one) => one.site.op))) {
    const here = findings.filter((one) => isMarker(one) && one.site.op === op);
    const [first] = here;
    if (first === undefined || new Set(here.map((one) => one.anchor?.op)).size < 2) continue;
    const gone = new Set<PathFinding>(here);
    const related = here.flatMap((one) => one.related);
    const kept = findings.filter((one) => !gone.has(one));
    findings.splice(0, findings.length, ...kept, { ...first, anchor: first.site, related });
  }
}

/**
 * A region that stays open on one path and is closed without being open on another: paths with different depth meet on
 * the way, at conditions that are not the same. That is one mistake, told at the marker that stands under a condition.
 */
export function joinMismatches(walk: Walk, texts: Texts): void {
  const { findings } = walk;
  const open = findings.filter(isMarker);
  const under = findings.filter((one) => one.rule === 'noinstr.region-underflow');
  if (findings.some((one) => one.rule === 'noinstr.region-path-mismatch')) {
    // Told where they meet; how the function ends follows from it.
    const told = findings.flatMap(({ rule, anchor }) => (rule === 'noinstr.region-path-mismatch' ? [anchor?.op] : []));
    const jumped = findings.filter(({ rule, anchor }) => rule === leftOpen && told.includes(anchor?.op));
    const follow = new Set<PathFinding>([...open, ...under, ...jumped]);
    findings.splice(0, findings.length, ...findings.filter((one) => !follow.has(one)));
    return;
  }
  const [first] = open;
  const [second] = under;
  if (first === undefined || second === undefined) return;
  const begin = first.anchor ?? first.site;
  // The path with the end alone either passed the beginning by, or closed the region under a condition before.
  const closed = second.related[0]?.site ?? null;
  const marker = closed ?? begin;
  const lines = [lineOf(marker, texts), lineOf(second.anchor ?? second.site, texts)].sort((a, b) => a - b);
  const made: PathFinding = {
    ...first,
    rule: 'noinstr.region-path-mismatch',
    site: marker,
    anchor: marker,
    message: `instrumentation depth is 0 or ${first.state.depth} depending on the path (lines ${lines.join(', ')}); open and close the region under the same condition`,
    related: [{ site: second.anchor ?? second.site, message: 'not open on every path to here' }],
  };
  const gone = new Set<PathFinding>([...open, ...under]);
  findings.splice(0, findings.length, ...findings.filter((one) => !gone.has(one)), made);
}

const leftOpen = 'noinstr.region-left-open';

/** A region that nobody left early: no `return` or jump is to blame. */
function isMarker({ rule, anchor }: PathFinding): boolean {
  return rule === leftOpen && (anchor?.op.kind === 'use' || anchor?.op.kind === 'call');
}

function lineOf(site: Site, texts: Texts): number {
  return texts.lineOf(site.op.token) ?? 0;
}
