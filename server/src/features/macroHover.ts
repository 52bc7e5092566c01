import { relativePath } from '../base/path.ts';
import type { AssemblyAnalysis } from '../project/assemblyAnalysis.ts';
import type { CppMacro } from '../syntax/cpp/model.ts';
import type { Frame, GasResult, MacroDefinition } from '../syntax/gas/model.ts';
import { readable } from '../syntax/gas/scrub.ts';
import { expansionSteps } from './expansionSteps.ts';

/** An expansion and the file-wide result that it is part of. */
export interface FoundFrame {
  readonly frame: Frame;
  readonly gas: GasResult;
}

/** Expansion that a line invokes under a name: the file's own, else the one in a macro's body with arguments as names. */
export function frameAt(analysis: AssemblyAnalysis, name: string, line: number): FoundFrame | null {
  const key = name.toLowerCase();
  const matches = (frame: Frame): boolean =>
    frame.kind === 'macro' &&
    frame.callSource.line === line &&
    frame.callSource.file === analysis.path &&
    frame.name.toLowerCase() === key;
  const own = analysis.gas.frames.find((frame) => frame.depth === 1 && matches(frame));
  if (own !== undefined) return { frame: own, gas: analysis.gas };
  for (const { gas } of analysis.openExpansions()) {
    const frame = gas.frames.find((one) => one.depth > 1 && matches(one));
    if (frame !== undefined) return { frame, gas };
  }
  const nested = analysis.gas.frames.find(matches);
  return nested === undefined ? null : { frame: nested, gas: analysis.gas };
}

/** A macro as Markdown: its definition line and one level of its expansion, or a preprocessor macro with its value. */
export function macroText(analysis: AssemblyAnalysis, word: string, line: number, offset: number): string | null {
  const found = frameAt(analysis, word, line);
  if (found !== null && found.frame.macro !== null) return expansionText(analysis, found, found.frame.macro);
  const definition = (analysis.gas.macros.get(word.toLowerCase()) ?? []).find(
    (macro) => macro.source.file === analysis.path && macro.source.line === line,
  );
  if (definition !== undefined) return definitionText(analysis, definition);
  const use = analysis.cpp.uses.find((one) => offset >= one.nameRange.start && offset <= one.nameRange.end);
  if (use === undefined) return null;
  const { macro } = use;
  const define = `#define ${macro.name}${parameterList(macro)} ${macro.body}`.trim();
  const lines = [fence('c', define)];
  if (use.expansion !== macro.body && use.expansion !== '') lines.push(`expands to ${inline(use.expansion)}`);
  if (macro.line > 0) lines.push(`Defined in \`${placeName(analysis, macro.file)}:${macro.line}\`.`);
  return lines.join('\n\n');
}

/** `(a, b, ...)` as a definition has it; empty for an object-like macro. */
function parameterList({ parameters, variadic }: CppMacro): string {
  if (parameters === null) return '';
  const last = parameters.length - 1;
  const names = parameters.map((name, index) => {
    if (!variadic || index < last) return name;
    return name === '__VA_ARGS__' ? '...' : `${name}...`;
  });
  return `(${names.join(', ')})`;
}

function expansionText(analysis: AssemblyAnalysis, { frame, gas }: FoundFrame, macro: MacroDefinition): string {
  const steps = expansionSteps(gas, frame, analysis.readLine);
  const lines = steps.map((step) => (step.kind === 'statement' && step.isLabel ? step.text : `\t${step.text}`));
  const insns = gas.statements
    .slice(frame.seqStart, frame.seqEnd)
    .filter((one) => one.kind === 'insn' || one.op === '.inst').length;
  const body = lines.length === 0 ? '// nothing in this configuration' : lines.join('\n');
  return [
    `macro **${macro.name}** · ${placeName(analysis, macro.source.file)}:${macro.source.line} · ${insns} instruction${insns === 1 ? '' : 's'} in all`,
    fence('arm64-kernel-asm', body),
  ].join('\n\n');
}

function definitionText(analysis: AssemblyAnalysis, macro: MacroDefinition): string {
  const used = analysis.gas.frames.filter((frame) => frame.macro === macro).length;
  const parameters = macro.parameters
    .map(
      (one) =>
        `${one.name}${one.kind === 'plain' ? '' : `:${one.kind === 'required' ? 'req' : 'vararg'}`}${one.defaultText === '' ? '' : `=${readable(one.defaultText)}`}`,
    )
    .join(', ');
  const times =
    used === 0 ? 'not expanded in this file' : `expanded ${used} time${used === 1 ? '' : 's'} in this object`;
  return `macro **${macro.name}** ${parameters === '' ? '' : `\`${parameters}\` `}· ${times}`;
}

function placeName(analysis: AssemblyAnalysis, file: string): string {
  return analysis.tree === null ? file : relativePath(analysis.tree.root, file);
}

function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

function inline(text: string): string {
  return text.length > 200 || text.includes('`') ? fence('c', text) : `\`${text}\``;
}
