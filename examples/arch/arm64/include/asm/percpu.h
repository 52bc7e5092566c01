/* SPDX-License-Identifier: Apache-2.0 */
#ifndef __ASM_PERCPU_H
#define __ASM_PERCPU_H

#ifndef __ASSEMBLY__

#include <asm/alternative-macros.h>

/* The C twin of get_this_cpu_offset. Inlined, so this one line becomes a site in every function that uses it. */
static inline unsigned long __kern_my_cpu_offset(void)
{
	unsigned long offset;

	asm(ALTERNATIVE("mrs	%0, tpidr_el1",
			"mrs	%0, tpidr_el2",
			ARM64_HAS_VIRT_HOST_EXTN)
	    : "=r"(offset));
	return offset;
}

#endif

#endif
