/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration decides what is there at all. There is no .config in this tree, so Patchpoint evaluates
 * arch/arm64/configs/defconfig and says so. Put a .config beside Kconfig and watch these lines change.
 */
#include <linux/linkage.h>
#include <asm/assembler.h>
#include <asm/asm-uaccess.h>

/* On: an alternative as any other. */
SYM_FUNC_START(demo_option_on)
	ALTERNATIVE(nop, SET_PSTATE_PAN(1), ARM64_HAS_PAN, CONFIG_ARM64_PAN)
	ret
SYM_FUNC_END(demo_option_on)

/*
 * Off: NOTHING is left, not even the first argument. Who expects a dsb here is wrong, and nothing in the build says so.
 */
SYM_FUNC_START(demo_option_off)
	ALTERNATIVE("dsb sy", "nop", ARM64_HAS_GIC_PRIO_MASKING, CONFIG_ARM64_PSEUDO_NMI)
	ret
SYM_FUNC_END(demo_option_off)

/* =m counts as on. */
SYM_FUNC_START(demo_option_module)
	ALTERNATIVE(nop, isb, ARM64_HAS_ECV, CONFIG_ARM64_EXAMPLE_MODULE)
	ret
SYM_FUNC_END(demo_option_module)

/* The same with the assembler macro: its fourth argument is any expression. */
SYM_FUNC_START(demo_option_expression)
	alternative_insn nop, isb, ARM64_HAS_ECV, IS_ENABLED(CONFIG_ARM64_PAN)
	alternative_insn nop, isb, ARM64_HAS_ECV, enable=0
	ret
SYM_FUNC_END(demo_option_expression)

/* #ifdef inside a half: its length depends on the configuration, and the nops follow. */
SYM_FUNC_START(demo_ifdef_inside)
alternative_if ARM64_WORKAROUND_845719
#ifdef CONFIG_PID_IN_CONTEXTIDR
	mrs	x29, contextidr_el1
	msr	contextidr_el1, x29
#else
	msr	contextidr_el1, xzr
#endif
alternative_else_nop_endif
	ret
SYM_FUNC_END(demo_ifdef_inside)

/* #ifdef around it: with CONFIG_ARM64_MTE off Patchpoint grays the lines and shows no site. */
SYM_FUNC_START(demo_ifdef_outside)
#ifdef CONFIG_ARM64_MTE
alternative_if ARM64_MTE
	isb
alternative_else_nop_endif
#endif
#if defined(CONFIG_ARM64_PSEUDO_NMI) && !defined(CONFIG_CPU_BIG_ENDIAN)
alternative_if ARM64_HAS_GIC_PRIO_MASKING
	msr_s	SYS_ICC_PMR_EL1, x0
alternative_else_nop_endif
#endif
	ret
SYM_FUNC_END(demo_ifdef_outside)

/* Macros that are empty in this configuration. Hover over them: the reason is there. */
SYM_FUNC_START(demo_empty_macros)
	uaccess_ttbr0_enable x1, x2
	ldtr	x0, [x0]
	uaccess_ttbr0_disable x1, x2
	ret
SYM_FUNC_END(demo_empty_macros)

/* CPU_LE() and CPU_BE(): one of the two lines is no code. */
SYM_FUNC_START(demo_endian)
CPU_LE(	rev	x0, x0 )
CPU_BE(	nop )
	ret
SYM_FUNC_END(demo_endian)
