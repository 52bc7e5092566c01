/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Interrupts on and off. The raw forms only write the mask; the others tell whoever follows it, which noinstr code
 * must not do while RCU is not watching. Entry code tells lockdep and tracing in separate steps instead.
 */
#ifndef __LINUX_IRQFLAGS_H
#define __LINUX_IRQFLAGS_H

#include <linux/compiler.h>
#include <linux/types.h>

#ifndef __ASSEMBLY__

#define CALLER_ADDR0	((unsigned long)__builtin_return_address(0))

/* Bookkeeping of lockdep: safe everywhere. */
void noinstr lockdep_hardirqs_off(unsigned long ip);
void noinstr lockdep_hardirqs_on(unsigned long ip);

/* Ordinary functions: they need RCU. */
void lockdep_hardirqs_on_prepare(void);
void trace_hardirqs_off_finish(void);
void trace_hardirqs_on_prepare(void);
void trace_hardirqs_on(void);
void trace_hardirqs_off(void);

static __always_inline void raw_local_irq_disable(void)
{
	asm volatile("msr	daifset, #3" : : : "memory");
}

static __always_inline void raw_local_irq_enable(void)
{
	asm volatile("msr	daifclr, #3" : : : "memory");
}

#define local_irq_disable()	do { raw_local_irq_disable(); trace_hardirqs_off(); } while (0)
#define local_irq_enable()	do { trace_hardirqs_on(); raw_local_irq_enable(); } while (0)

#endif

#endif
