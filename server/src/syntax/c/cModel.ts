import type { TextRange } from '../../base/text.ts';
import type { CAttribute } from './attributes.ts';
import type { ChainFrame, Origin } from './expandedText.ts';
import type { CNode } from './syntaxNode.ts';
import type { CParameter } from './topLevel.ts';

/** A function that a file defines, as this configuration compiles it. */
export interface CFunction {
  readonly name: string;
  /** In the main file: the name, or the macro use that makes it. */
  readonly nameRange: TextRange;
  /** In the main file: the whole definition, or the macro use that makes it. */
  readonly range: TextRange;
  /** 1-based lines of the name and of the definition's end. */
  readonly line: number;
  readonly endLine: number;
  readonly storage: 'static' | 'extern' | null;
  readonly inline: 'none' | 'inline' | 'always' | 'noinline';
  /** Attributes of the definition, then those of declarations in the same file. */
  readonly attributes: readonly CAttribute[];
  /** Macros that stand in the definition's head as the reader wrote them: `noinstr`, `__always_inline`, `asmlinkage`. */
  readonly written: readonly string[];
  /** Section that an attribute names; `null`: the default one. */
  readonly section: string | null;
  readonly parameters: readonly CParameter[];
  readonly returnType: string;
  /** Macro uses that the name came through, outermost first. */
  readonly madeBy: readonly ChainFrame[];
  /** Definition and body in the expanded text. */
  readonly expandedRange: TextRange;
  readonly bodyRange: TextRange;
  /** Syntax of the body; offsets are of the expanded text. Parsed when first asked for. */
  readonly body: CNode;
  calls(): readonly CCall[];
  asms(): readonly CAsm[];
}

export interface CCall {
  /** `null`: through an expression. */
  readonly callee: string | null;
  readonly calleeText: string;
  readonly argumentTexts: readonly string[];
  /** In the expanded text. */
  readonly expandedRange: TextRange;
  readonly node: CNode;
  readonly origin: Origin;
  readonly mainRange: TextRange;
}

export interface CAsmOperand {
  readonly name: string | null;
  readonly constraint: string;
  readonly text: string;
}

/** An `asm` statement, or one at file level (then without a node). */
export interface CAsm {
  /** Adjacent literals joined, escapes resolved. */
  readonly template: string;
  /** What stands in the template and is no literal: a macro that is not known. */
  readonly unknownInTemplate: string | null;
  readonly isGoto: boolean;
  readonly isVolatile: boolean;
  readonly outputs: readonly CAsmOperand[];
  readonly inputs: readonly CAsmOperand[];
  readonly clobbers: readonly string[];
  readonly labels: readonly string[];
  /** In the expanded text. */
  readonly expandedRange: TextRange;
  readonly origin: Origin;
  readonly mainRange: TextRange;
  /** Innermost node that holds it; `null` at file level. */
  readonly node: CNode | null;
}

/** A variable of the file: a definition, a tentative one, or (`storage` `extern` without initializer) a declaration. */
export interface CVariable {
  readonly name: string;
  readonly nameRange: TextRange;
  readonly range: TextRange;
  readonly line: number;
  readonly type: string;
  readonly storage: 'static' | 'extern' | null;
  readonly attributes: readonly CAttribute[];
  readonly section: string | null;
  readonly initializer: string | null;
  readonly madeBy: readonly ChainFrame[];
}

/** A declaration of a function without a body. */
export interface CPrototype {
  readonly name: string;
  readonly nameRange: TextRange;
  readonly line: number;
  readonly attributes: readonly CAttribute[];
  readonly section: string | null;
  readonly parameters: readonly CParameter[];
  readonly returnType: string;
}

/** What a file declares at its top level, in the order of the text. */
export interface CFacts {
  readonly functions: readonly CFunction[];
  readonly variables: readonly CVariable[];
  readonly prototypes: readonly CPrototype[];
  /** `asm` at file level. */
  readonly asms: readonly CAsm[];
  /** Brackets of the expanded text without a partner. */
  readonly nUnbalanced: number;
}
