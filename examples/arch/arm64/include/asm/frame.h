/* SPDX-License-Identifier: Apache-2.0 */
/* Layout of the saved registers and of what the task holds. A real tree computes these into asm-offsets.h. */
#ifndef __ASM_FRAME_H
#define __ASM_FRAME_H

#define S_X0		0
#define S_LR		240
#define S_SP		248
#define S_PC		256
#define S_PSTATE	264
#define S_PMR_SAVE	272
#define PT_REGS_SIZE	288

#define TSK_FLAGS	0
#define TSK_TTBR0	8
#define TSK_KEYS_KERNEL	16
#define TSK_CPU_CONTEXT	32

#define TIF_TAG_FAULT	5
#define TIF_USER_KEYS	6
#define TIF_SINGLESTEP	21

#ifndef __ASSEMBLY__
#include <linux/types.h>

struct pt_regs {
	u64 regs[31];
	u64 sp;
	u64 pc;
	u64 pstate;
	u64 pmr_save;
};
#endif

#endif
