import data from '../../data/kernel/cores.json' with { type: 'json' };

/** What is known of one core: its identity and its ID registers. */
export interface CoreRecord {
  readonly core: string;
  readonly title: string;
  /** Macro of `asm/cputype.h`; `null` for a core that no erratum list can name. */
  readonly model: string | null;
  readonly variant: number;
  readonly revision: number;
  /** Architecture version whose mandatory features it has: `8.2`, `9.0`. */
  readonly architecture: string;
  /** Registers that are not listed read as zero (`true`) or are unknown (`false`). */
  readonly complete: boolean;
  /** Whole registers in hexadecimal. */
  readonly registers: Readonly<Record<string, string>>;
  /** Single fields, `REGISTER.FIELD` to value; they win over `registers`. */
  readonly fields: Readonly<Record<string, number>>;
  /** Features of `/proc/cpuinfo`, separated by spaces. */
  readonly hwcaps: string;
  /** Cpucaps that depend on how the core was built or configured, with the reason. */
  readonly depends: Readonly<Record<string, string>>;
  readonly source: string;
}

/** Cores of `server/data/kernel/cores.json`, in its order. */
export const coreRecords: readonly CoreRecord[] = data.cores as unknown as readonly CoreRecord[];

/** A field's value on a core, or `null` when it is not known. */
export function coreFieldValue(
  core: CoreRecord,
  register: string,
  field: string,
  position: { readonly lsb: number; readonly width: number } | null,
): number | null {
  const known = core.fields[`${register}.${field}`];
  if (known !== undefined) return known;
  const value = core.registers[register];
  if (value !== undefined && position) {
    return Number((BigInt(value) >> BigInt(position.lsb)) & ((1n << BigInt(position.width)) - 1n));
  }
  if (core.complete) return 0;
  return minimumField(core, register, field);
}

/** Lower bound of a field from the core's hwcaps and its architecture version; `null` when neither speaks of it. */
function minimumField(core: CoreRecord, register: string, field: string): number | null {
  const key = `${register}.${field}`;
  let value: number | null = null;
  for (const hwcap of core.hwcaps.split(' ')) {
    const implied = hwcapFields[hwcap];
    if (implied?.field === key) value = Math.max(value ?? 0, implied.min);
  }
  for (const [version, fields] of Object.entries(mandatoryFields)) {
    const min = fields[key];
    if (min !== undefined && isAtLeast(core.architecture, version)) value = Math.max(value ?? 0, min);
  }
  return value;
}

/** Whether architecture `have` includes `wanted`; Armv9.0 includes Armv8.5 (DDI 0487, A1.2). */
function isAtLeast(have: string, wanted: string): boolean {
  const number = (version: string): number => {
    const [major = 8, minor = 0] = version.split('.').map(Number);
    return major === 9 ? 5 + minor : minor;
  };
  return number(have) >= number(wanted);
}

// arch/arm64/kernel/cpufeature.c:arm64_elf_hwcaps (6.12), where a cpucap tests the same field.
const hwcapFields: Readonly<Record<string, { field: string; min: number }>> = {
  fp: { field: 'ID_AA64PFR0_EL1.FP', min: 0 },
  fphp: { field: 'ID_AA64PFR0_EL1.FP', min: 1 },
  atomics: { field: 'ID_AA64ISAR0_EL1.ATOMIC', min: 2 },
  crc32: { field: 'ID_AA64ISAR0_EL1.CRC32', min: 1 },
  dcpop: { field: 'ID_AA64ISAR1_EL1.DPB', min: 1 },
  dcpodp: { field: 'ID_AA64ISAR1_EL1.DPB', min: 2 },
  lrcpc: { field: 'ID_AA64ISAR1_EL1.LRCPC', min: 1 },
  ilrcpc: { field: 'ID_AA64ISAR1_EL1.LRCPC', min: 2 },
  sb: { field: 'ID_AA64ISAR1_EL1.SB', min: 1 },
  ssbs: { field: 'ID_AA64PFR1_EL1.SSBS', min: 2 },
  dit: { field: 'ID_AA64PFR0_EL1.DIT', min: 1 },
  sve: { field: 'ID_AA64PFR0_EL1.SVE', min: 1 },
  bti: { field: 'ID_AA64PFR1_EL1.BT', min: 1 },
  mte: { field: 'ID_AA64PFR1_EL1.MTE', min: 2 },
  mte3: { field: 'ID_AA64PFR1_EL1.MTE', min: 3 },
  rng: { field: 'ID_AA64ISAR0_EL1.RNDR', min: 1 },
  ecv: { field: 'ID_AA64MMFR0_EL1.ECV', min: 1 },
  wfxt: { field: 'ID_AA64ISAR2_EL1.WFxT', min: 2 },
};

// Features that DDI 0487 (A2.3 to A2.9) makes mandatory from a version on, where a cpucap tests them.
const mandatoryFields: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  '8.1': {
    'ID_AA64MMFR1_EL1.PAN': 1,
    'ID_AA64MMFR1_EL1.VH': 1,
    'ID_AA64ISAR0_EL1.ATOMIC': 2,
    'ID_AA64ISAR0_EL1.CRC32': 1,
  },
  '8.2': {
    'ID_AA64PFR0_EL1.RAS': 1,
    'ID_AA64MMFR1_EL1.PAN': 2,
    'ID_AA64MMFR2_EL1.CnP': 1,
    'ID_AA64ISAR1_EL1.DPB': 1,
  },
  '8.3': { 'ID_AA64ISAR1_EL1.LRCPC': 1 },
  '8.4': {
    'ID_AA64PFR0_EL1.DIT': 1,
    'ID_AA64MMFR2_EL1.TTL': 1,
    'ID_AA64MMFR2_EL1.FWB': 1,
    'ID_AA64ISAR0_EL1.TLB': 2,
    'ID_AA64ISAR1_EL1.LRCPC': 2,
  },
  '8.5': {
    'ID_AA64PFR1_EL1.BT': 1,
    'ID_AA64ISAR1_EL1.SB': 1,
    'ID_AA64ISAR1_EL1.DPB': 2,
    'ID_AA64MMFR2_EL1.E0PD': 1,
    'ID_AA64MMFR2_EL1.EVT': 2,
    'ID_AA64PFR0_EL1.CSV2': 1,
    'ID_AA64PFR0_EL1.CSV3': 1,
  },
};
