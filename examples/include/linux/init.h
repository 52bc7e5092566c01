/* SPDX-License-Identifier: Apache-2.0 */
#ifndef __LINUX_INIT_H
#define __LINUX_INIT_H

#ifdef __ASSEMBLY__
#define __HEAD		.section ".head.text", "ax"
#define __INIT		.section ".init.text", "ax"
#define __FINIT		.previous
#else
#include <linux/compiler.h>

#define __init			__section(".init.text")
#define __ro_after_init		__section(".data..ro_after_init")

/* A word of the kernel's command line and the function that reads what follows it. */
struct boot_parameter {
	const char *word;
	int (*read)(char *value);
};

#define __setup(word, function) \
	static const struct boot_parameter __setup_##function __section(".init.setup") = { word, function }
#endif

#endif
