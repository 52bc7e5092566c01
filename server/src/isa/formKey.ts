import { FormReader } from './formReader.ts';
import type { RegId } from './registerIds.ts';

/** What an instruction's text says about its shape, without the values that no scheduling table asks for. */
export interface InsnForm {
  /**
   * Mnemonic and operand shape: `add x,x,x,lsl#3`, `ldp x,x,[x],#`, `mov x,#n`, `ld1 {v.16b*4},[x]`. `x w` registers,
   * `X W` zero registers, `sp` the stack pointer as an operand (as a base it is `x`), `#` an immediate, `@` a target,
   * `[0]` lane 0 and `[]` another one, `cc` a condition, `sr` a system register, `op` any other system name.
   */
  readonly key: string;
  /** As written, in lower case; two spellings of one instruction are made one (`clearbhb` is `clrbhb`). */
  readonly mnemonic: string;
  /** Registers in the order they are written; a list gives each of its registers. */
  readonly regs: readonly RegId[];
  /** Name that the key leaves out: system register, barrier, operation, prefetch (lower case) or number of a hint. */
  readonly detail: string;
  /** Target of a direct branch, ADR(P) or literal load as written, or null. */
  readonly target: string | null;
  /** Why this can't be an instruction, or null. */
  readonly problem: string | null;
}

const cacheLimit = 20_000;
const cache = new Map<string, InsnForm>();

/**
 * Reads one instruction as GNU objdump, LLVM, Capstone or a source file spells it; comments and `<symbol+0x10>` behind
 * an address are skipped. Never throws, takes time in proportion to the text, and answers the same text from a cache.
 * Source of the distinctions: which operands decide the scheduling class of an opcode in LLVM 19.1.7.
 */
export function insnForm(text: string): InsnForm {
  const known = cache.get(text);
  if (known !== undefined) return known;
  const form = new FormReader(text).form();
  // Streams of kernel text repeat; a bound is enough, order of use is not worth keeping.
  if (cache.size >= cacheLimit) cache.clear();
  cache.set(text, form);
  return form;
}

/**
 * Keys under which a table may hold the same record, nearest first: zero registers as ordinary ones, lane 0 as any lane,
 * both, then the stack pointer as an ordinary register too. The key itself is not among them.
 */
export function nearKeys(key: string): readonly string[] {
  const ordinary = key.replace(/[XW]/g, (letter) => letter.toLowerCase());
  const anyLane = key.replaceAll('[0]', '[]');
  const both = ordinary.replaceAll('[0]', '[]');
  const noStack = both.replace(/(?<=[ ,])(w?)sp(?=,|$)/g, (_, narrow: string) => (narrow === '' ? 'x' : 'w'));
  // With an immediate these are other spellings of the same encodings, the immediate inverted.
  const inverted = noStack.replace(
    /^(bics|bic|orn|eon)(?= [xwXW](?:,[xw])+,#)/,
    (name) => immediateTwins[name] ?? name,
  );
  return [...new Set([ordinary, anyLane, both, noStack, inverted])].filter((one) => one !== key);
}

const immediateTwins: Readonly<Record<string, string>> = { bic: 'and', bics: 'ands', orn: 'orr', eon: 'eor' };
