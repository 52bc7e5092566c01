/* SPDX-License-Identifier: Apache-2.0 */
#ifndef __LINUX_COMPILER_H
#define __LINUX_COMPILER_H

#define likely(x)		__builtin_expect(!!(x), 1)
#define unlikely(x)		__builtin_expect(!!(x), 0)
#define __always_inline		inline __attribute__((__always_inline__))
#define noinline		__attribute__((__noinline__))
#define __section(name)		__attribute__((__section__(name)))
#define __aligned(bytes)	__attribute__((__aligned__(bytes)))
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/*
 * No tracer, no probe and no sanitizer in these functions: they run where the kernel cannot be observed yet, or
 * while its text is half patched.
 */
#define noinstr		noinline __attribute__((__no_instrument_function__, __no_profile_instrument_function__)) \
			__section(".noinstr.text")

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, value)	(*(volatile __typeof__(x) *)&(x) = (value))

#endif
