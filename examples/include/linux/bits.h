/* SPDX-License-Identifier: Apache-2.0 */
/* Bit masks for both languages. */
#ifndef __LINUX_BITS_H
#define __LINUX_BITS_H

#include <linux/const.h>

#define GENMASK(high, low)	(((~UL(0)) << (low)) & ((~UL(0)) >> (63 - (high))))
#define GENMASK_ULL(high, low)	GENMASK(high, low)

#endif
