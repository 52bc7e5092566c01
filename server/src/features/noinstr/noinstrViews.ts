import type { TextRange } from '../../base/text.ts';
import type { FunctionReport } from '../../noinstr/analysis.ts';
import { outermostPlace } from '../../noinstr/unit.ts';
import type { FeatureContext } from '../featureContext.ts';
import { contextFacts } from './contextHover.ts';
import { type NoinstrFunction, noinstrFile, type Standing } from './noinstrFile.ts';
import type { OpenNoinstr } from './openNoinstr.ts';

/** What a lens over a protected function says. */
export interface NoinstrLens {
  readonly name: string;
  readonly range: TextRange;
  readonly title: string;
  readonly tooltip: string;
}

/** One lens for each noinstr function of a file that was checked. Never starts an analysis. */
export function noinstrLenses(ctx: FeatureContext, path: string): readonly NoinstrLens[] {
  return (noinstrFile(ctx.workspace, path)?.functions ?? []).map((fn) => ({
    name: fn.name,
    range: fn.nameRange,
    title: functionLine(fn),
    tooltip: [entryText(fn), unverifiedText(fn), 'Click for a report of the function.']
      .filter((one) => one !== '')
      .join(' '),
  }));
}

function functionLine({ nCallees, nFindings }: NoinstrFunction): string {
  return ['noinstr', count(nCallees, 'callee'), count(nFindings, 'finding')].join(' · ');
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}

/** How a function is entered, as a sentence. */
export function entryText({ entry }: Pick<NoinstrFunction, 'entry'>): string {
  if (entry === 'out') return 'Entered while RCU is not watching.';
  return entry === 'in' ? 'Entered while RCU is watching.' : 'Whether RCU is watching on entry is up to the caller.';
}

function unverifiedText({ unverified }: NoinstrFunction): string {
  if (unverified.length === 0) return '';
  return `Nothing is claimed about ${count(unverified.length, 'callee')}.`;
}

/** What is said of a name in noinstr code: why a call is or is not allowed, or what a function came to. `null` elsewhere. */
export function noinstrHover(
  ctx: FeatureContext,
  path: string,
  offset: number,
): { readonly range: TextRange; readonly markdown: string } | null {
  const file = noinstrFile(ctx.workspace, path);
  if (file === null) return null;
  const isThere = ({ start, end }: TextRange): boolean => offset >= start && offset <= end;
  const name = file.names.find((one) => one.markdown !== '' && isThere(one.range));
  if (name !== undefined) {
    const facts = contextFacts(ctx, path, name.range.start);
    return facts === null ? name : { range: name.range, markdown: `${name.markdown}\n\n${facts}` };
  }
  const fn = file.functions.find(({ nameRange }) => isThere(nameRange));
  if (fn === undefined) return null;
  const open = fn.unverified.map(
    ({ name: callee, reason, line }) => `- \`${callee}()\`${line === null ? '' : ` on line ${line}`}: ${reason}`,
  );
  const list = open.length === 0 ? '' : `\n\n${unverifiedText(fn)}\n${open.join('\n')}`;
  return { range: fn.nameRange, markdown: `**${functionLine(fn)}.** ${entryText(fn)}${list}` };
}

/** A mark where the standing changes along a noinstr function. */
export interface ContextMark {
  /** End of the line. */
  readonly offset: number;
  readonly label: Standing;
}

/** Marks in a range, in order, for the protected functions of a file that was checked. */
export function contextMarks(ctx: FeatureContext, path: string, range: TextRange): readonly ContextMark[] {
  const file = noinstrFile(ctx.workspace, path);
  if (file === null) return [];
  return file.changes
    .map(({ range: { start }, standing }) => ({
      offset: file.lines.lineRange(file.lines.lineAt(start), file.text).end,
      label: standing,
    }))
    .filter(({ offset }) => offset >= range.start && offset <= range.end);
}

/** Whether a place of a file is in the text of a function of it, from its name to its end. */
export function holds(open: OpenNoinstr, { fn }: FunctionReport, path: string, offset: number): boolean {
  const { file, offset: start } = outermostPlace(fn.nameToken);
  const end = open.analysis.unit.text.indexOf('\n}', start);
  return file === path && offset >= start && (end < 0 || offset <= end);
}
