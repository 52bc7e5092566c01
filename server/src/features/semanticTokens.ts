import type { TextRange } from '../base/text.ts';
import { registerByName } from '../isa/registers.ts';
import { findSystemRegister } from '../isa/systemNames.ts';
import type { ParameterUse, SourceToken } from '../project/outlineModel.ts';
import { firstEndingAfter, namesOf, parameterOf, tokenText } from '../project/sourceOutline.ts';
import type { FeatureContext } from './featureContext.ts';
import { type DocumentView, documentView } from './navigation/documentView.ts';
import { knownThing, madeSymbolAt, type Thing } from './navigation/namedThing.ts';
import { symbolsOf } from './navigation/symbolStatements.ts';

// https://microsoft.github.io/language-server-protocol/specifications/lsp/3.18/specification/#textDocument_semanticTokens

/** Standard types of the protocol. `enumMember` is a cpucap, `variable` a register's name, `property` a system register. */
export const tokenTypes = [
  'macro',
  'function',
  'label',
  'parameter',
  'variable',
  'enumMember',
  'property',
  'comment',
] as const;

/** Standard modifiers, and `unknown` for a cpucap that the tree does not have, `inactive` for text that `#if` removes. */
export const tokenModifiers = ['declaration', 'definition', 'readonly', 'unknown', 'inactive'] as const;

type TokenType = (typeof tokenTypes)[number];
type TokenModifier = (typeof tokenModifiers)[number];

export interface SemanticToken {
  readonly start: number;
  readonly length: number;
  /** Index into `tokenTypes`. */
  readonly type: number;
  /** Bit set over `tokenModifiers`. */
  readonly modifiers: number;
}

interface Meaning {
  readonly type: TokenType;
  readonly modifiers: readonly TokenModifier[];
}

/**
 * What a grammar cannot know about the words of a document or of a range of it: invocations among instructions,
 * aliases among symbols, the preprocessor's names, known and unknown cpucaps, parameters, functions and labels, and
 * lines that conditions removed. In order, without overlap, none over a line's end. Throws only `CancelledError`.
 */
export function semanticTokens(ctx: FeatureContext, path: string, range: TextRange | null): readonly SemanticToken[] {
  const view = documentView(ctx, path);
  if (view === null) return [];
  const within = range ?? { start: 0, end: view.outline.text.length };
  const sink = new TokenSink(within);
  const inactive = view.analysis?.cpp.inactive ?? [];
  const classifier = new Classifier(view);
  const { tokens } = view.outline;
  let at = firstEndingAfter(tokens, within.start);
  let removed = firstEndingAfter(inactive, within.start);
  while (at < tokens.length || removed < inactive.length) {
    const token = tokens[at];
    const gap = inactive[removed];
    if ((token?.start ?? gap?.start ?? 0) >= within.end && (gap?.start ?? within.end) >= within.end) break;
    if (gap !== undefined && (token === undefined || token.end > gap.start)) {
      addInactive(view, gap, sink);
      removed++;
      while (at < tokens.length && (tokens[at]?.start ?? 0) < gap.end) at++;
    } else if (token !== undefined) {
      classifier.add(token, sink);
      at++;
    }
  }
  return sink.tokens;
}

class TokenSink {
  readonly tokens: SemanticToken[] = [];
  readonly #within: TextRange;

  constructor(within: TextRange) {
    this.#within = within;
  }

  add(start: number, end: number, { type, modifiers }: Meaning): void {
    if (end <= start || end <= this.#within.start || start >= this.#within.end) return;
    let bits = 0;
    for (const modifier of modifiers) bits |= 1 << tokenModifiers.indexOf(modifier);
    this.tokens.push({ start, length: end - start, type: tokenTypes.indexOf(type), modifiers: bits });
  }
}

/** Each line of a removed range, without the blanks around it. */
function addInactive({ outline, lines }: DocumentView, gap: TextRange, sink: TokenSink): void {
  const last = lines.lineAt(Math.max(gap.start, gap.end - 1));
  for (let line = lines.lineAt(gap.start); line <= last; line++) {
    const whole = lines.lineRange(line, outline.text);
    const start = Math.max(whole.start, gap.start);
    const text = outline.text.slice(start, Math.min(whole.end, gap.end));
    const first = start + text.length - text.trimStart().length;
    sink.add(first, start + text.trimEnd().length, { type: 'comment', modifiers: ['inactive'] });
  }
}

/** Meanings of one document's words; each spelling is looked up once where its place does not matter. */
class Classifier {
  readonly #view: DocumentView;
  readonly #functions: ReadonlySet<string>;
  readonly #functionPlaces: ReadonlySet<number>;
  /** Operation of the statement that is being read. */
  #operation = '';

  constructor(view: DocumentView) {
    this.#view = view;
    const symbols = symbolsOf(view).filter(({ kind }) => kind !== 'object');
    this.#functions = new Set(symbols.filter(({ kind }) => kind !== 'label').map(({ name }) => name));
    this.#functionPlaces = new Set(
      symbols.filter(({ name }) => !name.startsWith('.')).map(({ nameRange }) => nameRange.start),
    );
  }

  add(token: SourceToken, sink: TokenSink): void {
    if (token.role === 'operation') this.#operation = tokenText(this.#view.outline, token).toLowerCase();
    const meaning = this.#meaning(token);
    const pieces = this.#parameterUsesIn(token);
    let start = token.start;
    for (const use of pieces) {
      if (meaning !== null) sink.add(start, use.start, meaning);
      sink.add(use.start, use.end, { type: 'parameter', modifiers: [] });
      start = use.end;
    }
    if (meaning !== null) sink.add(start, token.end, meaning);
  }

  /** The `\name`s in a token that are parameters of a macro around it. */
  #parameterUsesIn(token: SourceToken): ParameterUse[] {
    const { outline } = this.#view;
    const uses = outline.parameterUses;
    const found: ParameterUse[] = [];
    if (token.scope === null || uses.length === 0 || token.role === 'comment') return found;
    for (let at = firstEndingAfter(uses, token.start); at < uses.length; at++) {
      const use = uses[at];
      if (use === undefined || use.start >= token.end) break;
      if (parameterOf(use.scope, outline.text.slice(use.start + 1, use.end)) !== null) found.push(use);
    }
    return found;
  }

  #meaning(token: SourceToken): Meaning | null {
    switch (token.role) {
      case 'macro-name':
        return { type: 'macro', modifiers: ['definition'] };
      case 'parameter':
        return { type: 'parameter', modifiers: ['declaration'] };
      case 'macro-mention':
        return { type: 'macro', modifiers: [] };
      case 'alias':
        return { type: 'variable', modifiers: ['definition'] };
      case 'alias-end':
        return { type: 'variable', modifiers: [] };
      case 'constant':
        return { type: 'variable', modifiers: ['definition', 'readonly'] };
      case 'label':
        return { type: 'label', modifiers: ['definition'] };
      case 'operation':
      case 'operand':
      case 'body-operation':
      case 'body-word':
      case 'cpp-word':
        return this.#word(token);
      default:
        return null;
    }
  }

  #word(token: SourceToken): Meaning | null {
    const view = this.#view;
    const text = tokenText(view.outline, token);
    if (this.#functionPlaces.has(token.start) && token.role === 'operand') {
      return { type: 'function', modifiers: ['definition'] };
    }
    const thing = knownThing(view, token, text);
    if (token.role === 'operand' && thing?.kind !== 'cpp-macro' && madeSymbolAt(view, token.start) !== null) {
      return { type: 'label', modifiers: [] };
    }
    if (thing === null) return null;
    if (thing === undefined) return this.#unknownWord(token, text);
    return this.#thing(thing, token);
  }

  #thing(thing: Thing, token: SourceToken): Meaning | null {
    switch (thing.kind) {
      case 'macro':
        return { type: 'macro', modifiers: [] };
      case 'cpp-macro': {
        // A name of the configuration in a condition is the grammar's.
        if (token.role === 'cpp-word' && !this.#isDefined(thing.name)) return null;
        const macro = thing.macro ?? this.#view.analysis?.cpp.macros.get(thing.name);
        return { type: 'macro', modifiers: macro?.parameters === null ? ['readonly'] : [] };
      }
      case 'cpucap':
        return { type: 'enumMember', modifiers: [] };
      case 'alias':
        return { type: 'variable', modifiers: [] };
      case 'symbol':
        return this.#symbol(thing.name, token);
      default:
        return null;
    }
  }

  #isDefined(name: string): boolean {
    return namesOf(this.#view.outline).defines.has(name) || (this.#view.analysis?.cpp.macros.has(name) ?? false);
  }

  #symbol(name: string, token: SourceToken): Meaning {
    if (this.#functions.has(name)) return { type: 'function', modifiers: [] };
    const definitions = namesOf(this.#view.outline).definitions.get(name);
    const isConstant =
      definitions === undefined
        ? !name.startsWith('.L') && (this.#view.analysis?.gas.constants.has(name) ?? false)
        : definitions.every(({ kind }) => kind === 'constant');
    if (isConstant && token.role !== 'operation') return { type: 'variable', modifiers: ['readonly'] };
    return { type: 'label', modifiers: [] };
  }

  /** Words that nothing here defines: other files' functions, system registers, cpucaps that the tree does not have. */
  #unknownWord(token: SourceToken, text: string): Meaning | null {
    if (token.role !== 'operand') return null;
    if (this.#operation === 'mrs' || this.#operation === 'msr') {
      return findSystemRegister(text.toLowerCase()) === undefined ? null : { type: 'property', modifiers: [] };
    }
    if (/^ARM64_[A-Z0-9_]+$/.test(text) && this.#view.tree !== null) {
      return { type: 'enumMember', modifiers: ['unknown'] };
    }
    const isCall = this.#operation === 'bl' || this.#operation === 'b';
    return isCall && registerByName(text) === undefined ? { type: 'function', modifiers: [] } : null;
  }
}
