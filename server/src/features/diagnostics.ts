import type { TextRange } from '../base/text.ts';
import type { AssemblyAnalysis } from '../project/assemblyAnalysis.ts';
import type { Workspace } from '../project/workspace.ts';
import { cSitesOf } from './c/cSites.ts';
import { diagnosticCodes } from './diagnosticCodes.ts';
import type { FeatureContext } from './featureContext.ts';
import { checkAssembly } from './rules/assemblyRules.ts';
import { checkShape } from './rules/constructRules.ts';
import { readConstructGrammar } from './rules/constructs.ts';
import { checkCSites, makesAlternatives, mayHoldAsm } from './rules/cSiteRules.ts';
import { checkReferences } from './rules/referenceRules.ts';
import type { RawFinding, RuleInput } from './rules/ruleModel.ts';
import { checkCpucap, checkStreams } from './rules/streamRules.ts';

export type Severity = 'error' | 'warning' | 'information';

export interface RelatedPlace {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly range: TextRange;
  readonly message: string;
}

/** One finding. Lines and columns are 1-based, `range` holds offsets into the text of `path`. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly path: string;
  readonly range: TextRange;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly message: string;
  readonly related: readonly RelatedPlace[];
  readonly fix: string | null;
}

/**
 * Findings on the alternatives of a `.S` or C file or header, in order of line. A finding in a macro of another file stands there, once,
 * with the invocation as a related place. Throws only `CancelledError`.
 */
export function diagnostics(ctx: FeatureContext, path: string): readonly Finding[] {
  const findings = rawFindings(ctx, path).map((raw) => place(ctx.workspace, raw, raw.file, raw.line));
  return findings.filter((one) => one !== null).sort(byPlace);
}

/** The same findings, each on a line of this file: those written in another one stand at the line that leads there. */
export function diagnosticsHere(ctx: FeatureContext, path: string): readonly Finding[] {
  const findings: Finding[] = [];
  for (const raw of rawFindings(ctx, path)) {
    const here = raw.file === path;
    if (!here && raw.outermost.file !== path) continue;
    const moved = here
      ? raw
      : { ...raw, related: [{ file: raw.file, line: raw.line, message: 'written here' }, ...raw.related] };
    const finding = place(ctx.workspace, moved, path, here ? raw.line : raw.outermost.line);
    if (finding !== null) findings.push(finding);
  }
  return findings.sort(byPlace);
}

const byPlace = (left: Finding, right: Finding): number =>
  left.path === right.path ? left.range.start - right.range.start : left.path < right.path ? -1 : 1;

function rawFindings(ctx: FeatureContext, path: string): readonly RawFinding[] {
  const inC = findingsInC(ctx, path);
  return path.endsWith('.c') ? inC : [...assemblyFindings(ctx, path), ...inC];
}

/** Findings of inline assembly; none while the C parser is not loaded. */
function findingsInC(ctx: FeatureContext, path: string): RawFinding[] {
  const { workspace, cancellation } = ctx;
  if (!/\.[ch]$/.test(path) || !mayHoldAsm(workspace.textOf(path) ?? '')) return [];
  const unit = workspace.cUnit(path, cancellation);
  // Following its functions takes longer than reading it.
  if (unit === null || !makesAlternatives(unit.expanded.text)) return [];
  return unique(checkCSites(cSitesOf(ctx, path), path, unit.tree?.cpucaps ?? null));
}

function assemblyFindings(ctx: FeatureContext, path: string): RawFinding[] {
  const analysis = ctx.workspace.assembly(path, ctx.cancellation);
  if (analysis === null) return [];
  const cached = known.get(analysis);
  if (cached !== undefined) return cached;
  // A header is looked at by itself; what the headers around it hold is theirs.
  const findings = unique(findRaw(analysis).filter(({ file }) => file === path || !path.endsWith('.h')));
  known.set(analysis, findings);
  return findings;
}

/** A mistake in a macro or inline function comes with every use of it. */
function unique(findings: readonly RawFinding[]): RawFinding[] {
  const byKey = new Map<string, RawFinding>();
  for (const one of findings) {
    const key = `${one.rule}\0${one.file}\0${one.line}\0${one.word ?? ''}`;
    if (!byKey.has(key)) byKey.set(key, one);
  }
  return [...byKey.values()];
}

const known = new WeakMap<AssemblyAnalysis, RawFinding[]>();

function findRaw(analysis: AssemblyAnalysis): RawFinding[] {
  const cpucaps = analysis.tree?.cpucaps ?? null;
  const grammar = readConstructGrammar(analysis.gas);
  const found = runRules({ gas: analysis.gas, sites: analysis.sites, cpucaps, grammar });
  found.push(...checkAssembly(analysis));
  for (const definition of analysis.openExpansions()) {
    // Where a condition depends on an argument both sides were followed, which no invocation does.
    if (definition.gas.statements.some((statement) => statement.openConditions.length > 0)) continue;
    // Macros that open an alternative for another one to close are used in pairs.
    const input: RuleInput = { gas: definition.gas, sites: definition.sites, cpucaps, grammar };
    found.push(...runRules(input).filter((finding) => finding.rule !== 'alternative.stray-end'));
  }
  return found;
}

function runRules(input: RuleInput): RawFinding[] {
  const shape = checkShape(input);
  const findings = [...shape.findings];
  for (const site of input.sites) {
    if (shape.wellFormed.has(site)) findings.push(...checkStreams(input, site));
    else checkCpucap(input.cpucaps, site, findings);
  }
  findings.push(...checkReferences(input, shape.wellFormed));
  return findings;
}

function place(workspace: Workspace, raw: RawFinding, path: string, line: number): Finding | null {
  const text = workspace.textOf(path);
  const lines = workspace.lineIndexOf(path);
  const code = diagnosticCodes.find((one) => one.rule === raw.rule);
  if (text === undefined || lines === undefined || code === undefined) return null;
  const range = rangeOnLine(text, lines.lineRange(line, text), path === raw.file ? raw.word : null);
  const start = lines.positionAt(range.start);
  const end = lines.positionAt(range.end);
  return {
    rule: raw.rule,
    severity: code.severity,
    path,
    range,
    line: start.line,
    column: start.column,
    endLine: end.line,
    endColumn: end.column,
    message: raw.message,
    related: raw.related.map((related) => relatedPlace(workspace, related)).filter((one) => one !== null),
    fix: null,
  };
}

function relatedPlace(workspace: Workspace, related: RawFinding['related'][number]): RelatedPlace | null {
  const text = workspace.textOf(related.file);
  const lines = workspace.lineIndexOf(related.file);
  if (text === undefined || lines === undefined) return null;
  const range = rangeOnLine(text, lines.lineRange(related.line, text), null);
  const { line, column } = lines.positionAt(range.start);
  return { path: related.file, line, column, range, message: related.message };
}

/** The word on a line, else the line without its indentation. */
function rangeOnLine(text: string, line: TextRange, word: string | null): TextRange {
  const content = text.slice(line.start, line.end);
  const at = word === null ? -1 : content.indexOf(word);
  if (word !== null && at >= 0) return { start: line.start + at, end: line.start + at + word.length };
  const trimmed = content.trim();
  const start = line.start + (content.length - content.trimStart().length);
  return { start, end: start + trimmed.length };
}
