/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where the CPU comes from and goes to, for RCU: it watches a CPU in the kernel and leaves one in user space or idle
 * alone. Between an exception and the enter primitive, and behind the leave primitive, nothing may be instrumented.
 */
#ifndef __LINUX_CONTEXT_TRACKING_H
#define __LINUX_CONTEXT_TRACKING_H

#include <linux/compiler.h>

#ifndef __ASSEMBLY__

void noinstr __ct_user_enter(int state);
void noinstr __ct_user_exit(int state);

/* User space to kernel: RCU watches from here on. */
static __always_inline void user_exit_irqoff(void)
{
	__ct_user_exit(1);
}

/* Kernel to user space: RCU stops watching. */
static __always_inline void user_enter_irqoff(void)
{
	__ct_user_enter(1);
}

/* An interrupt of kernel code, which may have been idle. These nest. */
void noinstr ct_irq_enter(void);
void noinstr ct_irq_exit(void);

/* Into a sleeping state and out of it. */
void noinstr ct_idle_enter(void);
void noinstr ct_idle_exit(void);

/* The older pair, with its state on the stack. */
int exception_enter(void);
void exception_exit(int previous);

#endif

#endif
