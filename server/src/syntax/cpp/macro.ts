import { Lexer } from './lexer.ts';
import { isWordCharacter } from './lineScan.ts';
import type { Name, Names } from './macroTable.ts';
import type { CppMacro } from './model.ts';
import type { SourceFile } from './sourceFile.ts';
import { Flag, Kind, type Tok, Tok as Token, withFlags } from './token.ts';

/** What a macro without a fixed replacement list computes when it is met. */
export type DynamicMacro =
  | '__FILE__'
  | '__FILE_NAME__'
  | '__BASE_FILE__'
  | '__LINE__'
  | '__INCLUDE_LEVEL__'
  | '__COUNTER__'
  | '__DATE__'
  | '__TIME__'
  | '__TIMESTAMP__'
  | '__has_include'
  | '__has_include_next'
  | '__has_attribute'
  | '__has_cpp_attribute'
  | '__has_c_attribute'
  | '__has_builtin'
  | '_Pragma'
  /** One of `objectDefines`: its value is that of the run. */
  | 'given'
  /** No macro at all: a fact about the run that must be part of the table's state. */
  | 'fact';

/** A macro definition. The replacement list of most is only read when it is first needed. */
export class Macro implements CppMacro {
  readonly id: Name;
  readonly parameters: readonly string[] | null;
  readonly variadic: boolean;
  readonly file: string;
  readonly offset: number;
  readonly line: number;
  readonly dynamic: DynamicMacro | null;
  #tokens: readonly Tok[] | null;
  #source: SourceFile | null;
  readonly #sourceEnd: number;
  #body: string | null = null;

  /** Either `tokens` is given, or the text they stand in: from behind the name up to `sourceEnd`. */
  constructor(
    id: Name,
    parameters: readonly string[] | null,
    variadic: boolean,
    file: string,
    offset: number,
    line: number,
    tokens: readonly Tok[] | null,
    source: SourceFile | null = null,
    sourceEnd = 0,
    dynamic: DynamicMacro | null = null,
  ) {
    this.id = id;
    this.parameters = parameters;
    this.variadic = variadic;
    this.file = file;
    this.offset = offset;
    this.line = line;
    this.dynamic = dynamic;
    this.#tokens = tokens;
    this.#source = source;
    this.#sourceEnd = sourceEnd;
  }

  get name(): string {
    return this.id.text;
  }

  /** Replacement list; parameters are tokens of kind `parameter`, `##` is a flag of its left operand. */
  get tokens(): readonly Tok[] {
    if (this.#tokens === null) {
      const source = this.#source;
      this.#tokens = source === null ? [] : plainBody(source, this.offset + this.name.length, this.#sourceEnd);
      this.#source = null;
    }
    return this.#tokens;
  }

  /** As `gcc -dM` prints it. */
  get body(): string {
    this.#body ??= spellBody(this.tokens);
    return this.#body;
  }
}

/** A macro that is computed, or a fact (`value` is kept as its offset). */
export function dynamicMacro(id: Name, dynamic: DynamicMacro, value = 0): Macro {
  return new Macro(id, null, false, '<built-in>', value, 0, [], null, 0, dynamic);
}

/** Replacement list without parameters and `##`. */
function plainBody(file: SourceFile, from: number, to: number): readonly Tok[] {
  const lexer = new Lexer(file.text, from, to, file.ref, file.names, file.language, (at) => at);
  const body = readBody(lexer, null, false, file.language === 'asm', file.names);
  return 'error' in body ? [] : body.tokens;
}

function spellBody(tokens: readonly Tok[]): string {
  let out = '';
  for (const tok of tokens) {
    if (tok.flags & Flag.previousWhite && out !== '') out += ' ';
    if (tok.flags & Flag.stringify) out += '#';
    out += tok.text;
    if (tok.flags & Flag.pasteLeft) out += ' ## ';
  }
  return out.replace(/ ## {2}/g, ' ## ');
}

export type Definition = { readonly macro: Macro } | { readonly error: string; readonly offset: number };

/**
 * Reads the definition on a `#define` line (GNU cpp manual, "Macros"). `error` says what is wrong, in the words
 * of GCC; the macro then keeps its former definition, as there.
 */
export function readDefinition(file: SourceFile, line: number): Definition {
  const plain = readPlainDefinition(file, line);
  if (plain !== null) return { macro: plain };
  const { names } = file;
  const lexer = file.lexer(line, file.start(line));
  lexer.next();
  lexer.next();
  const nameTok = lexer.next();
  const lineStart = file.start(line);
  if (nameTok === null) return { error: 'no macro name given in #define directive', offset: lineStart };
  if (nameTok.type !== Kind.name) return { error: 'macro names must be identifiers', offset: nameTok.offset };
  if (nameTok.name === names.defined)
    return { error: '"defined" cannot be used as a macro name', offset: nameTok.offset };
  const first = lexer.next();
  let parameters: readonly string[] | null = null;
  let variadic = false;
  let pending: Tok | null = first;
  if (first !== null && first.type === Kind.openParen && (first.flags & Flag.previousWhite) === 0) {
    const list = readParameters(lexer, names);
    if ('error' in list) return { error: list.error, offset: nameTok.offset };
    parameters = list.parameters;
    variadic = list.variadic;
    pending = null;
  }
  const index = parameters === null ? null : new Map(parameters.map((name, at) => [names.get(name), at]));
  const body = readBody(lexer, index, variadic, file.language === 'asm', names, pending);
  if ('error' in body) return { error: body.error, offset: nameTok.offset };
  const id = names.get(nameTok.text);
  const physical = file.physicalLine(nameTok.offset);
  return { macro: new Macro(id, parameters, variadic, file.path, nameTok.offset, physical, body.tokens) };
}

/** The common case, without making tokens: a name, no parameters, no `#` in what follows. */
function readPlainDefinition(file: SourceFile, line: number): Macro | null {
  const { text, lines } = file;
  if (lines.spliced[line] === 1) return null;
  const end = file.end(line);
  let start = lines.afterWords[line] ?? end;
  while (start < end && (text.charCodeAt(start) === 32 || text.charCodeAt(start) === 9)) start++;
  let stop = start;
  while (stop < end && isWordCharacter(text.charCodeAt(stop))) stop++;
  const first = text.charCodeAt(start);
  const next = stop < end ? text.charCodeAt(stop) : 10;
  if (stop === start || (first >= 48 && first <= 57) || (next !== 32 && next !== 9 && next !== 10)) return null;
  const hash = text.indexOf('#', stop);
  if ((hash >= 0 && hash < end) || (file.language === 'c' && text.slice(stop, end).includes('%:'))) return null;
  const id = file.names.get(text.slice(start, stop));
  if (id === file.names.defined) return null;
  return new Macro(id, null, false, file.path, start, file.lineNumber(line, start), null, file, end);
}

type Parameters = { readonly parameters: readonly string[]; readonly variadic: boolean } | { readonly error: string };

function readParameters(lexer: Lexer, names: Names): Parameters {
  const parameters: string[] = [];
  let variadic = false;
  let afterName = false;
  for (;;) {
    const tok = lexer.next();
    if (tok === null)
      return { error: afterName ? "expected ')' before end of line" : 'expected parameter name before end of line' };
    switch (tok.type) {
      case Kind.name:
        if (afterName || variadic) return { error: `expected ',' or ')', found "${tok.text}"` };
        if (parameters.includes(tok.text)) return { error: `duplicate macro parameter "${tok.text}"` };
        parameters.push(tok.text);
        afterName = true;
        break;
      case Kind.closeParen:
        if (afterName || variadic || parameters.length === 0) return { parameters, variadic };
        return { error: 'expected parameter name, found ")"' };
      case Kind.comma:
        if (!afterName || variadic) return { error: 'expected parameter name, found ","' };
        afterName = false;
        break;
      case Kind.ellipsis:
        if (variadic) return { error: 'expected \')\' after "..."' };
        variadic = true;
        if (!afterName) parameters.push(names.variableArguments.text);
        break;
      default:
        return { error: `expected parameter name, found "${tok.text}"` };
    }
  }
}

type Body = { readonly tokens: readonly Tok[] } | { readonly error: string };

const pasteAtEnd = "'##' cannot appear at either end of a macro expansion";

function readBody(
  lexer: Lexer,
  parameters: ReadonlyMap<Name, number> | null,
  variadic: boolean,
  asm: boolean,
  names: Names,
  pending: Tok | null = null,
): Body {
  const tokens: Tok[] = [];
  const option = new OptionSyntax(variadic, names);
  let afterPaste = false;
  for (let tok = pending ?? lexer.next(); ; tok = lexer.next()) {
    const last = tokens[tokens.length - 1];
    if (tok !== null && tok.type === Kind.name && tok.name !== null) {
      const at = parameters?.get(tok.name);
      if (at !== undefined) tok = asParameter(tok, at);
    }
    const afterHash = parameters !== null && last?.type === Kind.hash;
    if (afterHash && last !== undefined) {
      const isOption = variadic && tok?.name === names.variableOption;
      if (tok !== null && (tok.type === Kind.parameter || isOption)) {
        tokens.pop();
        tok = withFlags(tok, (tok.flags & ~Flag.previousWhite) | Flag.stringify | (last.flags & Flag.previousWhite));
      } else if (!asm) return { error: "'#' is not followed by a macro parameter" };
    }
    if (tok === null) {
      if (afterPaste) return { error: pasteAtEnd };
      if (option.open) return { error: 'unterminated __VA_OPT__' };
      break;
    }
    if (tok.type === Kind.paste) {
      const left = tokens.pop();
      if (left === undefined) return { error: pasteAtEnd };
      tokens.push(withFlags(left, left.flags | Flag.pasteLeft));
      afterPaste = true;
    } else {
      tokens.push(tok);
      afterPaste = false;
    }
    const wrong = option.see(tok);
    if (wrong !== null) return { error: wrong };
  }
  const first = tokens[0];
  if (first !== undefined) tokens[0] = withFlags(first, first.flags & ~(Flag.previousWhite | Flag.lineStart));
  return { tokens };
}

function asParameter(tok: Tok, index: number): Tok {
  return new Token(Kind.parameter, tok.flags, tok.text, tok.name, tok.ref, tok.offset, null, index);
}

/** Checks that each `__VA_OPT__` has its parentheses and no `##` at either end of them. */
class OptionSyntax {
  readonly #variadic: boolean;
  readonly #names: Names;
  #depth = -1;
  #first = false;
  #afterPaste = false;

  constructor(variadic: boolean, names: Names) {
    this.#variadic = variadic;
    this.#names = names;
  }

  get open(): boolean {
    return this.#depth >= 0;
  }

  see(tok: Tok): string | null {
    if (!this.#variadic) return null;
    if (tok.name !== null && tok.name === this.#names.variableOption) {
      if (this.open) return '__VA_OPT__ may not appear in a __VA_OPT__';
      this.#depth = 0;
      return null;
    }
    if (!this.open) return null;
    if (this.#depth === 0) {
      if (tok.type !== Kind.openParen) return '__VA_OPT__ must be followed by an open parenthesis';
      this.#depth = 1;
      this.#first = true;
      return null;
    }
    const wasPaste = this.#afterPaste;
    this.#afterPaste = tok.type === Kind.paste;
    if (this.#first && this.#afterPaste) return "'##' cannot appear at either end of __VA_OPT__";
    this.#first = false;
    if (tok.type === Kind.openParen) this.#depth++;
    else if (tok.type === Kind.closeParen && --this.#depth === 0) {
      this.#depth = -1;
      if (wasPaste) return "'##' cannot appear at either end of __VA_OPT__";
    }
    return null;
  }
}
