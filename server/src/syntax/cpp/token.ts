import type { Name } from './macroTable.ts';
import type { CppExpansion, CppToken } from './model.ts';

// Token kinds. The order of the first group matters: everything up to `shiftLeft` forms another operator
// when a `=` follows it, and the printer must then keep the two apart.
export const Kind = {
  equal: 0,
  not: 1,
  greater: 2,
  less: 3,
  plus: 4,
  minus: 5,
  star: 6,
  slash: 7,
  percent: 8,
  and: 9,
  or: 10,
  xor: 11,
  shiftRight: 12,
  shiftLeft: 13,
  equalEqual: 14,
  notEqual: 15,
  greaterEqual: 16,
  lessEqual: 17,
  compoundAssign: 18,
  andAnd: 19,
  orOr: 20,
  question: 21,
  colon: 22,
  comma: 23,
  openParen: 24,
  closeParen: 25,
  bracket: 26,
  semicolon: 27,
  ellipsis: 28,
  plusPlus: 29,
  minusMinus: 30,
  arrow: 31,
  dot: 32,
  scope: 33,
  tilde: 34,
  hash: 35,
  paste: 36,
  at: 37,
  name: 40,
  number: 41,
  character: 42,
  string: 43,
  other: 44,
  /** Carries no text; only says what the spacing here is inherited from. */
  padding: 45,
  /** End of a line, of a directive or of a macro argument. */
  end: 46,
  /** A parameter in a replacement list. */
  parameter: 47,
} as const;

export const Flag = {
  /** White space or a comment comes before. */
  previousWhite: 1,
  /** First of its logical line. */
  lineStart: 2,
  /** Left operand of `##`. */
  pasteLeft: 4,
  /** Parameter with `#` before it. */
  stringify: 8,
  /** Name that met its own expansion and stays as it is for good. */
  noExpand: 16,
  /** `##` or `#` was written as a digraph. */
  digraph: 32,
} as const;

/** The file a token is spelled in; one object per path, kept over edits. */
export interface SourceRef {
  readonly path: string;
}

/** A token as the lexer makes it. Serves as a `CppToken` itself where no macro was involved. */
export class Tok implements CppToken {
  readonly type: number;
  readonly flags: number;
  readonly text: string;
  readonly name: Name | null;
  readonly ref: SourceRef;
  readonly offset: number;
  /** For padding: the token whose leading white space counts. */
  readonly source: Tok | null;
  /** For a parameter: its 0-based index. */
  readonly parameter: number;

  constructor(
    type: number,
    flags: number,
    text: string,
    name: Name | null,
    ref: SourceRef,
    offset: number,
    source: Tok | null = null,
    parameter = -1,
  ) {
    this.type = type;
    this.flags = flags;
    this.text = text;
    this.name = name;
    this.ref = ref;
    this.offset = offset;
    this.source = source;
    this.parameter = parameter;
  }

  get kind(): CppToken['kind'] {
    return kindName(this.type);
  }

  get file(): string {
    return this.ref.path;
  }

  get expansion(): CppExpansion | null {
    return null;
  }
}

/** A token that came out of a macro. */
export class ExpandedToken implements CppToken {
  readonly #tok: Tok;
  readonly expansion: CppExpansion;

  constructor(tok: Tok, expansion: CppExpansion) {
    this.#tok = tok;
    this.expansion = expansion;
  }

  get kind(): CppToken['kind'] {
    return kindName(this.#tok.type);
  }

  get text(): string {
    return this.#tok.text;
  }

  get file(): string {
    return this.#tok.ref.path;
  }

  get offset(): number {
    return this.#tok.offset;
  }
}

const nowhere: SourceRef = { path: '' };

/** Ends a line, a directive or the input. */
export const END = new Tok(Kind.end, 0, '', null, nowhere, 0);
/** Ends an argument that is being expanded. */
export const ARGUMENT_END = new Tok(Kind.end, 0, '', null, nowhere, 0);
/** Keeps its neighbors from running together, without a space of its own. */
export const AVOID_PASTE = new Tok(Kind.padding, 0, '', null, nowhere, 0);

export function paddingFor(source: Tok): Tok {
  return new Tok(Kind.padding, 0, '', null, nowhere, 0, source);
}

/** Copy of a token with other flags. */
export function withFlags(tok: Tok, flags: number): Tok {
  return new Tok(tok.type, flags, tok.text, tok.name, tok.ref, tok.offset, tok.source, tok.parameter);
}

function kindName(type: number): CppToken['kind'] {
  switch (type) {
    case Kind.name:
      return 'identifier';
    case Kind.number:
      return 'number';
    case Kind.string:
      return 'string';
    case Kind.character:
      return 'character';
    case Kind.other:
    case Kind.padding:
    case Kind.end:
    case Kind.parameter:
      return 'other';
    default:
      return 'punctuator';
  }
}
