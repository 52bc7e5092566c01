/* SPDX-License-Identifier: Apache-2.0 */
#ifndef __LINUX_PRINTK_H
#define __LINUX_PRINTK_H

#ifndef __ASSEMBLY__
int printk(const char *format, ...) __attribute__((__format__(__printf__, 1, 2)));
#define pr_info(format...)	printk(format)
#endif

#endif
