import type { FunctionReport } from '../../noinstr/analysis.ts';
import { isLeftOut } from '../../noinstr/built.ts';
import { compilerMade, fatalCalls } from '../../noinstr/callNames.ts';
import type { HookStore } from '../../noinstr/hooks.ts';
import type { OutTransfer } from '../../noinstr/image/outTransfers.ts';
import { nearest, openSourceCalls, type SourceCall, type SourceCalls } from '../../noinstr/image/sourceStates.ts';
import { chainOf, type Site } from '../../noinstr/pathState.ts';
import { placeOf } from '../../noinstr/place.ts';
import { openTreeKnowledge, type TreeKnowledge } from '../../noinstr/treeKnowledge.ts';
import { outermostPlace } from '../../noinstr/unit.ts';
import type { Policy } from '../../noinstr/walk.ts';
import type { KernelTree } from '../../project/kernelTree.ts';
import type { NameIndex } from '../../project/nameIndex.ts';
import type { FeatureContext } from '../featureContext.ts';
import { openNoinstr, prepareNames } from './openNoinstr.ts';

/** A frame of debug information: a function and the line reached in it. */
export interface VerdictFrame {
  readonly name: string;
  readonly file: string | null;
  readonly line: number | null;
}

export interface Verdict {
  readonly verdict: 'allowed' | 'violation' | 'unverified';
  readonly reason: string;
  /** Line in the noinstr function, and the way from there, outermost first. */
  readonly file: string | null;
  readonly line: number | null;
  readonly chain: readonly VerdictFrame[];
  /** Of a call through a pointer: functions that the tree shows to be put there. */
  readonly targets: readonly string[];
  /** What the verdict rests on, where that is less than usual. */
  readonly note: string | null;
}

interface OpenFunction {
  readonly tree: KernelTree;
  readonly policy: Policy;
  readonly report: FunctionReport;
  readonly calls: SourceCalls;
}

/**
 * Judges transfers of an image by the source they come from, in their order. Sources are opened one after the other,
 * each once. `framesOf` gives what debug information has, outermost first; empty without it.
 */
export function judgeTransfers(
  ctx: FeatureContext,
  tree: KernelTree,
  policy: Policy,
  transfers: readonly OutTransfer[],
  framesOf: (transfer: OutTransfer) => readonly VerdictFrame[],
): readonly Verdict[] {
  const index = prepareNames(ctx.workspace, tree);
  const verdicts: Verdict[] = transfers.map((transfer) => withoutSource(transfer, framesOf(transfer)));
  const knowledge = openTreeKnowledge(tree, index, (path) => ctx.workspace.textOf(path));
  for (const [at, transfer] of transfers.entries()) {
    const verdict = byCallee(transfer, knowledge);
    if (verdict !== null) verdicts[at] = { ...placeOfFrames(framesOf(transfer)), ...verdict };
  }
  const byPath = new Map<string, number[]>();
  for (const [at, transfer] of transfers.entries()) {
    for (const path of pathsOf(index, tree, sourceName(transfer), framesOf(transfer))) {
      const list = byPath.get(path);
      if (list === undefined) byPath.set(path, [at]);
      else list.push(at);
    }
  }
  for (const [path, all] of byPath) {
    const opened = openNoinstr(ctx.workspace, path, policy);
    if (opened === null) continue;
    const calls = new Map<FunctionReport, SourceCalls>();
    for (const at of all) {
      const transfer = transfers[at];
      if (transfer === undefined || transfer.isSwitch || verdicts[at]?.reason !== 'no-source') continue;
      const name = sourceName(transfer);
      const report = opened.analysis.functions.find((one) => one.fn.name === name);
      if (report === undefined) continue;
      const known = calls.get(report) ?? openSourceCalls(report, opened.analysis.unit);
      calls.set(report, known);
      verdicts[at] = judge(ctx, { tree, policy, report, calls: known }, transfer, framesOf(transfer));
    }
  }
  return verdicts;
}

/** Without what a compiler adds to the name of a part or copy of a function. */
function sourceName(transfer: OutTransfer): string {
  return transfer.from.split('.')[0] ?? transfer.from;
}

function withoutSource(transfer: OutTransfer, frames: readonly VerdictFrame[]): Verdict {
  const place = placeOfFrames(frames);
  return transfer.isSwitch
    ? { verdict: 'allowed', reason: 'switch-table', ...place }
    : { verdict: 'unverified', reason: 'no-source', ...place };
}

/**
 * What a callee alone decides: one of another object that is noinstr by its source is no way out, and assembly of the
 * vectors, before any context is set up, may only call code that nothing traces.
 */
function byCallee(transfer: OutTransfer, knowledge: TreeKnowledge): Pick<Verdict, 'verdict' | 'reason'> | null {
  if (transfer.to === null || (!transfer.isExternal && !transfer.fromAssembly)) return null;
  const callee = knowledge.functionNamed(transfer.to);
  if (callee?.class === 'noinstr') return { verdict: 'allowed', reason: 'noinstr' };
  if (callee === null || !transfer.fromAssembly) return null;
  return callee.class === 'assembly'
    ? { verdict: 'allowed', reason: 'assembly' }
    : { verdict: 'violation', reason: 'rcu-off' };
}

function placeOfFrames(frames: readonly VerdictFrame[]): At {
  return { file: frames[0]?.file ?? null, line: frames[0]?.line ?? null, chain: frames, targets: [], note: null };
}

function pathsOf(
  index: NameIndex,
  tree: KernelTree,
  name: string,
  frames: readonly VerdictFrame[],
): ReadonlySet<string> {
  const paths = new Set<string>();
  const framed = frames[0]?.file ?? null;
  if (framed !== null) paths.add(framed.startsWith('/') ? framed : `${tree.root}/${framed}`);
  for (const { path, kind, isDeclaration } of index.definitionsOf(name)) {
    if (!isDeclaration && kind === 'function' && !/\/nvhe\/|\/arch\/(?!arm64\/)/.test(path)) paths.add(path);
  }
  return paths;
}

function judge(ctx: FeatureContext, fn: OpenFunction, transfer: OutTransfer, frames: readonly VerdictFrame[]): Verdict {
  const place = placeOfFrames(frames);
  return transfer.to === null
    ? judgeIndirect(ctx, fn, frames, place)
    : judgeDirect(ctx, fn, transfer.to.split('.')[0] ?? transfer.to, frames, place);
}

type At = Pick<Verdict, 'file' | 'line' | 'chain' | 'targets' | 'note'>;

function judgeDirect(
  ctx: FeatureContext,
  fn: OpenFunction,
  callee: string,
  frames: readonly VerdictFrame[],
  place: At,
): Verdict {
  const named = fn.calls.named(callee);
  const calls = nearest(named, frames, (site) => lineOf(ctx, site));
  const [first] = calls;
  const at = sourcePlace(ctx, calls, frames, place);
  if (first === undefined) {
    if (fn.policy === 'strict' && compilerMade.has(callee)) return { ...outsideRegion, ...at };
    if (compilerMade.has(callee)) return { verdict: 'allowed', reason: 'compiler-emitted', ...at };
    if (isWarn(callee)) return { verdict: 'allowed', reason: 'warn', ...at };
    if (/^__ubsan_handle_/.test(callee)) return { verdict: 'allowed', reason: 'fatal', ...at };
    return judgeLines(ctx, fn, frames, place);
  }
  if (isWarn(callee) && !calls.every(isAllowedByState)) return { verdict: 'allowed', reason: 'warn', ...at };
  const isFatal = fn.policy === 'context' && fatalCalls.has(callee);
  if (isFatal && !calls.every(isAllowedByState)) return { verdict: 'allowed', reason: 'fatal', ...at };
  if (agree(fn, named)) return { ...byState(fn, calls), ...at };
  if (frames.length === 0 || !agree(fn, calls)) {
    const note = `${fn.report.fn.name} calls ${callee} at several places that differ; which of them it is would take its line`;
    return { verdict: 'unverified', reason: 'no-source', ...at, note };
  }
  // A compiler may have merged the places into one call, which has one line then.
  const note = `${fn.report.fn.name} calls ${callee} at several places that differ; judged by the line`;
  return { ...byState(fn, calls), ...at, note };
}

/** Whether every place of the source that the calls stand at has the same verdict. */
function agree(fn: OpenFunction, calls: readonly SourceCall[]): boolean {
  const places = new Map<string, SourceCall[]>();
  const numbers = new Map<unknown, number>();
  for (const call of calls) {
    const ops = chainOf(call.site).map(({ op }) => {
      const number = numbers.get(op) ?? numbers.size;
      numbers.set(op, number);
      return number;
    });
    const key = ops.join();
    places.set(key, [...(places.get(key) ?? []), call]);
  }
  return new Set([...places.values()].map((one) => byState(fn, one).verdict)).size <= 1;
}

/** What WARN() calls between its own markers. */
function isWarn(callee: string): boolean {
  return callee === '__warn_printk' || callee.startsWith('warn_slowpath');
}

/** A call that source does not have by that name: what holds at the lines that debug information names. */
function judgeLines(ctx: FeatureContext, fn: OpenFunction, frames: readonly VerdictFrame[], place: At): Verdict {
  const [root] = frames;
  if (root === undefined || root.line === null) {
    // The same holds everywhere in the function: then it does at this call as well.
    const everywhere = fn.report.states();
    const [one] = everywhere;
    const isSame = everywhere.every(({ state }) => state.ctx === one?.state.ctx && state.depth === one.state.depth);
    if (one !== undefined && isSame) return { ...byState(fn, everywhere), ...place };
    return { verdict: 'unverified', reason: 'no-source', ...place };
  }
  const all = fn.report.states().filter(({ site }) => site.via === null && lineOf(ctx, site) === root.line);
  const deep = nearest(fn.report.states(), frames, (site) => lineOf(ctx, site));
  const found = deep.length < fn.report.states().length ? deep : all;
  if (found.length === 0) return { verdict: 'unverified', reason: 'no-source', ...place };
  return { ...byState(fn, found), ...place };
}

function judgeIndirect(ctx: FeatureContext, fn: OpenFunction, frames: readonly VerdictFrame[], place: At): Verdict {
  const calls = nearest(fn.calls.indirect(), frames, (site) => lineOf(ctx, site));
  const [first] = calls;
  if (first === undefined) return { verdict: 'unverified', reason: 'open-indirect', ...place };
  const known = calls.map(({ op, site, fn: inside }) =>
    op === null ? null : fn.report.hookTargets(op, inside, inside === site.fn ? site.via : null),
  );
  const isClosed = known.every((one) => one?.closed === true);
  const stores = known.flatMap((one) => one?.stores ?? []).filter(({ path }) => !isLeftOut(fn.tree, path));
  const at = { ...sourcePlace(ctx, calls, frames, place), targets: [...new Set(stores.map(({ name }) => name))] };
  if (fn.policy === 'strict') return { ...byState(fn, calls), ...at };
  if (isClosed && stores.length > 0 && stores.every(isProtected))
    return { verdict: 'allowed', reason: 'closed-indirect', ...at };
  const isOff = calls.some(({ state }) => state.ctx === 'out');
  if (!isOff && calls.every(({ state }) => state.depth > 0)) return { verdict: 'allowed', reason: 'region', ...at };
  if (!isOff && calls.every(({ state }) => state.depth > 0 || state.ctx === 'in'))
    return { verdict: 'allowed', reason: 'context', ...at };
  // A region around a call through a pointer says that its targets are the drivers' matter, and so are a caller's.
  const isBad = stores.some((store) => isInstrumentable(store) && (isClosed || store.isArgument !== true));
  if (isBad && calls.every(({ state }) => state.depth <= 0))
    return { verdict: 'violation', reason: 'indirect-instrumentable', ...at };
  return { verdict: 'unverified', reason: 'open-indirect', ...at };
}

function isProtected(store: HookStore): boolean {
  return store.class === 'noinstr' || store.class === 'assembly';
}

/** Of what is known to be none of the protected ones; an inline function whose address is taken is one more. */
function isInstrumentable(store: HookStore): boolean {
  return store.class !== null && !isProtected(store);
}

function isAllowedByState({ state }: SourceCall): boolean {
  return (state.depth > 0 || state.ctx === 'in') && state.ctx !== 'out';
}

/** What objtool says of everything that leaves outside a region. */
const outsideRegion = { verdict: 'violation', reason: 'outside-region' } as const;

/** The verdict on a call from what holds on the paths to it. */
function byState(fn: OpenFunction, calls: readonly SourceCall[]): Pick<Verdict, 'verdict' | 'reason'> {
  if (fn.policy === 'strict') {
    const isRegion = calls.every(({ state }) => state.depth > 0);
    return isRegion ? { verdict: 'allowed', reason: 'region' } : outsideRegion;
  }
  if (calls.some(({ state }) => state.ctx === 'out')) return { verdict: 'violation', reason: 'rcu-off' };
  if (calls.every(({ state }) => state.depth > 0)) return { verdict: 'allowed', reason: 'region' };
  if (calls.every(({ state }) => state.depth > 0 || state.ctx === 'in'))
    return { verdict: 'allowed', reason: 'context' };
  const isIdle = fn.report.fn.declared.macros.has('__cpuidle');
  return { verdict: 'violation', reason: isIdle ? 'idle-contract' : 'contract' };
}

/** Debug information's place; without it the source's, as far as there is only one. */
function sourcePlace(
  ctx: FeatureContext,
  calls: readonly SourceCall[],
  frames: readonly VerdictFrame[],
  place: At,
): At {
  if (frames.length > 0) return place;
  const chains = calls.map((call) =>
    chainOf(call.site).map((site) => ({ name: site.fn.name, file: placeOf(site).file, line: lineOf(ctx, site) })),
  );
  const [chain = []] = chains;
  const nCommon = Math.min(
    ...chains.map((one) => {
      const end = chain.findIndex((frame, index) => frame.line !== one[index]?.line || frame.file !== one[index]?.file);
      return end < 0 ? chain.length : end;
    }),
  );
  const [first] = chain;
  const line = nCommon > 0 ? (first?.line ?? null) : null;
  return { ...place, file: first?.file ?? null, line, chain: chain.slice(0, nCommon) };
}

function lineOf(ctx: FeatureContext, site: Site): number | null {
  const { file, offset } = outermostPlace(site.op.token);
  return ctx.workspace.lineIndexOf(file)?.lineAt(offset) ?? null;
}
