import type { TextRange } from '../../base/text.ts';
import type { SourceToken } from '../../project/outlineModel.ts';
import { macroAround, outlineOf, tokenText } from '../../project/sourceOutline.ts';
import type { CppLine } from '../../syntax/cpp/model.ts';
import { resolveNumericLabel } from '../../syntax/gas/labels.ts';
import type { DocumentView } from './documentView.ts';

/** Where a numeric label stands. */
export interface LabelPlace {
  readonly path: string;
  readonly range: TextRange;
}

/**
 * Definition that a numeric label token means: its own for a definition; for `1b` and `1f` the one that the
 * assembler takes, macros in between expanded, else the nearest one as written in the same macro or outside of all.
 */
export function numericLabelPlace(view: DocumentView, token: SourceToken): LabelPlace | null {
  if (token.role === 'numeric-label') return { path: view.path, range: { start: token.start, end: token.end } };
  const text = tokenText(view.outline, token);
  const number = text.slice(0, -1);
  const isForward = /f$/i.test(text);
  return assembledPlace(view, token, number, isForward) ?? writtenPlace(view, token, number, isForward);
}

function assembledPlace(view: DocumentView, token: SourceToken, number: string, isForward: boolean): LabelPlace | null {
  const seq = seqOf(view, token);
  if (seq === null || view.analysis === null) return null;
  const label = resolveNumericLabel(view.analysis.gas, number, isForward ? 'f' : 'b', seq);
  if (label === null) return null;
  const { file, line } = label.source;
  const outline = file === view.path ? view.outline : outlineOf(view.ctx.workspace, file);
  const lines = view.ctx.workspace.lineIndexOf(file);
  if (outline === undefined || lines === undefined) return null;
  const onLine = outline.definitions.filter(
    (one) => one.kind === 'numeric-label' && one.name === number && lines.lineAt(one.range.start) === line,
  );
  const only = onLine[0];
  return only === undefined ? null : { path: file, range: only.range };
}

/**
 * Place in the order of emission that a token stands at: that of its statement, the file's own before those of
 * expansions; before the first statement of an expansion for an argument of its invocation.
 */
function seqOf(view: DocumentView, token: SourceToken): number | null {
  if (view.analysis === null) return null;
  const line = view.lines.lineAt(token.start);
  const isHere = (source: CppLine): boolean => source.line === line && source.file === view.path;
  let found: number | null = null;
  for (const statement of view.analysis.gas.statements) {
    if (statement.kind === 'label' || !isHere(statement.source)) continue;
    if (statement.frame === null) return statement.seq;
    found ??= statement.seq;
  }
  if (found !== null) return found;
  const expansion = view.analysis.gas.frames.find(({ callSource }) => isHere(callSource));
  return expansion === undefined ? null : expansion.seqStart - 1;
}

function writtenPlace(view: DocumentView, token: SourceToken, number: string, isForward: boolean): LabelPlace | null {
  const within = macroAround(token.scope);
  let found: TextRange | null = null;
  for (const definition of view.outline.definitions) {
    if (definition.kind !== 'numeric-label' || definition.name !== number) continue;
    if (macroAround(definition.scope) !== within) continue;
    if (definition.range.start < token.start) {
      if (!isForward) found = definition.range;
    } else if (isForward) return { path: view.path, range: definition.range };
  }
  return found === null ? null : { path: view.path, range: found };
}
