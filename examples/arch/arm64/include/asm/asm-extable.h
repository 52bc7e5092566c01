/* SPDX-License-Identifier: Apache-2.0 */
/* Where to go on when an access to user memory faults. */
#ifndef __ASM_ASM_EXTABLE_H
#define __ASM_ASM_EXTABLE_H

#ifdef __ASSEMBLY__

	.macro	_asm_extable, insn, fixup
	.pushsection __ex_table, "a"
	.p2align 2
	.long	(\insn) - ., (\fixup) - .
	.popsection
	.endm

/* USER(label, instruction): one instruction that may fault. */
#define USER(fixup, insn...)	\
9999:	insn;			\
	_asm_extable 9999b, fixup

#endif

#endif
