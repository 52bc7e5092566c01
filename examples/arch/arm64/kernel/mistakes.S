/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mistakes, one in each function, for Patchpoint to find. Nothing else includes or builds this file.
 *
 * "Silent" means that the assembler takes it: what is wrong shows at boot, or never.
 */
#include <linux/linkage.h>
#include <asm/assembler.h>
#include <asm/asm-uaccess.h>

	.text

/* 1. The halves differ in length: one instruction unpatched, two patched. */
SYM_FUNC_START(mistake_length)
alternative_if_not ARM64_HAS_SB
	isb
alternative_else
	isb
	nop
alternative_endif
	ret
SYM_FUNC_END(mistake_length)

/* 2. The halves differ in length, and the reason is in a macro: this mov_q makes three instructions, not two. */
SYM_FUNC_START(mistake_length_through_macro)
alternative_if ARM64_HAS_VA52
	mov_q	x0, 0x0000123456789abc
alternative_else
	mov	x0, xzr
	nop
alternative_endif
	ret
SYM_FUNC_END(mistake_length_through_macro)

/* 3. The halves differ in length, both written as arguments. */
SYM_FUNC_START(mistake_length_insn)
	alternative_insn "dsb nsh; isb", nop, ARM64_HAS_SB
	ret
SYM_FUNC_END(mistake_length_insn)

/* 4. An else without an opener. */
SYM_FUNC_START(mistake_stray_else)
	nop
alternative_else
	isb
	.text
	ret
SYM_FUNC_END(mistake_stray_else)

/* 5. An end without an opener. */
SYM_FUNC_START(mistake_stray_endif)
	nop
alternative_endif
	.text
	ret
SYM_FUNC_END(mistake_stray_endif)

/* 6. Nested. Silent: the outer record gets two different lengths and the kernel stops when it applies it. */
SYM_FUNC_START(mistake_nested)
alternative_if_not ARM64_HAS_PAN
	nop
alternative_if_not ARM64_HAS_ECV
	isb
alternative_else_nop_endif
	nop
alternative_else_nop_endif
	.text
	ret
SYM_FUNC_END(mistake_nested)

/* 7. Nested through a macro: sb is an alternative, although it looks like an instruction. */
SYM_FUNC_START(mistake_nested_through_macro)
alternative_if ARM64_WORKAROUND_SPECULATIVE_UNPRIV_LOAD
	tlbi	vale1, xzr
	sb
alternative_else_nop_endif
	.text
	ret
SYM_FUNC_END(mistake_nested_through_macro)

/* 8. A callback inside a half. Silent: the record covers only what comes before the end of the callback. */
SYM_FUNC_START(mistake_callback_in_half)
alternative_if_not ARM64_HAS_PAN
	nop
alternative_cb ARM64_ALWAYS_SYSTEM, alt_cb_patch_nops
	b	.Lbehind_callback
alternative_cb_end
	nop
alternative_else_nop_endif
	.text
.Lbehind_callback:
	ret
SYM_FUNC_END(mistake_callback_in_half)

/* 9. A callback closed like an alternative. Silent: nops that nobody wanted stay in line. */
SYM_FUNC_START(mistake_callback_with_else)
alternative_cb ARM64_ALWAYS_SYSTEM, alt_cb_patch_nops
	isb
alternative_else_nop_endif
	.text
	ret
SYM_FUNC_END(mistake_callback_with_else)

/* 10. A cpucap that is not in tools/cpucaps: only the linker would notice. */
SYM_FUNC_START(mistake_unknown_cpucap)
alternative_if ARM64_HAS_LSE_ATOMIC
	nop
alternative_else_nop_endif
	ret
SYM_FUNC_END(mistake_unknown_cpucap)

/* 11. A cpucap by the name it had in 6.1. */
SYM_FUNC_START(mistake_renamed_cpucap)
alternative_if ARM64_HAS_IRQ_PRIO_MASKING
	nop
alternative_else_nop_endif
	ret
SYM_FUNC_END(mistake_renamed_cpucap)

/* 12. A branch from outside into a replacement. Silent: it runs the copy that lies behind the function. */
SYM_FUNC_START(mistake_branch_into_replacement)
	cbz	x0, .Linside_replacement
alternative_if_not ARM64_HAS_ECV
	mov	x1, #1
	mov	x2, #1
alternative_else
	mov	x1, #2
.Linside_replacement:
	mov	x2, #2
alternative_endif
	ret
SYM_FUNC_END(mistake_branch_into_replacement)

/* 13. A branch into the middle of a range that is patched. Silent: what is there may be half of a sequence. */
SYM_FUNC_START(mistake_branch_into_middle)
	cbz	x0, .Lmiddle
alternative_if_not ARM64_HAS_LSE_ATOMICS
	mov	x1, #1
.Lmiddle:
	add	x2, x2, #1
alternative_else
	.arch_extension lse
	stadd	w1, [x0]
	nop
alternative_endif
	ret
SYM_FUNC_END(mistake_branch_into_middle)

/* 14. An ADR in a replacement. Silent: the kernel stops when it copies it. */
SYM_FUNC_START(mistake_adr)
alternative_if ARM64_HAS_ECV
	adr	x0, mistake_adr
alternative_else_nop_endif
	ret
SYM_FUNC_END(mistake_adr)

/* 15. A load from the literal pool in a replacement. Silent, and stops the kernel too. */
SYM_FUNC_START(mistake_literal)
alternative_if ARM64_HAS_ECV
	ldr	x0, =0x0123456789abcdef
alternative_else_nop_endif
	ret
SYM_FUNC_END(mistake_literal)

/* 16. A literal load of a vector register. Silent: nobody corrects it, and it reads another address. */
SYM_FUNC_START(mistake_vector_literal)
alternative_if ARM64_HAS_ECV
	ldr	q0, .Lvector_constant
alternative_else_nop_endif
	ret
	.p2align 4
.Lvector_constant:
	.quad	1, 2
SYM_FUNC_END(mistake_vector_literal)

/* 17. A branch that reaches from where it lies, but not from where it is copied to. Silent: the distance wraps. */
	.pushsection .text.far, "ax"
SYM_FUNC_START(mistake_far_branch)
alternative_if ARM64_HAS_ECV
	tbz	x0, #0, .Lfar_away
alternative_else_nop_endif
	ret
	.space	40000
.Lfar_away:
	ret
SYM_FUNC_END(mistake_far_branch)
	.popsection

/* 18. Sixty-four instructions: a record counts up to 255 bytes. Silent with clang, which writes the length as 0. */
SYM_FUNC_START(mistake_too_long)
alternative_if_not ARM64_HAS_ECV
	nops	64
alternative_else_nop_endif
	ret
SYM_FUNC_END(mistake_too_long)

/* 19. Another section in a half. Silent: the else returns to that section, and the second half becomes data. */
SYM_FUNC_START(mistake_section)
alternative_if ARM64_HAS_ECV
	isb
	.section .rodata, "a"
	.word	1
	.previous
	isb
alternative_else_nop_endif
	.text
	ret
SYM_FUNC_END(mistake_section)

/* 20. Data in a half. Silent: it is patched as if it were code. */
SYM_FUNC_START(mistake_data)
alternative_if_not ARM64_HAS_ECV
	b	1f
	.word	0x12345678
1:
alternative_else_nop_endif
	ret
SYM_FUNC_END(mistake_data)

/* 21. A numeric label that belongs to the macros. Silent: the record ends at the wrong one. */
SYM_FUNC_START(mistake_label)
alternative_if_not ARM64_HAS_ECV
	cbz	x0, 662f
	nop
662:	nop
alternative_else_nop_endif
	ret
SYM_FUNC_END(mistake_label)

/* 22. A fault-table entry for the copy. Silent: the fault happens at the original, which has no entry. */
SYM_FUNC_START(mistake_table_entry)
alternative_if_not ARM64_HAS_ECV
	ldtr	x0, [x1]
alternative_else
	USER(1f, ldtr x0, [x2])
alternative_endif
1:	ret
SYM_FUNC_END(mistake_table_entry)

/* 23. A callback that writes one instruction, with two for it to write. Silent: the kernel stops. */
SYM_FUNC_START(mistake_callback_length)
alternative_cb ARM64_ALWAYS_SYSTEM, spectre_bhb_patch_loop_iter
	mov	x0, #32
	nop
alternative_cb_end
	ret
SYM_FUNC_END(mistake_callback_length)

/* 24. Both halves are the same: a record for nothing. */
SYM_FUNC_START(mistake_no_effect)
	alternative_insn isb, isb, ARM64_HAS_ECV
	ret
SYM_FUNC_END(mistake_no_effect)

/* 25. The option is off, so the dsb is not there either. */
SYM_FUNC_START(mistake_option)
	ALTERNATIVE("dsb sy", nop, ARM64_HAS_ECV, CONFIG_ARM64_PSEUDO_NMI)
	ret
SYM_FUNC_END(mistake_option)

/* 26. A callback block that is never closed. */
SYM_FUNC_START(mistake_open_callback)
alternative_cb ARM64_ALWAYS_SYSTEM, alt_cb_patch_nops
	isb
	ret
SYM_FUNC_END(mistake_open_callback)

/* 27. An alternative that is never closed. */
SYM_FUNC_START(mistake_open)
alternative_if ARM64_HAS_ECV
	isb
alternative_else
	nop
	ret
SYM_FUNC_END(mistake_open)
