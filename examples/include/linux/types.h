/* SPDX-License-Identifier: Apache-2.0 */
#ifndef __LINUX_TYPES_H
#define __LINUX_TYPES_H

#ifndef __ASSEMBLY__
typedef signed int s32;
typedef signed long s64;
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long u64;
typedef u32 __le32;
typedef _Bool bool;
typedef struct {
	int counter;
} atomic_t;

#define true	1
#define false	0
#define NULL	((void *)0)
#endif

#endif
