import { basename, relativePath } from '../base/path.ts';
import { chainOf, outermostFrame, outermostSource } from '../kernel/alternatives.ts';
import { displayText } from '../kernel/insnText.ts';
import type { MachineState } from '../kernel/machineStates.ts';
import type { ReadLine } from '../kernel/streamWords.ts';
import type { AssemblyAnalysis } from '../project/assemblyAnalysis.ts';
import type { Frame, GasStatement } from '../syntax/gas/model.ts';
import { expansionSteps, writtenText } from './expansionSteps.ts';
import type { FeatureContext } from './featureContext.ts';
import { type FoundFrame, frameAt } from './macroHover.ts';
import { statementsInState } from './patchedStatements.ts';

export interface ExpandOptions {
  /** `gas`: a flat file for GNU as; `json`: statement by statement; `text`: for people, grouped by source line. */
  readonly format: 'gas' | 'json' | 'text';
  /** Levels of macros to expand; `null` for all. Deeper invocations are shown as they are written. */
  readonly level: number | null;
  /** Machine state whose streams are shown; `null` shows the file as it is linked, with its records. */
  readonly state: MachineState | null;
  /** Object to expand when the file becomes several (`nvhe`, or the object's path). */
  readonly object?: string | null;
}

export interface Expanded {
  readonly text: string;
  readonly issues: readonly string[];
}

/** One line of output: a statement, or an invocation that the level leaves unexpanded. */
interface Item {
  readonly text: string;
  readonly isLabel: boolean;
  readonly statement: GasStatement;
  readonly frame: Frame | null;
}

/** The file after the C preprocessor and the assembler's macros. `gas` assembles to what the file itself assembles to. */
export function expandFile(ctx: FeatureContext, path: string, options: ExpandOptions): Expanded {
  const analysis = ctx.workspace.assembly(path, ctx.cancellation, options.object ?? null);
  if (analysis === null) return { text: '', issues: [`${path}: cannot be read`] };
  const statements =
    options.state === null ? analysis.gas.statements : statementsInState(analysis, analysis, options.state);
  const readLine = options.format === 'gas' ? null : analysis.readLine;
  const items = itemsAt(statements, options.level, readLine);
  const issues = issuesOf(analysis);
  switch (options.format) {
    case 'gas':
      return { text: gasText(analysis, items), issues };
    case 'json':
      return {
        text: `${JSON.stringify(
          items.map((item) => jsonItem(analysis, item)),
          null,
          1,
        )}\n`,
        issues,
      };
    case 'text':
      return { text: listing(analysis, items), issues };
  }
}

/** With `readLine`, what is left unexpanded is shown as it is written. */
function itemsAt(statements: readonly GasStatement[], level: number | null, readLine: ReadLine | null): Item[] {
  const items: Item[] = [];
  let shown: Frame | null = null;
  for (const statement of statements) {
    const hidden = level === null ? null : frameBelow(statement.frame, level);
    if (hidden === null) {
      shown = null;
      items.push({ text: statement.text, isLabel: statement.kind === 'label', statement, frame: statement.frame });
    } else if (hidden !== shown) {
      shown = hidden;
      const { invocation, callSource, parent } = hidden;
      const text = readLine === null ? invocation : writtenText(invocation, callSource, parent, readLine);
      items.push({ text, isLabel: false, statement, frame: parent });
    }
  }
  return items;
}

/** The expansion of depth `level` + 1 around a frame: the first one that the level leaves unexpanded. */
function frameBelow(frame: Frame | null, level: number): Frame | null {
  let at = frame;
  while (at !== null && at.depth > level + 1) at = at.parent;
  return at !== null && at.depth === level + 1 ? at : null;
}

function gasText(analysis: AssemblyAnalysis, items: readonly Item[]): string {
  const lines: string[] = [];
  const architecture = /(?:^|\s)-Wa,-march=([^\s,]+)/.exec(analysis.context?.flags.join(' ') ?? '')?.[1];
  if (architecture !== undefined) lines.push(`\t.arch ${architecture}`);
  for (const { text, isLabel, statement } of items) {
    if (statement.op === '.warning') continue;
    lines.push(isLabel ? text : `\t${text}`);
  }
  return `${lines.join('\n')}\n`;
}

function jsonItem(analysis: AssemblyAnalysis, { text, statement, frame }: Item): object {
  const name = nameIn(analysis);
  const { section, subsection } = statement.bucket;
  return {
    section,
    subsection,
    text: displayText(text),
    file: name(statement.source.file),
    line: statement.source.line,
    chain: chainOf(frame).map((step) => ({ ...step, file: name(step.file) })),
  };
}

function listing(analysis: AssemblyAnalysis, items: readonly Item[]): string {
  const out: string[] = [];
  const name = nameIn(analysis);
  let place = '';
  let section = '';
  for (const { text, isLabel, statement } of items) {
    const { file, line } = outermostSource(statement, null);
    // Headers give macros and constants; only what they emit is of interest.
    if (file !== analysis.path && statement.kind !== 'insn' && statement.kind !== 'data') continue;
    const where = `${statement.bucket.section}${statement.bucket.subsection === 0 ? '' : ` (subsection ${statement.bucket.subsection})`}`;
    if (where !== section && statement.kind !== 'directive') {
      section = where;
      out.push('', `// section ${where}`);
    }
    const here = `${file === analysis.path ? basename(file) : name(file)}:${line}`;
    if (here !== place) {
      place = here;
      out.push(
        `// ${here}${statement.frame === null ? '' : `: ${displayText(outermostFrame(statement.frame).invocation)}`}`,
      );
    }
    out.push(isLabel ? text : `\t${displayText(text).replace(' ', '\t')}`);
  }
  return `${out.join('\n').trimStart()}\n`;
}

function nameIn(analysis: AssemblyAnalysis): (file: string) => string {
  return (file) => (analysis.tree === null ? file : relativePath(analysis.tree.root, file));
}

function issuesOf(analysis: AssemblyAnalysis): string[] {
  const name = nameIn(analysis);
  const issues = [
    ...analysis.cpp.issues.map(({ file, line, message }) => `${name(file)}:${line}: ${message}`),
    ...analysis.gas.issues.map(({ source, message }) => `${name(source.file)}:${source.line}: ${message}`),
  ];
  return [...new Set(issues)];
}

/** The expansion of the macro invoked at an offset, one level below the other, as a text document; `null` where none is. */
export function expansionTrace(ctx: FeatureContext, path: string, offset: number): string | null {
  const analysis = ctx.workspace.assembly(path, ctx.cancellation);
  if (analysis === null) return null;
  const line = analysis.lines.lineAt(offset);
  const { start, end } = analysis.lines.lineRange(line, analysis.text);
  for (const match of analysis.text.slice(start, end).matchAll(/[A-Za-z_.$][\w.$]*/g)) {
    const found = frameAt(analysis, match[0], line);
    if (found === null) continue;
    const name = nameIn(analysis);
    const out = [`// ${name(path)}:${line}`, `${displayText(found.frame.invocation)}`];
    trace(found, 1, out, name, analysis.readLine);
    return `${out.join('\n')}\n`;
  }
  return null;
}

const maxTraceLines = 20_000;

function trace(
  { frame, gas }: FoundFrame,
  depth: number,
  out: string[],
  name: (file: string) => string,
  readLine: ReadLine,
): void {
  const indent = '  '.repeat(depth);
  for (const step of expansionSteps(gas, frame, readLine)) {
    if (out.length > maxTraceLines) return;
    if (step.kind === 'statement') {
      out.push(`${indent}${step.text}`);
      continue;
    }
    const place = step.frame.macro?.source;
    out.push(`${indent}${step.text}${place === undefined ? '' : `\t// ${name(place.file)}:${place.line}`}`);
    trace({ frame: step.frame, gas }, depth + 1, out, name, readLine);
  }
}
