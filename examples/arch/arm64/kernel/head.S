/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first instructions of the kernel. What is patched here was patched by the boot CPU: when the others come
 * through, the boot cpucaps (HAS_VA52) are in effect. All other alternatives still show their unpatched half.
 */
#include <linux/linkage.h>
#include <linux/init.h>
#include <asm/assembler.h>
#include <asm/asm_pointer_auth.h>

	__HEAD
	b	primary_entry
	.long	0
	.quad	0, 0, 0, 0, 0, 0
	.ascii	"ARM\x64"
	.long	0

	__INIT
SYM_CODE_START(primary_entry)
	mov	x21, x0				// boot argument: the device tree
	mov_q	x0, (SCTLR_EL1_SA | SCTLR_EL1_C | SCTLR_EL1_I)
	msr	sctlr_el1, x0
	isb
	adr_l	x1, early_stack_end
	mov	sp, x1
	bl	setup_mmu
	adr_l	x8, vectors
	msr	vbar_el1, x8
	isb
	b	start_kernel
SYM_CODE_END(primary_entry)
	__FINIT

	.section ".idmap.text", "a"
/* A cpucap of the boot CPU decides what the other CPUs do; the call in the replacement is re-aimed. */
SYM_FUNC_START(secondary_entry)
	mov	x20, x0
alternative_if ARM64_HAS_VA52
	bl	check_52bit_va
alternative_else_nop_endif
	bl	setup_mmu
	ptrauth_keys_init_cpu x20, x1, x2
	b	secondary_start_kernel
SYM_FUNC_END(secondary_entry)

SYM_FUNC_START_LOCAL(check_52bit_va)
#ifdef CONFIG_ARM64_VA_BITS_52
	mrs	x0, ID_AA64MMFR0_EL1
	sbfx	x0, x0, #ID_AA64MMFR0_EL1_TGRAN4_SHIFT, #ID_AA64MMFR0_EL1_TGRAN4_WIDTH
	cmp	x0, #ID_AA64MMFR0_EL1_TGRAN4_52_BIT
	b.ge	2f
1:	wfe
	b	1b
2:
#endif
	ret
SYM_FUNC_END(check_52bit_va)

	.bss
	.p2align 12
	.space	4096
early_stack_end:
