// Patch sites of C code as a model: what an `asm` statement or a call through a static call's key leaves in the object.

import type { TextRange } from '../../base/text.ts';
import type { AlternativeSite, ChainFrame, StreamInsn } from '../patchSite.ts';

/** Kind of thing that a static key belongs to, told from the type of the object that holds it. */
export type KeyOwner = 'key' | 'tracepoint' | 'dynamic-debug' | 'lsm-hook';

/** One `__jump_table` entry (include/linux/jump_label.h: struct jump_entry, v6.12). */
export interface JumpModel {
  /** Key as an expression of the linker: `sched_feat_keys[3]`, `__tracepoint_sched_switch.key`; `null` when source cannot tell. */
  readonly key: string | null;
  /** Key as the linker has it: `symbol` or `symbol+0xOFFSET`; `null` where the layout of its object is not known. */
  readonly symbol?: string | null;
  /** Why `key` or `branch` is not known. */
  readonly reason: string | null;
  /** Object that holds the key, without members and indexes. */
  readonly object: string | null;
  readonly owner: KeyOwner;
  /** Low bit of the entry: `likely` sites have 1. `null` when it is not constant here. */
  readonly branch: boolean | null;
  /** State that the emitted instruction stands for (instruction = state ^ branch); `null` when not known. */
  readonly initial: boolean | null;
  /** What the compiler emits, and what stands there once the key has the other state. */
  readonly unpatched: StreamInsn;
  readonly patched: StreamInsn;
  /** Label of the C code that the branch goes to, as the asm statement names it. */
  readonly label: string | null;
  /** What runs at the branch's target and what in line, where the use tells: lines of its own file, 1-based. */
  readonly outOfLine: ArmPlace | null;
  readonly inLine: ArmPlace | null;
}

/** A block that a key or a cpucap switches on or off. */
export interface ArmPlace {
  /** Value of the condition in this block. */
  readonly when: boolean;
  /** First and last line of the block, 1-based; `null` for the other side of an `if` without `else`. */
  readonly line: number | null;
  readonly endLine: number | null;
}

/** A call through a static call's key; nothing is patched there on arm64 (generic implementation, v6.1 to v6.12). */
export interface StaticCallModel {
  /** Name as in `DEFINE_STATIC_CALL(name, …)`, and the key's symbol. */
  readonly call: string;
  readonly key: string;
  /** Function that the key holds as linked; `null` for none (`reason` null) or when not known (`reason`). */
  readonly target: string | null;
  readonly targetReason: string | null;
  /** `static_call_cond`: a missing function is replaced by one that does nothing. */
  readonly conditional: boolean;
  readonly stream: readonly StreamInsn[];
}

/** What one place of a C file makes. */
export interface CSite {
  readonly kind: 'alternative' | 'callback-alternative' | 'jump' | 'static-call';
  /** File and place where the reader wrote it: the use of the macro or the call of the inline function. */
  readonly path: string;
  readonly range: TextRange;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  /** Function whose body holds the place. */
  readonly functionName: string;
  /** What the source says there: `static_branch_unlikely`, `system_supports_sve`, `this_cpu_inc`, `ALTERNATIVE`. */
  readonly construct: string;
  /** Macros and inline functions from the place to the construct that emits, outermost first. */
  readonly chain: readonly ChainFrame[];
  /** Where the `asm` statement or the indirect call itself is written. */
  readonly written: { readonly file: string; readonly line: number };
  /** Equal sites that the same place makes. */
  readonly count: number;
  /** Cpucap, both streams and lengths; `null` for the other kinds. */
  readonly alternative: AlternativeSite | null;
  readonly jump: JumpModel | null;
  readonly staticCall: StaticCallModel | null;
  /** Why this configuration emits nothing here, although the source names a cpucap or a key; else `null`. */
  readonly removed: string | null;
  /**
   * Inline functions on the way that the compiler may keep as functions of their own, outermost first: then the site is
   * in those, and this place has a call. Absent for none.
   */
  readonly ifInlined?: readonly string[];
  /** Earlier function with the same code that the compiler takes for the function around the site. */
  readonly foldedInto?: string;
  /** Object of the build in which the site is, where the file's first object lacks it; else `null`. */
  readonly object?: string | null;
  /** Section of the function. */
  readonly section: string;
  readonly issues: readonly string[];
}
