import { type Difference, differenceText } from '../../cost/compareStates.ts';
import type { CoreChoice } from '../../cost/cores.ts';
import { type CostRecord, costRecord } from '../../cost/costRecord.ts';
import type { Interval } from '../../cost/model.ts';
import type { AssemblyAnalysis } from '../../project/assemblyAnalysis.ts';
import type { FeatureContext } from '../featureContext.ts';
import { costText, intervalText } from './costReport.ts';
import { type PlacedSite, siteCost, sitePath } from './siteCost.ts';
import { type PathCost, type SitePaths, type StatePaths, sitePaths } from './sitePaths.ts';
import { siteTimeline } from './timeline.ts';

/** A path as `patchpoint cost --site` gives it. */
export interface PathRecord {
  readonly instructions: number;
  readonly takenBranches: number;
  readonly uops: number;
  readonly cyclesOnce: readonly [number, number | null] | null;
  readonly branches: readonly string[];
  readonly end: string;
  readonly loop: boolean;
}

/** One stream of a site. */
export interface StreamRecord {
  readonly state: 'unpatched' | 'patched';
  /** Why there is no figure, `null` when there is. */
  readonly reason: string | null;
  /** The straight window around the site. */
  readonly window: CostRecord | null;
  readonly texts: readonly string[];
  readonly paths: {
    readonly count: number;
    readonly isCut: boolean;
    readonly traps: number;
    readonly minimum: PathRecord | null;
    readonly median: PathRecord | null;
    readonly maximum: PathRecord | null;
  } | null;
}

/** What `patchpoint cost --site` gives for one site and core. */
export interface SiteCostRecord {
  readonly file: string;
  readonly line: number;
  readonly construct: string;
  readonly cpucap: string;
  readonly core: string;
  readonly modelledAs: string;
  readonly machineState: string;
  readonly streams: readonly StreamRecord[];
  /** Patched minus unpatched over the paths that both have; `null` ends: no bound known. */
  readonly difference: {
    readonly paths: number;
    readonly cyclesOnce: readonly [number | null, number | null];
    readonly cyclesLooped: readonly [number | null, number | null];
  } | null;
  readonly unknown: readonly string[];
  readonly notes: readonly string[];
}

export interface SiteCostAnswer {
  readonly record: SiteCostRecord;
  /** The same for people. */
  readonly text: string;
}

/** Both streams of a site on the context's core, their paths and the difference; `null` while no tables are loaded. */
export function siteCostRecord(
  ctx: FeatureContext,
  analysis: AssemblyAnalysis,
  placed: PlacedSite,
  options: { readonly file: string; readonly line: number; readonly timeline: boolean },
): SiteCostAnswer | null {
  const report = siteCost(ctx, analysis, placed);
  const paths = sitePaths(ctx, analysis, placed);
  if (report === null || paths === null || !ctx.cost) return null;
  const { core } = ctx.cost;
  const { file, line, timeline } = options;
  const streams = report.rows.map((row) =>
    streamRecord(
      ctx,
      analysis,
      placed,
      row.label === 'patched' ? 'patched' : 'unpatched',
      row.failure,
      paths,
      timeline,
    ),
  );
  const { differences } = paths;
  const record: SiteCostRecord = {
    file,
    line,
    construct: placed.site.construct,
    cpucap: placed.site.cpucap.text,
    core: core.name,
    modelledAs: modelOf(core),
    machineState: ctx.state.name,
    streams,
    difference: differences && {
      paths: differences.compared,
      cyclesOnce: pair(differences.cyclesOnce),
      cyclesLooped: pair(differences.cyclesLooped),
    },
    unknown: report.unknown,
    notes: report.notes,
  };
  const head = `${file}:${line}: ${report.title}, other sites as in machine state ${ctx.state.name}`;
  const table = costText(report).split('\n').slice(1).join('\n');
  const timelines = timeline
    ? ['unpatched' as const, 'patched' as const].map((state) => siteTimeline(ctx, analysis, placed, state))
    : [];
  const shown = timelines.map((one) => (one === null ? '' : `\n${one.text}`)).join('');
  return { record, text: `${head}\n${table}${pathsText(paths)}${shown}` };
}

/** The core whose tables are used, as `patchpoint cost` names it. */
function modelOf({ name, model, modelledAs }: CoreChoice): string {
  return name === model ? (modelledAs ?? name) : model;
}

function streamRecord(
  ctx: FeatureContext,
  analysis: AssemblyAnalysis,
  placed: PlacedSite,
  state: 'unpatched' | 'patched',
  reason: string | null,
  paths: SitePaths,
  timeline: boolean,
): StreamRecord {
  const { cost, cancellation } = ctx;
  const window = cost ? sitePath(ctx, analysis, placed, cost, state, new Set()) : null;
  const found = paths.states.find((one) => one.state === state);
  return {
    state,
    reason,
    window:
      window && cost
        ? costRecord({
            name: state,
            core: cost.core.name,
            modelledAs: modelOf(cost.core),
            model: cost.tables.model,
            stream: window.stream,
            site: { start: window.siteStart, end: window.siteEnd },
            options: { mode: 'kernel', timeline, looped: true, cancellation },
          })
        : null,
    texts: window?.stream.map(({ insn }) => insn.text) ?? [],
    paths: found ? pathsRecord(found) : null,
  };
}

function pathsRecord({ count, isCut, traps, minimum, median, maximum }: StatePaths): StreamRecord['paths'] {
  return {
    count,
    isCut,
    traps,
    minimum: minimum && pathRecord(minimum),
    median: median && pathRecord(median),
    maximum: maximum && pathRecord(maximum),
  };
}

function pathRecord({ figures, branches, end, hasLoop }: PathCost): PathRecord {
  const { instructions, takenBranches, uops, cyclesOnce } = figures;
  const cycles = cyclesOnce && ([cyclesOnce.lo, cyclesOnce.hi] as const);
  return { instructions, takenBranches, uops, cyclesOnce: cycles, branches, end, loop: hasLoop };
}

function pair({ lo, hi }: Difference): readonly [number | null, number | null] {
  return [lo, hi];
}

/** Least, middle and most of all paths, and which way the last one goes. */
function pathsText({ states, differences }: SitePaths): string {
  const lines: string[] = [];
  for (const { state, count, isCut, traps, minimum, median, maximum } of states) {
    const many = `${isCut ? `${count} of more` : count} path${count === 1 && !isCut ? '' : 's'}`;
    const trapped = traps === 0 ? '' : `, ${traps} into a trap`;
    const range =
      count === 1
        ? `one pass: ${cycles(minimum)}`
        : `one pass: shortest ${cycles(minimum)}, median ${cycles(median)}, longest ${cycles(maximum)}`;
    lines.push(`paths to the function's end, ${state}: ${many}${trapped}; ${range}`);
    if (maximum !== null) lines.push(`  ${count === 1 ? 'it' : 'the longest'} ${wayText(maximum)}`);
  }
  if (differences !== null) {
    const once = differenceText(differences.cyclesOnce);
    const looped = differenceText(differences.cyclesLooped);
    const { compared } = differences;
    const pairs = `${compared} pair${compared === 1 ? '' : 's'}`;
    lines.push(`patched against unpatched, path by path (${pairs}): one pass ${once} cycles, looped ${looped}`);
  }
  return `${lines.join('\n')}\n`;
}

function cycles(path: PathCost | null): string {
  const interval: Interval | null = path?.figures.cyclesOnce ?? null;
  return path === null ? 'none' : intervalText(interval);
}

function wayText({ branches, end, hasLoop, figures }: PathCost): string {
  const shown = branches.slice(0, 4).join(', ');
  const more = branches.length > 4 ? ` and ${branches.length - 4} more branches` : '';
  const way = branches.length === 0 ? '' : `goes ${shown}${more}, `;
  const insns = `${figures.instructions} instruction${figures.instructions === 1 ? '' : 's'}`;
  return `${way}${end} after ${insns}${hasLoop ? ', once round a loop' : ''}`;
}
