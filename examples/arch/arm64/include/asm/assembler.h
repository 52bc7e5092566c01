/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Macros for .S files. Several of them are alternatives although their names do not say so; Patchpoint shows each
 * where it is used, with the chain from the line you wrote down to the record. In this file it shows the bodies, with
 * arguments left as names.
 */
#ifndef __ASM_ASSEMBLER_H
#define __ASM_ASSEMBLER_H

#ifndef __ASSEMBLY__
#error "for assembly only"
#endif

#include <asm/alternative.h>
#include <asm/asm-extable.h>
#include <asm/sysreg.h>

/* The name the procedure call standard gives x30. */
lr	.req	x30

#ifdef CONFIG_CPU_BIG_ENDIAN
#define CPU_BE(code...)	code
#define CPU_LE(code...)
#else
#define CPU_BE(code...)
#define CPU_LE(code...)	code
#endif

	.macro	nops, count
	.rept	\count
	nop
	.endr
	.endm

	.macro	ventry, label
	.p2align 7
	b	\label
	.endm

	.macro	save_and_disable_irq, flags
	mrs	\flags, daif
	msr	daifset, #3
	.endm

	.macro	restore_irq, flags
	msr	daif, \flags
	.endm

	.macro	esb
#ifdef CONFIG_ARM64_RAS_EXTN
	hint	#16
#else
	nop
#endif
	.endm

	.macro	clearbhb
	hint	#22
	.endm

/* Nothing after this is speculated past. On a CPU that has the instruction the pair becomes sb. */
	.macro	sb
alternative_if_not ARM64_HAS_SB
	dsb	nsh
	isb
alternative_else
	SB_BARRIER_INSN
	nop
alternative_endif
	.endm

/* A constant of any size in two to four instructions: how many depends on the value. */
	.macro	mov_q, reg, value
	.if	(((\value) >> 31) == 0 || ((\value) >> 31) == 0x1ffffffff)
	movz	\reg, :abs_g1_s:\value
	.else
	.if	(((\value) >> 47) == 0 || ((\value) >> 47) == 0x1ffff)
	movz	\reg, :abs_g2_s:\value
	.else
	movz	\reg, :abs_g3:\value
	movk	\reg, :abs_g2_nc:\value
	.endif
	movk	\reg, :abs_g1_nc:\value
	.endif
	movk	\reg, :abs_g0_nc:\value
	.endm

	.macro	adr_l, dst, symbol
	adrp	\dst, \symbol
	add	\dst, \dst, :lo12:\symbol
	.endm

/* A 32-bit destination cannot hold the page address, so it needs a scratch register. */
	.macro	ldr_l, dst, symbol, tmp=
	.ifb	\tmp
	adrp	\dst, \symbol
	ldr	\dst, [\dst, :lo12:\symbol]
	.else
	adrp	\tmp, \symbol
	ldr	\dst, [\tmp, :lo12:\symbol]
	.endif
	.endm

/* With VHE the kernel runs at EL2 and keeps its per-CPU offset in the register of that level. */
	.macro	get_this_cpu_offset, dst
alternative_if_not ARM64_HAS_VIRT_HOST_EXTN
	mrs	\dst, tpidr_el1
alternative_else
	mrs	\dst, tpidr_el2
alternative_endif
	.endm

	.macro	adr_this_cpu, dst, symbol, tmp
	adr_l	\dst, \symbol
	get_this_cpu_offset \tmp
	add	\dst, \dst, \tmp
	.endm

	.macro	ldr_this_cpu, dst, symbol, tmp
	adr_l	\dst, \symbol
	get_this_cpu_offset \tmp
	ldr	\dst, [\dst, \tmp]
	.endm

/*
 * The cache type. Where CPUs disagree the value all of them can live with is read from memory: the replacement holds
 * an ADRP, which the patcher re-aims when it copies it.
 */
	.macro	read_ctr, reg
alternative_if_not ARM64_MISMATCHED_CACHE_TYPE
	mrs	\reg, ctr_el0
	nop
alternative_else
	ldr_l	\reg, system_ctr_el0
alternative_endif
	.endm

	.macro	raw_dcache_line_size, reg, tmp
	mrs	\tmp, ctr_el0
	ubfx	\tmp, \tmp, #CTR_EL0_DminLine_SHIFT, #CTR_EL0_DminLine_WIDTH
	mov	\reg, #4
	lsl	\reg, \reg, \tmp
	.endm

	.macro	dcache_line_size, reg, tmp
	read_ctr \tmp
	ubfx	\tmp, \tmp, #CTR_EL0_DminLine_SHIFT, #CTR_EL0_DminLine_WIDTH
	mov	\reg, #4
	lsl	\reg, \reg, \tmp
	.endm

	.macro	icache_line_size, reg, tmp
	read_ctr \tmp
	ubfx	\tmp, \tmp, #CTR_EL0_IminLine_SHIFT, #CTR_EL0_IminLine_WIDTH
	mov	\reg, #4
	lsl	\reg, \reg, \tmp
	.endm

	.macro	__dcache_clean, op, addr
alternative_if_not ARM64_WORKAROUND_CLEAN_CACHE
	dc	\op, \addr
alternative_else
	dc	civac, \addr
alternative_endif
	.endm

/* Only the clean operations have a workaround: .ifc decides from the text of the argument. */
	.macro	dcache_by_line_op, op, domain, start, end, line, tmp, fixup
	dcache_line_size \line, \tmp
	sub	\tmp, \line, #1
	bic	\start, \start, \tmp
.Ldcache_line\@:
	.ifc	\op, cvau
	__dcache_clean \op, \start
	.else
	.ifc	\op, cvac
	__dcache_clean \op, \start
	.else
	dc	\op, \start
	.endif
	.endif
	add	\start, \start, \line
	cmp	\start, \end
	b.lo	.Ldcache_line\@
	dsb	\domain
	.ifnb	\fixup
	_asm_extable .Ldcache_line\@, \fixup
	.endif
	.endm

/* The largest physical address: 52 bits need a kernel that was built for them and a CPU that has them. */
	.macro	tcr_compute_pa_size, tcr, position, tmp0, tmp1
	mrs	\tmp0, ID_AA64MMFR0_EL1
	ubfx	\tmp0, \tmp0, #0, #3
	mov	\tmp1, #6
#ifdef CONFIG_ARM64_VA_BITS_52
alternative_if_not ARM64_HAS_VA52
	mov	\tmp1, #5
alternative_else_nop_endif
#endif
	cmp	\tmp0, \tmp1
	csel	\tmp0, \tmp1, \tmp0, hi
	bfi	\tcr, \tmp0, \position, #3
	.endm

/*
 * Spectre BHB. A callback decides at boot whether the branch over the loop stays, another one writes the number of
 * turns. The sb at the end is an alternative of its own.
 */
	.macro	__mitigate_spectre_bhb_loop, tmp
#ifdef CONFIG_MITIGATE_SPECTRE_BRANCH_HISTORY
alternative_cb ARM64_ALWAYS_SYSTEM, spectre_bhb_patch_loop_iter
	mov	\tmp, #32			// the callback reads the register from here
alternative_cb_end
.Lspectre_bhb_turn\@:
	b	. + 4
	subs	\tmp, \tmp, #1
	b.ne	.Lspectre_bhb_turn\@
	sb
#endif
	.endm

	.macro	mitigate_spectre_bhb_loop, tmp
#ifdef CONFIG_MITIGATE_SPECTRE_BRANCH_HISTORY
alternative_cb ARM64_ALWAYS_SYSTEM, spectre_bhb_patch_loop_mitigation_enable
	b	.Lspectre_bhb_done\@		// a nop where the loop is wanted
alternative_cb_end
	__mitigate_spectre_bhb_loop \tmp
.Lspectre_bhb_done\@:
#endif
	.endm

/* The other way round: the mitigation is there until a callback finds that it is not needed. */
	.macro	mitigate_spectre_bhb_clear_insn
#ifdef CONFIG_MITIGATE_SPECTRE_BRANCH_HISTORY
alternative_cb ARM64_ALWAYS_SYSTEM, spectre_bhb_patch_clearbhb
	/* A comment inside a callback block is not an instruction. */
	clearbhb
	isb
alternative_cb_end
#endif
	.endm

#endif
