import type { Frame, GasStatement } from '../syntax/gas/model.ts';

/** One step of how a statement came out of macros, outermost first: macro `name`, invoked at `file:line`. */
export interface ChainFrame {
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** One 4-byte instruction of a stream. */
export interface StreamInsn {
  /** GNU as syntax, white space normalized. */
  readonly text: string;
  /** How it was written, where that reads better than `text` (`SET_PSTATE_DIT(1)` for an `.inst`); else `null`. */
  readonly written: string | null;
  /** Word as assembled, relocated fields zero; `null` with `wordReason` where source alone cannot tell. */
  readonly word: number | null;
  readonly wordReason: string | null;
  /** Relocation that the word carries (`CALL26 foo+0x0`), or `null`. */
  readonly relocation: string | null;
  /** Line of the construct's own surroundings that makes it: an instruction there, or the macro invoked there. */
  readonly blockLine: number;
  /** Where its text is written (for an instruction of a macro: the line in the macro's body). */
  readonly file: string;
  readonly line: number;
  /** Macros between the file's own line and the instruction, outermost first. */
  readonly chain: readonly ChainFrame[];
}

/** Where an alternative's cpucap comes from and when it decides. */
export interface CpucapRef {
  /** Name with `ARM64_`, or `null` when the number has no name in this tree or the name was never resolved. */
  readonly name: string | null;
  readonly number: number | null;
  /** As the record has it: `ARM64_HAS_FOO` or the expression's text. */
  readonly text: string;
}

/** One `.altinstructions` entry as a `.S` file emits it (`arch/arm64/include/asm/alternative-macros.h:altinstruction_entry`). */
export interface AlternativeSite {
  readonly kind: 'alternative' | 'callback-alternative';
  /** Section of the original stream and its offset there in bytes (`null` when alignment makes it unknowable). */
  readonly section: string;
  readonly offsetBytes: number | null;
  /** Offset of the replacement in the same section; `null` for callbacks and where it is unknowable. */
  readonly replacementOffsetBytes: number | null;
  readonly cpucap: CpucapRef;
  /** Function that writes the patched stream; only for callback alternatives. */
  readonly callback: string | null;
  /** Lengths as the record has them; `null` when source cannot tell. */
  readonly origLenBytes: number | null;
  readonly altLenBytes: number | null;
  /** Stream as linked. */
  readonly original: readonly StreamInsn[];
  /** Out-of-line replacement; empty for callbacks. */
  readonly replacement: readonly StreamInsn[];
  /** Macro the reader wrote: `alternative_if`, `alternative_insn`, `ALTERNATIVE`, … */
  readonly construct: string;
  /** Lines of the construct where it is written: opener, divider (`null` when there is none), end. */
  readonly written: ConstructLines;
  /** Outermost statement in the file, and the macros from there to the construct (not itself), outermost first. */
  readonly file: string;
  readonly line: number;
  readonly endLine: number;
  readonly chain: readonly ChainFrame[];
  /** Emission order of the record and of the four labels: original start and end, replacement start and end. */
  readonly record: GasStatement;
  /** Expansion in whose body the construct is written; `null` at file level. */
  readonly outer: Frame | null;
  /** Fields of the record as emitted, separated by blanks. */
  readonly recordText: string;
  readonly labels: AlternativeLabels;
  /** Conditions that could not be decided because they depend on a macro's arguments (definition view only). */
  readonly conditions: readonly string[];
  /** What is not known about this site, for people. */
  readonly issues: readonly string[];
}

/** Labels of a record; `null` where the file does not define one, and for a callback's replacement. */
export interface AlternativeLabels {
  readonly originalStart: GasStatement | null;
  readonly originalEnd: GasStatement | null;
  readonly replacementStart: GasStatement | null;
  readonly replacementEnd: GasStatement | null;
}

export interface ConstructLines {
  readonly file: string;
  readonly openLine: number;
  readonly dividerLine: number | null;
  readonly endLine: number;
}
