/* SPDX-License-Identifier: Apache-2.0 */
#ifndef __ASM_LINKAGE_H
#define __ASM_LINKAGE_H

#ifdef __ASSEMBLY__
/* What a function must begin with to be the target of an indirect branch. */
#ifdef CONFIG_ARM64_BTI_KERNEL
#define LANDING_PAD	hint #34;
#else
#define LANDING_PAD
#endif
#endif

#endif
