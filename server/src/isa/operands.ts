import { OperandReader } from './operandReader.ts';
import type { Reg } from './registers.ts';

/** An expression kept as text; the caller's context gives symbols their values. */
export interface Expr {
  /** Source text without `#`, without relocation operator, trimmed. */
  readonly text: string;
  /** Value when the text is one integer literal, else null. */
  readonly value: bigint | null;
  /** Name between the colons of `:lo12:sym`, lower case, or ''. */
  readonly reloc: string;
}

export interface RegisterOffset {
  readonly reg: Reg;
  /** `lsl`, `uxtw`, ... or '' when none was written. */
  readonly extend: string;
  readonly amount: Expr | null;
}

/** UTF-16 offsets in the text given to `parseInsn`: `start` inclusive, `end` exclusive. */
interface Spanned {
  readonly start: number;
  readonly end: number;
}

export type Operand = Spanned &
  (
    | { readonly kind: 'reg'; readonly reg: Reg; readonly writeback: boolean }
    /** A bare identifier that is no register: condition, system register, barrier, prefetch name or label. */
    | { readonly kind: 'name'; readonly name: string; readonly expr: Expr }
    | { readonly kind: 'imm'; readonly expr: Expr; readonly hash: boolean }
    /** `lsl #3`, `uxtw`, `mul #2`, `msl #8`. */
    | { readonly kind: 'shift'; readonly op: string; readonly amount: Expr | null }
    | {
        readonly kind: 'mem';
        readonly base: Reg;
        readonly offset: Expr | null;
        readonly offsetReg: RegisterOffset | null;
        readonly mulVl: boolean;
        readonly mode: 'offset' | 'pre' | 'post';
      }
    | { readonly kind: 'list'; readonly regs: readonly Reg[]; readonly index: Expr | null }
    /** `=expr`, a literal-pool load. */
    | { readonly kind: 'literal'; readonly expr: Expr }
    | { readonly kind: 'bad'; readonly text: string }
  );

export interface InsnIssue {
  readonly message: string;
  readonly start: number;
  readonly end: number;
}

export interface ParsedInsn {
  /** Lower case; conditions stay attached (`b.ne`). '' for an empty statement. */
  readonly mnemonic: string;
  readonly operands: readonly Operand[];
  readonly issues: readonly InsnIssue[];
}

export interface ParseOptions {
  /** What `.req` made of a name; the answer is a register name. */
  readonly registerAlias?: (name: string) => string | undefined;
}

/**
 * Reads one A64 statement in GNU as syntax (the spellings of objdump and LLVM are accepted too): no label, no
 * directive, macros already expanded. Never throws; what does not fit any operand shape becomes an operand of kind
 * `bad` and an issue. Comments (`//`, and block comments) are skipped.
 * Source: GNU as manual, AArch64 syntax; gas/config/tc-aarch64.c:parse_operands, binutils 2.40.
 */
export function parseInsn(text: string, options: ParseOptions = {}): ParsedInsn {
  return new OperandReader(blankComments(text), options).insn();
}

function blankComments(text: string): string {
  let out = text;
  if (out.includes('/*')) out = out.replace(/\/\*[\s\S]*?(?:\*\/|$)/g, (comment) => ' '.repeat(comment.length));
  const at = out.indexOf('//');
  return at < 0 ? out : out.slice(0, at);
}
