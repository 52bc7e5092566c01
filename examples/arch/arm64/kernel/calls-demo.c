// SPDX-License-Identifier: Apache-2.0
/*
 * Calls that depend on a state: through a static call's pointer, behind a key, and to the listeners of an event. Hover
 * over them: the first one is never patched on arm64.
 */
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/static_call.h>
#include <linux/tracepoint.h>

DECLARE_EVENT(demo_tick, PARAMETERS(int cpu), ARGUMENTS(cpu))
DEFINE_EVENT_KEY(demo_tick);

static int read_slowly(int counter)
{
	return counter * 2;
}

static int read_quickly(int counter)
{
	return counter;
}

/* adrp, ldr, blr: whatever is in the pointer. */
DEFINE_STATIC_CALL(demo_read, read_slowly);

int demo_static_call(int counter)
{
	return static_call(demo_read)(counter);
}

/* The same choice with a key: a nop or a branch, then a direct call. */
static DEFINE_STATIC_KEY_FALSE(demo_has_quick);

int demo_guarded_call(int counter)
{
	if (static_branch_unlikely(&demo_has_quick))
		return read_quickly(counter);
	return read_slowly(counter);
}

/* One nop while nobody listens. */
void demo_event(int cpu)
{
	trace_demo_tick(cpu);
}

/* quick= on the command line. */
static int __init demo_choose(char *word)
{
	if (word[0] == '1') {
		static_call_update(demo_read, read_quickly);
		static_branch_enable(&demo_has_quick);
	}
	return 1;
}
__setup("quick=", demo_choose);
