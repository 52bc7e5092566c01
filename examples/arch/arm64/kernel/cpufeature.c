// SPDX-License-Identifier: Apache-2.0
/*
 * Which machine has which cpucap. The hover of a cpucap tells what this table says: what it detects, who decides
 * (boot CPU or all CPUs), and so when the alternatives that depend on it are patched.
 */
#include <linux/compiler.h>
#include <linux/init.h>
#include <asm/alternative.h>
#include <asm/cpufeature.h>
#include <asm/sysreg.h>

u64 system_cpucaps[2];
u64 boot_cpucaps[2];

static bool has_cpuid_feature(const struct arm64_cpu_capabilities *entry, int scope)
{
	u64 value = scope == ARM64_CPUCAP_SCOPE_SYSTEM ? read_sanitised_ftr_reg(entry->sys_reg) : 0;
	s64 field = value << (64 - entry->field_width - entry->field_pos) >> (64 - entry->field_width);

	return field >= entry->min_field_value;
}

static bool has_always(const struct arm64_cpu_capabilities *entry, int scope)
{
	return true;
}

static bool has_cache_idc(const struct arm64_cpu_capabilities *entry, int scope)
{
	return read_sanitised_ftr_reg(SYS_CTR_EL0) & CTR_EL0_IDC;
}

static bool has_cache_dic(const struct arm64_cpu_capabilities *entry, int scope)
{
	return read_sanitised_ftr_reg(SYS_CTR_EL0) & CTR_EL0_DIC;
}

/* Not whether the CPU has the extension, but whether the kernel was entered at EL2 and stays there. */
static bool runs_at_el2(const struct arm64_cpu_capabilities *entry, int scope)
{
	return (read_sysreg(CurrentEL) >> 2 & 3) == 2;
}

static bool unmap_kernel_at_el0(const struct arm64_cpu_capabilities *entry, int scope)
{
	return IS_ENABLED(CONFIG_UNMAP_KERNEL_AT_EL0);
}

static void cpu_enable_pan(const struct arm64_cpu_capabilities *entry)
{
	asm volatile(SET_PSTATE_PAN(1));
}

const struct arm64_cpu_capabilities arm64_features[] = {
	{
		.capability = ARM64_ALWAYS_BOOT,
		.type = ARM64_CPUCAP_BOOT_CPU_FEATURE,
		.matches = has_always,
	},
	{
		.capability = ARM64_ALWAYS_SYSTEM,
		.type = ARM64_CPUCAP_SYSTEM_FEATURE,
		.matches = has_always,
	},
#ifdef CONFIG_ARM64_PAN
	{
		.desc = "Privileged Access Never",
		.capability = ARM64_HAS_PAN,
		.type = ARM64_CPUCAP_SYSTEM_FEATURE,
		.matches = has_cpuid_feature,
		.cpu_enable = cpu_enable_pan,
		ARM64_CPUID_FIELDS(ID_AA64MMFR1_EL1, PAN, IMP)
	},
#endif
#ifdef CONFIG_ARM64_LSE_ATOMICS
	{
		.desc = "LSE atomic instructions",
		.capability = ARM64_HAS_LSE_ATOMICS,
		.type = ARM64_CPUCAP_SYSTEM_FEATURE,
		.matches = has_cpuid_feature,
		ARM64_CPUID_FIELDS(ID_AA64ISAR0_EL1, ATOMIC, IMP)
	},
#endif
	{
		.desc = "Virtualization Host Extensions",
		.capability = ARM64_HAS_VIRT_HOST_EXTN,
		.type = ARM64_CPUCAP_STRICT_BOOT_CPU_FEATURE,
		.matches = runs_at_el2,
	},
#ifdef CONFIG_UNMAP_KERNEL_AT_EL0
	{
		.desc = "Kernel page table isolation (KPTI)",
		.capability = ARM64_UNMAP_KERNEL_AT_EL0,
		.type = ARM64_CPUCAP_BOOT_RESTRICTED_CPU_LOCAL_FEATURE,
		.matches = unmap_kernel_at_el0,
		ARM64_CPUID_FIELDS(ID_AA64PFR0_EL1, CSV3, IMP)
	},
#endif
#ifdef CONFIG_ARM64_SVE
	{
		.desc = "Scalable Vector Extension",
		.capability = ARM64_SVE,
		.type = ARM64_CPUCAP_SYSTEM_FEATURE,
		.matches = has_cpuid_feature,
		ARM64_CPUID_FIELDS(ID_AA64PFR0_EL1, SVE, IMP)
	},
#endif
#ifdef CONFIG_ARM64_RAS_EXTN
	{
		.desc = "RAS Extension Support",
		.capability = ARM64_HAS_RAS_EXTN,
		.type = ARM64_CPUCAP_SYSTEM_FEATURE,
		.matches = has_cpuid_feature,
		ARM64_CPUID_FIELDS(ID_AA64PFR0_EL1, RAS, IMP)
	},
#endif
	{
		.desc = "Data cache clean to the PoU not required for I/D coherence",
		.capability = ARM64_HAS_CACHE_IDC,
		.type = ARM64_CPUCAP_SYSTEM_FEATURE,
		.matches = has_cache_idc,
	},
	{
		.desc = "Instruction cache invalidation not required for I/D coherence",
		.capability = ARM64_HAS_CACHE_DIC,
		.type = ARM64_CPUCAP_SYSTEM_FEATURE,
		.matches = has_cache_dic,
	},
	{
		.desc = "CRC32 instructions",
		.capability = ARM64_HAS_CRC32,
		.type = ARM64_CPUCAP_SYSTEM_FEATURE,
		.matches = has_cpuid_feature,
		ARM64_CPUID_FIELDS(ID_AA64ISAR0_EL1, CRC32, IMP)
	},
	{
		.desc = "Data independent timing control (DIT)",
		.capability = ARM64_HAS_DIT,
		.type = ARM64_CPUCAP_SYSTEM_FEATURE,
		.matches = has_cpuid_feature,
		ARM64_CPUID_FIELDS(ID_AA64PFR0_EL1, DIT, IMP)
	},
	{
		.desc = "Enhanced Counter Virtualization",
		.capability = ARM64_HAS_ECV,
		.type = ARM64_CPUCAP_SYSTEM_FEATURE,
		.matches = has_cpuid_feature,
		ARM64_CPUID_FIELDS(ID_AA64MMFR0_EL1, ECV, IMP)
	},
	{
		.desc = "Memory Copy and Memory Set instructions",
		.capability = ARM64_HAS_MOPS,
		.type = ARM64_CPUCAP_SYSTEM_FEATURE,
		.matches = has_cpuid_feature,
		ARM64_CPUID_FIELDS(ID_AA64ISAR2_EL1, MOPS, IMP)
	},
	{
		.desc = "Speculation barrier (SB)",
		.capability = ARM64_HAS_SB,
		.type = ARM64_CPUCAP_SYSTEM_FEATURE,
		.matches = has_cpuid_feature,
		ARM64_CPUID_FIELDS(ID_AA64ISAR1_EL1, SB, IMP)
	},
	{
		.desc = "ARMv8.4 Translation Table Level",
		.capability = ARM64_HAS_ARMv8_4_TTL,
		.type = ARM64_CPUCAP_SYSTEM_FEATURE,
		.matches = has_cpuid_feature,
		ARM64_CPUID_FIELDS(ID_AA64MMFR2_EL1, TTL, IMP)
	},
#ifdef CONFIG_ARM64_PTR_AUTH
	{
		.desc = "Address authentication (architected QARMA5 algorithm)",
		.capability = ARM64_HAS_ADDRESS_AUTH,
		.type = ARM64_CPUCAP_BOOT_CPU_FEATURE,
		.matches = has_cpuid_feature,
		ARM64_CPUID_FIELDS(ID_AA64ISAR1_EL1, APA, PAuth)
	},
#endif
#ifdef CONFIG_ARM64_MTE
	{
		.desc = "Memory Tagging Extension",
		.capability = ARM64_MTE,
		.type = ARM64_CPUCAP_STRICT_BOOT_CPU_FEATURE,
		.matches = has_cpuid_feature,
		ARM64_CPUID_FIELDS(ID_AA64PFR1_EL1, MTE, MTE2)
	},
#endif
#ifdef CONFIG_ARM64_VA_BITS_52
	{
		.desc = "52-bit Virtual Addressing (LPA2)",
		.capability = ARM64_HAS_VA52,
		.type = ARM64_CPUCAP_BOOT_CPU_FEATURE,
		.matches = has_cpuid_feature,
		ARM64_CPUID_FIELDS(ID_AA64MMFR0_EL1, TGRAN4, 52_BIT)
	},
#endif
#ifdef CONFIG_ARM64_PSEUDO_NMI
	/* Off in this configuration: nothing can detect the cpucap, and its alternatives stay as they are for good. */
	{
		.desc = "IRQ priority masking",
		.capability = ARM64_HAS_GIC_PRIO_MASKING,
		.type = ARM64_CPUCAP_STRICT_BOOT_CPU_FEATURE,
		.matches = has_always,
	},
#endif
	{},
};

static void __init detect(const struct arm64_cpu_capabilities *entry, u16 scope)
{
	for (; entry->matches; entry++)
		if (entry->type & scope && entry->matches(entry, entry->type)) {
			system_cpucaps[entry->capability / 64] |= 1UL << (entry->capability % 64);
			if (entry->type & ARM64_CPUCAP_SCOPE_BOOT_CPU)
				boot_cpucaps[entry->capability / 64] |= 1UL << (entry->capability % 64);
		}
}

void __init setup_boot_cpu_features(void)
{
	detect(arm64_features, ARM64_CPUCAP_SCOPE_BOOT_CPU | ARM64_CPUCAP_SCOPE_LOCAL_CPU);
	detect(arm64_errata, ARM64_CPUCAP_SCOPE_LOCAL_CPU);
	apply_boot_alternatives();
}

/* Between detect() and the next line cpus_have_cap() says yes while every alternative still behaves as "no". */
void __init setup_system_features(void)
{
	detect(arm64_features, ARM64_CPUCAP_SCOPE_SYSTEM);
	apply_alternatives_all();
}
