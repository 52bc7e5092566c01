import type { TextRange } from '../base/text.ts';
import type { AlternativeSite } from '../kernel/patchSite.ts';
import { streamWhenSet } from '../patch/patchedStream.ts';
import type { AssemblyAnalysis } from '../project/assemblyAnalysis.ts';
import { imageLinesOf, imageLineText } from './builtImage.ts';
import { cLenses, isCLens, resolveCLens } from './c/cLens.ts';
import { costLine } from './cost/costReport.ts';
import { rangeCost } from './cost/rangeCost.ts';
import type { FeatureContext, SiteView } from './featureContext.ts';
import { assemblyFunctions } from './functions.ts';
import { noinstrLenses } from './noinstr/noinstrViews.ts';
import { patchedState, questionFor } from './siteStates.ts';
import { runningHalf, streamSize } from './streamText.ts';
import { type WrittenBlock, writtenSites } from './writtenBlocks.ts';

export interface Lens {
  readonly range: TextRange;
  /** Opaque and small: goes to the editor and comes back with `resolveLens`. */
  readonly key: string;
  readonly kind: 'function' | 'site' | 'cost';
  /** Known without being asked for. */
  readonly resolved?: ResolvedLens;
}

export type LensAction =
  | { readonly kind: 'cycle-view'; readonly path: string }
  | { readonly kind: 'show-patched'; readonly path: string }
  | { readonly kind: 'show-references'; readonly path: string; readonly offset: number }
  | { readonly kind: 'noinstr-report'; readonly path: string; readonly offset: number }
  /** The title is all there is to it. */
  | { readonly kind: 'none' }
  | { readonly kind: 'show-cost'; readonly path: string; readonly start: number; readonly end: number };

export interface ResolvedLens {
  readonly title: string;
  readonly tooltip: string;
  readonly action: LensAction;
}

/** Lenses without their titles, in order of place. Throws only `CancelledError`. */
export function codeLenses(
  ctx: FeatureContext,
  path: string,
  options: { readonly functions: boolean; readonly sites: boolean; readonly cost?: boolean },
): readonly Lens[] {
  const ofC = [
    ...cLenses(ctx, path, options),
    ...(options.functions ? noinstrLensPlaces(ctx, path) : []),
    ...(options.sites ? imageLensPlaces(ctx, path) : []),
  ];
  const analysis = ctx.workspace.assembly(path, ctx.cancellation);
  if (analysis === null) return ofC;
  const lenses: Lens[] = [...ofC];
  const add = (kind: Lens['kind'], key: string, line: number): void => {
    lenses.push({ kind, key, range: analysis.lines.lineRange(line, analysis.text) });
  };
  if (options.functions) {
    for (const [line] of countsByLine(analysis)) add('function', `f${line}`, line);
  }
  if (options.cost === true) {
    for (const one of assemblyFunctions(analysis)) add('cost', `c${one.line}`, one.line);
  }
  if (options.sites) {
    for (const [index, block] of writtenSites(analysis).blocks.entries()) add('site', `s${index}`, block.openLine);
  }
  return lenses.sort((left, right) => left.range.start - right.range.start);
}

const imageKey = 'image:';

function imageLensPlaces(ctx: FeatureContext, path: string): Lens[] {
  const text = ctx.workspace.textOf(path);
  const lines = ctx.workspace.lineIndexOf(path);
  if (text === undefined || lines === undefined) return [];
  // The image may be of a longer version of the file.
  const there = imageLinesOf(ctx, path).filter(({ line }) => line <= lines.lineCount);
  return there.map(({ line }) => ({ range: lines.lineRange(line, text), key: imageKey + line, kind: 'site' }));
}

function resolveImageLens(ctx: FeatureContext, path: string, line: number): ResolvedLens | null {
  const text = imageLineText(ctx, path, line);
  return text === null ? null : { ...text, action: { kind: 'none' } };
}

const noinstrKey = 'noinstr:';

function noinstrLensPlaces(ctx: FeatureContext, path: string): Lens[] {
  return noinstrLenses(ctx, path).map(({ name, range, title, tooltip }) => {
    const action = { kind: 'noinstr-report', path, offset: range.start } as const;
    return { range, key: noinstrKey + name, kind: 'function', resolved: { title, tooltip, action } };
  });
}

function resolveNoinstrLens(ctx: FeatureContext, path: string, key: string): ResolvedLens | null {
  return noinstrLensPlaces(ctx, path).find((one) => one.key === key)?.resolved ?? null;
}

/** Title and action of a lens; `null` when the file has changed so that it is no longer there. */
export function resolveLens(ctx: FeatureContext, path: string, key: string, view: SiteView): ResolvedLens | null {
  if (key.startsWith(noinstrKey)) return resolveNoinstrLens(ctx, path, key);
  if (key.startsWith(imageKey)) return resolveImageLens(ctx, path, Number(key.slice(imageKey.length)));
  if (isCLens(key)) return resolveCLens(ctx, path, key, view);
  const analysis = ctx.workspace.assembly(path, ctx.cancellation);
  if (analysis === null) return null;
  const number = Number(key.slice(1));
  if (key.startsWith('f')) {
    const counts = countsByLine(analysis).get(number);
    if (counts === undefined) return null;
    return {
      title: countText(counts),
      tooltip: 'Show this file as the chosen machine state leaves it',
      action: { kind: 'show-patched', path },
    };
  }
  if (key.startsWith('c')) return costLens(ctx, analysis, path, number);
  const block = writtenSites(analysis).blocks[number];
  if (block === undefined) return null;
  return {
    title: siteTitle(ctx, analysis, block, view),
    tooltip: 'Show the unpatched stream, the patched one, or both',
    action: { kind: 'cycle-view', path },
  };
}

function costLens(ctx: FeatureContext, analysis: AssemblyAnalysis, path: string, line: number): ResolvedLens | null {
  const found = assemblyFunctions(analysis).find((one) => one.line === line);
  if (found === undefined || !ctx.cost) return null;
  const start = analysis.lines.lineStart(line);
  const end = analysis.lines.lineRange(found.endLine, analysis.text).end;
  const report = rangeCost(ctx, path, { start, end });
  if (report === null) return null;
  return {
    title: costLine(report).replaceAll(/[*`]/g, ''),
    tooltip: 'What the model says of one straight pass through this function, callees excluded',
    action: { kind: 'show-cost', path, start, end },
  };
}

interface Counts {
  readonly sites: readonly AlternativeSite[];
}

/** What each function and each macro of the file holds, by its line; those without sites are left out. */
function countsByLine(analysis: AssemblyAnalysis): Map<number, Counts> {
  const counts = new Map<number, Counts>();
  for (const one of assemblyFunctions(analysis)) if (one.sites.length > 0) counts.set(one.line, one);
  for (const { macro, sites } of analysis.openExpansions()) {
    if (sites.length > 0) counts.set(macro.source.line, { sites });
  }
  return counts;
}

function countText({ sites }: Counts): string {
  const callbacks = sites.filter((site) => site.kind === 'callback-alternative').length;
  const alternatives = sites.length - callbacks;
  const parts: string[] = [];
  if (alternatives > 0) parts.push(`${alternatives} alternative${alternatives === 1 ? '' : 's'}`);
  if (callbacks > 0) parts.push(`${callbacks} callback${callbacks === 1 ? '' : 's'}`);
  return parts.join(' · ');
}

function siteTitle(ctx: FeatureContext, analysis: AssemblyAnalysis, block: WrittenBlock, view: SiteView): string {
  const { site } = block;
  const patched = streamWhenSet(site);
  const right = patched.known ? streamSize(patched.insns) : `${site.callback ?? 'callback'}()`;
  const title = `${site.cpucap.text}: ${streamSize(site.original)} ⇄ ${right}`;
  if (view === 'both') return title;
  if (view === 'unpatched') return `${title} · unpatched shown`;
  const state = patchedState(analysis.tree, ctx.state);
  const running = runningHalf(site, view, questionFor(analysis.tree, state));
  const outcome = running === 'unknown' ? 'not known' : running === 'replacement' ? 'patched' : 'as linked';
  return `${title} · ${outcome} ${state.name === 'all' ? 'with all cpucaps' : `in ${state.name}`}`;
}
