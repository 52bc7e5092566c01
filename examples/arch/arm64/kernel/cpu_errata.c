// SPDX-License-Identifier: Apache-2.0
/*
 * Cpucaps that stand for a fault of some CPUs. Each CPU looks for itself; one that has the fault is enough. They are
 * patched with the others, after all CPUs are up.
 */
#include <asm/cpufeature.h>
#include <asm/cputype.h>
#include <asm/sysreg.h>

static bool is_affected_midr_range(const struct arm64_cpu_capabilities *entry, int scope)
{
	u32 midr = read_sysreg(midr_el1);
	u32 rv = midr & MIDR_CPU_VAR_REV(0xf, 0xf);

	return (midr & ~MIDR_CPU_VAR_REV(0xf, 0xf)) == entry->midr_range.model && rv >= entry->midr_range.rv_min &&
	       rv <= entry->midr_range.rv_max;
}

static bool has_mismatched_cache_type(const struct arm64_cpu_capabilities *entry, int scope)
{
	return read_sysreg(ctr_el0) != read_sanitised_ftr_reg(SYS_CTR_EL0);
}

static bool is_spectre_bhb_affected(const struct arm64_cpu_capabilities *entry, int scope)
{
	u64 pfr0 = read_sanitised_ftr_reg(SYS_ID_AA64PFR0_EL1);

	return (pfr0 >> ID_AA64PFR0_EL1_CSV2_SHIFT & 0xf) < ID_AA64PFR0_EL1_CSV2_CSV2_3;
}

#define ERRATA_MIDR_RANGE(model, v_min, r_min, v_max, r_max) \
	.type = ARM64_CPUCAP_LOCAL_CPU_ERRATUM, \
	.matches = is_affected_midr_range, \
	.midr_range = MIDR_RANGE(model, v_min, r_min, v_max, r_max)

#define ERRATA_MIDR_ALL_VERSIONS(model) \
	.type = ARM64_CPUCAP_LOCAL_CPU_ERRATUM, \
	.matches = is_affected_midr_range, \
	.midr_range = MIDR_ALL_VERSIONS(model)

const struct arm64_cpu_capabilities arm64_errata[] = {
	{
		.desc = "Mismatched cache type (CTR_EL0)",
		.capability = ARM64_MISMATCHED_CACHE_TYPE,
		.type = ARM64_CPUCAP_LOCAL_CPU_ERRATUM,
		.matches = has_mismatched_cache_type,
	},
	{
		.desc = "Spectre-BHB",
		.capability = ARM64_SPECTRE_BHB,
		.type = ARM64_CPUCAP_LOCAL_CPU_ERRATUM,
		.matches = is_spectre_bhb_affected,
	},
#ifdef CONFIG_ARM64_ERRATUM_845719
	{
		.desc = "ARM erratum 845719",
		.capability = ARM64_WORKAROUND_845719,
		ERRATA_MIDR_RANGE(MIDR_CORTEX_A53, 0, 0, 0, 4),
	},
#endif
#ifdef CONFIG_ARM64_WORKAROUND_CLEAN_CACHE
	{
		.desc = "ARM errata 826319, 827319, 824069, or 819472",
		.capability = ARM64_WORKAROUND_CLEAN_CACHE,
		ERRATA_MIDR_RANGE(MIDR_CORTEX_A53, 0, 0, 0, 2),
	},
#endif
#ifdef CONFIG_ARM64_WORKAROUND_REPEAT_TLBI
	{
		.desc = "Qualcomm erratum 1009, or ARM erratum 1286807, 2441009",
		.capability = ARM64_WORKAROUND_REPEAT_TLBI,
		ERRATA_MIDR_RANGE(MIDR_CORTEX_A76, 0, 0, 3, 0),
	},
#endif
#ifdef CONFIG_ARM64_WORKAROUND_SPECULATIVE_UNPRIV_LOAD
	{
		.desc = "ARM errata 2966298, 3117295",
		.capability = ARM64_WORKAROUND_SPECULATIVE_UNPRIV_LOAD,
		ERRATA_MIDR_ALL_VERSIONS(MIDR_CORTEX_A520),
	},
#endif
	{},
};
