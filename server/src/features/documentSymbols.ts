import type { TextRange } from '../base/text.ts';
import type { AlternativeSite } from '../kernel/patchSite.ts';
import { blockEnd, macroAround } from '../project/sourceOutline.ts';
import { openCFile } from './c/openCFile.ts';
import { bothLabel, isTold, triggerLabel } from './c/siteLabel.ts';
import type { FeatureContext } from './featureContext.ts';
import { type DocumentView, documentView, lineText } from './navigation/documentView.ts';
import { sitesWrittenIn } from './navigation/sitesWritten.ts';
import { type DefinedSymbol, symbolsOf } from './navigation/symbolStatements.ts';

// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.18/specification/#textDocument_documentSymbol

export type SymbolNodeKind =
  | 'function'
  | 'macro'
  | 'label'
  | 'alias'
  | 'constant'
  | 'site'
  | 'static-key'
  | 'static-call'
  | 'tracepoint'
  | 'variable'
  | 'type';

export interface SymbolNode {
  readonly name: string;
  readonly detail: string;
  readonly kind: SymbolNodeKind;
  readonly range: TextRange;
  readonly selectionRange: TextRange;
  readonly children: readonly SymbolNode[];
}

interface OpenNode extends SymbolNode {
  readonly children: OpenNode[];
}

/**
 * Functions and macros of a document in order, each with the labels, aliases, constants and alternatives inside
 * of it; those outside of all stand beside them. Of C what another server does not know: keys, static calls, sites, in
 * their functions where no other server shows these (`ctx.allOfC`). Throws only `CancelledError`.
 */
export function documentSymbols(ctx: FeatureContext, path: string): readonly SymbolNode[] {
  const view = documentView(ctx, path);
  if (view === null) return [];
  const nodes = [
    ...(path.endsWith('.S') ? [] : cNodes(ctx, path)),
    ...functionNodes(view),
    ...macroNodes(view),
    ...definitionNodes(view),
    ...(path.endsWith('.S') ? defineNodes(view) : []),
    ...siteNodes(view),
  ];
  return nest(nodes);
}

function node(
  kind: SymbolNodeKind,
  name: string,
  detail: string,
  range: TextRange,
  selectionRange: TextRange,
): OpenNode[] {
  // The protocol wants a name, and the selection inside of the range.
  if (name === '') return [];
  const whole = { start: Math.min(range.start, selectionRange.start), end: Math.max(range.end, selectionRange.end) };
  return [{ name, detail, kind, range: whole, selectionRange, children: [] }];
}

/** Keys, static calls, and sites that a reader means, one a line. */
function cNodes(ctx: FeatureContext, path: string): OpenNode[] {
  const file = openCFile(ctx, path);
  if (file === null) return [];
  const keys = file.keys.flatMap(({ kind, name, nameRange }) => node(kind, name, '', nameRange, nameRange));
  const seen = new Set<string>();
  const sites = file.sites
    .filter((site) => isTold(file, site))
    .flatMap((site) => {
      const name = triggerLabel(site);
      const at = `${name}:${site.line}`;
      if (seen.has(at)) return [];
      seen.add(at);
      return node('site', name, bothLabel(site), site.range, site.range);
    });
  const functions = ctx.allOfC
    ? file.functions.flatMap(({ name, range, nameRange }) => node('function', name, '', range, nameRange))
    : [];
  return [...functions, ...keys, ...sites];
}

function functionNodes(view: DocumentView): OpenNode[] {
  return symbolsOf(view).flatMap((symbol) =>
    node(symbolKind(symbol), symbol.name, symbol.construct, symbol.range, symbol.nameRange),
  );
}

function symbolKind({ kind }: DefinedSymbol): SymbolNodeKind {
  switch (kind) {
    case 'function':
    case 'alias':
      return 'function';
    case 'object':
      return 'constant';
    case 'label':
      return 'label';
  }
}

function macroNodes(view: DocumentView): OpenNode[] {
  const { outline } = view;
  return outline.blocks.flatMap((block) => {
    if (block.kind !== 'macro' || block.name === null) return [];
    const parameters = block.parameters.map(({ name }) => name).join(', ');
    // One that is still being typed goes as far as its first line.
    const end = block.close === null ? block.headEnd : blockEnd(outline, block);
    return node('macro', block.name.name, parameters, { start: block.start, end }, block.name.range);
  });
}

function definitionNodes(view: DocumentView): OpenNode[] {
  const { text } = view.outline;
  const functions = new Set(symbolsOf(view).map(({ nameRange }) => nameRange.start));
  return view.outline.definitions.flatMap(({ kind, name, range, statement, scope }) => {
    if (kind === 'numeric-label' || functions.has(range.start)) return [];
    if (kind === 'label') return node('label', name, '', range, range);
    // What a macro sets while it runs is no part of the document's outline.
    if (macroAround(scope) !== null) return [];
    const value = text
      .slice(range.end, statement.end)
      .replace(/^\s*(?:,|\.req\b|={1,2})?\s*/, '')
      .replace(/\s*(?:\/\/|\/\*)[\s\S]*$/, '');
    return node(kind, name, shorten(value), statement, range);
  });
}

function defineNodes(view: DocumentView): OpenNode[] {
  const { outline } = view;
  return outline.defines.flatMap(({ name, nameRange, parameters, body, start }) => {
    const detail =
      parameters === null
        ? shorten(outline.text.slice(body.start, body.end))
        : `(${parameters.map((one) => one.name).join(', ')})`;
    return node(parameters === null ? 'constant' : 'macro', name, detail, { start, end: body.end }, nameRange);
  });
}

function siteNodes(view: DocumentView): OpenNode[] {
  return sitesWrittenIn(view).flatMap((site) => {
    const { openLine, endLine } = site.written;
    const selection = lineText(view, openLine);
    const range = { start: selection.start, end: lineText(view, endLine).end };
    return node('site', siteName(site), site.construct, range, selection);
  });
}

function siteName({ cpucap, callback }: AlternativeSite): string {
  const name = (cpucap.name ?? cpucap.text) || 'alternative';
  return callback === null ? name : `${name} · ${callback}`;
}

function shorten(value: string): string {
  const line = value.replace(/\s+/g, ' ').trim();
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}

/** Nodes as a tree: each in the innermost function or macro that holds it whole. */
function nest(nodes: readonly OpenNode[]): readonly SymbolNode[] {
  const ordered = [...nodes].sort(
    (left, right) =>
      left.range.start - right.range.start ||
      right.range.end - left.range.end ||
      Number(isContainer(right)) - Number(isContainer(left)),
  );
  const roots: OpenNode[] = [];
  let open: OpenNode[] = [];
  for (const one of ordered) {
    open = open.filter(({ range }) => range.end > one.range.start);
    const parent = open.findLast(({ range }) => range.end >= one.range.end);
    (parent === undefined ? roots : parent.children).push(one);
    if (isContainer(one)) open.push(one);
  }
  return roots;
}

function isContainer({ kind }: SymbolNode): boolean {
  return kind === 'function' || kind === 'macro';
}
