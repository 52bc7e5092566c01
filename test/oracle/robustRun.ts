// Opens broken versions of every assembly file of a kernel, as an editor does while somebody types, and asks every
// feature about them. A process of its own, so that a version that never ends can be stopped from outside. Arguments:
// a build of the oracle's setup as JSON, number of cases wanted. Writes a line before each case and one for each problem.

import { readFileSync, writeSync } from 'node:fs';
import { relative } from 'node:path';
import { codeLenses, resolveLens } from '../../server/src/features/codeLens.ts';
import { definition } from '../../server/src/features/definition.ts';
import { diagnostics, diagnosticsHere } from '../../server/src/features/diagnostics.ts';
import { documentHighlights } from '../../server/src/features/documentHighlight.ts';
import { documentSymbols, type SymbolNode } from '../../server/src/features/documentSymbols.ts';
import { expandFile, expansionTrace } from '../../server/src/features/expand.ts';
import { fadedRanges } from '../../server/src/features/fadedRanges.ts';
import type { FeatureContext } from '../../server/src/features/featureContext.ts';
import { foldingRanges } from '../../server/src/features/foldingRanges.ts';
import { hover } from '../../server/src/features/hover.ts';
import { inlayHints } from '../../server/src/features/inlayHints.ts';
import { patchedView } from '../../server/src/features/patchedView.ts';
import { references } from '../../server/src/features/references.ts';
import { semanticTokens } from '../../server/src/features/semanticTokens.ts';
import { siteRecords } from '../../server/src/features/siteList.ts';
import { workspaceSymbols } from '../../server/src/features/workspaceSymbols.ts';
import { type BrokenText, edits, prefixes, type SeededRandom, seededRandom } from './brokenText.ts';
import { assemblyFiles, type KernelBuild, openKernel } from './kernelBuilds.ts';

/** Statements that one analysis may hold: the macro layer's limit and what one expansion can add past it. */
const maxStatements = 210_000;

const build = JSON.parse(process.argv[2] ?? '') as KernelBuild;
const wanted = Number(process.argv[3]);
const say = (kind: 'case' | 'problem' | 'done', text: string): void => void writeSync(1, `${kind} ${text}\n`);

const { ctx } = openKernel(build);
const state = ctx.workspace.treeFor(`${build.source}/arch/arm64/kernel/entry.S`)?.builtinStates().at(-1) ?? ctx.state;
const random = seededRandom(612);
const files = assemblyFiles(build).map((path) => ({ path, text: readFileSync(path, 'utf8') }));
const nLines = files.reduce((sum, { text }) => sum + text.split('\n').length, 0);
// Half of the cases are prefixes up to a line's end, a quarter up to anywhere, a quarter are edits.
const step = Math.max(1, Math.round(nLines / (wanted / 2)));
let nCases = 0;
let version = 1;
for (const { path, text } of files) {
  const share = Math.max(2, Math.round((wanted / 4) * (text.split('\n').length / nLines)));
  for (const broken of [...prefixes(text, random.below(step), step, random), ...edits(text, share, random)]) {
    nCases++;
    attempt(path, broken);
  }
  ctx.workspace.closeDocument(path);
}
say('done', `${nCases} versions of ${files.length} files`);

function attempt(path: string, broken: BrokenText): void {
  const name = `${relative(build.source, path)}: ${broken.how}`;
  say('case', name);
  try {
    ctx.workspace.changeDocument(path, broken.text, version++);
    for (const problem of askEverything({ ...ctx, state }, path, broken.text, random))
      say('problem', `${name}: ${problem}`);
  } catch (error) {
    say('problem', `${name}: ${String(error instanceof Error ? error.stack : error).replaceAll('\n', ' ')}`);
  }
}

/** Every feature once; the result names what is out of bounds. */
function askEverything(ctx: FeatureContext, path: string, text: string, random: SeededRandom): string[] {
  const problems: string[] = [];
  const nLines = text.split('\n').length;
  const within = (what: string, range: { readonly start: number; readonly end: number }): void => {
    if (range.start >= 0 && range.start <= range.end && range.end <= text.length) return;
    problems.push(`${what} from ${range.start} to ${range.end} of ${text.length}`);
  };
  const analysis = ctx.workspace.assembly(path, ctx.cancellation);
  const nStatements = analysis?.gas.statements.length ?? 0;
  if (nStatements > maxStatements) problems.push(`${nStatements} statements`);

  for (const finding of diagnostics(ctx, path)) if (finding.path === path) within(finding.rule, finding.range);
  for (const finding of diagnosticsHere(ctx, path)) within(finding.rule, finding.range);
  const lenses = codeLenses(ctx, path, { functions: true, sites: true });
  for (const lens of lenses) within('lens', lens.range);
  for (const lens of lenses.slice(0, 4)) resolveLens(ctx, path, lens.key, 'both');
  for (const view of ['both', 'patched', 'unpatched'] as const) {
    const all = { start: 0, end: text.length };
    for (const hint of inlayHints(ctx, path, all, { view, expansions: view === 'both' })) {
      within('hint', { start: hint.offset, end: hint.offset });
      if (hint.label.length >= 40) problems.push(`a hint of ${hint.label.length} characters`);
    }
    for (const range of fadedRanges(ctx, path, view)) within('faded range', range);
  }
  patchedView(ctx, path, ctx.state);
  patchedView(ctx, path, 'unpatched');
  siteRecords(ctx, path, { definitions: false });
  siteRecords(ctx, path, { definitions: true, inState: true });
  for (const format of ['gas', 'json', 'text'] as const) expandFile(ctx, path, { format, level: null, state: null });
  expandFile(ctx, path, { format: 'text', level: 1, state: ctx.state });
  const checkSymbols = (nodes: readonly SymbolNode[]): void => {
    for (const node of nodes) {
      within(`symbol ${node.name}`, node.range);
      within(`name of ${node.name}`, node.selectionRange);
      if (node.selectionRange.start < node.range.start || node.selectionRange.end > node.range.end) {
        problems.push(`the name of ${node.name} is outside of it`);
      }
      checkSymbols(node.children);
    }
  };
  checkSymbols(documentSymbols(ctx, path));
  for (const fold of foldingRanges(ctx, path)) {
    if (fold.startLine < 1 || fold.endLine < fold.startLine || fold.endLine > nLines) {
      problems.push(`fold of lines ${fold.startLine} to ${fold.endLine} of ${nLines}`);
    }
  }
  let before = 0;
  for (const token of semanticTokens(ctx, path, null)) {
    within('token', { start: token.start, end: token.start + token.length });
    if (token.start < before) problems.push(`token at ${token.start} overlaps`);
    before = token.start + token.length;
  }
  for (let count = 0; count < 4; count++) {
    const offset = random.below(text.length + 1);
    const shown = hover(ctx, path, offset);
    if (shown !== null) within('hover', shown.range);
    for (const highlight of documentHighlights(ctx, path, offset)) within('highlight', highlight.range);
    definition(ctx, path, offset);
    expansionTrace(ctx, path, offset);
    if (count === 0) references(ctx, path, offset, { includeDeclaration: true });
  }
  if (random.below(50) === 0) workspaceSymbols(ctx, 'entry');
  return problems;
}
