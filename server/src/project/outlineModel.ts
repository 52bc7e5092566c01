import type { TextRange } from '../base/text.ts';

/**
 * What a token is in the text as written. `operation` is the first word of a statement, an instruction's or a
 * macro's name alike; `body-…` are words of a `#define`'s replacement list; `c-word` is an identifier where the
 * text is C; `modifier` is a word with a meaning of its own syntax (`:lo12:`, `%progbits`, `:req`).
 */
export type TokenRole =
  | 'operation'
  | 'directive'
  | 'operand'
  | 'modifier'
  | 'label'
  | 'numeric-label'
  | 'numeric-reference'
  | 'macro-name'
  | 'macro-mention'
  | 'parameter'
  | 'alias'
  | 'alias-end'
  | 'constant'
  | 'cpp-directive'
  | 'cpp-name'
  | 'cpp-parameter'
  | 'cpp-parameter-use'
  | 'cpp-word'
  | 'body-operation'
  | 'body-word'
  | 'c-word'
  | 'include'
  | 'number'
  | 'string'
  | 'comment';

/** One token. Words that hold macro arguments (`.Lskip_\@`, `el\el\()_irq`) are one token, backslashes included. */
export interface SourceToken {
  readonly role: TokenRole;
  readonly start: number;
  readonly end: number;
  /** Innermost `.macro`, `.irp` or `.irpc` around it. */
  readonly scope: OutlineBlock | null;
}

/** A `\name` in a word or a string, backslash included. */
export interface ParameterUse {
  readonly start: number;
  readonly end: number;
  readonly scope: OutlineBlock | null;
}

export interface OutlineParameter {
  readonly name: string;
  readonly range: TextRange;
}

export type BlockKind = 'macro' | 'rept' | 'irp' | 'irpc' | 'if' | 'cpp-if';

/** A pair of directives and what is between them. Half-typed text leaves blocks open. */
export interface OutlineBlock {
  readonly kind: BlockKind;
  /** Offset of the directive that opens it, and the end of that statement. */
  readonly start: number;
  readonly headEnd: number;
  /** Offsets of its `.else`, `.elseif`, `#else`, `#elif`. */
  readonly dividers: readonly number[];
  /** Offset of the closing directive and the end of its statement; `null` while it is open. */
  readonly close: TextRange | null;
  /** Name of a `.macro` with its place; `null` for the others. */
  readonly name: OutlineParameter | null;
  readonly parameters: readonly OutlineParameter[];
  /** Innermost block of the assembler around it (of the preprocessor, for a `cpp-if`). */
  readonly parent: OutlineBlock | null;
}

/** `#define` with the place of its parts. */
export interface DefineOutline {
  readonly name: string;
  readonly nameRange: TextRange;
  readonly parameters: readonly OutlineParameter[] | null;
  readonly body: TextRange;
  readonly start: number;
}

/** A place that gives a name a meaning: a label, an alias of a register, a constant. */
export interface DefinitionOutline {
  readonly kind: 'label' | 'numeric-label' | 'alias' | 'constant';
  readonly name: string;
  readonly range: TextRange;
  /** The statement that defines it. */
  readonly statement: TextRange;
  readonly scope: OutlineBlock | null;
}

/** A statement whose operation is not a directive: an instruction or an invocation. */
export interface StatementOutline {
  readonly operation: SourceToken;
  readonly end: number;
  /** First argument, without blanks; `null` when there is none. */
  readonly argument: TextRange | null;
}

export interface IncludeOutline {
  /** As written, with its quotes or angle brackets. */
  readonly spec: string;
  readonly range: TextRange;
}

/** One document as written: nothing expanded, both sides of every condition. Everything is in order of offset. */
export interface SourceOutline {
  readonly text: string;
  readonly tokens: readonly SourceToken[];
  readonly parameterUses: readonly ParameterUse[];
  /** All blocks in order of `start`. */
  readonly blocks: readonly OutlineBlock[];
  readonly defines: readonly DefineOutline[];
  readonly definitions: readonly DefinitionOutline[];
  readonly statements: readonly StatementOutline[];
  readonly includes: readonly IncludeOutline[];
}

/** What a file's text is before conditions on `__ASSEMBLY__` are looked at. */
export type SourceLanguage = 'assembly' | 'header' | 'c';

/** Language of a file by its name. Linker scripts are preprocessed like assembly and are none. */
export function languageOf(path: string): SourceLanguage {
  if (path.endsWith('.lds.S')) return 'c';
  if (path.endsWith('.S')) return 'assembly';
  return path.endsWith('.h') ? 'header' : 'c';
}
