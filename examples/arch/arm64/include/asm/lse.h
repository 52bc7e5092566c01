/* SPDX-License-Identifier: Apache-2.0 */
#ifndef __ASM_LSE_H
#define __ASM_LSE_H

#ifndef __ASSEMBLY__

#include <asm/alternative-macros.h>

/* Four instructions against one: the replacement fills up with nops. */
static __always_inline void atomic_add(int amount, atomic_t *v)
{
	unsigned int failed;
	int value;

	asm volatile(ALTERNATIVE(
		"1:	ldxr	%w[value], %[counter]\n"
		"	add	%w[value], %w[value], %w[amount]\n"
		"	stxr	%w[failed], %w[value], %[counter]\n"
		"	cbnz	%w[failed], 1b",
		".arch_extension lse\n"			/* a directive is no instruction */
		"	stadd	%w[amount], %[counter]\n"
		"	nop; nop; nop",
		ARM64_HAS_LSE_ATOMICS, CONFIG_ARM64_LSE_ATOMICS)
		: [value] "=&r"(value), [failed] "=&r"(failed), [counter] "+Q"(v->counter)
		: [amount] "r"(amount)
		: "memory");
}

#endif

#endif
