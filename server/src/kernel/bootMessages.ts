import data from '../../data/kernel/cpucapDescriptions.json' with { type: 'json' };
import type { MachineState } from './machineStates.ts';

/** A machine state that somebody's text tells of, and what it leaves open. */
export interface StateFromText {
  /** Null when the text has nothing of a booting kernel or of its CPUs. */
  readonly state: MachineState | null;
  /** Sentences for people: what was not understood, and what such a text cannot say. */
  readonly notes: readonly string[];
}

interface DescribedCpucap {
  readonly name: string;
  readonly descriptions?: readonly string[];
}

const described: readonly DescribedCpucap[] = data.cpucaps;

/**
 * The machine state that a kernel's boot messages or /proc/cpuinfo tell of: cpucaps by the descriptions that the kernel
 * prints, values that end up in patched code where a message has them, the preemption model. A cpucap that prints
 * nothing is not made up; `notes` name those. Never throws.
 * Source: arch/arm64/kernel/cpufeature.c:update_cpu_capabilities and setup_system_capabilities (`detected:`),
 * drivers/firmware/psci/psci.c, mm/mm_init.c:alloc_large_system_hash, kernel/sched/core.c, v6.1 and v6.12.
 */
export function stateFromText(text: string, name: string): StateFromText {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/^(?:<\d+>)?\s*\[\s*\d+\.\d+\]\s*/, ''));
  const cpucaps = new Set<string>();
  const notes: string[] = [];
  let isBoot = false;
  for (const line of lines) {
    if (/alternatives: applying|^Booting Linux|^Linux version/.test(line)) isBoot = true;
    const detected = /CPU features: detected:? (.+?)\s*$/.exec(line)?.[1];
    if (detected === undefined) continue;
    isBoot = true;
    const names = namesOf(detected);
    if (names.length === 0) notes.push(`"${detected}" is no cpucap that is known here`);
    for (const each of names) cpucaps.add(each);
    if (names.length > 1) notes.push(`"${detected}" may be ${names.join(' or ')}; all are listed`);
  }
  const hwcaps = new Set(lines.flatMap((line) => /^Features\s*:\s*(.*)$/.exec(line)?.[1]?.split(/\s+/) ?? []));
  for (const [hwcap, cpucap] of Object.entries(cpucapOfHwcap)) if (hwcaps.has(hwcap)) cpucaps.add(cpucap);
  if (!isBoot && hwcaps.size === 0) {
    return { state: null, notes: ['there are no boot messages and no /proc/cpuinfo in this text'] };
  }
  // Cpucaps that are there when one of their kinds is: has_address_auth_metacap, has_generic_auth.
  for (const meta of ['HAS_ADDRESS_AUTH', 'HAS_GENERIC_AUTH']) {
    if ([...cpucaps].some((cpucap) => cpucap.startsWith(`${meta}_`))) cpucaps.add(meta);
  }
  // Both match on every machine, and print nothing.
  for (const always of ['ALWAYS_BOOT', 'ALWAYS_SYSTEM']) cpucaps.add(always);
  const title = lines.map((line) => /Linux version (\S+)/.exec(line)?.[1]).find((version) => version !== undefined);
  const preempt = preemptionModel(lines);
  notes.push(isBoot ? silentNote(cpucaps) : 'Features tell of what user space can use only; boot messages tell more');
  const state: MachineState = {
    name,
    ...(title === undefined ? {} : { title: `Linux ${title}` }),
    core: null,
    cpucaps: [...cpucaps].sort(),
    ...(preempt === null ? {} : { preempt }),
    runtime: valuesIn(lines),
  };
  return { state, notes };
}

/** Cpucaps with that description; a CPU list after it belongs to cpucaps that some CPUs have. */
function namesOf(detected: string): readonly string[] {
  const bare = detected.replace(/ on CPU[\d,-]+$/, '');
  // Printed by setup_system_features() itself, the table has no text for it.
  if (bare === '32-bit EL0 Support') return ['HAS_32BIT_EL0_DO_NOT_USE'];
  return described.filter(({ descriptions = [] }) => descriptions.includes(bare)).map((cpucap) => cpucap.name);
}

function silentNote(found: ReadonlySet<string>): string {
  const silent = described.filter(({ name, descriptions = [] }) => descriptions.length === 0 && !found.has(name));
  return `these cpucaps print nothing when they are detected; add those that the machine has: ${silent.map((cpucap) => cpucap.name).join(', ')}`;
}

/**
 * Features of /proc/cpuinfo that stand for the same field value as a cpucap.
 * Source: arch/arm64/kernel/cpufeature.c:arm64_elf_hwcaps and arm64_features, v6.12.
 */
const cpucapOfHwcap: Readonly<Record<string, string>> = {
  atomics: 'HAS_LSE_ATOMICS',
  bti: 'BTI',
  crc32: 'HAS_CRC32',
  dcpodp: 'HAS_DCPODP',
  dcpop: 'HAS_DCPOP',
  dit: 'HAS_DIT',
  ecv: 'HAS_ECV',
  fp: 'HAS_FPSIMD',
  lrcpc: 'HAS_LDAPR',
  mops: 'HAS_MOPS',
  mte: 'MTE',
  paca: 'HAS_ADDRESS_AUTH',
  pacg: 'HAS_GENERIC_AUTH',
  rng: 'HAS_RNG',
  sb: 'HAS_SB',
  sme: 'SME',
  ssbs: 'SSBS',
  sve: 'SVE',
  wfxt: 'HAS_WFXT',
};

function preemptionModel(lines: readonly string[]): MachineState['preempt'] | null {
  for (const line of lines) {
    const model = /Dynamic Preempt: (none|voluntary|full|lazy)/.exec(line)?.[1];
    if (model === 'none' || model === 'voluntary' || model === 'full' || model === 'lazy') return model;
  }
  return null;
}

/** Kernel variables whose value a message prints. */
function valuesIn(lines: readonly string[]): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const line of lines) {
    const calling = /SMC Calling Convention v(\d+)\.(\d+)/.exec(line);
    if (calling) values.smccc_version = `0x${(Number(calling[1]) * 0x10000 + Number(calling[2])).toString(16)}`;
    const entries = /Dentry cache hash table entries: (\d+)/.exec(line)?.[1];
    // The hash is cut to its upper bits: fs/dcache.c:dcache_init_early, v6.12.
    if (entries !== undefined) values.d_hash_shift = `0x${(32 - Math.log2(Number(entries))).toString(16)}`;
    if (/KASLR disabled/.test(line)) values.kaslr_slide = '0x0';
    if (/^Kernel command line:.*\bmitigations=off\b/.test(line)) values.cpu_mitigations = '0x0';
  }
  return values;
}
