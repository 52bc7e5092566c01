import { type CoreRecord, coreFieldValue } from './coreRecords.ts';
import { type CpucapMeaning, type FieldCondition, isPlainMatch } from './cpucapMeaning.ts';
import { isInMidrRange, type MidrRange } from './midrRanges.ts';

/** A cpucap and why it was put where it is. */
export interface DerivedCpucap {
  readonly name: string;
  readonly reason: string;
}

/** What a tree's own rules say about a core, every cpucap of the tree in exactly one list. */
export interface DerivedCpucaps {
  readonly present: readonly DerivedCpucap[];
  readonly absent: readonly DerivedCpucap[];
  /** Hangs on firmware, command line, exception level at entry, interrupt controller or a build option of the core. */
  readonly depends: readonly DerivedCpucap[];
  /** The core's registers or the tree's rule are not known. */
  readonly unknown: readonly DerivedCpucap[];
}

/** What the tree contributes. */
export interface DerivationSources {
  /** All cpucaps of the tree, in order. */
  readonly names: readonly string[];
  readonly meaningOf: (name: string) => CpucapMeaning | null;
  /** Bits of a register field; `null` when the tree does not describe it. */
  readonly fieldPosition: (
    register: string,
    field: string,
  ) => { readonly lsb: number; readonly width: number; readonly isSigned: boolean } | null;
  /** MIDR list of the tree's sources by its array name (`spectre_bhb_safe_list`); `null` when there is none. */
  readonly midrList: (name: string) => readonly MidrRange[] | null;
  readonly isConfigSet: (name: string) => boolean;
}

type Verdict = { readonly kind: keyof DerivedCpucaps; readonly reason: string };

/** Cpucaps that the tree's tables and match functions give a core that is alone in the machine. */
export function deriveCpucaps(core: CoreRecord, sources: DerivationSources): DerivedCpucaps {
  const out: Record<keyof DerivedCpucaps, DerivedCpucap[]> = { present: [], absent: [], depends: [], unknown: [] };
  for (const name of sources.names) {
    const { kind, reason } = judge(name, core, sources);
    out[kind].push({ name, reason });
  }
  return out;
}

function judge(name: string, core: CoreRecord, sources: DerivationSources): Verdict {
  const meaning = sources.meaningOf(name);
  if (!meaning) return { kind: 'unknown', reason: 'the tree’s tables have no entry for it' };
  if (meaning.isCompiledIn === false) {
    return { kind: 'absent', reason: `not built: ${meaning.configGates.join(' and ')}` };
  }
  const built = core.depends[name];
  if (built !== undefined) return { kind: 'depends', reason: built };
  const match = meaning.match?.name ?? '';
  const special = specialMatches[match];
  if (special) return special(core, sources, meaning);
  if (!isPlainMatch(match)) return { kind: 'unknown', reason: `${match}() decides` };
  return judgePlain(core, sources, meaning);
}

/** Fields and MIDR ranges of the entry, nothing else. */
function judgePlain(core: CoreRecord, sources: DerivationSources, meaning: CpucapMeaning): Verdict {
  if (meaning.midrRanges.length > 0) return judgeMidr(core, meaning.midrRanges);
  const [field] = meaning.fields;
  return field ? judgeField(core, sources, field) : { kind: 'unknown', reason: 'its entry names no field' };
}

function judgeField(core: CoreRecord, sources: DerivationSources, condition: FieldCondition): Verdict {
  const { register, field, relation, limit, limitValue } = condition;
  const position = sources.fieldPosition(register, field);
  const raw = coreFieldValue(core, register, field, position);
  if (limitValue === null) return { kind: 'unknown', reason: `value of ${limit} is not known` };
  if (raw === null) return { kind: 'unknown', reason: `${register}.${field} of this core is not known` };
  const width = position?.width ?? 4;
  const signed = (value: number): number =>
    position?.isSigned && value >= 2 ** (width - 1) ? value - 2 ** width : value;
  const holds = relation === 'min' ? signed(raw) >= signed(limitValue) : signed(raw) <= signed(limitValue);
  return { kind: holds ? 'present' : 'absent', reason: `${register}.${field} is ${raw}` };
}

function judgeMidr(core: CoreRecord, ranges: readonly MidrRange[]): Verdict {
  if (!isListed(core, ranges)) return { kind: 'absent', reason: `${core.title} is not in its MIDR list` };
  const { variant, revision } = core;
  const isMaybeFixed = ranges.some((range) => {
    return isListed(core, [range]) && range.fixedSome?.variant === variant && range.fixedSome.revision === revision;
  });
  if (isMaybeFixed) return { kind: 'depends', reason: 'a REVIDR_EL1 bit tells whether this part has the fix' };
  return { kind: 'present', reason: `${core.title} is in its MIDR list` };
}

function isListed(core: CoreRecord, ranges: readonly MidrRange[]): boolean {
  const { model } = core;
  return model !== null && ranges.some((range) => isInMidrRange(range, model, core.variant, core.revision));
}

type SpecialMatch = (core: CoreRecord, sources: DerivationSources, meaning: CpucapMeaning) => Verdict;

const depends =
  (reason: string): SpecialMatch =>
  () => ({ kind: 'depends', reason });

const always: SpecialMatch = () => ({ kind: 'present', reason: 'always set' });

/** Only when the entry's own field allows it at all. */
const dependsIfField =
  (reason: string): SpecialMatch =>
  (core, sources, meaning) => {
    const [field] = meaning.fields;
    const verdict: Verdict = field ? judgeField(core, sources, field) : { kind: 'present', reason };
    return verdict.kind === 'present' ? { kind: 'depends', reason } : verdict;
  };

/** CTR_EL0 bit; the registers are not in `tools/sysreg` of every tree, so the position is given. */
const cacheBit =
  (field: string, lsb: number): SpecialMatch =>
  (core) => {
    const value = coreFieldValue(core, 'CTR_EL0', field, { lsb, width: 1 });
    if (value === null) return { kind: 'unknown', reason: `CTR_EL0.${field} of this core is not known` };
    if (value === 1) return { kind: 'present', reason: `CTR_EL0.${field} is 1` };
    // asm/cachetype.h:read_cpuid_effective_cachetype: no unification level means nothing to clean.
    const level = (name: string, at: number): number | null =>
      coreFieldValue(core, 'CLIDR_EL1', name, { lsb: at, width: 3 });
    if (field === 'IDC' && core.registers.CLIDR_EL1 !== undefined) {
      const isUnified = level('LoC', 24) === 0 || (level('LoUIS', 21) === 0 && level('LoUU', 27) === 0);
      if (isUnified) return { kind: 'present', reason: 'CLIDR_EL1 names no level to clean (effective IDC)' };
    }
    return { kind: 'absent', reason: `CTR_EL0.${field} is 0` };
  };

const anyOf =
  (prefix: string): SpecialMatch =>
  (core, sources, meaning) => {
    const verdicts = sources.names
      .filter((name) => name.startsWith(prefix) && name !== meaning.name)
      .map((name) => judge(name, core, sources));
    const found = verdicts.find((verdict) => verdict.kind === 'present');
    if (found) return found;
    // /proc/cpuinfo says that there is an algorithm, not which.
    const hwcap = prefix === 'HAS_ADDRESS_AUTH_' ? 'paca' : 'pacg';
    if (core.hwcaps.split(' ').includes(hwcap)) return { kind: 'present', reason: `/proc/cpuinfo has ${hwcap}` };
    return verdicts.find((verdict) => verdict.kind === 'unknown') ?? { kind: 'absent', reason: 'no such algorithm' };
  };

const csv2 = (core: CoreRecord, sources: DerivationSources): number | null =>
  coreFieldValue(
    core,
    'ID_AA64PFR0_EL1',
    'CSV2',
    sources.fieldPosition('ID_AA64PFR0_EL1', 'CSV2') ?? { lsb: 56, width: 4 },
  );

/** Spectre rules of `arch/arm64/kernel/proton-pack.c`; firmware may still say "not affected". */
const spectreSafeList =
  (list: string, isCsv2Enough: boolean): SpecialMatch =>
  (core, sources) => {
    const level = csv2(core, sources);
    if (isCsv2Enough && level !== null && level >= 1)
      return { kind: 'absent', reason: `ID_AA64PFR0_EL1.CSV2 is ${level}` };
    const safe = sources.midrList(list);
    if (!safe) return { kind: 'unknown', reason: `${list} was not found in the tree` };
    if (isListed(core, safe)) return { kind: 'absent', reason: `${core.title} is in ${list}` };
    if (isCsv2Enough && level === null)
      return { kind: 'unknown', reason: 'ID_AA64PFR0_EL1.CSV2 of this core is not known' };
    return { kind: 'present', reason: `not in ${list}; firmware may still report it unaffected` };
  };

const spectreBhb: SpecialMatch = (core, sources) => {
  const level = csv2(core, sources);
  if (level !== null && level >= 3) return { kind: 'absent', reason: `ID_AA64PFR0_EL1.CSV2 is ${level}` };
  const safe = sources.midrList('spectre_bhb_safe_list');
  if (safe) {
    return isListed(core, safe)
      ? { kind: 'absent', reason: `${core.title} is in spectre_bhb_safe_list` }
      : { kind: 'present', reason: 'not in spectre_bhb_safe_list' };
  }
  // Before the safe list, cores were affected when a loop count or a firmware call was known for them.
  for (const name of ['k132', 'k38', 'k32', 'k24', 'k11', 'k8', 'firmware_mitigated'].map(
    (part) => `spectre_bhb_${part}_list`,
  )) {
    if (isListed(core, sources.midrList(name) ?? [])) return { kind: 'present', reason: `${core.title} is in ${name}` };
  }
  return { kind: 'absent', reason: 'in none of the spectre_bhb lists' };
};

const lpa2: SpecialMatch = (core, sources) => {
  if (sources.isConfigSet('ARM64_64K_PAGES')) return { kind: 'absent', reason: '64K pages' };
  const [field, wanted] = sources.isConfigSet('ARM64_16K_PAGES') ? (['TGRAN16', 2] as const) : (['TGRAN4', 1] as const);
  const position = sources.fieldPosition('ID_AA64MMFR0_EL1', field);
  const value = coreFieldValue(core, 'ID_AA64MMFR0_EL1', field, position);
  if (value === null) return { kind: 'unknown', reason: `ID_AA64MMFR0_EL1.${field} of this core is not known` };
  return { kind: value === wanted ? 'present' : 'absent', reason: `ID_AA64MMFR0_EL1.${field} is ${value}` };
};

/** Match functions of `cpufeature.c` and `cpu_errata.c` (6.1 to 6.12) that look at more than the entry's field. */
const specialMatches: Readonly<Record<string, SpecialMatch>> = {
  has_always: always,
  has_hw_dbm: always,
  has_amu: always,
  has_32bit_el0: judgePlain,
  has_useable_cnp: judgePlain,
  has_address_auth_cpucap: judgePlain,
  has_cache_idc: cacheBit('IDC', 28),
  has_cache_dic: cacheBit('DIC', 29),
  has_address_auth_metacap: anyOf('HAS_ADDRESS_AUTH_'),
  has_generic_auth: anyOf('HAS_GENERIC_AUTH_'),
  has_lpa2: lpa2,
  has_spectre_v2: spectreSafeList('spectre_v2_safe_list', true),
  has_spectre_v4: spectreSafeList('spectre_v4_safe_list', false),
  has_spectre_v3a: (core, sources) => {
    const list = sources.midrList('spectre_v3a_unsafe_list');
    return list
      ? judgeMidr(core, list)
      : { kind: 'unknown', reason: 'spectre_v3a_unsafe_list was not found in the tree' };
  },
  is_spectre_bhb_affected: spectreBhb,
  has_mismatched_cache_type: () => ({ kind: 'absent', reason: 'all CPUs of the machine are this core' }),
  has_no_fpsimd: (core, sources) => {
    const verdict = judgeField(core, sources, {
      register: 'ID_AA64PFR0_EL1',
      field: 'FP',
      relation: 'max',
      limit: '15',
      limitValue: 15,
    });
    return verdict.reason.endsWith(' is 15') || verdict.kind === 'unknown'
      ? verdict
      : { kind: 'absent', reason: verdict.reason };
  },
  has_no_hw_prefetch: (core) => ({
    kind: core.model === 'MIDR_THUNDERX' ? 'present' : 'absent',
    reason: 'ThunderX up to r1p0 only',
  }),
  has_cortex_a76_erratum_1463225: (core, _sources, meaning) => {
    const verdict = judgeMidr(core, meaning.midrRanges);
    return verdict.kind === 'present' ? { kind: 'depends', reason: 'set when the kernel runs at EL2' } : verdict;
  },
  has_neoverse_n1_erratum_1542419: (core, sources, meaning) =>
    core.model === 'MIDR_NEOVERSE_N1'
      ? cacheBit('DIC', 29)(core, sources, meaning)
      : { kind: 'absent', reason: `${core.title} is not Neoverse N1` },
  needs_tx2_tvm_workaround: (core, _sources, meaning) => {
    const verdict = judgeMidr(core, meaning.midrRanges);
    return verdict.kind === 'present' ? { kind: 'depends', reason: 'set when SMT threads are there' } : verdict;
  },
  runs_at_el2: (core, sources) => {
    const position = sources.fieldPosition('ID_AA64MMFR1_EL1', 'VH');
    const value = coreFieldValue(core, 'ID_AA64MMFR1_EL1', 'VH', position ?? { lsb: 8, width: 4 });
    if (value === 0) return { kind: 'absent', reason: 'ID_AA64MMFR1_EL1.VH is 0' };
    return { kind: 'depends', reason: 'set when firmware enters the kernel at EL2 and VHE is not turned off' };
  },
  unmap_kernel_at_el0: depends('KPTI: Meltdown safe list, CSV3, KASLR with or without E0PD, kpti= on the command line'),
  has_useable_gicv3_cpuif: depends('set with a GICv3 or later whose system registers firmware lets the kernel use'),
  can_use_gic_priorities: depends('irqchip.gicv3_pseudo_nmi=1 on the command line'),
  has_gic_prio_relaxed_sync: depends('irqchip.gicv3_pseudo_nmi=1 on the command line, and ICC_CTLR_EL1.PMHE is 0'),
  is_kvm_protected_mode: depends('kvm-arm.mode=protected on the command line'),
  hvhe_possible: depends('kvm-arm.mode=protected with VHE, or arm64_sw.hvhe=1, on the command line'),
  has_nested_virt_support: dependsIfField('kvm-arm.mode=nested on the command line'),
  has_nv1: depends('kvm-arm.mode=nested on the command line'),
};
