import type { TextRange } from '../../base/text.ts';
import { rootSite, type Site } from '../../noinstr/pathState.ts';
import { placeOf } from '../../noinstr/place.ts';
import type { Finding } from '../diagnostics.ts';
import type { FeatureContext } from '../featureContext.ts';
import { bareBodyAt } from './bareBody.ts';
import { definitionFixes } from './definitionFixes.ts';
import { keptNoinstr, openNoinstr } from './openNoinstr.ts';

/** One change of a text. Offsets are UTF-16 offsets into the text of `path`. */
export interface TextEdit {
  readonly path: string;
  readonly range: TextRange;
  readonly text: string;
}

/** Something that removes a finding. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** The one to take without looking. */
  readonly isPreferred: boolean;
}

/**
 * What can be done about a finding of the noinstr rules, best first: the replacement of the call, a region, a word at the
 * definition in the same file, and a comment that allows it. A region is never offered where RCU is not watching.
 */
export function noinstrFixes(ctx: FeatureContext, finding: Finding): readonly Fix[] {
  const text = ctx.workspace.textOf(finding.path);
  if (text === undefined || !finding.rule.startsWith('noinstr.')) return [];
  const fixes = ofRule(ctx, finding, text);
  const known = new Set(fixes.map((fix) => fix.title));
  const atDefinitions = definitionFixes(ctx, finding).filter((fix) => !known.has(fix.title));
  return [...fixes, ...atDefinitions, allow(finding, text)];
}

function ofRule(ctx: FeatureContext, finding: Finding, text: string): Fix[] {
  const { rule, path, range } = finding;
  const written = text.slice(range.start, range.end);
  switch (rule) {
    case 'noinstr.region-underflow':
    case 'noinstr.redundant-marker': {
      const word = /remove (notrace|noinline)$/.exec(finding.message)?.[1];
      if (word !== undefined) return removeWord(finding, text, word);
      // A macro around NOKPROBE_SYMBOL() may make more than the mark.
      if (rule === 'noinstr.redundant-marker' && !written.startsWith('NOKPROBE_SYMBOL')) return [];
      return isBare(text, range.start) ? [] : [deleteLine('Remove it', path, text, range.start, true)];
    }
    case 'noinstr.region-unneeded': {
      // Under another name nothing says which one is its end.
      if (!text.startsWith('instrumentation_begin', range.start)) return [];
      const end = text.indexOf('instrumentation_end', range.start);
      if (end < 0 || isBare(text, range.start) || isBare(text, end)) return [];
      const first = deleteLine('', path, text, range.start, true);
      const second = deleteLine('', path, text, end, true);
      return [{ title: 'Remove both markers', edits: [...first.edits, ...second.edits], isPreferred: true }];
    }
    case 'noinstr.region-left-open':
      if (!text.startsWith('return', range.start)) return [];
      return insertBefore('Close the region before the return', finding, text, 'instrumentation_end();');
    case 'noinstr.resched-without-trace-on':
      return insertAfter('Call trace_hardirqs_on() after it', finding, text, 'trace_hardirqs_on();');
    case 'noinstr.inline-conflict':
    case 'noinstr.section-conflict':
      return [];
    case 'noinstr.vector-target-instrumentable':
    case 'noinstr.region-outside-noinstr':
      return atDefinition('Make it noinstr', path, text, functionStart(text, range.start), 'noinstr');
    case 'noinstr.static-key-writable':
      return finding.fix === null ? [] : readOnlyKey(finding, text);
    default:
  }
  const fixes: Fix[] = [];
  const replacement = /^use ([A-Za-z_]\w*)$/.exec(finding.fix ?? '')?.[1];
  if (replacement !== undefined && /^[A-Za-z_]\w*$/.test(written)) {
    const edits = [{ path, range, text: replacement }];
    fixes.push({ title: `Use ${replacement}()`, edits, isPreferred: true });
  }
  if (wrappable.has(rule) && !isOut(ctx, finding)) fixes.push(...region(finding, text));
  if (rule === 'noinstr.calls-plain-inline') fixes.push(...alwaysInline(finding, text, written));
  return fixes;
}

const wrappable: ReadonlySet<string> = new Set([
  'noinstr.calls-instrumentable',
  'noinstr.trace-or-print',
  'noinstr.indirect-call',
  'noinstr.partial-protection',
]);

/** Whether RCU does not watch on some path to the place of a finding: with a region there the mistake would only hide. */
function isOut({ workspace }: FeatureContext, { path, range }: Finding): boolean {
  const open = keptNoinstr(workspace, path) ?? openNoinstr(workspace, path, 'context', () => true);
  if (open === null) return true;
  const isHere = (site: Site): boolean => {
    const { file, offset } = placeOf(site);
    return file === path && offset === range.start;
  };
  return open.analysis.functions.some((report) =>
    report
      .states()
      .some(({ site, state }) => state.depth === 0 && state.ctx === 'out' && (isHere(site) || isHere(rootSite(site)))),
  );
}

function lineOf(text: string, offset: number): { start: number; end: number; indent: string } {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const next = text.indexOf('\n', offset);
  const end = next < 0 ? text.length : next;
  return { start, end, indent: /^[ \t]*/.exec(text.slice(start, end))?.[0] ?? '' };
}

/** Whether what stands at an offset is all that a condition decides: without it the next statement would be. */
function isBare(text: string, offset: number): boolean {
  const { start, end } = lineOf(text, offset);
  return withBraces('', text, start, end, [])?.length !== 0;
}

function deleteLine(title: string, path: string, text: string, offset: number, isPreferred: boolean): Fix {
  const { start, end } = lineOf(text, offset);
  return { title, edits: [{ path, range: { start, end: Math.min(text.length, end + 1) }, text: '' }], isPreferred };
}

function insertBefore(title: string, finding: Finding, text: string, statement: string): Fix[] {
  const { path, range } = finding;
  const { start, end, indent } = lineOf(text, range.start);
  const added = { path, range: { start, end: start }, text: `${indent}${statement}\n` };
  const edits = withBraces(path, text, start, end, [added]);
  return edits === null ? [] : [{ title, edits, isPreferred: false }];
}

function insertAfter(title: string, { path, range }: Finding, text: string, statement: string): Fix[] {
  const { start, end, indent } = lineOf(text, range.start);
  const added = { path, range: { start: end, end }, text: `\n${indent}${statement}` };
  const edits = withBraces(path, text, start, end, [added]);
  return edits === null ? [] : [{ title, edits, isPreferred: true }];
}

/**
 * Edits that put statements beside the one on the lines from `start` to `end`, with braces where it stood alone behind a
 * condition; `null` where it shares its line with the condition.
 */
function withBraces(
  path: string,
  text: string,
  start: number,
  end: number,
  edits: readonly TextEdit[],
): readonly TextEdit[] | null {
  if (/^\s*(if|else|while|for|do)\b/.test(text.slice(start, end))) return null;
  const bare = bareBodyAt(text, start);
  if (bare === 'inside') return null;
  if (bare === null) return edits;
  const isElse = /^\s*else\b/.exec(text.slice(end));
  const close = isElse === null ? `\n${bare.indent}}` : `\n${bare.indent}} `;
  const until = isElse === null ? end : end + isElse[0].length - 'else'.length;
  return [
    { path, range: { start: bare.open, end: bare.open }, text: ' {' },
    ...edits.filter((edit) => edit.range.start < end),
    {
      path,
      range: { start: end, end: until },
      text:
        edits
          .filter((edit) => edit.range.start >= end)
          .map((edit) => edit.text)
          .join('') + close,
    },
  ];
}

/** Markers around a statement that begins and ends on lines of its own. */
function region({ path, range }: Finding, text: string): Fix[] {
  const { start, indent } = lineOf(text, range.start);
  const semicolon = text.indexOf(';', range.start);
  const { end } = lineOf(text, semicolon);
  const before = text.slice(start, range.start);
  if (
    semicolon < 0 ||
    text.slice(semicolon + 1, end).trim() !== '' ||
    /[;{}]|\breturn\b|\bif\b|\bwhile\b/.test(before)
  ) {
    return [];
  }
  const edits = [
    { path, range: { start, end: start }, text: `${indent}instrumentation_begin();\n` },
    { path, range: { start: end, end }, text: `\n${indent}instrumentation_end();` },
  ];
  const braced = withBraces(path, text, start, end, edits);
  return braced === null ? [] : [{ title: 'Put it into an instrumentation region', edits: braced, isPreferred: false }];
}

/** The definition of a helper in the same file. */
function alwaysInline({ path }: Finding, text: string, name: string): Fix[] {
  const definition = new RegExp(`^[^\\n;{}()]*\\binline\\b[^\\n;{}()]*\\b${name}\\s*\\(`, 'm').exec(text);
  const at = definition === null ? -1 : definition.index + definition[0].indexOf('inline');
  if (at < 0) return [];
  const edits = [{ path, range: { start: at, end: at + 'inline'.length }, text: '__always_inline' }];
  return [{ title: `Make ${name}() __always_inline`, edits, isPreferred: true }];
}

/** Start of the line on which the function around or at an offset begins. */
function functionStart(text: string, offset: number): number {
  const brace = text.lastIndexOf('\n{', offset);
  const isInside = brace >= 0 && text.indexOf('\n}', brace) > offset;
  return isInside ? lineOf(text, brace).start : lineOf(text, offset).start;
}

/** A word before the name of the function that a line declares. */
function atDefinition(title: string, path: string, text: string, start: number, word: string): Fix[] {
  const { end } = lineOf(text, start);
  const name = /([A-Za-z_]\w*)\s*\(/.exec(text.slice(start, end));
  if (name === null) return [];
  const at = start + name.index;
  return [{ title, edits: [{ path, range: { start: at, end: at }, text: `${word} ` }], isPreferred: true }];
}

function removeWord({ path, range }: Finding, text: string, word: string): Fix[] {
  const from = Math.max(0, text.lastIndexOf('\n\n', range.start));
  const at = text.slice(from, range.start).lastIndexOf(word);
  if (at < 0) return [];
  const start = from + at;
  const end = start + word.length + (text[start + word.length] === ' ' ? 1 : 0);
  return [{ title: `Remove ${word}`, edits: [{ path, range: { start, end }, text: '' }], isPreferred: true }];
}

function readOnlyKey(finding: Finding, text: string): Fix[] {
  const places = [{ path: finding.path, range: finding.range }, ...finding.related];
  const here = places.find(
    (one) => one.path === finding.path && /DEFINE_STATIC_KEY_/.test(lineText(text, one.range.start)),
  );
  if (here === undefined) return [];
  const { start, end } = lineOf(text, here.range.start);
  const macro = /\bDEFINE_STATIC_KEY_(TRUE|FALSE)\b/.exec(text.slice(start, end));
  if (macro === null) return [];
  const at = start + macro.index + macro[0].length;
  const edits = [{ path: finding.path, range: { start: at, end: at }, text: '_RO' }];
  return [{ title: 'Define the key read-only after init', edits, isPreferred: false }];
}

function lineText(text: string, offset: number): string {
  const { start, end } = lineOf(text, offset);
  return text.slice(start, end);
}

/** What stands for the reason until the reader has written one: a comment with it silences nothing. */
export const reasonWord = 'REASON';

/** A comment that silences this one finding; the reader writes the reason. */
function allow({ path, range, rule }: Finding, text: string): Fix {
  const { start, indent } = lineOf(text, range.start);
  const comment = path.endsWith('.S')
    ? `// patchpoint: allow ${rule} -- ${reasonWord}`
    : `/* patchpoint: allow ${rule} -- ${reasonWord} */`;
  const edits = [{ path, range: { start, end: start }, text: `${indent}${comment}\n` }];
  return { title: `Allow ${rule} here, with a reason`, edits, isPreferred: false };
}
