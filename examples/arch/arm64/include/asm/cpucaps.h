/* SPDX-License-Identifier: Apache-2.0 */
/*
 * asm/cpucap-defs.h (ARM64_NAME numbers) is generated from tools/cpucaps and not in this tree.
 *
 * cpucap_is_possible() lets the compiler drop C tests for what the configuration left out: Patchpoint shows such a
 * test as always false. Assembly is never filtered this way.
 */
#ifndef __ASM_CPUCAPS_H
#define __ASM_CPUCAPS_H

#include <asm/cpucap-defs.h>

#ifndef __ASSEMBLY__
#include <linux/compiler.h>
#include <linux/types.h>

static __always_inline bool cpucap_is_possible(const unsigned int cap)
{
	switch (cap) {
	case ARM64_HAS_PAN:
		return IS_ENABLED(CONFIG_ARM64_PAN);
	case ARM64_HAS_ADDRESS_AUTH:
		return IS_ENABLED(CONFIG_ARM64_PTR_AUTH);
	case ARM64_HAS_GIC_PRIO_MASKING:
		return IS_ENABLED(CONFIG_ARM64_PSEUDO_NMI);
	case ARM64_MTE:
		return IS_ENABLED(CONFIG_ARM64_MTE);
	case ARM64_SVE:
		return IS_ENABLED(CONFIG_ARM64_SVE);
	case ARM64_UNMAP_KERNEL_AT_EL0:
		return IS_ENABLED(CONFIG_UNMAP_KERNEL_AT_EL0);
	case ARM64_WORKAROUND_REPEAT_TLBI:
		return IS_ENABLED(CONFIG_ARM64_WORKAROUND_REPEAT_TLBI);
	}
	return true;
}
#endif

#endif
