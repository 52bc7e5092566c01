/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An event that somebody may listen to. While nobody does, trace_NAME() is one nop; the call of the listeners is out
 * of line.
 */
#ifndef __LINUX_TRACEPOINT_H
#define __LINUX_TRACEPOINT_H

#include <linux/jump_label.h>

struct tracepoint {
	const char *name;
	struct static_key key;
};

#define PARAMETERS(list...)	list
#define ARGUMENTS(list...)	list

#define DECLARE_EVENT(event, parameters, arguments) \
	extern struct tracepoint __tracepoint_##event; \
	void __listeners_of_##event(parameters); \
	static inline void trace_##event(parameters) \
	{ \
		if (static_key_false(&__tracepoint_##event.key)) \
			__listeners_of_##event(arguments); \
	}

#define DEFINE_EVENT_KEY(event) \
	struct tracepoint __tracepoint_##event = { #event, STATIC_KEY_INIT_FALSE }

#endif
