/* SPDX-License-Identifier: Apache-2.0 */
/* The ordinary functions behind the entry code. They can be traced, so they are called once RCU is watching. */
#ifndef __ASM_EXCEPTION_H
#define __ASM_EXCEPTION_H

#ifndef __ASSEMBLY__
struct pt_regs;

void do_el0_sync(struct pt_regs *regs);
void do_interrupt(struct pt_regs *regs);
#endif

#endif
