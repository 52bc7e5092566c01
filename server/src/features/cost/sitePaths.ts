import { compareStreams, type Difference } from '../../cost/compareStates.ts';
import { estimateStream, type StreamCost } from '../../cost/estimate.ts';
import { allPaths, type Path, type PathEnd } from '../../cost/paths.ts';
import type { AssemblyAnalysis } from '../../project/assemblyAnalysis.ts';
import type { FeatureContext } from '../featureContext.ts';
import type { SiteChoice } from './codeRegion.ts';
import { type PlacedSite, siteRegion } from './siteCost.ts';

/** One way from a site to the end of its function. */
export interface PathCost {
  readonly figures: StreamCost;
  /** Conditional branches in order, each with its line and what the path does there: `entry.S:12 taken`. */
  readonly branches: readonly string[];
  /** How it ends, for people. */
  readonly end: string;
  /** It goes round a loop once. */
  readonly hasLoop: boolean;
}

/** All paths of one stream; the three are ordered by one isolated pass. */
export interface StatePaths {
  readonly state: SiteChoice;
  readonly count: number;
  /** There are more than were followed. */
  readonly isCut: boolean;
  /** Paths that end in a trap; not in the median. */
  readonly traps: number;
  readonly minimum: PathCost | null;
  readonly median: PathCost | null;
  readonly maximum: PathCost | null;
}

/** What patching changes on the paths that both streams have: same exit, same outcome of all other branches. */
export interface PathDifferences {
  readonly compared: number;
  /** Patched minus unpatched in cycles of one pass: the least and the most of all paths. */
  readonly cyclesOnce: Difference;
  readonly cyclesLooped: Difference;
}

export interface SitePaths {
  /** A stream that is not known is left out. */
  readonly states: readonly StatePaths[];
  readonly differences: PathDifferences | null;
}

/** All paths from a site through its function in both of its states; `null` while no tables are loaded. */
export function sitePaths(ctx: FeatureContext, analysis: AssemblyAnalysis, placed: PlacedSite): SitePaths | null {
  const cost = ctx.cost ?? null;
  if (cost === null) return null;
  const states: StatePaths[] = [];
  const paths: (readonly Path[])[] = [];
  for (const choice of ['unpatched', 'patched'] as const) {
    const built = siteRegion(ctx, analysis, placed, cost, choice);
    if (built === null) continue;
    const found = allPaths(built.region);
    states.push(statePaths(ctx, choice, found.paths, found.isCut));
    paths.push(found.paths);
  }
  const [unpatched, patched] = paths;
  return { states, differences: unpatched && patched ? differences(ctx, unpatched, patched) : null };
}

function statePaths(ctx: FeatureContext, state: SiteChoice, paths: readonly Path[], isCut: boolean): StatePaths {
  const costs = paths.flatMap((path) => {
    const figures = estimate(ctx, path);
    return figures === null ? [] : [{ path, figures }];
  });
  const hi = ({ figures: { cyclesOnce } }: (typeof costs)[number]): number => cyclesOnce?.hi ?? Number.MAX_VALUE;
  const lo = ({ figures: { cyclesOnce } }: (typeof costs)[number]): number => cyclesOnce?.lo ?? 0;
  const ordered = costs.toSorted((left, right) => lo(left) - lo(right) || hi(left) - hi(right));
  const usual = ordered.filter(({ path }) => path.end.kind !== 'trap');
  const shown = (one: (typeof costs)[number] | undefined): PathCost | null =>
    one ? pathCost(one.path, one.figures) : null;
  return {
    state,
    count: paths.length,
    isCut,
    traps: paths.length - usual.length,
    minimum: shown(ordered[0]),
    median: shown(usual[Math.floor((usual.length - 1) / 2)]),
    maximum: shown(ordered.at(-1)),
  };
}

function estimate({ cost, cancellation }: FeatureContext, path: Path): StreamCost | null {
  if (!cost) return null;
  return estimateStream(cost.tables.model, path.stream, { mode: 'kernel', timeline: false, cancellation });
}

function pathCost(path: Path, figures: StreamCost): PathCost {
  return {
    figures,
    branches: path.outcomes.map(outcomeText),
    end: endText(path.end),
    hasLoop: path.loops.length > 0,
  };
}

/** `/tree/entry.S:12:0:taken` as `entry.S:12 taken`. */
function outcomeText(outcome: string): string {
  const [, file, line, way] = /([^/]*):(\d+):\d+:(taken|not)$/.exec(outcome) ?? [];
  if (file === undefined) return outcome;
  return `${file}:${line} ${way === 'taken' ? 'taken' : 'not taken'}`;
}

function endText(end: PathEnd): string {
  switch (end.kind) {
    case 'return':
      return 'returns';
    case 'exception-return':
      return 'returns from the exception';
    case 'indirect':
      return 'goes where a register says';
    case 'trap':
      return 'ends in a trap';
    case 'limit':
      return 'is followed no further';
    case 'end':
      return 'the code ends';
    case 'tail-call':
      return `goes on in ${end.callee ?? 'other code'}`;
    case 'no-return':
      return `calls ${end.callee ?? 'code'} that does not return`;
    case 'unclear':
      return end.reason;
  }
}

function differences(
  { cost, cancellation }: FeatureContext,
  unpatched: readonly Path[],
  patched: readonly Path[],
): PathDifferences | null {
  if (!cost) return null;
  const byWay = new Map(patched.map((path) => [wayOf(path), path]));
  const once: Difference[] = [];
  const looped: Difference[] = [];
  for (const path of unpatched) {
    const other = byWay.get(wayOf(path));
    const difference =
      other === undefined ? null : compareStreams(cost.tables.model, path.stream, other.stream, cancellation);
    if (difference === null) continue;
    once.push(difference.cyclesOnce);
    looped.push(difference.cyclesLooped);
  }
  if (once.length === 0) return null;
  return { compared: once.length, cyclesOnce: widest(once), cyclesLooped: widest(looped) };
}

/** What makes paths of two states the same one; the site's own instructions have other keys in each. */
function wayOf({ end, outcomes }: Path): string {
  return [end.kind, end.key, ...outcomes].join('\n');
}

function widest(all: readonly Difference[]): Difference {
  const ends = (pick: (one: Difference) => number | null): number[] | null => {
    const values = all.map(pick);
    return values.every((value) => value !== null) ? values : null;
  };
  const lows = ends((one) => one.lo);
  const highs = ends((one) => one.hi);
  return { lo: lows && Math.min(...lows), hi: highs && Math.max(...highs) };
}
