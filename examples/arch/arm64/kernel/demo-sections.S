/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replacements lie in subsection 1 of the section that their original is in: behind its code, outside every function.
 * In a disassembly they look like a tail of the last function. They never run where they are.
 */
#include <linux/linkage.h>
#include <linux/init.h>
#include <asm/assembler.h>

/* Code that must not be traced or probed. Alternatives are legal here: they are instructions, not calls. */
	.pushsection .noinstr.text, "ax"
SYM_FUNC_START(demo_noinstr)
	get_this_cpu_offset x0
	ret
SYM_FUNC_END(demo_noinstr)
	.popsection

/* Thrown away after boot, and patched before that. */
	__INIT
SYM_FUNC_START(demo_init)
alternative_if ARM64_HAS_VA52
	mov	x0, #52
alternative_else
	mov	x0, #48
alternative_endif
	ret
SYM_FUNC_END(demo_init)
	__FINIT

/* Code that is mapped one to one while the MMU is switched. */
	.pushsection ".idmap.text", "a"
SYM_FUNC_START(demo_idmap)
	alternative_insn nop, isb, ARM64_HAS_ECV
	ret
SYM_FUNC_END(demo_idmap)
	.popsection

/* A table entry from within a half: the pair of pushsection and popsection leaves the layout as it was. */
SYM_FUNC_START(demo_table_entry)
alternative_if_not ARM64_HAS_PAN
	USER(9f, ldtr x0, [x0])
alternative_else_nop_endif
	ret
9:	mov	x0, #-14
	ret
SYM_FUNC_END(demo_table_entry)

/* Own use of a subsection, between alternatives and not inside one. */
SYM_FUNC_START(demo_subsection)
	cbz	x0, .Lrare
.Lback:
	alternative_insn nop, isb, ARM64_HAS_ECV
	ret
	.subsection 1
.Lrare:
	mov	x0, #1
	b	.Lback
	.previous
SYM_FUNC_END(demo_subsection)

/* Two sections in turn, one source order. */
SYM_FUNC_START(demo_interleaved)
	get_this_cpu_offset x0
	.pushsection .rodata, "a"
.Lconstant:
	.quad	0x0123456789abcdef
	.popsection
	adr_l	x1, .Lconstant
	ret
SYM_FUNC_END(demo_interleaved)
