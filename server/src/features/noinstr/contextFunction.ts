import type { FunctionReport } from '../../noinstr/analysis.ts';
import type { ContextState, StartMode } from '../../noinstr/models/contextState.ts';
import type { Site } from '../../noinstr/pathState.ts';
import { placeOf } from '../../noinstr/place.ts';
import { outermostUse } from '../../noinstr/unit.ts';
import type { Policy } from '../../noinstr/walk.ts';
import type { FeatureContext } from '../featureContext.ts';
import {
  contextPaths,
  contextStart,
  type FunctionPath,
  type FunctionStep,
  tableName,
  trackingOf,
} from './contextPaths.ts';
import { contextCells, contextTable } from './contextTable.ts';
import { conditionText } from './findingPath.ts';
import { linePlace } from './linePlace.ts';
import { holds } from './noinstrViews.ts';
import { type OpenNoinstr, openNoinstr } from './openNoinstr.ts';
import type { StepRow, StepTable } from './stepTable.ts';

/** What is asked for: a noinstr function of a file, by name or by an offset in it. */
export interface FunctionWish {
  readonly path: string;
  readonly name: string | null;
  /** UTF-16 offset of the cursor; the steps on its line are marked. */
  readonly offset: number | null;
  /** `null`: as its first switch of the context tells. */
  readonly from: StartMode | null;
  /** `null`: as the configuration tells. */
  readonly tracking: ContextState['tracking'] | null;
  /** Which of the paths, from 0. */
  readonly nPath: number;
}

/** Context tracking along one path of a function. */
export interface ContextOfFunction {
  readonly kind: 'function';
  readonly name: string;
  readonly start: { readonly state: ContextState; readonly text: string };
  readonly path: FunctionPath;
  readonly table: StepTable;
  /** Conditions by which each path differs, for choosing one. */
  readonly paths: readonly string[];
}

/** Follows a function through the model, or says why not. Throws only `CancelledError`. */
export function contextOfFunction(
  ctx: FeatureContext,
  wish: FunctionWish,
  policy: Policy,
): ContextOfFunction | { readonly kind: 'none'; readonly reason: string } {
  const { path, offset } = wish;
  const open = openNoinstr(ctx.workspace, path, policy, () => true);
  const report = open === null ? null : reportOf(open, wish);
  const file = path.slice(path.lastIndexOf('/') + 1);
  if (open === null || report === null) {
    const what = wish.name === null ? 'no noinstr function is here' : `${wish.name} is no noinstr function of ${file}`;
    return { kind: 'none', reason: open === null ? `${file} could not be read as C of a kernel tree` : what };
  }
  const start = contextStart(report, wish.from, wish.tracking ?? trackingOf(open));
  const paths = contextPaths(open, report, start.state);
  const found = paths[Math.min(Math.max(0, wish.nPath), paths.length - 1)];
  if (found === undefined) return { kind: 'none', reason: `${report.fn.name} has too many paths to follow` };
  const lines = ctx.workspace.lineIndexOf(path);
  const here = offset === null || lines === undefined ? null : lines.lineAt(offset);
  const rows = found.map((step): StepRow => {
    const place = linePlace(ctx, placeOf(step.site));
    return {
      ...contextCells(step),
      step: wordsOf(ctx, step),
      group: null,
      indent: step.level,
      place,
      isHere: here !== null && place?.path === path && place.line === here && step.site.via === null,
    };
  });
  const { name } = report.fn;
  const which = paths.length === 1 ? 'Its only path.' : `Path ${paths.indexOf(found) + 1} of ${paths.length}.`;
  const table = contextTable(
    `Context tracking, ${name}() in ${file}`,
    [`Start: ${start.text}. ${trackingWords[start.state.tracking]}`, which],
    rows,
    notesOf(open),
  );
  return { kind: 'function', name, start, path: found, table, paths: choiceTexts(ctx, paths) };
}

const trackingWords: Readonly<Record<ContextState['tracking'], string>> = {
  active: 'Context tracking is active.',
  inactive: 'Context tracking is not active on this CPU.',
  off: 'Context tracking of user space is off.',
};

function reportOf({ analysis, ...open }: OpenNoinstr, { path, name, offset }: FunctionWish): FunctionReport | null {
  const found = analysis.functions.find(
    (one) =>
      (name !== null && one.fn.name === name) ||
      (name === null && offset !== null && holds({ analysis, ...open }, one, path, offset)),
  );
  return found ?? null;
}

function notesOf({ analysis }: OpenNoinstr): readonly string[] {
  const missing = ['CONFIG_PROVE_LOCKING', 'CONFIG_TRACE_IRQFLAGS'].filter((name) => !analysis.unit.macros.has(name));
  if (missing.length === 0) return [];
  const verb = missing.length === 1 ? 'is' : 'are';
  return [`${missing.join(' and ')} ${verb} not set in this configuration: lockdep and trace show what would be told.`];
}

function wordsOf(ctx: FeatureContext, { site, taken, state }: FunctionStep): string {
  const interrupted = state.saved.at(-1)?.irqsMasked ?? null;
  const { op } = site;
  if (taken !== null) return `${conditionText(ctx, site)}${answerText(site, taken, interrupted)}`;
  if (op.kind === 'return') return op.atEnd ? 'end' : 'return';
  // A macro that writes a register, as it is written.
  if ((op.kind === 'assign' || op.kind === 'asm') && op.token.expansion !== null) return conditionText(ctx, site);
  if (op.kind === 'asm') return 'inline assembly';
  const name = op.kind === 'call' && op.callee === null ? op.text.replace(/ ?(->|\.) ?/g, '$1') : tableName(site);
  return name === '' ? op.token.text : `${name}()`;
}

/** What a macro asks inside is not what its use in a condition says: only one is known by its name. */
function answerText({ op }: Site, taken: boolean, masked: boolean | null): string {
  const outer = outermostUse(op.token);
  if (outer === null || /^(un)?likely$/.test(outer.macro.name)) return taken ? ': yes' : ': no';
  if (outer.macro.name !== 'interrupts_enabled' || masked === null) return '';
  return masked ? ': no' : ': yes';
}

/** What sets each path apart: the conditions that not all of them pass alike. */
function choiceTexts(ctx: FeatureContext, paths: readonly FunctionPath[]): readonly string[] {
  const all = paths.map((path) => [
    ...new Set(path.filter(({ taken, level }) => taken !== null || level === 0).map((step) => wordsOf(ctx, step))),
  ]);
  return all.map((choices) => {
    const own = choices.filter((one) => !all.every((other) => other.includes(one)));
    return own.length === 0 ? 'no condition of its own' : own.join(', ');
  });
}
