/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Branches and addresses in a replacement. The patcher copies word by word and corrects what depends on the place:
 * a branch that leaves the replacement is aimed at the same target again, a branch inside keeps its distance, an ADRP
 * keeps its page. Patchpoint shows the instruction as it is after that.
 */
#include <linux/linkage.h>
#include <asm/assembler.h>

/* Out of a replacement, to a label further down: re-aimed. */
SYM_FUNC_START(demo_branch_out)
alternative_if ARM64_HAS_CACHE_IDC
	dsb	ishst
	b	.Lno_clean
alternative_else_nop_endif
	dc	cvau, x0
	dsb	ish
.Lno_clean:
	ret
SYM_FUNC_END(demo_branch_out)

/* To another function, and a call: the word in line after patching is not the word in the replacement. */
SYM_FUNC_START(demo_branch_away)
alternative_if_not ARM64_HAS_CRC32
	b	demo_fallback
alternative_else_nop_endif
	.arch_extension crc
	crc32x	w0, w0, x1
	ret
SYM_FUNC_END(demo_branch_away)

SYM_FUNC_START(demo_call_in_replacement)
	stp	x29, lr, [sp, #-16]!
alternative_if ARM64_HAS_VA52
	bl	demo_fallback
alternative_else_nop_endif
	ldp	x29, lr, [sp], #16
	ret
SYM_FUNC_END(demo_call_in_replacement)

SYM_FUNC_START_LOCAL(demo_fallback)
	ret
SYM_FUNC_END(demo_fallback)

/* Within the half: copied as it is. */
SYM_FUNC_START(demo_branch_inside)
alternative_if ARM64_MTE
	cbz	x0, 1f
	mov	x0, #1
1:	add	x0, x0, #2
alternative_else_nop_endif
	ret
SYM_FUNC_END(demo_branch_inside)

/*
 * To a label at the very end of the half. It counts as inside: after patching the branch lands just behind the
 * original. Looked at in the file it seems to run on into the next replacement.
 */
SYM_FUNC_START(demo_branch_to_end)
alternative_if ARM64_MTE
	tbz	x0, #5, 1f
	dsb	ish
	msr_s	SYS_TFSRE0_EL1, xzr
1:
alternative_else_nop_endif
	ret
SYM_FUNC_END(demo_branch_to_end)

/* Over a second alternative. They follow each other; this is no nesting. */
SYM_FUNC_START(demo_branch_over)
alternative_if ARM64_MTE
	isb
	b	1f
alternative_else_nop_endif
alternative_if ARM64_HAS_ADDRESS_AUTH
	isb
alternative_else_nop_endif
1:	ret
SYM_FUNC_END(demo_branch_over)

/* An ADRP in the replacement keeps the page it names although it moves. */
SYM_FUNC_START(demo_adrp)
alternative_if_not ARM64_MISMATCHED_CACHE_TYPE
	mrs	x0, ctr_el0
	nop
alternative_else
	adrp	x0, system_ctr_el0
	ldr	x0, [x0, :lo12:system_ctr_el0]
alternative_endif
	ret
SYM_FUNC_END(demo_adrp)

/* A branch to the first instruction of an original, or to the one behind it, is normal. */
SYM_FUNC_START(demo_branch_to_start)
1:
alternative_if_not ARM64_HAS_LSE_ATOMICS
	ldxr	w1, [x0]
	stxr	w2, w3, [x0]
alternative_else
	.arch_extension lse
	swp	w3, w1, [x0]
	mov	w2, wzr
alternative_endif
	cbnz	w2, 1b
	ret
SYM_FUNC_END(demo_branch_to_start)

	.pushsection .data, "aw"
SYM_DATA_START(system_ctr_el0)
	.quad	0x84448004
SYM_DATA_END(system_ctr_el0)
	.popsection
