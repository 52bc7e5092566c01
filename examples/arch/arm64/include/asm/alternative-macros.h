/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The macros that describe an alternative to the kernel.
 *
 * Every use leaves two things: a record in .altinstructions, and two pieces of code of the same length. The piece in
 * line is what the file contains and what runs until the cpucap is known to be there. The other piece lies in
 * subsection 1, behind the code of its section; it is copied over the first one and never runs where it lies.
 *
 * Local labels: 661 to 662 is the half that is written first, 663 to 664 the half that is written second.
 */
#ifndef __ASM_ALTERNATIVE_MACROS_H
#define __ASM_ALTERNATIVE_MACROS_H

#include <linux/const.h>
#include <linux/stringify.h>
#include <asm/cpucaps.h>

/* Bit 15 of a record's cpucap: no replacement, a function writes the instructions. */
#define ARM64_CB_SHIFT	15
#define ARM64_CB_BIT	BIT(ARM64_CB_SHIFT)

#ifdef __ASSEMBLY__

	.macro	altinstruction_entry	original, replacement, cap, original_bytes, replacement_bytes
	.word	\original - .
	.word	\replacement - .
	.hword	(\cap)
	.byte	\original_bytes
	.byte	\replacement_bytes
	.endm

/* Stops the build unless 661..662 and 663..664 have the same length: one of the two moves would go backwards. */
	.macro	altinstruction_check_lengths
	.org	663b + (662b - 661b)
	.org	664b
	.endm

/* Both halves as macro arguments. Without `enable` nothing is left, not even the original. */
	.macro	alternative_insn	original, replacement, cap, enable = 1
	.if	\enable
661:	\original
662:
	.pushsection .altinstructions, "a"
	altinstruction_entry	661b, 663f, \cap, 662b - 661b, 664f - 663f
	.popsection
	.subsection 1
663:	\replacement
664:
	altinstruction_check_lengths
	.previous
	.endif
	.endm

/* The half that follows is in line: it runs while the cpucap is absent. */
	.macro	alternative_if_not	cap
	.set	.Lfirst_half_is_replacement, 0
	.pushsection .altinstructions, "a"
	altinstruction_entry	661f, 663f, \cap, 662f - 661f, 664f - 663f
	.popsection
661:
	.endm

/* The half that follows is the replacement: it runs once the cpucap is there. */
	.macro	alternative_if		cap
	.set	.Lfirst_half_is_replacement, 1
	.pushsection .altinstructions, "a"
	altinstruction_entry	663f, 661f, \cap, 664f - 663f, 662f - 661f
	.popsection
	.subsection 1
	.p2align 2
661:
	.endm

	.macro	alternative_else
662:
	.if	.Lfirst_half_is_replacement
	.previous
	.else
	.subsection 1
	.endif
663:
	.endm

	.macro	alternative_endif
664:
	altinstruction_check_lengths
	.if	!.Lfirst_half_is_replacement
	.previous
	.endif
	.endm

/* The second half is as many nops as the first half has instructions. */
	.macro	alternative_else_nop_endif
	alternative_else
	.rept	(662b - 661b) / 4
	nop
	.endr
	alternative_endif
	.endm

/* The instructions that follow are rewritten by `callback` when the cpucap is there. */
	.macro	alternative_cb		cap, callback
	.set	.Lfirst_half_is_replacement, 0
	.pushsection .altinstructions, "a"
	altinstruction_entry	661f, \callback, (1 << ARM64_CB_SHIFT) | \cap, 662f - 661f, 0
	.popsection
661:
	.endm

	.macro	alternative_cb_end
662:
	.endm

/* The C spelling in a .S file: ALTERNATIVE(original, replacement, cpucap[, CONFIG_OPTION]). */
#define __ALTERNATIVE(original, replacement, cap, option, ...) \
	alternative_insn original, replacement, cap, IS_ENABLED(option)
#define ALTERNATIVE(original, replacement, ...)	__ALTERNATIVE(original, replacement, __VA_ARGS__, 1)

#else /* !__ASSEMBLY__ */

#include <linux/compiler.h>
#include <linux/types.h>

#define __ALTERNATIVE_RECORD(replacement, cap) \
	".pushsection .altinstructions, \"a\"\n" \
	"	.word	661b - .\n" \
	"	.word	" replacement " - .\n" \
	"	.hword	(" cap ")\n" \
	"	.byte	662b - 661b\n" \
	"	.byte	664f - 663f\n" \
	".popsection\n"

#define __ALTERNATIVE(original, replacement, cap, enabled) \
	".if " __stringify(enabled) " == 1\n" \
	"661:\n	" original "\n" \
	"662:\n" \
	__ALTERNATIVE_RECORD("663f", __stringify(cap)) \
	".subsection 1\n" \
	"663:\n	" replacement "\n" \
	"664:\n" \
	"	.org	663b + (662b - 661b)\n" \
	"	.org	664b\n" \
	".previous\n" \
	".endif\n"

#define _ALTERNATIVE_CFG(original, replacement, cap, option, ...) \
	__ALTERNATIVE(original, replacement, cap, IS_ENABLED(option))

/* ALTERNATIVE("original", "replacement", cpucap[, CONFIG_OPTION]): a string for asm(). */
#define ALTERNATIVE(original, replacement, ...)	_ALTERNATIVE_CFG(original, replacement, __VA_ARGS__, 1)

/* ALTERNATIVE_CB("original", cpucap, callback): 663 and 664 coincide, so the record says 0 replacement bytes. */
#define ALTERNATIVE_CB(original, cap, callback) \
	"661:\n	" original "\n" \
	"662:\n" \
	__ALTERNATIVE_RECORD(__stringify(callback), "(1 << " __stringify(ARM64_CB_SHIFT) ") | (" __stringify(cap) ")") \
	"663:\n" \
	"664:\n"

/*
 * The usual way to ask for a cpucap in C. Both forms take the "absent" path until they are patched; they differ in
 * what that costs: likely is a taken branch before and a nop after, unlikely a nop before and a branch after.
 */
static __always_inline bool alternative_has_cap_likely(const unsigned long cap)
{
	if (!cpucap_is_possible(cap))
		return false;
	asm goto(ALTERNATIVE_CB("b	%l[absent]", %[cpucap], alt_cb_patch_nops)
		 : : [cpucap] "i"(cap) : : absent);
	return true;
absent:
	return false;
}

static __always_inline bool alternative_has_cap_unlikely(const unsigned long cap)
{
	if (!cpucap_is_possible(cap))
		return false;
	asm goto(ALTERNATIVE("nop", "b	%l[present]", %[cpucap])
		 : : [cpucap] "i"(cap) : : present);
	return false;
present:
	return true;
}

#endif /* __ASSEMBLY__ */

#endif
