/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Included before everything else, as in a kernel build. Tests of CONFIG_ options that work in C, in #if and,
 * because they end up as a plain 0 or 1, in the .if of an assembler macro.
 *
 * generated/autoconf.h is not in this tree. A build makes it; without one Patchpoint makes it from the defconfig.
 */
#ifndef __LINUX_KCONFIG_H
#define __LINUX_KCONFIG_H

#include <generated/autoconf.h>

/*
 * CONFIG_FOO is 1 or is not defined at all. Pasted behind __probe_, a 1 becomes something with a comma in it, and
 * that comma moves the 1 of the list below into second place.
 */
#define __probe_1			0,
#define __second(first, second, ...)	second
#define __is_set(value)			__is_set_(value)
#define __is_set_(value)		__is_set__(__probe_##value)
#define __is_set__(probe)		__second(probe 1, 0)

#define __either(a, b)			__either_(a, b)
#define __either_(a, b)			__either_##a##b
#define __either_00			0
#define __either_01			1
#define __either_10			1
#define __either_11			1

#define IS_BUILTIN(option)		__is_set(option)
#define IS_MODULE(option)		__is_set(option##_MODULE)
#define IS_ENABLED(option)		__either(IS_BUILTIN(option), IS_MODULE(option))

#endif
