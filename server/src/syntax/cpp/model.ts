import type { TextRange } from '../../base/text.ts';

/** One preprocessing token with the place of its spelling. */
export interface CppToken {
  readonly kind: 'identifier' | 'number' | 'string' | 'character' | 'punctuator' | 'other';
  readonly text: string;
  /** File and UTF-16 offset where these characters are spelled (in a macro body: the body). */
  readonly file: string;
  readonly offset: number;
  /** Macro expansions that produced the token, innermost first; `null` for text of the file itself. */
  readonly expansion: CppExpansion | null;
}

/** One use of a preprocessor macro. */
export interface CppExpansion {
  readonly macro: CppMacro;
  /** Where the macro's name was written. */
  readonly file: string;
  readonly offset: number;
  /** The expansion whose result contained this use; `null` at the top. */
  readonly parent: CppExpansion | null;
}

export interface CppMacro {
  readonly name: string;
  /** `null` for an object-like macro. */
  readonly parameters: readonly string[] | null;
  readonly variadic: boolean;
  /** Replacement list as text, comments removed, white space normalized. */
  readonly body: string;
  /** Place of the name in its `#define`; file is `<command line>` or `<built-in>` for the others. */
  readonly file: string;
  readonly offset: number;
  readonly line: number;
}

/** One line of output as `gcc -E` prints it. Directive lines give none; empty lines are left out. */
export interface CppLine {
  /** Text with gcc's own spacing, no line break. */
  readonly text: string;
  /** Place of the line's first token at file level (the outermost macro use), 1-based line. */
  readonly file: string;
  readonly line: number;
  /** Tokens in order and, index by index, the column (0-based, in `text`) where each begins. */
  readonly tokens: readonly CppToken[];
  readonly columns: readonly number[];
}

export interface CppInclude {
  readonly file: string;
  readonly line: number;
  /** Range of the file name with its quotes or angle brackets. */
  readonly range: TextRange;
  readonly spec: string;
  /** `null` when it was not found. */
  readonly resolved: string | null;
}

/** A use of a macro in the main file: what a hover shows. */
export interface CppMacroUse {
  readonly macro: CppMacro;
  /** Range in the main file: the name, and for a function-like use its arguments too. */
  readonly range: TextRange;
  readonly nameRange: TextRange;
  /** Full expansion as text. */
  readonly expansion: string;
}

export interface CppIssue {
  readonly kind:
    | 'include-not-found'
    | 'unbalanced-conditional'
    | 'bad-directive'
    | 'bad-expression'
    | 'macro-arguments'
    | 'error-directive'
    | 'warning-directive'
    | 'unterminated'
    | 'limit';
  readonly message: string;
  readonly file: string;
  readonly line: number;
  readonly range: TextRange;
}

export interface CppResult {
  readonly lines: readonly CppLine[];
  /** Macro table at the end of the main file. Large: for one macro, `macroNamed` is the cheap way. */
  readonly macros: ReadonlyMap<string, CppMacro>;
  macroNamed(name: string): CppMacro | null;
  readonly includes: readonly CppInclude[];
  /** Ranges of the main file that conditionals removed, in order. */
  readonly inactive: readonly TextRange[];
  /** Uses in the main file, in order. */
  readonly uses: readonly CppMacroUse[];
  readonly issues: readonly CppIssue[];
  /** Every file that was read, main file first. */
  readonly files: readonly string[];
}

/** How one translation unit is preprocessed: the `-I`, `-include`, `-D`, `-U` of its compile command. */
export interface CppOptions {
  readonly language: 'asm' | 'c';
  /** Directories of `-I`, `-isystem` in search order (absolute). */
  readonly includePaths: readonly string[];
  /** `-include` files in order (absolute). */
  readonly forcedIncludes: readonly string[];
  /** `-D NAME=VALUE` (a value of `1` where none was given) and `-U NAME`, in order. */
  readonly defines: readonly { readonly name: string; readonly value: string | null }[];
  /** `-fmacro-prefix-map`: how `__FILE__` shows paths, the first `from` that fits is replaced by `to`. */
  readonly filePrefixes?: readonly { readonly from: string; readonly to: string }[];
  /** Macros the compiler itself defines; absent: those of GCC 12 for aarch64-linux-gnu. */
  readonly predefined?: readonly { readonly name: string; readonly value: string | null }[];
  /**
   * `none`: included files are read for their directives only, and no line of theirs is printed: several times
   * cheaper for a C file. Their includes are only reported when they are not found. Lines of the main file stay the same, but for `__COUNTER__`. Absent: `all`.
   */
  readonly includedText?: 'all' | 'none';
  /**
   * With `includedText: 'none'`: a file that the main file includes, directly or not, whose lines are printed instead of
   * the main file's. `inactive` and `uses` are then those of this file.
   */
  readonly textFile?: string | null;
  /**
   * More `-D`, each an identifier, a string or a number, that differ from object to object. Runs that only differ in
   * these values share what is kept of included files.
   */
  readonly objectDefines?: readonly { readonly name: string; readonly value: string }[];
  /**
   * Lines of included files are kept in a form that takes a tenth of the memory, and their tokens are made when they are
   * asked for. `again`: what each of them did is kept for the next reading of the same main file; `once`: it is not.
   * Absent: kept, and not compact.
   */
  readonly compact?: 'again' | 'once';
  /** Absent: 200 files deep, 4 million tokens out of macros. */
  readonly limits?: { readonly includeDepth?: number; readonly tokens?: number };
}
