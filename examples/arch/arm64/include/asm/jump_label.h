/* SPDX-License-Identifier: Apache-2.0 */
/* One instruction at 1b, and a row of __jump_table: where it is, where it goes, which key (bit 0: the likely form). */
#ifndef __ASM_JUMP_LABEL_H
#define __ASM_JUMP_LABEL_H

#include <linux/compiler.h>
#include <linux/types.h>

#define JUMP_TABLE_ENTRY(key, label) \
	".pushsection __jump_table, \"aw\"\n" \
	"	.p2align 3\n" \
	"	.long	1b - ., " label " - .\n" \
	"	.quad	" key " - .\n" \
	".popsection\n"

static __always_inline bool arch_static_branch(struct static_key *const key, const bool branch)
{
	asm goto("1:	nop\n"
		 JUMP_TABLE_ENTRY("%c0 + %c1", "%l[l_yes]")
		 : : "i"(key), "i"(branch) : : l_yes);
	return false;
l_yes:
	return true;
}

static __always_inline bool arch_static_branch_jump(struct static_key *const key, const bool branch)
{
	asm goto("1:	b	%l[l_yes]\n"
		 JUMP_TABLE_ENTRY("%c0 + %c1", "%l[l_yes]")
		 : : "i"(key), "i"(branch) : : l_yes);
	return false;
l_yes:
	return true;
}

#endif
