import { hypAddress } from './hypAddresses.ts';
import {
  addImmWord,
  andImmWord,
  brX0Word,
  hvcWord,
  movBitmaskW,
  movkWord,
  movQuadWords,
  movzWord,
  nopWord,
  rdOf,
  rnOf,
  rorWord,
  smcWord,
} from './insnWords.ts';
import type { Known, RuntimeValues } from './runtimeValues.ts';

/** What a callback leaves at its site. */
export type CallbackResult =
  /** The words from the site's first on; those that are not listed stay. */
  | { readonly kind: 'words'; readonly words: readonly number[] }
  | { readonly kind: 'unchanged' }
  /** Which words come out depends on something that is not known; `indices` are those that may change. */
  | { readonly kind: 'unknown'; readonly reason: string };

export interface CallbackSite {
  /** Link address of the site. */
  readonly address: bigint;
  /** Words of the site as they are when the callback runs. */
  readonly words: readonly number[];
}

export interface CallbackMachine {
  /** `name` without `ARM64_`. */
  hasCpucap(name: string): boolean;
  readonly runtime: RuntimeValues;
  /** Whether a static key is on, by its symbol. */
  keyOn(symbol: string): Known<boolean>;
  /** Link address of a symbol. */
  addressOf(symbol: string): bigint | null;
}

type Callback = (site: CallbackSite, machine: CallbackMachine) => CallbackResult;

const unchanged: CallbackResult = { kind: 'unchanged' };

/**
 * What the callback `symbol` (name without `__kvm_nvhe_`) writes at a site, on a machine whose cpucaps let it run.
 * Never throws: a callback that is not known, a site of another length than it expects, and a value that the state does
 * not give are 'unknown' with the reason.
 * Source: arch/arm64/kernel/alternative.c, proton-pack.c, mte.c and arch/arm64/kvm/va_layout.c, v6.1 and v6.12.
 */
export function callbackWords(symbol: string | null, site: CallbackSite, machine: CallbackMachine): CallbackResult {
  const callback = symbol === null ? undefined : callbacks.get(symbol);
  if (!callback) return unknown(`what ${symbol ?? 'a callback without a symbol'} writes is not known`);
  const wanted = callback.nInsns;
  if (wanted !== null && wanted !== site.words.length) {
    return unknown(`${symbol} stops in BUG() at a site of ${site.words.length} instructions (it wants ${wanted})`);
  }
  return callback.run(site, machine);
}

const callbacks: ReadonlyMap<string, { readonly nInsns: number | null; readonly run: Callback }> = new Map(
  Object.entries({
    alt_cb_patch_nops: { nInsns: null, run: ({ words }) => nops(words.length) },
    spectre_v4_patch_fw_mitigation_enable: { nInsns: 1, run: spectreV4 },
    smccc_patch_fw_mitigation_conduit: { nInsns: 1, run: conduit },
    // The same under its name of 5.10.
    spectre_v4_patch_fw_mitigation_conduit: { nInsns: 1, run: conduit },
    spectre_bhb_patch_loop_mitigation_enable: {
      nInsns: 1,
      run: (_, machine) => ifBhb(machine, bhbLoop, () => nops(1), unchanged),
    },
    spectre_bhb_patch_fw_mitigation_enabled: {
      nInsns: 1,
      run: (_, machine) => ifBhb(machine, bhbFirmware, () => nops(1), unchanged),
    },
    spectre_bhb_patch_loop_iter: {
      nInsns: 1,
      run: ({ words }, { runtime }) =>
        withValue(runtime.get('max_bhb_k'), (k) => written([movzWord(rdOf(words[0] ?? 0), k & 0xffn, 0)])),
    },
    spectre_bhb_patch_wa3: {
      nInsns: 1,
      run: ({ words }, machine) => ifBhb(machine, bhbFirmware, () => workaround3(words[0] ?? 0), unchanged),
    },
    spectre_bhb_patch_clearbhb: {
      nInsns: 2,
      // The other way round: the instructions that clear are what was linked.
      run: (_, machine) => ifBhb(machine, bhbInsn, () => unchanged, nops(2)),
    },
    kasan_hw_tags_enable: {
      nInsns: 1,
      run: (_, machine) => withValue(machine.keyOn('kasan_flag_enabled'), (on) => (on ? nops(1) : unchanged)),
    },
    kvm_update_va_mask: { nInsns: 5, run: updateVaMask },
    kvm_patch_vector_branch: { nInsns: 4, run: vectorBranch },
    kvm_get_kimage_voffset: {
      nInsns: 4,
      run: ({ words }, { runtime }) => quad(words, runtime.get('kimage_voffset')),
    },
    kvm_compute_final_ctr_el0: {
      nInsns: 4,
      run: ({ words }, { runtime }) => quad(words, runtime.get('arm64_ftr_reg_ctrel0.sys_val')),
    },
  } satisfies Record<string, { nInsns: number | null; run: Callback }>),
);

function unknown(reason: string): CallbackResult {
  return { kind: 'unknown', reason };
}

function written(words: readonly (number | null)[]): CallbackResult {
  const whole: number[] = [];
  for (const word of words) {
    if (word === null) return unknown('the value cannot be encoded: the callback stops in BUG() or warns');
    whole.push(word);
  }
  return { kind: 'words', words: whole };
}

function nops(count: number): CallbackResult {
  return { kind: 'words', words: Array.from({ length: count }, () => nopWord) };
}

function withValue<T>(value: Known<T>, use: (value: T) => CallbackResult): CallbackResult {
  return value.known ? use(value.value) : unknown(value.reason);
}

function quad(words: readonly number[], value: Known<bigint>): CallbackResult {
  return withValue(value, (known) => written(movQuadWords(rdOf(words[0] ?? 0), known)));
}

// Bits of system_bhb_mitigations. Source: arch/arm64/kernel/proton-pack.c:enum bhb_mitigation_bits, v6.1 and v6.12.
const bhbLoop = 0n;
const bhbFirmware = 1n;
const bhbInsn = 3n;

function ifBhb(
  machine: CallbackMachine,
  bit: bigint,
  set: () => CallbackResult,
  clear: CallbackResult,
): CallbackResult {
  return withValue(machine.runtime.get('system_bhb_mitigations'), (bits) => ((bits >> bit) & 1n ? set() : clear));
}

/** `mov Wd, #ARM_SMCCC_ARCH_WORKAROUND_3`. */
function workaround3(word: number): CallbackResult {
  return written([movBitmaskW(rdOf(word), 0x80003fffn)]);
}

// Source: arch/arm64/kernel/proton-pack.c:enum spectre_v4_policy; kernel/cpu.c:enum cpu_mitigations; v6.1 and v6.12.
const policyDynamic = 0n;
const mitigationsOff = 0n;

/** A NOP when the mitigation is dynamic; every known value that rules that out is enough to leave the site alone. */
function spectreV4(_: CallbackSite, machine: CallbackMachine): CallbackResult {
  if (machine.hasCpucap('SSBS')) return unchanged;
  const policy = machine.runtime.get('__spectre_v4_policy');
  if (policy.known && policy.value !== policyDynamic) return unchanged;
  const mitigations = machine.runtime.get('cpu_mitigations');
  if (mitigations.known && mitigations.value === mitigationsOff) return unchanged;
  if (!policy.known) return unknown(policy.reason);
  if (!mitigations.known) return unknown(mitigations.reason);
  return nops(1);
}

/** Source: drivers/firmware/smccc/smccc.c:arm_smccc_1_1_get_conduit; linux/arm-smccc.h:enum arm_smccc_conduit. */
function conduit(_: CallbackSite, { runtime }: CallbackMachine): CallbackResult {
  const version = runtime.get('smccc_version');
  if (version.known && (version.value & 0xffffffffn) < 0x10001n) return unchanged;
  const through = runtime.get('smccc_conduit');
  if (through.known && through.value !== 1n && through.value !== 2n) return unchanged;
  if (!version.known) return unknown(version.reason);
  if (!through.known) return unknown(through.reason);
  return written([through.value === 2n ? hvcWord : smcWord]);
}

function updateVaMask({ words }: CallbackSite, { hasCpucap, runtime }: CallbackMachine): CallbackResult {
  if (hasCpucap('HAS_VIRT_HOST_EXTN')) return nops(words.length);
  const mask = runtime.get('va_mask');
  if (!mask.known) return unknown(mask.reason);
  const tag = runtime.get('tag_val');
  if (!tag.known) return unknown(tag.reason);
  const [and = 0, ror = 0, addLow = 0, addHigh = 0, rorBack = 0] = words;
  const first = andImmWord(rdOf(and), rnOf(and), mask.value);
  if (tag.value === 0n) return written([first, nopWord, nopWord, nopWord, nopWord]);
  const lsb = runtime.get('tag_lsb');
  if (!lsb.known) return unknown(lsb.reason);
  const shift = Number(lsb.value & 0xffn);
  return written([
    first,
    rorWord(rdOf(ror), rnOf(ror), shift),
    addImmWord(rdOf(addLow), rnOf(addLow), Number(tag.value & 0xfffn)),
    addImmWord(rdOf(addHigh), rnOf(addHigh), Number(tag.value & 0xfff000n)),
    rorWord(rdOf(rorBack), rnOf(rorBack), 64 - shift),
  ]);
}

/** Bytes of the first instructions of a vector, which the branch leaves out. Source: asm/kvm_asm.h, v6.1 and v6.12. */
const vectorPreambleBytes = 8n;

function vectorBranch(site: CallbackSite, machine: CallbackMachine): CallbackResult {
  if (!machine.hasCpucap('SPECTRE_V3A') || machine.hasCpucap('HAS_VIRT_HOST_EXTN')) return unchanged;
  const vectors = machine.addressOf('__kvm_nvhe___kvm_hyp_vector');
  if (vectors === null) return unknown('the image has no symbol __kvm_nvhe___kvm_hyp_vector');
  return withValue(hypAddress(vectors, machine.runtime), (base) => {
    // The slide is a multiple of 64 KiB: bits 10 to 7 are those of the link address.
    const target = (base | (site.address & 0x780n)) + vectorPreambleBytes;
    return written([movzWord(0, target, 0), movkWord(0, target >> 16n, 16), movkWord(0, target >> 32n, 32), brX0Word]);
  });
}
