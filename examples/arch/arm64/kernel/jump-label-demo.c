// SPDX-License-Identifier: Apache-2.0
/*
 * Patch sites of C code: static keys, tests of cpucaps, and alternatives in asm(). A static key may change at any time
 * and back again; an alternative is patched once, at boot.
 */
#include <linux/compiler.h>
#include <linux/init.h>
#include <linux/jump_label.h>
#include <linux/printk.h>
#include <asm/barrier.h>
#include <asm/cpufeature.h>
#include <asm/lse.h>
#include <asm/percpu.h>

DEFINE_STATIC_KEY_TRUE(starts_true);
DEFINE_STATIC_KEY_FALSE(starts_false);

/* Two keys, two forms: four sites, and each of the four ways a site can look. */
int demo_truth_table(int x)
{
	if (static_branch_likely(&starts_true))		/* nop; falls into the arm */
		x += 1;
	if (static_branch_unlikely(&starts_true))	/* b: the arm is further down */
		x += 2;
	if (static_branch_likely(&starts_false))	/* b over the arm */
		x += 4;
	if (static_branch_unlikely(&starts_false))	/* nop; the arm is further down */
		x += 8;
	return x;
}

/* Sealed after boot: the sites of this key are final when init is over. */
static DEFINE_STATIC_KEY_FALSE_RO(final_after_boot);

int demo_read_only_key(int x)
{
	return static_branch_unlikely(&final_after_boot) ? x + 1 : x;
}

/* TRUE or FALSE by configuration, and the form of the test with it. */
DEFINE_STATIC_KEY_MAYBE(CONFIG_ARM64_PAN, follows_config);

int demo_maybe(int x)
{
	return static_branch_maybe(CONFIG_ARM64_PAN, &follows_config) ? x + 1 : x;
}

/* Sixteen bytes each; a site names one element. */
DEFINE_STATIC_KEY_ARRAY_FALSE(per_type, 4);

int demo_array(int x)
{
	return static_branch_unlikely(&per_type[2]) ? x + 1 : x;
}

/* A plain key inside a structure, as tracepoints have it, tested with the older form. */
struct probe {
	const char *name;
	struct static_key key;
};

struct probe demo_probe = { "demo", STATIC_KEY_INIT_FALSE };

void demo_old_form(void)
{
	if (static_key_false(&demo_probe.key))
		pr_info("%s\n", demo_probe.name);
}

/* Reads the count; no site. */
bool demo_no_site(void)
{
	return static_key_enabled(&demo_probe.key);
}

/* Where the key changes: Patchpoint lists these beside the sites. */
void __init demo_switch(void)
{
	static_branch_enable(&starts_false);
	static_branch_disable(&starts_true);
	static_branch_enable(&final_after_boot);
}

/* likely: `b` in the file, `nop` on a machine with it. unlikely: `nop`, then `b`. Both begin as "absent". */
int demo_cpucaps(int x)
{
	if (alternative_has_cap_likely(ARM64_HAS_LSE_ATOMICS))
		x += 1;
	if (alternative_has_cap_unlikely(ARM64_HAS_ECV))
		x += 2;
	if (system_supports_sve())			/* a helper whose name does not say it */
		x += 4;
	if (cpus_have_final_cap(ARM64_HAS_CACHE_DIC))	/* two sites */
		x += 8;
	if (cpus_have_cap(ARM64_HAS_CACHE_IDC))		/* a load and a test, no site */
		x += 16;
	if (system_uses_irq_prio_masking())		/* always false in this configuration, no site */
		x += 32;
	return x;
}

/* ALTERNATIVE() in asm: the first string is in the file. */
u64 demo_counter(void)
{
	u64 count;

	asm volatile(ALTERNATIVE("isb\n	mrs	%0, cntvct_el0",
				 "nop\n	mrs	%0, s3_3_c14_c0_6",	/* CNTVCTSS_EL0 synchronizes itself */
				 ARM64_HAS_ECV)
		     : "=r"(count));
	return count;
}

/* With the option off the whole asm is empty, "nop" included. */
void demo_option(void)
{
	asm volatile(ALTERNATIVE("nop", SET_PSTATE_PAN(1), ARM64_HAS_PAN, CONFIG_ARM64_PAN));
	asm volatile(ALTERNATIVE("nop", "isb", ARM64_HAS_GIC_PRIO_MASKING, CONFIG_ARM64_PSEUDO_NMI));
}

/* Sites from inlined helpers: the line that you see is here, the string is in lse.h and percpu.h. */
unsigned long demo_inlined(atomic_t *v)
{
	atomic_add(1, v);
	return __kern_my_cpu_offset();
}
