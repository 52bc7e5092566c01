import type { FeatureContext } from './featureContext.ts';
import { type DocumentView, documentView } from './navigation/documentView.ts';
import { sitesWrittenIn } from './navigation/sitesWritten.ts';
import { symbolsOf } from './navigation/symbolStatements.ts';

// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.18/specification/#textDocument_foldingRange

/** Lines are 1-based. */
export interface Fold {
  readonly startLine: number;
  readonly endLine: number;
  readonly kind: 'region' | 'comment' | 'imports' | null;
}

/**
 * What can be folded, in order of the first line, one per first line (the longest): macros, loops and conditions
 * of the assembler and the preprocessor, each branch for itself, both halves of alternatives, functions, comments
 * and runs of includes. A closing line stays visible. Throws only `CancelledError`.
 */
export function foldingRanges(ctx: FeatureContext, path: string): readonly Fold[] {
  const view = documentView(ctx, path);
  if (view === null) return [];
  const folds: Fold[] = [];
  addBlocks(view, folds);
  addSites(view, folds);
  addFunctions(view, folds);
  addComments(view, folds);
  addIncludes(view, folds);
  const byLine = new Map<number, Fold>();
  for (const fold of folds) {
    const before = byLine.get(fold.startLine);
    if (fold.endLine > fold.startLine && (before === undefined || before.endLine < fold.endLine)) {
      byLine.set(fold.startLine, fold);
    }
  }
  return [...byLine.values()].sort((left, right) => left.startLine - right.startLine);
}

function addBlocks({ outline, lines }: DocumentView, folds: Fold[]): void {
  for (const block of outline.blocks) {
    if (block.close === null) continue;
    const borders = [block.start, ...block.dividers, block.close.start].map((offset) => lines.lineAt(offset));
    addBetween(borders, folds);
  }
}

/** A fold from each border to the line before the next one. */
function addBetween(borders: readonly number[], folds: Fold[]): void {
  for (let at = 0; at + 1 < borders.length; at++) {
    folds.push({ startLine: borders[at] ?? 0, endLine: (borders[at + 1] ?? 0) - 1, kind: null });
  }
}

function addSites(view: DocumentView, folds: Fold[]): void {
  for (const { written } of sitesWrittenIn(view)) {
    const { openLine, dividerLine, endLine } = written;
    addBetween(dividerLine === null ? [openLine, endLine] : [openLine, dividerLine, endLine], folds);
  }
}

function addFunctions(view: DocumentView, folds: Fold[]): void {
  for (const { kind, range } of symbolsOf(view)) {
    if (kind !== 'function' && kind !== 'object') continue;
    const startLine = view.lines.lineAt(range.start);
    folds.push({ startLine, endLine: view.lines.lineAt(Math.max(range.start, range.end - 1)) - 1, kind: null });
  }
}

/** Block comments of several lines, and runs of lines that are comments as a whole. */
function addComments({ outline, lines }: DocumentView, folds: Fold[]): void {
  let first = 0;
  let last = -1;
  for (const token of outline.tokens) {
    if (token.role !== 'comment') continue;
    const startLine = lines.lineAt(token.start);
    const endLine = lines.lineAt(Math.max(token.start, token.end - 1));
    if (outline.text.startsWith('/*', token.start)) {
      folds.push({ startLine, endLine, kind: 'comment' });
      continue;
    }
    if (outline.text.slice(lines.lineStart(startLine), token.start).trim() !== '') continue;
    if (startLine !== last + 1) {
      folds.push({ startLine: first, endLine: last, kind: 'comment' });
      first = startLine;
    }
    last = endLine;
  }
  folds.push({ startLine: first, endLine: last, kind: 'comment' });
}

function addIncludes({ outline, lines }: DocumentView, folds: Fold[]): void {
  let first: number | null = null;
  let last = 0;
  const finish = (): void => {
    if (first !== null) folds.push({ startLine: first, endLine: last, kind: 'imports' });
  };
  for (const { range } of outline.includes) {
    const line = lines.lineAt(range.start);
    // Blank lines between groups belong to the run.
    if (first !== null && line - last <= 2) last = line;
    else {
      finish();
      first = line;
      last = line;
    }
  }
  finish();
}
