/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Access to user memory. Without CONFIG_ARM64_SW_TTBR0_PAN these macros are empty; with it each is an alternative of
 * 7 or 8 instructions whose patched half is nops. Patchpoint says which of the two your configuration gives.
 */
#ifndef __ASM_ASM_UACCESS_H
#define __ASM_ASM_UACCESS_H

#include <asm/assembler.h>
#include <asm/frame.h>

#ifdef CONFIG_ARM64_SW_TTBR0_PAN

	.macro	__uaccess_ttbr0_disable, tmp
	mrs	\tmp, ttbr1_el1
	bic	\tmp, \tmp, #0xfff
	sub	\tmp, \tmp, #4096
	msr	ttbr0_el1, \tmp
	isb
	.endm

	.macro	__uaccess_ttbr0_enable, tmp
	mrs	\tmp, sp_el0
	ldr	\tmp, [\tmp, #TSK_TTBR0]
	msr	ttbr0_el1, \tmp
	isb
	.endm

/* A half that holds nothing but other macros. */
	.macro	uaccess_ttbr0_disable, tmp, flags
alternative_if_not ARM64_HAS_PAN
	save_and_disable_irq \flags
	__uaccess_ttbr0_disable \tmp
	restore_irq \flags
alternative_else_nop_endif
	.endm

	.macro	uaccess_ttbr0_enable, tmp, flags
alternative_if_not ARM64_HAS_PAN
	save_and_disable_irq \flags
	__uaccess_ttbr0_enable \tmp
	restore_irq \flags
alternative_else_nop_endif
	.endm

#else

	.macro	uaccess_ttbr0_disable, tmp, flags
	.endm

	.macro	uaccess_ttbr0_enable, tmp, flags
	.endm

#endif

/*
 * user_alt: one instruction that may fault and that is another one on a CPU with the cpucap. Both arguments arrive in
 * quotes and are quoted again for the inner macro. The fault is reported at the original in both cases, so the table
 * entry belongs to the original.
 */
	.macro	user_alt, fixup, original, replacement, cap
9998:	alternative_insn "\original", "\replacement", \cap
	_asm_extable 9998b, \fixup
	.endm

#endif
