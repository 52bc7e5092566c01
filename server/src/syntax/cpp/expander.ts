import { collectArguments, type MacroArgument, substitute } from './arguments.ts';
import type { CppLanguage } from './lexer.ts';
import type { DynamicMacro, Macro } from './macro.ts';
import type { Name, Names } from './macroTable.ts';
import type { CppExpansion } from './model.ts';
import { maxTokenLength, pasteTokens } from './paste.ts';
import { ARGUMENT_END, AVOID_PASTE, Flag, Kind, paddingFor, type Tok, Tok as Token, withFlags } from './token.ts';

// Macro expansion as a stream of tokens. The order in which contexts are entered and left, and the padding
// tokens returned at their edges, follow GCC's libcpp (version 12): the printed spacing depends on both.

/** Tokens of the text itself. */
export interface BaseTokens {
  /** The next token; `END` at the end of the line, or of the file while arguments are read. */
  next(): Tok;
  /** Takes back the token returned last. */
  back(): void;
}

/** What the expander asks its surroundings for. */
export interface ExpanderHost extends BaseTokens {
  /** `place`: offset in the text that the macro counts as standing at. */
  dynamicText(macro: DynamicMacro, place: number, name: string): string;
  /** `_Pragma` with its argument tokens, outside of directives and arguments. */
  pragmaOperator(text: string): void;
  argumentsWrong(name: Tok, expansion: CppExpansion | null, message: string, unterminated: boolean): void;
  /** A macro is about to be replaced. `close` is the `)` of its arguments. `top`: written in the text itself. */
  used(expansion: Expansion, name: Tok, close: Tok | null, top: boolean): void;
  limitReached(what: string): void;
}

export class Expansion implements CppExpansion {
  readonly macro: Macro;
  readonly file: string;
  readonly offset: number;
  readonly parent: Expansion | null;
  /** The name was read in the text itself, or in an argument written there. */
  readonly textual: boolean;
  /** Offset in the text the use counts as standing at. */
  readonly place: number;
  /** The outermost use. */
  readonly root: Expansion;
  /** Its arguments were read in the text itself, even where the name was not. */
  argumentsTextual = false;

  constructor(macro: Macro, name: Tok, parent: Expansion | null, textual: boolean) {
    this.macro = macro;
    this.file = name.ref.path;
    this.offset = name.offset;
    this.parent = parent;
    this.textual = textual;
    this.place = textual || parent === null ? name.offset : parent.place;
    this.root = parent === null ? this : parent.root;
  }
}

interface Context {
  tokens: readonly Tok[];
  /** One per token, or the same for all. */
  expansions: readonly (Expansion | null)[] | null;
  expansion: Expansion | null;
  position: number;
  end: number;
  /** The macro this is an expansion of. */
  macro: Name | null;
  /** Set while an argument is expanded by itself: the use it is an argument of. */
  argumentOf: Expansion | null;
}

const maxArgumentDepth = 200;

export class Expander {
  readonly host: ExpanderHost;
  readonly names: Names;
  readonly language: CppLanguage;
  /** Expansion that gave the token returned last. */
  expansion: Expansion | null = null;
  inDirective = false;
  preventExpansion = 0;
  /** 0: no, 1: looking for the `(`, 2: reading arguments. */
  parsingArguments = 0;
  /** Tokens that macros may still produce in this run. */
  budget: number;
  #ignorePragma = 0;
  #argumentDepth = 0;
  readonly #contexts: Context[] = [];
  #depth = 0;

  constructor(host: ExpanderHost, names: Names, language: CppLanguage, budget: number) {
    this.host = host;
    this.names = names;
    this.language = language;
    this.budget = budget;
  }

  /** Nothing of a macro is left to be read. */
  get atBase(): boolean {
    return this.#depth === 0;
  }

  /** Next token after expansion. Padding between tokens is returned too, except in directives. */
  next(): Tok {
    for (;;) {
      const context = this.#depth === 0 ? null : (this.#contexts[this.#depth - 1] ?? null);
      let tok: Tok;
      if (context === null) {
        tok = this.host.next();
        this.expansion = null;
      } else if (context.position < context.end) {
        tok = context.tokens[context.position] ?? AVOID_PASTE;
        this.expansion =
          context.expansions === null ? context.expansion : (context.expansions[context.position] ?? null);
        context.position++;
        if (tok.flags & Flag.pasteLeft) {
          this.#pasteAll(context, tok);
          if (this.inDirective) continue;
          return paddingFor(tok);
        }
      } else {
        this.#pop();
        if (this.inDirective) continue;
        return AVOID_PASTE;
      }
      const name = tok.name;
      if (name === null || tok.type !== Kind.name) return tok;
      const macro = name.macro;
      if (macro === null || tok.flags & Flag.noExpand) return tok;
      if (name.disabled) return withFlags(tok, tok.flags | Flag.noExpand);
      if (this.preventExpansion > 0) return tok;
      const expansion = this.expansion;
      if (this.budget <= 0) {
        this.host.limitReached('macro expansion produces too many tokens');
        return tok;
      }
      const argumentOf = context?.argumentOf ?? null;
      const textual =
        context === null || (argumentOf !== null && argumentOf === expansion && argumentOf.argumentsTextual);
      const use = new Expansion(macro, tok, expansion, textual);
      const entered = macro.dynamic === null ? this.#enter(tok, name, use) : this.#enterDynamic(tok, use);
      if (!entered) {
        this.expansion = expansion;
        return tok;
      }
      if (this.inDirective) continue;
      return paddingFor(tok);
    }
  }

  /** Next token that is no padding. */
  nextSolid(): Tok {
    for (;;) {
      const tok = this.next();
      if (tok.type !== Kind.padding) return tok;
    }
  }

  /** Takes back the token returned last, which must not be padding. */
  back(): void {
    const context = this.#contexts[this.#depth - 1];
    if (this.#depth === 0 || context === undefined) this.host.back();
    else context.position--;
  }

  /** Drops what is left of all expansions, after the end of a directive. */
  dropContexts(): void {
    while (this.#depth > 0) this.#pop();
  }

  /** Full expansion of an argument by itself, as if it were all the text there is. */
  expandArgument(argument: MacroArgument, of: Expansion): void {
    if (argument.expanded !== null) return;
    if (argument.count === 0) {
      argument.expanded = [];
      argument.expandedFrom = [];
      return;
    }
    if (this.#argumentDepth >= maxArgumentDepth) {
      this.host.limitReached('macro arguments are nested too deeply');
      argument.expanded = argument.tokens.slice(0, argument.count);
      argument.expandedFrom = argument.expansions;
      return;
    }
    this.#argumentDepth++;
    this.#ignorePragma++;
    const tokens: Tok[] = [];
    const from: (Expansion | null)[] = [];
    this.push(null, argument.tokens, argument.expansions, null, of);
    for (;;) {
      const tok = this.next();
      if (tok.type === Kind.end) break;
      tokens.push(tok);
      from.push(this.expansion);
    }
    this.#pop();
    this.#ignorePragma--;
    this.#argumentDepth--;
    argument.expanded = tokens;
    argument.expandedFrom = from;
  }

  /** Puts tokens before everything else; `macro` `null` continues the expansion that is under way. */
  push(
    macro: Name | null,
    tokens: readonly Tok[],
    expansions: readonly (Expansion | null)[] | null,
    expansion: Expansion | null,
    argumentOf: Expansion | null = null,
  ): void {
    this.budget -= tokens.length;
    const of = macro ?? (this.#depth === 0 ? null : (this.#contexts[this.#depth - 1]?.macro ?? null));
    const context = this.#contexts[this.#depth];
    if (context === undefined) {
      this.#contexts.push({ tokens, expansions, expansion, position: 0, end: tokens.length, macro: of, argumentOf });
    } else {
      context.tokens = tokens;
      context.expansions = expansions;
      context.expansion = expansion;
      context.position = 0;
      context.end = tokens.length;
      context.macro = of;
      context.argumentOf = argumentOf;
    }
    this.#depth++;
  }

  #pop(): void {
    this.#depth--;
    const macro = this.#contexts[this.#depth]?.macro ?? null;
    if (macro === null) return;
    const below = this.#depth === 0 ? null : (this.#contexts[this.#depth - 1]?.macro ?? null);
    if (below !== macro) macro.disabled = false;
  }

  #enter(tok: Tok, name: Name, expansion: Expansion): boolean {
    const top = this.#depth === 0;
    const { macro } = expansion;
    if (macro.parameters === null) {
      this.host.used(expansion, tok, null, top);
      name.disabled = true;
      this.push(name, macro.tokens, null, expansion);
      return true;
    }
    const outer = this.expansion;
    this.preventExpansion++;
    this.parsingArguments = 1;
    const found = this.#findArguments(tok, macro, expansion, outer);
    this.parsingArguments = 0;
    this.preventExpansion--;
    if (found === null) return false;
    this.host.used(expansion, tok, found.close, top);
    if (macro.parameters.length === 0) {
      name.disabled = true;
      this.push(name, macro.tokens, null, expansion);
      return true;
    }
    const result = substitute(this, macro, found.list, expansion);
    name.disabled = true;
    this.push(name, result.tokens, result.expansions, null);
    return true;
  }

  #findArguments(
    tok: Tok,
    macro: Macro,
    expansion: Expansion,
    outer: Expansion | null,
  ): { list: MacroArgument[]; close: Tok } | null {
    let padding: Tok | null = null;
    for (;;) {
      const next = this.next();
      if (next.type === Kind.padding) {
        const kept = padding?.source ?? null;
        if (kept === null || ((kept.flags & Flag.previousWhite) === 0 && next.source === null)) padding = next;
        continue;
      }
      if (next.type === Kind.openParen) {
        this.parsingArguments = 2;
        return collectArguments(this, tok, macro, expansion, outer);
      }
      if (next.type !== Kind.end || next === ARGUMENT_END) {
        this.back();
        if (padding !== null) this.push(null, [padding], null, null);
      }
      return null;
    }
  }

  #enterDynamic(tok: Tok, expansion: Expansion): boolean {
    const { dynamic } = expansion.macro;
    if (dynamic === null || dynamic === 'fact') return false;
    if (dynamic === '_Pragma') return this.#enterPragma(tok);
    const top = this.#depth === 0;
    // GCC: below an object-like macro all counts as standing at that macro's name, arguments too.
    const { root } = expansion;
    const place = root.macro.parameters === null && root !== expansion ? root.offset : expansion.place;
    const text = this.host.dynamicText(dynamic, place, tok.text);
    this.host.used(expansion, tok, null, top);
    const isName = /^[A-Za-z_]/.test(text);
    const type = text.startsWith('"') ? Kind.string : isName ? Kind.name : Kind.number;
    const flags = isName ? Flag.noExpand : 0;
    const name = isName ? this.names.get(text) : null;
    this.push(null, [new Token(type, flags, text, name, tok.ref, tok.offset)], null, expansion);
    return true;
  }

  #enterPragma(tok: Tok): boolean {
    if (this.inDirective || this.#ignorePragma > 0) return false;
    const open = this.nextSolid();
    // Wrong operands are lost, as with GCC.
    const literal = open.type === Kind.openParen ? this.nextSolid() : open;
    const close = literal.type === Kind.string ? this.nextSolid() : literal;
    if (literal.type !== Kind.string || close.type !== Kind.closeParen) {
      this.host.argumentsWrong(tok, this.expansion, '_Pragma takes a parenthesized string literal', false);
      return false;
    }
    const start = literal.text.indexOf('"') + 1;
    this.host.pragmaOperator(literal.text.slice(start, -1).replace(/\\(["\\])/g, '$1'));
    this.push(null, [], null, null);
    return true;
  }

  /** Joins a token with those after it for as long as `##` asks for it. */
  #pasteAll(context: Context, first: Tok): void {
    const expansion = this.expansion;
    let left = first;
    let right: Tok | undefined;
    do {
      right = context.position < context.end ? context.tokens[context.position] : undefined;
      if (right === undefined) break;
      context.position++;
      const whole: Tok | null =
        left.text.length + right.text.length > maxTokenLength
          ? null
          : pasteTokens(left, right, this.language, this.names);
      if (whole === null) {
        context.position--;
        break;
      }
      left = whole;
    } while (right.flags & Flag.pasteLeft);
    if (left.flags & Flag.pasteLeft) left = withFlags(left, left.flags & ~Flag.pasteLeft);
    this.push(null, [left], null, expansion);
  }
}
