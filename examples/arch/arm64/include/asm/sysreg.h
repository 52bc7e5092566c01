/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System registers by encoding, for those that the assembler may not know by name. SYS_NAME comes from
 * asm/sysreg-defs.h, which is generated from tools/sysreg and not in this tree.
 */
#ifndef __ASM_SYSREG_H
#define __ASM_SYSREG_H

#include <linux/bits.h>
#include <linux/stringify.h>

#define sys_reg(op0, op1, crn, crm, op2) \
	(((op0) << 19) | ((op1) << 16) | ((crn) << 12) | ((crm) << 8) | ((op2) << 5))

#include <asm/sysreg-defs.h>

#ifdef __ASSEMBLY__
/* No blank between .inst and its operand: the text must stay one argument of an assembler macro. */
#define __emit_inst(word)	.inst(word)
#else
#define __emit_inst(word)	".inst " __stringify((word)) "\n\t"
#endif

/* msr <PSTATE field>, #imm */
#define pstate_field(op1, op2)		((op1) << 16 | (op2) << 5)
#define SET_PSTATE(field, imm)		__emit_inst(0xd500401f | (field) | ((imm) << 8))
#define SET_PSTATE_PAN(imm)		SET_PSTATE(pstate_field(0, 4), imm)
#define SET_PSTATE_DIT(imm)		SET_PSTATE(pstate_field(3, 2), imm)
#define SET_PSTATE_TCO(imm)		SET_PSTATE(pstate_field(3, 4), imm)

#define SB_BARRIER_INSN			__emit_inst(0xd50330ff)

#ifdef __ASSEMBLY__

/* The number of a general register as a symbol: .L__reg_x7 is 7. */
	.irp	number, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	.equ	.L__reg_x\number, \number
	.endr
	.equ	.L__reg_xzr, 31

	.macro	mrs_s, rt, sysreg
	.inst	0xd5200000 | (\sysreg) | (.L__reg_\rt)
	.endm

	.macro	msr_s, sysreg, rt
	.inst	0xd5000000 | (\sysreg) | (.L__reg_\rt)
	.endm

#else

#include <linux/types.h>

#define read_sysreg(name) ({					\
	u64 __value;						\
	asm volatile("mrs	%0, " #name : "=r"(__value));	\
	__value;						\
})

#define write_sysreg(value, name) \
	asm volatile("msr	" #name ", %x0" : : "rZ"((u64)(value)))

#endif

#endif
