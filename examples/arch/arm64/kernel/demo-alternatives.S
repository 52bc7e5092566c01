/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every way to write an alternative, once, the simplest first.
 *
 * "Unpatched" is what the linked file contains and what runs until the cpucap is known. "Patched" is what runs after,
 * on a machine that has it. Patchpoint puts both beside each line.
 */
#include <linux/linkage.h>
#include <asm/assembler.h>

/*
 * The half you read first is in line.
 *	unpatched: mrs x0, tpidr_el1	patched: mrs x0, tpidr_el2
 */
SYM_FUNC_START(demo_if_not)
alternative_if_not ARM64_HAS_VIRT_HOST_EXTN
	mrs	x0, tpidr_el1
alternative_else
	mrs	x0, tpidr_el2
alternative_endif
	ret
SYM_FUNC_END(demo_if_not)

/*
 * Here it is the other way round: the half you read first is NOT in the file's instruction stream. This is the one
 * that everybody gets wrong.
 *	unpatched: dsb sy		patched: dsb ish
 */
SYM_FUNC_START(demo_if)
alternative_if ARM64_HAS_CACHE_IDC
	dsb	ish
alternative_else
	dsb	sy
alternative_endif
	ret
SYM_FUNC_END(demo_if)

/*
 * "Do this only with the cpucap": the file has as many nops as the half has instructions.
 *	unpatched: nop; nop		patched: dsb ishst; isb
 */
SYM_FUNC_START(demo_if_else_nop)
alternative_if ARM64_HAS_CACHE_DIC
	dsb	ishst
	isb
alternative_else_nop_endif
	ret
SYM_FUNC_END(demo_if_else_nop)

/*
 * "Do this only without it."
 *	unpatched: isb			patched: nop
 */
SYM_FUNC_START(demo_if_not_else_nop)
alternative_if_not ARM64_HAS_ECV
	isb
alternative_else_nop_endif
	ret
SYM_FUNC_END(demo_if_not_else_nop)

/*
 * Both halves in one line. An argument with blanks in it needs quotes; the semicolon separates two instructions.
 *	unpatched: dsb nsh; isb		patched: sb; nop
 */
SYM_FUNC_START(demo_insn)
	alternative_insn "dsb nsh; isb", ".inst 0xd50330ff; nop", ARM64_HAS_SB
	alternative_insn isb, nop, ARM64_HAS_ECV
	alternative_insn nop, SET_PSTATE_DIT(1), ARM64_HAS_DIT
	ret
SYM_FUNC_END(demo_insn)

/* The C spelling, a macro of the C preprocessor. */
SYM_FUNC_START(demo_cpp_spelling)
	ALTERNATIVE(nop, SET_PSTATE_PAN(1), ARM64_HAS_PAN)
	ALTERNATIVE("dc	cvau, x0", "dc	civac, x0", ARM64_WORKAROUND_CLEAN_CACHE)
	ret
SYM_FUNC_END(demo_cpp_spelling)

/* A callback alternative: a function of the kernel writes the instructions; Patchpoint knows who and when. */
SYM_FUNC_START(demo_callback)
alternative_cb ARM64_ALWAYS_SYSTEM, spectre_bhb_patch_loop_iter
	mov	x0, #32
alternative_cb_end
	ret
SYM_FUNC_END(demo_callback)

/* The same block on one line, and indented like code: both are alternatives like any other. */
SYM_FUNC_START(demo_layout)
alternative_if ARM64_MTE; isb; alternative_else_nop_endif
	alternative_if_not ARM64_HAS_PAN
	nop
	alternative_else
	SET_PSTATE_PAN(0)
	alternative_endif
	ret
SYM_FUNC_END(demo_layout)

/* Three wrappers whose names do not say that they are alternatives. Hover over them. */
SYM_FUNC_START(demo_wrappers)
	get_this_cpu_offset x0
	read_ctr x1
	sb
	ret
SYM_FUNC_END(demo_wrappers)

/* Half and half differ by more than a nop. */
SYM_FUNC_START(demo_longer)
alternative_if_not ARM64_HAS_LSE_ATOMICS
1:	ldxr	w2, [x0]
	add	w2, w2, w1
	stxr	w3, w2, [x0]
	cbnz	w3, 1b
alternative_else
	.arch_extension lse
	stadd	w1, [x0]
	nops	3
alternative_endif
	ret
SYM_FUNC_END(demo_longer)
