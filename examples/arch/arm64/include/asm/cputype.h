/* SPDX-License-Identifier: Apache-2.0 */
#ifndef __ASM_CPUTYPE_H
#define __ASM_CPUTYPE_H

#define MIDR_CPU_MODEL(implementer, part)	(((implementer) << 24) | (0xf << 16) | ((part) << 4))
#define MIDR_CPU_VAR_REV(variant, revision)	(((variant) << 20) | (revision))

#define ARM_CPU_IMP_ARM			0x41
#define ARM_CPU_PART_CORTEX_A53		0xd03
#define ARM_CPU_PART_CORTEX_A76		0xd0b
#define ARM_CPU_PART_CORTEX_A520	0xd80

#define MIDR_CORTEX_A53		MIDR_CPU_MODEL(ARM_CPU_IMP_ARM, ARM_CPU_PART_CORTEX_A53)
#define MIDR_CORTEX_A76		MIDR_CPU_MODEL(ARM_CPU_IMP_ARM, ARM_CPU_PART_CORTEX_A76)
#define MIDR_CORTEX_A520	MIDR_CPU_MODEL(ARM_CPU_IMP_ARM, ARM_CPU_PART_CORTEX_A520)

#ifndef __ASSEMBLY__
#include <linux/types.h>

struct midr_range {
	u32 model;
	u32 rv_min;
	u32 rv_max;
};

#define MIDR_RANGE(m, v_min, r_min, v_max, r_max) { \
	.model = m, \
	.rv_min = MIDR_CPU_VAR_REV(v_min, r_min), \
	.rv_max = MIDR_CPU_VAR_REV(v_max, r_max), \
}
#define MIDR_ALL_VERSIONS(m)	MIDR_RANGE(m, 0, 0, 0xf, 0xf)
#endif

#endif
