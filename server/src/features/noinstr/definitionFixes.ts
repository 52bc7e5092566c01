import { namedCall } from '../../noinstr/callNames.ts';
import { isStaticBranch } from '../../noinstr/keyRules.ts';
import type { TreeKnowledge } from '../../noinstr/treeKnowledge.ts';
import type { FunctionFacts, Unit } from '../../noinstr/unit.ts';
import type { Finding } from '../diagnostics.ts';
import type { FeatureContext } from '../featureContext.ts';
import { openNoinstr } from './openNoinstr.ts';
import type { Fix, TextEdit } from './quickFixes.ts';

/** Rules that a word at a definition mends, and whether the function's own calls must be clean before it is offered. */
const byNoinstr: Readonly<Record<string, 'always' | 'clean'>> = {
  'noinstr.calls-instrumentable': 'clean',
  'noinstr.partial-protection': 'clean',
  'noinstr.callback-leaks': 'clean',
  'noinstr.hook-target-instrumentable': 'clean',
  'noinstr.inline-address-taken': 'always',
  'noinstr.callback-instrumentable': 'always',
  'noinstr.context-switch-outside-noinstr': 'always',
};

/** Fixes that change how the function is declared which a finding is about: `noinstr`, or `__always_inline` for `inline`. */
export function definitionFixes(ctx: FeatureContext, finding: Finding): readonly Fix[] {
  const { rule, path, message } = finding;
  const name = subjectOf(finding);
  if (name === null) return [];
  const place = definitionPlace(ctx, finding, name);
  const text = place === null ? undefined : ctx.workspace.textOf(place.path);
  if (place === null || text === undefined) return [];
  if (rule === 'noinstr.calls-plain-inline') return alwaysInline(name, place, text, path);
  const condition = byNoinstr[rule];
  if (condition === undefined || /\bruns only at boot\b/.test(message)) return [];
  if (condition === 'clean' && (place.path !== path || !isClean(ctx, path, name))) return [];
  return makeNoinstr(name, place, text);
}

interface DefinitionPlace {
  readonly path: string;
  /** Offset of the name. */
  readonly offset: number;
}

/** The function that has to be declared otherwise. */
function subjectOf({ rule, message }: Finding): string | null {
  if (/hook-target|address-taken|callback-instrumentable|context-switch-outside/.test(rule)) {
    return /^([A-Za-z_]\w*) /.exec(message)?.[1] ?? null;
  }
  const called = rule === 'noinstr.calls-instrumentable' ? /calls ([A-Za-z_]\w*)\(\)/ : /^([A-Za-z_]\w*)\(\)/;
  return called.exec(message)?.[1] ?? null;
}

/** Where it is defined: the related place that says so, or a definition in the file of the finding. */
function definitionPlace(ctx: FeatureContext, finding: Finding, name: string): DefinitionPlace | null {
  const told = finding.related.find(
    (one) => one.message === `${name}() is defined here` || one.message === `${name} is defined here`,
  );
  if (told !== undefined) return { path: told.path, offset: told.range.start };
  const text = ctx.workspace.textOf(finding.path) ?? '';
  const definition = new RegExp(`^(?![\\t #])[^\\n;{}()]*\\b${name}\\s*\\([^;{}]*\\)\\s*\\{`, 'm').exec(text);
  if (definition === null) return null;
  return { path: finding.path, offset: definition.index + definition[0].search(new RegExp(`\\b${name}\\s*\\(`)) };
}

/** Where the words before a name begin that belong to its declaration. */
function headStart(text: string, offset: number): number {
  const from = Math.max(0, offset - 400);
  const before = text.slice(from, offset);
  const lines = before.split('\n');
  // A directive of the preprocessor ends what stands before it.
  const directive = lines.findLastIndex((line) => /^\s*#/.test(line));
  const behindDirective = lines.slice(0, directive + 1).join('\n').length;
  const end = Math.max(0, ...[';', '}', '\n\n', '*/'].map((mark) => before.lastIndexOf(mark)), behindDirective);
  return from + end;
}

function wordIn(text: string, from: number, to: number, words: RegExp): { start: number; end: number } | null {
  const match = words.exec(text.slice(from, to));
  return match === null ? null : { start: from + match.index, end: from + match.index + match[0].length };
}

function alwaysInline(name: string, { path, offset }: DefinitionPlace, text: string, own: string): Fix[] {
  const range = wordIn(text, headStart(text, offset), offset, /\b(__inline__|__inline|inline)\b/);
  if (range === null) return [];
  const edits = [{ path, range, text: '__always_inline' }];
  return [{ title: `Make ${name}() __always_inline`, edits, isPreferred: path === own }];
}

/** `noinstr` before the name, or in place of what it says already; a `NOKPROBE_SYMBOL()` of the name goes. */
function makeNoinstr(name: string, { path, offset }: DefinitionPlace, text: string): Fix[] {
  const from = headStart(text, offset);
  const replaced = wordIn(text, from, offset, /\b(__always_inline|inline|notrace|noinline|__kprobes)\b/);
  const edits: TextEdit[] = [
    replaced === null
      ? { path, range: { start: offset, end: offset }, text: 'noinstr ' }
      : { path, range: replaced, text: 'noinstr' },
  ];
  if (replaced === null && /\*\s*$/.test(text.slice(from, offset))) {
    // `T *name`: the word goes before the type's star.
    const star = offset - (/\*[\s*]*$/.exec(text.slice(from, offset))?.[0].length ?? 0);
    edits[0] = { path, range: { start: star, end: star }, text: 'noinstr ' };
  }
  const mark = new RegExp(`^NOKPROBE_SYMBOL\\(\\s*${name}\\s*\\);?[ \\t]*\\n`, 'm').exec(text);
  if (mark !== null) edits.push({ path, range: { start: mark.index, end: mark.index + mark[0].length }, text: '' });
  return [{ title: `Make ${name}() noinstr`, edits, isPreferred: false }];
}

/** Whether a function of a file would have no finding on its calls as noinstr. */
function isClean(ctx: FeatureContext, path: string, name: string): boolean {
  const open = openNoinstr(ctx.workspace, path, 'context', () => true);
  const fn = open?.analysis.unit.functionOf(name) ?? null;
  return open !== null && fn !== null && callsNothingUnsafe(fn, open.analysis.unit, open.knowledge, new Set());
}

function callsNothingUnsafe(
  fn: FunctionFacts,
  unit: Unit,
  knowledge: TreeKnowledge,
  seen: Set<FunctionFacts>,
): boolean {
  if (seen.has(fn)) return true;
  seen.add(fn);
  return fn.graph.nodes.every(({ op }) => {
    const name = op?.kind === 'call' ? op.callee : op?.kind === 'use' ? op.expansion.macro.name : undefined;
    if (name === undefined) return true;
    if (name === null || isStaticBranch(name)) return false;
    const named = namedCall(name, 'raw');
    if (named !== null) return named.rule === null;
    if (op?.kind === 'use' || name.startsWith('__builtin_')) return true;
    const callee = unit.functionOf(name);
    if (callee === null) return knowledge.functionNamed(name)?.class === 'noinstr';
    if (callee.class === 'noinstr') return true;
    return callee.class === 'always-inline' && callsNothingUnsafe(callee, unit, knowledge, seen);
  });
}
