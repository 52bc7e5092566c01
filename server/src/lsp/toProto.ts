import {
  type CallHierarchyItem,
  type CodeLens,
  type Command,
  type Diagnostic,
  DiagnosticSeverity,
  type DocumentHighlight,
  DocumentHighlightKind,
  type DocumentSymbol,
  type FoldingRange,
  type InlayHint,
  InlayHintKind,
  type Location,
  type LocationLink,
  type Position,
  type Range,
  SymbolKind,
  type WorkspaceSymbol,
} from 'vscode-languageserver-protocol';
import type { LineIndex, TextRange } from '../base/text.ts';
import type { CallItem } from '../features/callHierarchy.ts';
import type { Lens, LensAction } from '../features/codeLens.ts';
import type { Target } from '../features/definition.ts';
import type { Finding, Severity } from '../features/diagnostics.ts';
import type { Highlight } from '../features/documentHighlight.ts';
import type { SymbolNode, SymbolNodeKind } from '../features/documentSymbols.ts';
import type { Fold } from '../features/foldingRanges.ts';
import type { Hint } from '../features/inlayHints.ts';
import type { SemanticToken } from '../features/semanticTokens.ts';
import type { WorkspaceSymbolRecord } from '../features/workspaceSymbols.ts';

/** A text with its lines: what positions of the protocol are made from. */
export interface TextLines {
  readonly text: string;
  readonly lines: LineIndex;
}

/** Lines of another file and its URI, or `undefined` when it cannot be read. */
export type FileLookup = (path: string) => { readonly uri: string; readonly file: TextLines } | undefined;

/** 0-based position in UTF-16 units, the protocol's default encoding. */
export function toPosition(lines: LineIndex, offset: number): Position {
  const { line, column } = lines.positionAt(offset);
  return { line: line - 1, character: column - 1 };
}

export function toRange(lines: LineIndex, range: TextRange): Range {
  return { start: toPosition(lines, range.start), end: toPosition(lines, range.end) };
}

/** Offset of a position; one behind the end of its line counts as the end (protocol, "Position"). */
export function toOffset({ text, lines }: TextLines, position: Position): number {
  const range = lines.lineRange(position.line + 1, text);
  return Math.min(range.start + position.character, range.end);
}

export function toTextRange(file: TextLines, range: Range): TextRange {
  return { start: toOffset(file, range.start), end: toOffset(file, range.end) };
}

export function toLens(lens: Lens, document: { readonly uri: string; readonly lines: LineIndex }): CodeLens {
  const { resolved } = lens;
  const made = { range: toRange(document.lines, lens.range), data: { uri: document.uri, key: lens.key } };
  if (resolved === undefined) return made;
  const { title, tooltip, action } = resolved;
  return { ...made, command: { title, tooltip, ...toLensCommand(action, document) } };
}

/** What a click on a lens runs: a command of the server, so that every editor can. */
export function toLensCommand(
  action: LensAction,
  { uri, lines }: { readonly uri: string; readonly lines: LineIndex },
): Required<Pick<Command, 'command' | 'arguments'>> {
  switch (action.kind) {
    case 'cycle-view':
      return { command: 'patchpoint.server.cycleView', arguments: [uri] };
    case 'show-patched':
      return { command: 'patchpoint.server.showPatched', arguments: [uri] };
    case 'show-references':
      return { command: 'patchpoint.peekReferences', arguments: [uri, toPosition(lines, action.offset)] };
    case 'noinstr-report':
      return { command: 'patchpoint.server.noinstrReport', arguments: [uri, toPosition(lines, action.offset)] };
    case 'none':
      return { command: '', arguments: [] };
    case 'show-cost':
      return { command: 'patchpoint.server.rangeCost', arguments: [uri, toRange(lines, action)] };
  }
}

export function toHint(hint: Hint, lines: LineIndex): InlayHint {
  return {
    position: toPosition(lines, hint.offset),
    // The padding that editors leave is less than a character.
    label: ` ${hint.label}`,
    paddingLeft: true,
    ...(hint.kind === 'expansion' ? { kind: InlayHintKind.Type } : {}),
    tooltip: { kind: 'markdown', value: hint.tooltip },
  };
}

export function toHighlight(highlight: Highlight, lines: LineIndex): DocumentHighlight {
  const kind = highlight.kind === 'write' ? DocumentHighlightKind.Write : DocumentHighlightKind.Read;
  return { range: toRange(lines, highlight.range), kind };
}

export function toFold(fold: Fold): FoldingRange {
  return {
    startLine: fold.startLine - 1,
    endLine: fold.endLine - 1,
    ...(fold.kind === null ? {} : { kind: fold.kind }),
  };
}

/** Locations of targets; one in a file that cannot be read is left out. */
export function toLocations(targets: readonly Target[], lookup: FileLookup): Location[] {
  return targets.flatMap((target) => {
    const found = lookup(target.path);
    return found ? [{ uri: found.uri, range: toRange(found.file.lines, target.range) }] : [];
  });
}

/** The same with what was clicked, for clients that take links. */
export function toLinks(targets: readonly Target[], lookup: FileLookup, origin: LineIndex): LocationLink[] {
  return targets.flatMap((target) => {
    const found = lookup(target.path);
    if (!found) return [];
    const { lines } = found.file;
    return [
      {
        ...(target.originRange ? { originSelectionRange: toRange(origin, target.originRange) } : {}),
        targetUri: found.uri,
        targetRange: toRange(lines, target.fullRange ?? target.range),
        targetSelectionRange: toRange(lines, target.range),
      },
    ];
  });
}

export function toDocumentSymbol(node: SymbolNode, lines: LineIndex): DocumentSymbol {
  return {
    name: node.name,
    detail: node.detail,
    kind: symbolKind(node.kind),
    range: toRange(lines, node.range),
    selectionRange: toRange(lines, node.selectionRange),
    children: node.children.map((child) => toDocumentSymbol(child, lines)),
  };
}

export function toWorkspaceSymbols(records: readonly WorkspaceSymbolRecord[], lookup: FileLookup): WorkspaceSymbol[] {
  return records.flatMap((record) => {
    const found = lookup(record.path);
    if (!found) return [];
    const range = toRange(found.file.lines, record.selectionRange);
    return [
      {
        name: record.name,
        kind: symbolKind(record.kind),
        location: { uri: found.uri, range },
        ...(record.detail === '' ? {} : { containerName: record.detail }),
      },
    ];
  });
}

/** `link` leads to what explains the finding's rule. */
export function toDiagnostic(finding: Finding, lookup: FileLookup, link: string | undefined): Diagnostic | undefined {
  const found = lookup(finding.path);
  if (!found) return undefined;
  return {
    range: toRange(found.file.lines, finding.range),
    severity: severity(finding.severity),
    code: finding.rule,
    ...(link === undefined ? {} : { codeDescription: { href: link } }),
    source: 'patchpoint',
    message: finding.message,
    relatedInformation: finding.related.flatMap((place) => {
      const other = lookup(place.path);
      return other
        ? [{ location: { uri: other.uri, range: toRange(other.file.lines, place.range) }, message: place.message }]
        : [];
    }),
  };
}

/** An item of the call hierarchy; none when its file cannot be read. */
export function toCallItem(item: CallItem, lookup: FileLookup): CallHierarchyItem[] {
  const found = lookup(item.path);
  if (!found) return [];
  const { lines } = found.file;
  return [
    {
      name: item.name,
      kind: item.kind === 'macro' ? SymbolKind.Constant : SymbolKind.Function,
      detail: item.detail,
      uri: found.uri,
      range: toRange(lines, item.range),
      selectionRange: toRange(lines, item.selectionRange),
      ...(item.noinstr === true ? { data: 'noinstr' } : {}),
    },
  ];
}

/** The item that a client sends back. */
export function fromCallItem(item: CallHierarchyItem, path: string, file: TextLines): CallItem {
  return {
    name: item.name,
    kind: item.kind === SymbolKind.Constant ? 'macro' : 'function',
    detail: item.detail ?? '',
    path,
    range: toTextRange(file, item.range),
    selectionRange: toTextRange(file, item.selectionRange),
    ...(item.data === 'noinstr' ? { noinstr: true } : {}),
  };
}

/** Tokens as the protocol's quintuples, each relative to the one before. Input in order of `start`, none over a line's end. */
export function toSemanticTokens(tokens: readonly SemanticToken[], lines: LineIndex): number[] {
  const data: number[] = [];
  let line = 0;
  let character = 0;
  for (const token of tokens) {
    const at = toPosition(lines, token.start);
    const deltaLine = at.line - line;
    data.push(
      deltaLine,
      deltaLine === 0 ? at.character - character : at.character,
      token.length,
      token.type,
      token.modifiers,
    );
    line = at.line;
    character = at.character;
  }
  return data;
}

function severity(value: Severity): DiagnosticSeverity {
  switch (value) {
    case 'error':
      return DiagnosticSeverity.Error;
    case 'warning':
      return DiagnosticSeverity.Warning;
    case 'information':
      return DiagnosticSeverity.Information;
  }
}

function symbolKind(kind: SymbolNodeKind): SymbolKind {
  switch (kind) {
    case 'function':
      return SymbolKind.Function;
    case 'macro':
      return SymbolKind.Method;
    case 'label':
      return SymbolKind.Key;
    case 'alias':
      return SymbolKind.Variable;
    case 'constant':
      return SymbolKind.Constant;
    case 'site':
    case 'tracepoint':
      return SymbolKind.Event;
    case 'static-key':
      return SymbolKind.Boolean;
    case 'static-call':
      return SymbolKind.Interface;
    case 'variable':
      return SymbolKind.Variable;
    case 'type':
      return SymbolKind.Struct;
  }
}
