/* SPDX-License-Identifier: Apache-2.0 */
/* Constants for both languages: the assembler takes no suffix. */
#ifndef __LINUX_CONST_H
#define __LINUX_CONST_H

#ifdef __ASSEMBLY__
#define UL(number)	number
#else
#define UL_(number)	number##UL
#define UL(number)	UL_(number)
#endif

#define BIT(bit)	(UL(1) << (bit))

#endif
