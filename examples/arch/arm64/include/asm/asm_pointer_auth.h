/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of pointer authentication. ADDRESS_AUTH is a boot cpucap: patched before the other CPUs are started. */
#ifndef __ASM_ASM_POINTER_AUTH_H
#define __ASM_ASM_POINTER_AUTH_H

#include <asm/assembler.h>
#include <asm/frame.h>

#ifdef CONFIG_ARM64_PTR_AUTH_KERNEL

	.macro	__ptrauth_keys_install_kernel_nosync, task, tmp1, tmp2
	add	\tmp1, \task, #TSK_KEYS_KERNEL
	ldp	\tmp1, \tmp2, [\tmp1]
	msr_s	SYS_APIAKEYLO_EL1, \tmp1
	msr_s	SYS_APIAKEYHI_EL1, \tmp2
	.endm

	.macro	ptrauth_keys_install_kernel_nosync, task, tmp1, tmp2
alternative_if ARM64_HAS_ADDRESS_AUTH
	__ptrauth_keys_install_kernel_nosync \task, \tmp1, \tmp2
alternative_else_nop_endif
	.endm

	.macro	ptrauth_keys_install_kernel, task, tmp1, tmp2
alternative_if ARM64_HAS_ADDRESS_AUTH
	__ptrauth_keys_install_kernel_nosync \task, \tmp1, \tmp2
	isb
alternative_else_nop_endif
	.endm

#else

	.macro	__ptrauth_keys_install_kernel_nosync, task, tmp1, tmp2
	.endm

	.macro	ptrauth_keys_install_kernel_nosync, task, tmp1, tmp2
	.endm

	.macro	ptrauth_keys_install_kernel, task, tmp1, tmp2
	.endm

#endif

/* A default that is a branch over a longer piece: cheaper than a replacement of the same length. */
	.macro	ptrauth_keys_init_cpu, task, tmp1, tmp2
#ifdef CONFIG_ARM64_PTR_AUTH
alternative_if_not ARM64_HAS_ADDRESS_AUTH
	b	.Lno_address_auth\@
alternative_else_nop_endif
	mrs	\tmp1, sctlr_el1
	orr	\tmp1, \tmp1, #SCTLR_EL1_EnIA
	msr	sctlr_el1, \tmp1
	__ptrauth_keys_install_kernel_nosync \task, \tmp1, \tmp2
	isb
.Lno_address_auth\@:
#endif
	.endm

#endif
