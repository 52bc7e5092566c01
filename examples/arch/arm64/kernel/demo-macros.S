/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The macro language in front of the alternatives. Whatever the road, Patchpoint shows the record at the line that you
 * wrote, with the chain of macros that made it, and each macro's expansion one level at a time.
 */
#include <linux/linkage.h>
#include <asm/assembler.h>
#include <asm/asm-uaccess.h>

/* Names for registers. */
dst	.req	x0
src	.req	x1
count	.req	x2

/* \@ is a number that differs in each expansion, so that this macro can be used more than once in a function. */
	.macro	skip_unless_mte
alternative_if_not ARM64_MTE
	b	.Lskip_mte_\@
alternative_else_nop_endif
	isb
.Lskip_mte_\@:
	.endm

/* The \@ of the outer macro, quoted for the inner one: alternative_insn has a number of its own. */
	.macro	skip_trampoline
	alternative_insn "b	.Lskip_tramp_\@", nop, ARM64_UNMAP_KERNEL_AT_EL0
	isb
.Lskip_tramp_\@:
	.endm

/* .if and .else choose between two alternatives. */
	.macro	barrier_for_level, el
	.if	\el == 0
alternative_if ARM64_WORKAROUND_SPECULATIVE_UNPRIV_LOAD
	tlbi	vale1, xzr
	dsb	nsh
alternative_else_nop_endif
	.else
	alternative_insn nop, "dmb	sy", ARM64_HAS_RAS_EXTN
	.endif
	.endm

/* .ifc looks at the text of an argument, .ifnb at whether there is one; :req, a default, :vararg. */
	.macro	clean_line, op:req, addr=x0, rest:vararg
	.ifc	\op, cvau
	alternative_insn "dc	cvau, \addr", "dc	civac, \addr", ARM64_WORKAROUND_CLEAN_CACHE
	.else
	dc	\op, \addr
	.endif
	.ifnb	\rest
	clean_line \rest
	.endif
	.endm

/* A macro that takes the name of a macro, and glues names together with \(). */
	.macro	twice, what, arg
	\what\()_one	\arg
	\what\()_two	\arg
	.endm

	.macro	offset_one, reg
	get_this_cpu_offset \reg
	.endm

	.macro	offset_two, reg
	add	\reg, \reg, #8
	.endm

/* A macro that calls itself. */
	.macro	barriers, n
	.if	\n
	alternative_insn nop, isb, ARM64_HAS_ECV
	barriers (\n - 1)
	.endif
	.endm

/* Three levels down to the record. */
	.macro	level_three
	sb
	.endm

	.macro	level_two
	level_three
	.endm

	.macro	level_one
	level_two
	.endm

/* A macro of the C preprocessor with a whole alternative in it, on one line for the assembler. */
#define ONLY_WITH(cap, code...)		\
	alternative_if cap;		\
	code;				\
	alternative_else_nop_endif

SYM_FUNC_START(demo_macros)
	skip_unless_mte
	skip_unless_mte
	skip_trampoline
	barrier_for_level 0
	barrier_for_level 1
	clean_line cvau
	clean_line civac, src
	clean_line op=cvau, addr=dst
	clean_line cvau, x1, civac, x2
	twice	offset, x3
	barriers 3
	level_one
	ONLY_WITH(ARM64_HAS_DIT, SET_PSTATE_DIT(1))
	ret
SYM_FUNC_END(demo_macros)

/* One line of source, four sites: a loop of the assembler. */
SYM_FUNC_START(demo_loops)
	.rept	4
	alternative_insn isb, nop, ARM64_HAS_ECV
	.endr

	.irp	reg, x4, x5, x6
	get_this_cpu_offset \reg
	.endr

	.irpc	n, 0123
	alternative_insn "mov	x\n, xzr", "mov	x\n, sp", ARM64_HAS_VIRT_HOST_EXTN
	.endr
	ret
SYM_FUNC_END(demo_loops)

/* user_alt: an instruction that may fault, with a replacement, through two pairs of quotes. */
SYM_FUNC_START(demo_user_alt)
	user_alt 9f, "dc	cvau, x4", "dc	civac, x4", ARM64_WORKAROUND_CLEAN_CACHE
	mov	x0, #0
	ret
9:	mov	x0, #-14
	ret
SYM_FUNC_END(demo_user_alt)

/* The number of instructions follows from the value: one mov_q here is three, the other two. */
SYM_FUNC_START(demo_mov_q)
alternative_if ARM64_HAS_VA52
	mov_q	x0, 0x0000123456789abc
	mov_q	x1, 0x12345678
alternative_else_nop_endif
	ret
SYM_FUNC_END(demo_mov_q)

/* Symbols that change their value from line to line. */
SYM_FUNC_START(demo_symbols)
	.set	.Lturn, 0
	.rept	3
	.if	.Lturn == 1
	alternative_insn nop, isb, ARM64_HAS_ECV
	.else
	nop
	.endif
	.set	.Lturn, .Lturn + 1
	.endr
	ret
SYM_FUNC_END(demo_symbols)

/* A macro can be forgotten and written anew. Each use shows the body that was in force there. */
	.macro	changing
	alternative_insn nop, isb, ARM64_HAS_ECV
	.endm

SYM_FUNC_START(demo_purgem)
	changing
	.purgem	changing
	.macro	changing
	alternative_insn isb, nop, ARM64_HAS_SB
	.endm
	changing
	ret
SYM_FUNC_END(demo_purgem)

	.unreq	dst
	.unreq	src
	.unreq	count
