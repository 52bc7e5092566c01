import { throwIfCancelled } from '../../base/cancellation.ts';
import { firstNotBefore } from '../../base/search.ts';
import type { LineIndex, TextRange } from '../../base/text.ts';
import type { AssemblyAnalysis } from '../../project/assemblyAnalysis.ts';
import type { KernelTree } from '../../project/kernelTree.ts';
import type { SourceOutline } from '../../project/outlineModel.ts';
import { outlineMacroTexts, type SourceIndex, sourceIndexOf } from '../../project/sourceIndex.ts';
import { outlineOf } from '../../project/sourceOutline.ts';
import { type MacroText, type SymbolEffects, symbolEffects } from '../../project/symbolMacros.ts';
import type { FeatureContext } from '../featureContext.ts';

/** One document as navigation sees it: as written, as expanded, and where it stands. */
export interface DocumentView {
  readonly ctx: FeatureContext;
  readonly path: string;
  readonly outline: SourceOutline;
  readonly lines: LineIndex;
  readonly tree: KernelTree | null;
  /** `null` when the file cannot be analyzed. */
  readonly analysis: AssemblyAnalysis | null;
}

/** View of a document; `null` when it cannot be read. Throws only `CancelledError`. */
export function documentView(ctx: FeatureContext, path: string): DocumentView | null {
  throwIfCancelled(ctx.cancellation);
  const outline = outlineOf(ctx.workspace, path);
  const lines = ctx.workspace.lineIndexOf(path);
  if (outline === undefined || lines === undefined) return null;
  const tree = ctx.workspace.treeFor(path);
  return { ctx, path, outline, lines, tree, analysis: ctx.workspace.assembly(path, ctx.cancellation) };
}

/** Names of the whole tree, read when first asked for; `null` outside of a tree. */
export function indexOf(view: DocumentView, headers: readonly string[] = []): SourceIndex | null {
  if (view.tree === null) return null;
  return sourceIndexOf(view.ctx.workspace, view.tree, view.ctx.cancellation, headers);
}

/** Whether conditions of the preprocessor removed the place. */
export function isInactive(view: DocumentView, offset: number): boolean {
  return view.analysis !== null && holds(view.analysis.cpp.inactive, offset);
}

function holds(ranges: readonly TextRange[], offset: number): boolean {
  const range = ranges[firstNotBefore(ranges, ({ end }) => end <= offset)];
  return range !== undefined && range.start <= offset;
}

const effectsOf = new WeakMap<object, SymbolEffects>();

/** What the macros that a document sees do to symbols. */
export function effectsIn(view: DocumentView): SymbolEffects {
  const key = view.analysis ?? view.outline;
  let effects = effectsOf.get(key);
  if (effects === undefined) {
    const own = new Map(outlineMacroTexts(view.outline).map(({ name, text }) => [name, text]));
    effects = symbolEffects((name) => own.get(name) ?? seenMacro(view.analysis, name));
    effectsOf.set(key, effects);
  }
  return effects;
}

function seenMacro(analysis: AssemblyAnalysis | null, name: string): MacroText | null {
  if (analysis === null) return null;
  const cpp = analysis.cpp.macros.get(name);
  if (cpp !== undefined) {
    return cpp.parameters === null ? null : { language: 'cpp', parameters: cpp.parameters, body: cpp.body };
  }
  const gas = analysis.gas.liveMacros.get(name.toLowerCase());
  if (gas === undefined) return null;
  const parameters = gas.parameters.map((parameter) => parameter.name);
  return { language: 'gas', parameters, body: gas.body.map((statement) => statement.text).join('\n') };
}

/** Range of the text of a 1-based line without the blanks around it. */
export function lineText(view: Pick<DocumentView, 'lines' | 'outline'>, line: number): TextRange {
  const { start, end } = view.lines.lineRange(line, view.outline.text);
  const text = view.outline.text.slice(start, end);
  const first = start + text.length - text.trimStart().length;
  return { start: first, end: Math.max(first, start + text.trimEnd().length) };
}
