import type { AssemblyAnalysis } from '../project/assemblyAnalysis.ts';
import type { Frame } from '../syntax/gas/model.ts';
import { configNamedAt } from './constructText.ts';
import type { FeatureContext } from './featureContext.ts';
import { emitsRecord } from './rules/constructs.ts';

/** A text by lines. */
type Lines = Pick<AssemblyAnalysis, 'text' | 'lines'>;

/** Why nothing of a line is assembled, as Markdown; `null` where something is, or nothing could be. */
export function absentText(ctx: FeatureContext, analysis: AssemblyAnalysis, line: number): string | null {
  return removedText(analysis, line) ?? omittedText(ctx, analysis, line);
}

/** A construct that is switched off by its own argument (`ALTERNATIVE(old, new, cap, CONFIG_X)`) leaves nothing behind. */
function omittedText(ctx: FeatureContext, analysis: AssemblyAnalysis, line: number): string | null {
  const omits = (frame: Frame): boolean =>
    frame.macro !== null &&
    frame.callSource.line === line &&
    frame.callSource.file === analysis.path &&
    frame.seqStart === frame.seqEnd &&
    emitsRecord(frame.macro);
  if (!analysis.gas.frames.some(omits)) return null;
  const config = configNamedAt(ctx.workspace, analysis.path, line, null);
  const why = config === null ? 'its last argument is 0' : `\`${config}\` is off`;
  return `**Nothing is here**, because ${why}. Neither the patched sequence nor the unpatched one is assembled: the default instruction is left out as well.${configuration(analysis)}`;
}

/** A line that a conditional of the preprocessor removes, with the condition. */
function removedText(analysis: AssemblyAnalysis, line: number): string | null {
  const { start, end } = analysis.lines.lineRange(line, analysis.text);
  const content = analysis.text.slice(start, end).trim();
  const removed = analysis.cpp.inactive.find((range) => range.start <= start && start < range.end);
  if (removed === undefined || content === '' || content.startsWith('#')) return null;
  const directiveLine = analysis.lines.lineAt(removed.start) - 1;
  const directive = lineText(analysis, directiveLine);
  const opener = /^#\s*el/.test(directive) ? openerOf(analysis, directiveLine) : null;
  const of = opener === null ? '' : `, a branch of \`${opener.text}\` in line ${opener.line},`;
  return `**Not assembled**: \`${directive}\` in line ${directiveLine}${of} is not taken.${configuration(analysis)}`;
}

function configuration({ tree }: AssemblyAnalysis): string {
  return tree === null ? '' : `  \nConfiguration: ${tree.config.source.text}.`;
}

/** The `#if` that an `#else` or `#elif` belongs to. */
export function openerOf(analysis: Lines, from: number): { readonly text: string; readonly line: number } | null {
  let depth = 0;
  for (let line = from - 1; line > 0; line--) {
    const text = lineText(analysis, line);
    if (/^#\s*endif\b/.test(text)) depth++;
    else if (/^#\s*if/.test(text) && depth-- === 0) return { text, line };
  }
  return null;
}

function lineText(analysis: Lines, line: number): string {
  const { start, end } = analysis.lines.lineRange(line, analysis.text);
  return analysis.text.slice(start, end).trim();
}
