/* SPDX-License-Identifier: Apache-2.0 */
/* Faulting accesses beside alternatives. In this configuration the uaccess macros are empty: asm-uaccess.h says when. */
#include <linux/linkage.h>
#include <asm/asm-uaccess.h>

	.text

/* x0: address, x1: bytes, a multiple of 8. Returns the bytes that were not cleared. */
SYM_FUNC_START(__arch_clear_user)
	uaccess_ttbr0_enable x2, x3
	/* PAN is lifted by the instruction itself where the CPU has PAN and the kernel uses it. */
	ALTERNATIVE(nop, SET_PSTATE_PAN(0), ARM64_HAS_PAN, CONFIG_ARM64_PAN)
1:
USER(9f, sttr	xzr, [x0])
	add	x0, x0, #8
	subs	x1, x1, #8
	b.hi	1b
	mov	x0, #0
2:
	ALTERNATIVE(nop, SET_PSTATE_PAN(1), ARM64_HAS_PAN, CONFIG_ARM64_PAN)
	uaccess_ttbr0_disable x2, x3
	ret
9:
	mov	x0, x1
	b	2b
SYM_FUNC_END(__arch_clear_user)
