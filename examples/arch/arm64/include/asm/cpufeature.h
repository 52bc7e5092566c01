/* SPDX-License-Identifier: Apache-2.0 */
#ifndef __ASM_CPUFEATURE_H
#define __ASM_CPUFEATURE_H

#ifndef __ASSEMBLY__

#include <linux/compiler.h>
#include <linux/types.h>
#include <asm/alternative-macros.h>
#include <asm/cputype.h>
#include <asm/sysreg.h>

/* Who decides: each CPU for itself, the CPU that boots, or all CPUs together once they are up. */
#define ARM64_CPUCAP_SCOPE_LOCAL_CPU	((u16)BIT(0))
#define ARM64_CPUCAP_SCOPE_SYSTEM	((u16)BIT(1))
#define ARM64_CPUCAP_SCOPE_BOOT_CPU	((u16)BIT(2))

#define ARM64_CPUCAP_LOCAL_CPU_ERRATUM			ARM64_CPUCAP_SCOPE_LOCAL_CPU
#define ARM64_CPUCAP_BOOT_RESTRICTED_CPU_LOCAL_FEATURE	ARM64_CPUCAP_SCOPE_LOCAL_CPU
#define ARM64_CPUCAP_SYSTEM_FEATURE			ARM64_CPUCAP_SCOPE_SYSTEM
#define ARM64_CPUCAP_BOOT_CPU_FEATURE			ARM64_CPUCAP_SCOPE_BOOT_CPU
#define ARM64_CPUCAP_STRICT_BOOT_CPU_FEATURE		ARM64_CPUCAP_SCOPE_BOOT_CPU

struct arm64_cpu_capabilities {
	const char *desc;
	u16 capability;
	u16 type;
	bool (*matches)(const struct arm64_cpu_capabilities *cap, int scope);
	void (*cpu_enable)(const struct arm64_cpu_capabilities *cap);
	u32 sys_reg;
	u8 field_pos;
	u8 field_width;
	u8 min_field_value;
	bool sign;
	struct midr_range midr_range;
};

#define ARM64_CPUID_FIELDS(reg, field, min_value) \
	.sys_reg = SYS_##reg, \
	.field_pos = reg##_##field##_SHIFT, \
	.field_width = reg##_##field##_WIDTH, \
	.sign = reg##_##field##_SIGNED, \
	.min_field_value = reg##_##field##_##min_value

extern const struct arm64_cpu_capabilities arm64_features[];
extern const struct arm64_cpu_capabilities arm64_errata[];
extern u64 system_cpucaps[2];
extern u64 boot_cpucaps[2];

u64 read_sanitised_ftr_reg(u32 id);

/* Reads the bitmap: true as soon as the cpucap is detected, which is before the text is patched. No patch site. */
static __always_inline bool cpus_have_cap(unsigned int cap)
{
	return system_cpucaps[cap / 64] >> (cap % 64) & 1;
}

static __always_inline bool boot_capabilities_finalized(void)
{
	return alternative_has_cap_likely(ARM64_ALWAYS_BOOT);
}

static __always_inline bool system_capabilities_finalized(void)
{
	return alternative_has_cap_likely(ARM64_ALWAYS_SYSTEM);
}

/* Two sites: a callback alternative that traps too early questions, and the question itself. */
static __always_inline bool cpus_have_final_cap(int cap)
{
	if (system_capabilities_finalized())
		return alternative_has_cap_unlikely(cap);
	__builtin_trap();
}

static __always_inline bool cpus_have_final_boot_cap(int cap)
{
	if (boot_capabilities_finalized())
		return alternative_has_cap_unlikely(cap);
	__builtin_trap();
}

static __always_inline bool system_supports_sve(void)
{
	return alternative_has_cap_unlikely(ARM64_SVE);
}

static __always_inline bool system_supports_mte(void)
{
	return alternative_has_cap_unlikely(ARM64_MTE);
}

/* Always false here: CONFIG_ARM64_PSEUDO_NMI is off, cpucap_is_possible() says no, and no site is left. */
static __always_inline bool system_uses_irq_prio_masking(void)
{
	return alternative_has_cap_unlikely(ARM64_HAS_GIC_PRIO_MASKING);
}

static inline bool system_supports_address_auth(void)
{
	return cpus_have_final_boot_cap(ARM64_HAS_ADDRESS_AUTH);
}

static inline bool system_uses_ttbr0_pan(void)
{
	return IS_ENABLED(CONFIG_ARM64_SW_TTBR0_PAN) && !alternative_has_cap_unlikely(ARM64_HAS_PAN);
}

#endif

#endif
