// What is known about the functions that write callback alternatives. Facts: arch/arm64/kernel/alternative.c,
// proton-pack.c, mte.c and arch/arm64/kvm/va_layout.c, v6.1 and v6.12. A callback that is not here is unknown.

/** How far a callback's result follows from cpucaps. */
export type CallbackEffect =
  /** All instructions become NOPs. */
  | { readonly kind: 'nops' }
  /** The instructions stay as they are. */
  | { readonly kind: 'unchanged' }
  /** Depends on something that a machine state does not say. */
  | { readonly kind: 'runtime'; readonly reason: string };

export interface CallbackKnowledge {
  /** What it writes, in one clause for a hover. */
  readonly writes: string;
  /** `hasCpucap` answers `null` where the machine does not say. */
  effect(hasCpucap: (bareName: string) => boolean | null): CallbackEffect;
}

const runtime = (reason: string) => (): CallbackEffect => ({ kind: 'runtime', reason });

const known: Readonly<Record<string, CallbackKnowledge>> = {
  alt_cb_patch_nops: { writes: 'NOPs over the whole sequence', effect: () => ({ kind: 'nops' }) },
  spectre_v4_patch_fw_mitigation_enable: {
    writes: 'a NOP when the firmware mitigation of Spectre v4 is dynamic, else nothing',
    effect: (has) =>
      has('SSBS') === true
        ? { kind: 'unchanged' }
        : { kind: 'runtime', reason: 'the Spectre v4 policy (ssbd=, mitigations=, firmware)' },
  },
  smccc_patch_fw_mitigation_conduit: {
    writes: '`hvc #0` or `smc #0`, whichever reaches the firmware',
    effect: runtime('the SMCCC conduit of the firmware'),
  },
  spectre_bhb_patch_loop_mitigation_enable: {
    writes: 'a NOP when a CPU needs the branchy loop against Spectre-BHB, else nothing',
    effect: runtime('the Spectre-BHB mitigation that the CPUs chose'),
  },
  spectre_bhb_patch_loop_iter: {
    writes: '`mov` of the number of loop rounds that the CPUs need',
    effect: runtime('the largest number of rounds any CPU needs (max_bhb_k)'),
  },
  spectre_bhb_patch_wa3: {
    writes: '`mov` of ARM_SMCCC_ARCH_WORKAROUND_3 when firmware mitigates Spectre-BHB, else nothing',
    effect: runtime('the Spectre-BHB mitigation that the CPUs chose'),
  },
  spectre_bhb_patch_clearbhb: {
    writes: 'NOPs unless a CPU clears its branch history with CLRBHB',
    effect: runtime('the Spectre-BHB mitigation that the CPUs chose'),
  },
  spectre_bhb_patch_fw_mitigation_enabled: {
    writes: 'a NOP when firmware mitigates Spectre-BHB, else nothing',
    effect: runtime('the Spectre-BHB mitigation that the CPUs chose'),
  },
  kasan_hw_tags_enable: {
    writes: 'a NOP when hardware tag-based KASAN is on, else nothing',
    effect: runtime('whether hardware tag-based KASAN is on (kasan=)'),
  },
  kvm_update_va_mask: {
    writes: 'the mask and tag that turn a kernel address into a hyp address; NOPs with VHE',
    effect: (has) =>
      has('HAS_VIRT_HOST_EXTN') === true
        ? { kind: 'nops' }
        : { kind: 'runtime', reason: 'the layout of hyp addresses (va_mask, tag_lsb, tag_val)' },
  },
  kvm_patch_vector_branch: {
    writes: 'a far branch to the hyp vectors on CPUs with Spectre v3a and without VHE, else nothing',
    effect: (has) =>
      has('SPECTRE_V3A') === false || has('HAS_VIRT_HOST_EXTN') === true
        ? { kind: 'unchanged' }
        : { kind: 'runtime', reason: 'the hyp address of the vectors' },
  },
  kvm_get_kimage_voffset: {
    writes: '`movz`/`movk` of kimage_voffset',
    effect: runtime('kimage_voffset (KASLR)'),
  },
  kvm_compute_final_ctr_el0: {
    writes: "`movz`/`movk` of the system's CTR_EL0",
    effect: runtime("the system's sanitized CTR_EL0"),
  },
};

/** What is known about a callback by its symbol (`__kvm_nvhe_` aliases included), or `null`. */
export function callbackKnowledge(symbol: string): CallbackKnowledge | null {
  return known[symbol.replace(/^__kvm_nvhe_/, '')] ?? null;
}
