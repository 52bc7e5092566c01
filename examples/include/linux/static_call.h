/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A call whose target can be changed. Other architectures patch a direct call; arm64 keeps a pointer, so every call is
 * a load and an indirect branch, in every state.
 */
#ifndef __LINUX_STATIC_CALL_H
#define __LINUX_STATIC_CALL_H

#include <linux/compiler.h>

struct static_call_key {
	void *func;
};

#define STATIC_CALL_KEY(name)	__SCK__##name
#define STATIC_CALL_TYPE(name)	__SCT__##name

#define DECLARE_STATIC_CALL(name, like) \
	extern struct static_call_key STATIC_CALL_KEY(name); \
	extern __typeof__(like) STATIC_CALL_TYPE(name)

#define DEFINE_STATIC_CALL(name, function) \
	DECLARE_STATIC_CALL(name, function); \
	struct static_call_key STATIC_CALL_KEY(name) = { .func = function }

#define static_call(name) \
	((__typeof__(STATIC_CALL_TYPE(name)) *)(STATIC_CALL_KEY(name).func))

#define static_call_update(name, function) \
	WRITE_ONCE(STATIC_CALL_KEY(name).func, (void *)(function))

#endif
