import type { CppLine } from '../cpp/model.ts';
import type { GasValue } from './expression.ts';

/** A `.macro` as defined: its parameters and the statements of its body, unexpanded. */
export interface MacroDefinition {
  readonly name: string;
  readonly parameters: readonly MacroParameter[];
  readonly body: readonly BodyStatement[];
  /** The line that carries the `.macro`, and the line of its `.endm`. */
  readonly source: CppLine;
  readonly end: CppLine;
  /** Expansion in which a macro defined this macro; `null` at file level. */
  readonly definedIn: Frame | null;
}

export interface MacroParameter {
  readonly name: string;
  readonly kind: 'plain' | 'required' | 'vararg';
  /** Text used when the argument is empty; `''` where there is none. */
  readonly defaultText: string;
}

/** One statement of a body, scrubbed, with the line that carries it. */
export interface BodyStatement {
  readonly text: string;
  readonly source: CppLine;
}

/** One expansion of a macro, or of a `.rept`, `.irp`, `.irpc` body. The chain from a statement to the file goes through `parent`. */
export interface Frame {
  readonly kind: 'macro' | 'rept' | 'irp' | 'irpc';
  /** Macro name, or the directive's. */
  readonly name: string;
  readonly macro: MacroDefinition | null;
  /** Statement text of the invocation, and the line where it is written. */
  readonly invocation: string;
  readonly callSource: CppLine;
  readonly parent: Frame | null;
  /** 1 for an invocation in the file itself. */
  readonly depth: number;
  /** Arguments by parameter, in parameter order (defaults filled in). */
  readonly actuals: readonly string[];
  /** What `\@` stands for in it. */
  readonly number: number;
  /** Sequence numbers of the first statement of the expansion and of the first one after it. */
  readonly seqStart: number;
  seqEnd: number;
}

/** A section with one of its subsections: what GNU as fills with bytes one after the other. */
export interface Bucket {
  readonly section: string;
  readonly subsection: number;
  /** Statements in emission order, which is address order but for a backward `.org`. */
  readonly statements: GasStatement[];
}

/**
 * A place in a bucket. `part` counts the places before it whose size source cannot tell (a literal pool, an
 * included binary): two positions can only be subtracted when they are in the same part.
 */
export interface Position {
  readonly bucket: Bucket;
  readonly part: number;
  readonly offsetBytes: number;
}

/** One statement that reaches the assembler proper: a label, an instruction, a directive or an assignment. */
export interface GasStatement {
  /** Order of emission, from 0, over all sections. */
  readonly seq: number;
  readonly kind: 'label' | 'insn' | 'data' | 'directive' | 'assignment';
  /** Lower-case mnemonic or directive with its dot; label name for labels; symbol for assignments. */
  readonly op: string;
  /** Flat text that GNU as accepts. */
  readonly text: string;
  /** Operand text (after the mnemonic), scrubbed. */
  readonly operands: string;
  readonly bucket: Bucket;
  /** Index in `bucket.statements`. */
  readonly index: number;
  readonly part: number;
  readonly offsetBytes: number;
  /** `null` when source cannot tell. */
  readonly sizeBytes: number | null;
  /** What an alignment directive aligns to in bytes; `null` for every other statement. */
  readonly alignBytes: number | null;
  /** Line where the text is written. */
  readonly source: CppLine;
  /** Innermost expansion that the statement came out of; `null` for the file's own. */
  readonly frame: Frame | null;
  /** Conditions on macro arguments that could not be decided (open expansion only). */
  readonly openConditions: readonly string[];
}

export interface GasIssue {
  readonly kind:
    | 'limit'
    | 'macro'
    | 'conditional'
    | 'expression'
    | 'section'
    | 'directive'
    | 'user-error'
    | 'user-warning';
  readonly message: string;
  readonly source: CppLine;
  readonly frame: Frame | null;
}

/** A symbol that has a place: a label that is not numeric. */
export interface LabelSymbol {
  readonly name: string;
  readonly statement: GasStatement;
}

/** One `.set`, `.equ` or `=`; `value` is what it was when the assembler came by. */
export interface Assignment {
  readonly seq: number;
  readonly value: GasValue;
  readonly statement: GasStatement;
}

/** From `seq` on a name stands for a register, or (`null`, after `.unreq`) for none. */
export interface RegisterAlias {
  readonly seq: number;
  readonly register: string | null;
  readonly source: CppLine;
}

export interface GasResult {
  readonly statements: readonly GasStatement[];
  readonly buckets: readonly Bucket[];
  /** Every macro that was defined, by lower-case name; a name defined again keeps all definitions in order. */
  readonly macros: ReadonlyMap<string, readonly MacroDefinition[]>;
  /** All expansions in order of invocation. */
  readonly frames: readonly Frame[];
  readonly labels: ReadonlyMap<string, LabelSymbol>;
  /** Definitions of each numeric label in source order. */
  readonly numericLabels: ReadonlyMap<string, readonly GasStatement[]>;
  /** `.req` and `.unreq` of each lower-case name, in emission order. */
  readonly aliases: ReadonlyMap<string, readonly RegisterAlias[]>;
  /** Values of `.set`, `.equ`, `=` symbols at the end. */
  readonly constants: ReadonlyMap<string, bigint>;
  /** Every assignment of each symbol, in emission order. */
  readonly assignments: ReadonlyMap<string, readonly Assignment[]>;
  /** Symbols made visible to the linker (`.globl`, `.weak`), which the assembler leaves to it. */
  readonly globals: ReadonlySet<string>;
  readonly issues: readonly GasIssue[];
  /** Macros as they stood at the end, for expansions asked for later. */
  readonly liveMacros: ReadonlyMap<string, MacroDefinition>;
}
