import type { CpucapNames } from './cpucapNames.ts';

/** Whether a static key says what a cpucap could say. */
export interface KeyVerdict {
  /** `yes`: decided before the kernel patches system alternatives, and for good. */
  readonly couldBeAlternative: 'yes' | 'no';
  /** The cpucap that says the same, where there is one. */
  readonly cpucap: string | null;
  readonly why: string;
}

/**
 * Keys that tell something about the machine. Whether they could be alternatives depends on when they flip; sources are
 * the places of `static_branch_enable` in 6.1 and 6.12. Every other key is somebody's switch and stays one.
 */
const verdicts: Readonly<Record<string, KeyVerdict>> = {
  arm64_const_caps_ready: {
    couldBeAlternative: 'yes',
    cpucap: 'ALWAYS_SYSTEM',
    why: 'set once system cpucaps are final (cpufeature.c up to 6.0)',
  },
  gic_pmr_sync: {
    couldBeAlternative: 'yes',
    cpucap: 'HAS_GIC_PRIO_RELAXED_SYNC',
    why: 'set by gic_enable_nmi_support() from ICC_CTLR_EL1.PMHE, before system alternatives; an alternative since 6.3',
  },
  gic_nonsecure_priorities: {
    couldBeAlternative: 'yes',
    cpucap: null,
    why: 'set by gic_enable_nmi_support() from the GIC’s security state, before system alternatives; matters only with interrupt priority masking',
  },
  supports_pseudo_nmis: {
    couldBeAlternative: 'yes',
    cpucap: 'HAS_GIC_PRIO_MASKING',
    why: 'set by gic_enable_nmi_support(), before system alternatives',
  },
  gic_arm64_2941627_erratum: {
    couldBeAlternative: 'yes',
    cpucap: null,
    why: 'an erratum of the GIC, found in gic_enable_quirks() before secondary CPUs start',
  },
  gic_nvidia_t241_erratum: {
    couldBeAlternative: 'yes',
    cpucap: null,
    why: 'an erratum of the GIC, found in gic_enable_quirks() before secondary CPUs start',
  },
  supports_deactivate_key: {
    couldBeAlternative: 'yes',
    cpucap: null,
    why: 'follows from how the kernel was entered (hyp mode) and the GIC’s EOI mode, when the GIC is found',
  },
  have_neon: { couldBeAlternative: 'yes', cpucap: 'HAS_FPSIMD', why: 'set by module init from the ASIMD hwcap' },
  arm64_mismatched_32bit_el0: {
    couldBeAlternative: 'no',
    cpucap: 'HAS_32BIT_EL0_DO_NOT_USE',
    why: 'flips when a CPU without 32-bit EL0 comes online, after alternatives are applied',
  },
  kvm_protected_mode_initialized: {
    couldBeAlternative: 'no',
    cpucap: 'KVM_PROTECTED_MODE',
    why: 'flips once the hypervisor runs deprivileged, after alternatives are applied',
  },
  kvm_arm_pmu_available: {
    couldBeAlternative: 'no',
    cpucap: null,
    why: 'flips when a PMU driver probes, after alternatives are applied',
  },
  vgic_v3_cpuif_trap: {
    couldBeAlternative: 'no',
    cpucap: null,
    why: 'flips when KVM initializes or by its parameters, after alternatives are applied',
  },
  vgic_v2_cpuif_trap: {
    couldBeAlternative: 'no',
    cpucap: null,
    why: 'flips when KVM initializes, after alternatives are applied',
  },
  has_gic_active_state: {
    couldBeAlternative: 'no',
    cpucap: null,
    why: 'flips when KVM initializes, after alternatives are applied',
  },
  mte_async_or_asymm_mode: {
    couldBeAlternative: 'no',
    cpucap: null,
    why: 'follows kasan= and the tag check mode, which can change per CPU',
  },
};

/** Elements of the array of keys up to 6.0: the index is the cpucap's number. */
const hwcapKey = /^cpu_hwcap_keys(?:\+0x([0-9a-f]+))?$/;

/** What is known of a key that tells about the machine; null for every other key. */
export function keyVerdict(name: string, names: CpucapNames): KeyVerdict | null {
  const bare = name.replace(/^__kvm_nvhe_/, '');
  const element = hwcapKey.exec(bare);
  if (element !== null) {
    const number = Number.parseInt(element[1] ?? '0', 16) / 16;
    const why = `key of cpucap ${number}: flips when the cpucap is set (cpufeature.c up to 6.0)`;
    return { couldBeAlternative: 'yes', cpucap: names.name(number), why };
  }
  return verdicts[bare] ?? null;
}
