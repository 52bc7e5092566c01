/* SPDX-License-Identifier: Apache-2.0 */
#ifndef __ASM_BARRIER_H
#define __ASM_BARRIER_H

#ifndef __ASSEMBLY__

#include <asm/alternative-macros.h>
#include <asm/sysreg.h>

#define isb()		asm volatile("isb" : : : "memory")
#define dsb(domain)	asm volatile("dsb	" #domain : : : "memory")
#define dmb(domain)	asm volatile("dmb	" #domain : : : "memory")

/* Two instructions in one string; the word for sb and the string after it are two literals with no blank between. */
#define spec_bar()	asm volatile(ALTERNATIVE("dsb	nsh\nisb\n", SB_BARRIER_INSN"nop\n", ARM64_HAS_SB))

/* A callback alternative whose original is not a branch. Only kernels with pseudo-NMIs have it. */
#define pmr_sync() do { \
	if (IS_ENABLED(CONFIG_ARM64_PSEUDO_NMI)) \
		asm volatile(ALTERNATIVE_CB("dsb	sy", ARM64_HAS_GIC_PRIO_MASKING, alt_cb_patch_nops)); \
} while (0)

#endif

#endif
