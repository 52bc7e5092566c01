/* SPDX-License-Identifier: Apache-2.0 */
/* MMU set-up: values that depend on the width of addresses, in code that other CPUs run after it was patched. */
#include <linux/linkage.h>
#include <asm/assembler.h>

	.pushsection ".idmap.text", "a"

	.macro	tcr_set_t1sz, reg, width
	bfi	\reg, \width, #16, #6
	.endm

tcr	.req	x10
width	.req	x11

SYM_FUNC_START(setup_mmu)
	mov_q	tcr, 0x00000000b5103510
	mov	width, #64 - 48
	/* Two instructions, one of them from a macro; the #ifdef is around the whole. */
#ifdef CONFIG_ARM64_VA_BITS_52
alternative_if ARM64_HAS_VA52
	mov	width, #64 - 52
	tcr_set_t1sz tcr, width
alternative_else_nop_endif
#endif
	tcr_compute_pa_size tcr, #32, x5, x6
	msr	tcr_el1, tcr
	isb
	/* To a label that is not in the block and not a number. */
alternative_if_not ARM64_HAS_RAS_EXTN
	b	.Lno_ras
alternative_else_nop_endif
	msr	disr_el1, xzr
.Lno_ras:
	ret
SYM_FUNC_END(setup_mmu)

	.unreq	tcr
	.unreq	width
	.popsection

	.text

/* x0: address. Workaround: the invalidation is done twice; without it there are two nops. */
SYM_FUNC_START(flush_tlb_page)
	dsb	ishst
	lsr	x0, x0, #12
	tlbi	vae1is, x0
alternative_if ARM64_WORKAROUND_REPEAT_TLBI
	dsb	ish
	tlbi	vae1is, x0
alternative_else_nop_endif
	dsb	ish
	isb
	ret
SYM_FUNC_END(flush_tlb_page)
