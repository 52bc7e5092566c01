/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exception entry and exit. Short, but with everything that makes the real file hard to read: macros with arguments,
 * each used from several vectors, and alternatives that depend on those arguments.
 */
#include <linux/linkage.h>
#include <asm/alternative.h>
#include <asm/assembler.h>
#include <asm/asm-uaccess.h>
#include <asm/asm_pointer_auth.h>
#include <asm/frame.h>

	.section ".entry.text", "ax"

/* Forget the tag-check faults of the user. The branch goes to the end of the half. */
	.macro	clear_tag_faults, flags
#ifdef CONFIG_ARM64_MTE
alternative_if ARM64_MTE
	tbz	\flags, #TIF_TAG_FAULT, 1f
	dsb	ish
	msr_s	SYS_TFSRE0_EL1, xzr
1:
alternative_else_nop_endif
#endif
	.endm

/* All general registers, in pairs. `op` is stp or ldp: a macro argument can be a mnemonic. */
	.macro	general_registers, op
	\op	x0, x1, [sp, #S_X0 + 16 * 0]
	\op	x2, x3, [sp, #S_X0 + 16 * 1]
	\op	x4, x5, [sp, #S_X0 + 16 * 2]
	\op	x6, x7, [sp, #S_X0 + 16 * 3]
	\op	x8, x9, [sp, #S_X0 + 16 * 4]
	\op	x10, x11, [sp, #S_X0 + 16 * 5]
	\op	x12, x13, [sp, #S_X0 + 16 * 6]
	\op	x14, x15, [sp, #S_X0 + 16 * 7]
	\op	x16, x17, [sp, #S_X0 + 16 * 8]
	\op	x18, x19, [sp, #S_X0 + 16 * 9]
	\op	x20, x21, [sp, #S_X0 + 16 * 10]
	\op	x22, x23, [sp, #S_X0 + 16 * 11]
	\op	x24, x25, [sp, #S_X0 + 16 * 12]
	\op	x26, x27, [sp, #S_X0 + 16 * 13]
	\op	x28, x29, [sp, #S_X0 + 16 * 14]
	.endm

	.macro	kernel_ventry, el:req, kind:req
	.p2align 7
.Lventry_start\@:
	.if	\el == 0
	/* From user space through the trampoline: x30 comes back from where the trampoline left it. */
alternative_if ARM64_UNMAP_KERNEL_AT_EL0
	mrs	x30, tpidrro_el0
	msr	tpidrro_el0, xzr
alternative_else_nop_endif
	.endif
	sub	sp, sp, #PT_REGS_SIZE
	b	el\el\()_\kind
.org .Lventry_start\@ + 128
	.endm

	.macro	kernel_entry, el
	.if	\el == 0
	/* Only for user space: there are eight vectors, and this line is a site in four of them. */
	alternative_insn nop, SET_PSTATE_DIT(1), ARM64_HAS_DIT
	.endif
	general_registers stp
	str	lr, [sp, #S_LR]

	.if	\el == 0
	mrs	x21, sp_el0
	str	x21, [sp, #S_SP]
	ldr_this_cpu tsk, current_task, x20
	msr	sp_el0, tsk
	ldr	x19, [tsk, #TSK_FLAGS]

	/* Ten instructions or ten nops; 2: is the end of the half. */
#ifdef CONFIG_ARM64_PTR_AUTH_KERNEL
alternative_if ARM64_HAS_ADDRESS_AUTH
	tbz	x19, #TIF_USER_KEYS, 1f
	__ptrauth_keys_install_kernel_nosync tsk, x20, x22
	b	2f
1:
	mrs	x20, sctlr_el1
	orr	x20, x20, #SCTLR_EL1_EnIA
	msr	sctlr_el1, x20
2:
alternative_else_nop_endif
#endif

	/* Two alternatives in a row. The first, when it is patched in, jumps over the second. */
#ifdef CONFIG_ARM64_MTE
alternative_if ARM64_MTE
	isb
	b	1f
alternative_else_nop_endif
#endif
alternative_if ARM64_HAS_ADDRESS_AUTH
	isb
alternative_else_nop_endif
1:
	clear_tag_faults x19
	.else
	add	x21, sp, #PT_REGS_SIZE
	str	x21, [sp, #S_SP]
	.endif

	mrs	x22, elr_el1
	mrs	x23, spsr_el1
	stp	x22, x23, [sp, #S_PC]

#ifdef CONFIG_ARM64_PSEUDO_NMI
alternative_if_not ARM64_HAS_GIC_PRIO_MASKING
	b	.Lno_pmr_save\@
alternative_else_nop_endif
	mrs_s	x20, SYS_ICC_PMR_EL1
	str	x20, [sp, #S_PMR_SAVE]
.Lno_pmr_save\@:
#endif
	.endm

	.macro	kernel_exit, el
	ldp	x21, x22, [sp, #S_PC]

	.if	\el == 0
	ldr	x23, [sp, #S_SP]
	msr	sp_el0, x23

	/* The length of this half depends on the configuration. */
#ifdef CONFIG_ARM64_ERRATUM_845719
alternative_if ARM64_WORKAROUND_845719
#ifdef CONFIG_PID_IN_CONTEXTIDR
	mrs	x29, contextidr_el1
	msr	contextidr_el1, x29
#else
	msr	contextidr_el1, xzr
#endif
alternative_else_nop_endif
#endif
	.endif

	msr	elr_el1, x21
	msr	spsr_el1, x22
	general_registers ldp
	ldr	lr, [sp, #S_LR]

	.if	\el == 0
	/* The label belongs to this macro's expansion although the branch is an argument of another macro. */
	alternative_insn "b	.Lno_trampoline_\@", nop, ARM64_UNMAP_KERNEL_AT_EL0
	msr	far_el1, x29
	b	tramp_exit
.Lno_trampoline_\@:

	/* The same workaround costs two instructions on the way to the user and one on the way to the kernel. */
alternative_if ARM64_WORKAROUND_SPECULATIVE_UNPRIV_LOAD
	tlbi	vale1, xzr
	dsb	nsh
alternative_else_nop_endif
	.else
	alternative_insn nop, "dmb	sy", ARM64_WORKAROUND_SPECULATIVE_UNPRIV_LOAD
	.endif

	add	sp, sp, #PT_REGS_SIZE
	eret
	sb					// nothing is speculated past the eret
	.endm

tsk	.req	x28				// current task

/* The table that VBAR_EL1 points at. 128 bytes each; the assembler stops if one grows. */
	.p2align 11
SYM_CODE_START(vectors)
	.irp	kind, sync, irq, fiq, error
	kernel_ventry 1, \kind
	.endr
	.irp	kind, sync, irq, fiq, error
	kernel_ventry 0, \kind
	.endr
SYM_CODE_END(vectors)

/* One handler for each vector: names are put together from the arguments. */
	.macro	entry_handler, el:req, kind:req
SYM_CODE_START_LOCAL(el\el\()_\kind)
	kernel_entry \el
	mov	x0, sp
	bl	el\el\()_\kind\()_handler
	.if	\el == 0
	b	ret_to_user
	.else
	b	ret_to_kernel
	.endif
SYM_CODE_END(el\el\()_\kind)
	.endm

	entry_handler	1, sync
	entry_handler	1, irq
	entry_handler	1, fiq
	entry_handler	1, error
	entry_handler	0, sync
	entry_handler	0, irq
	entry_handler	0, fiq
	entry_handler	0, error

SYM_CODE_START_LOCAL(ret_to_kernel)
	kernel_exit 1
SYM_CODE_END(ret_to_kernel)

SYM_CODE_START_LOCAL(ret_to_user)
	ldr	x19, [tsk, #TSK_FLAGS]
	clear_tag_faults x19
	kernel_exit 0
SYM_CODE_END(ret_to_user)

/* The trampoline: mapped for user space, in a section and a page of its own. */
	.pushsection ".entry.tramp.text", "ax"

	.macro	tramp_ventry, vector_start, bhb
	.p2align 7
1:
	msr	tpidrro_el0, x30
	.if	\bhb
	mitigate_spectre_bhb_loop x30
	.endif
	adr	x30, .Lkernel_vectors
	/* The offset is a difference of labels: eight sites, eight immediates. */
	prfm	plil1strm, [x30, #(1b - \vector_start)]
	alternative_insn isb, nop, ARM64_HAS_ECV
	ldr	x30, [x30]
	br	x30
.org 1b + 128
	.endm

	.macro	tramp_vectors, bhb
.Ltramp_table\@:
	.rept	4
	.space	128
	.endr
	.rept	4
	tramp_ventry .Ltramp_table\@, \bhb
	.endr
	.endm

	.p2align 11
SYM_CODE_START_LOCAL(tramp_vectors)
	tramp_vectors bhb=1
	tramp_vectors bhb=0
SYM_CODE_END(tramp_vectors)

	.p2align 3
.Lkernel_vectors:
	.quad	vectors

SYM_CODE_START(tramp_exit)
	mrs	x29, far_el1
	eret
	sb
SYM_CODE_END(tramp_exit)
	.popsection

/* From one task to the next. Six instructions with pointer authentication, six nops without. */
SYM_FUNC_START(cpu_switch_to)
	add	x8, x0, #TSK_CPU_CONTEXT
	mov	x9, sp
	stp	x19, x20, [x8], #16
	stp	x29, x9, [x8], #16
	str	lr, [x8]
	add	x8, x1, #TSK_CPU_CONTEXT
	ldp	x19, x20, [x8], #16
	ldp	x29, x9, [x8], #16
	ldr	lr, [x8]
	mov	sp, x9
	msr	sp_el0, x1
	ptrauth_keys_install_kernel x1, x8, x9
	ret
SYM_FUNC_END(cpu_switch_to)

	.unreq	tsk
