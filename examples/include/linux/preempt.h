/* SPDX-License-Identifier: Apache-2.0 */
#ifndef __LINUX_PREEMPT_H
#define __LINUX_PREEMPT_H

#include <linux/types.h>

#ifndef __ASSEMBLY__
u64 preempt_count(void);
bool need_resched(void);
void preempt_schedule_common(void);
void preempt_schedule_irq(void);
void schedule(void);
#endif

#endif
