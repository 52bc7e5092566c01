import type { TextRange } from '../../base/text.ts';
import { outermostSource } from '../../kernel/alternatives.ts';
import type { StatementOutline } from '../../project/outlineModel.ts';
import { blockEnd, macroAround } from '../../project/sourceOutline.ts';
import { type DocumentView, effectsIn, lineText } from './documentView.ts';

/** A symbol that a macro defines: a function, a piece of data, or a label inside of one. */
export interface DefinedSymbol {
  readonly name: string;
  readonly kind: 'function' | 'object' | 'label' | 'alias';
  /** Macro that defines it, as the reader wrote it. */
  readonly construct: string;
  /** Place of the name, or of the statement that makes a name of its arguments. */
  readonly nameRange: TextRange;
  /** From the statement that begins it to the end of the one that ends it. */
  readonly range: TextRange;
}

interface Started {
  readonly statement: StatementOutline;
  readonly name: string;
  readonly nameRange: TextRange;
  readonly within: object | null;
  end: number | null;
  isObject: boolean;
}

const kept = new WeakMap<object, readonly DefinedSymbol[]>();

/** Symbols that macros define in a document, in order. Found by what the macros say, not by their names. */
export function symbolsOf(view: DocumentView): readonly DefinedSymbol[] {
  const key = view.analysis ?? view.outline;
  let symbols = kept.get(key);
  if (symbols === undefined) {
    symbols = readSymbols(view);
    kept.set(key, symbols);
  }
  return symbols;
}

function readSymbols(view: DocumentView): DefinedSymbol[] {
  const { outline } = view;
  const effects = effectsIn(view);
  const started: Started[] = [];
  const found: DefinedSymbol[] = [];
  for (const statement of outline.statements) {
    const { operation, argument, end } = statement;
    if (argument === null) continue;
    const construct = outline.text.slice(operation.start, operation.end);
    const effect = effects(construct);
    if (effect === null) continue;
    const name = outline.text.slice(argument.start, argument.end);
    const range = { start: operation.start, end };
    if (effect.label) {
      started.push({
        statement,
        name,
        nameRange: argument,
        within: macroAround(operation.scope),
        end: effect.ends ? end : null,
        isObject: effect.isObject,
      });
    } else if (effect.assigns && !effect.ends) {
      found.push({ name, kind: 'alias', construct, nameRange: argument, range });
    }
    if (effect.ends && !effect.label) endSymbol(view, started, statement, name, effect.isObject);
  }
  for (const [index, one] of started.entries()) found.push(finish(view, started, one, index));
  found.push(...symbolsOfExpansions(view, found));
  return found.sort((left, right) => left.range.start - right.range.start);
}

function endSymbol(
  view: DocumentView,
  started: Started[],
  statement: StatementOutline,
  name: string,
  isObject: boolean,
): void {
  for (let at = started.length - 1; at >= 0; at--) {
    const one = started[at];
    if (one?.name !== name || one.end !== null) continue;
    one.end = statement.end;
    one.isObject ||= isObject;
    return;
  }
  // A plain label that is given a size later is a symbol with an end as well.
  const label = view.outline.definitions.findLast(
    (one) => one.kind === 'label' && one.name === name && one.range.start < statement.operation.start,
  );
  if (label === undefined) return;
  const operation = { role: 'label', start: label.range.start, end: label.range.end, scope: label.scope } as const;
  const within = macroAround(label.scope);
  const place = { operation, end: label.statement.end, argument: label.range };
  started.push({ statement: place, name, nameRange: label.range, within, end: statement.end, isObject });
}

function finish(view: DocumentView, started: readonly Started[], one: Started, index: number): DefinedSymbol {
  const { start, end: operationEnd } = one.statement.operation;
  const construct = view.outline.text.slice(start, operationEnd);
  const symbol = { name: one.name, construct, nameRange: one.nameRange };
  if (one.end !== null) {
    return { ...symbol, kind: one.isObject ? 'object' : 'function', range: { start, end: one.end } };
  }
  const isInside = started.some(
    (other) => other.end !== null && other.statement.operation.start < start && start < other.end,
  );
  if (isInside) return { ...symbol, kind: 'label', range: { start, end: one.statement.end } };
  // Not ended, or not yet: it goes on to what follows.
  const next = started.find((other, at) => at > index && other.within === one.within);
  const around = macroAround(one.statement.operation.scope);
  const limit = around === null ? view.outline.text.length : (around.close?.start ?? blockEnd(view.outline, around));
  const stop = Math.max(one.statement.end, Math.min(next?.statement.operation.start ?? limit, limit));
  return { ...symbol, kind: 'function', range: { start, end: trimEnd(view.outline.text, one.statement.end, stop) } };
}

function trimEnd(text: string, from: number, end: number): number {
  let at = end;
  while (at > from && text.charCodeAt(at - 1) <= 32) at--;
  return at;
}

/** Symbols whose names are put together by macros (`entry_handler 1, t, 64, sync` makes `el1t_64_sync`). */
function symbolsOfExpansions(view: DocumentView, known: readonly DefinedSymbol[]): DefinedSymbol[] {
  if (view.analysis === null) return [];
  const written = new Set(known.map(({ name }) => name));
  for (const { name } of view.outline.definitions) written.add(name);
  const byLine = new Map<number, StatementOutline>();
  for (const statement of view.outline.statements) byLine.set(view.lines.lineAt(statement.operation.start), statement);
  const found: DefinedSymbol[] = [];
  for (const { name, statement } of view.analysis.gas.labels.values()) {
    // Local labels of expansions are nobody's; one that the preprocessor makes in the file itself is written there.
    const isLocal = name.startsWith('.');
    if (written.has(name) || (isLocal && statement.frame !== null)) continue;
    const outer = outermostSource(statement, null);
    const source = outer.file === view.path ? byLine.get(outer.line) : undefined;
    if (source === undefined || macroAround(source.operation.scope) !== null) continue;
    const construct = view.outline.text.slice(source.operation.start, source.operation.end);
    const range = lineText(view, outer.line);
    found.push({ name, kind: isLocal ? 'label' : 'function', construct, nameRange: source.operation, range });
  }
  return found;
}
