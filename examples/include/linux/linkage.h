/* SPDX-License-Identifier: Apache-2.0 */
/* Annotations of assembly symbols: FUNC obeys the procedure call standard, CODE does not. */
#ifndef __LINUX_LINKAGE_H
#define __LINUX_LINKAGE_H

#include <asm/linkage.h>

#ifdef __ASSEMBLY__

#define SYM_OPEN_GLOBAL(name)		.globl name; .p2align 2; name:
#define SYM_OPEN_LOCAL(name)		.p2align 2; name:
#define SYM_CLOSE(name, kind)		.type name, kind; .size name, . - name

#define SYM_FUNC_START(name)		SYM_OPEN_GLOBAL(name) LANDING_PAD
#define SYM_FUNC_START_LOCAL(name)	SYM_OPEN_LOCAL(name) LANDING_PAD
#define SYM_FUNC_END(name)		SYM_CLOSE(name, @function)

#define SYM_CODE_START(name)		SYM_OPEN_GLOBAL(name)
#define SYM_CODE_START_LOCAL(name)	SYM_OPEN_LOCAL(name)
#define SYM_CODE_END(name)		SYM_CLOSE(name, @notype)

#define SYM_INNER_LABEL(name)		.globl name; name:
#define SYM_FUNC_ALIAS(alias, name)	.globl alias; .set alias, name; .type alias, @function

#define SYM_DATA_START(name)		.globl name; .p2align 3; name:
#define SYM_DATA_END(name)		SYM_CLOSE(name, @object)

#endif

#endif
