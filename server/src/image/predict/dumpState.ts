import type { MachineState } from '../../kernel/machineStates.ts';
import type { CpucapNames } from '../cpucapNames.ts';
import type { ImageSites } from '../imageSites.ts';
import type { KernelImage } from '../kernelImage.ts';
import type { MemoryDump } from './memoryDump.ts';

/** Kernel variables that end up in patched code, with their sizes in bytes (v6.1 and v6.12). */
const variables: readonly (readonly [name: string, sizeBytes: 1 | 4 | 8])[] = [
  ['kimage_voffset', 8],
  ['memstart_addr', 8],
  ['va_mask', 8],
  ['tag_val', 8],
  ['tag_lsb', 1],
  ['cpu_mitigations', 4],
  ['__spectre_v4_policy', 4],
  ['spectre_v2_state', 4],
  ['spectre_v4_state', 4],
  ['spectre_bhb_state', 4],
  ['system_bhb_mitigations', 8],
  ['max_bhb_k', 1],
  ['smccc_version', 4],
  ['smccc_conduit', 4],
];
/** Offset of `sys_val` in `struct arm64_ftr_reg`. Source: asm/cpufeature.h, v6.1 and v6.12. */
const sysValOffset = 24n;
const maxCpucapWords = 8;

/**
 * The machine state that a kernel's memory says it is in: cpucaps, the counts of all static keys, and the variables
 * that patched code holds. `notes` name what the memory does not have; nothing is made up for it. Never throws.
 * Source: arch/arm64/kernel/cpufeature.c (bitmaps), linux/jump_label.h:struct static_key, v6.1 and v6.12.
 */
export function stateFromDump(
  image: KernelImage,
  sites: ImageSites,
  names: CpucapNames,
  dump: MemoryDump,
): { readonly state: MachineState; readonly notes: readonly string[] } {
  const notes: string[] = [];
  let count = 64;
  for (const { number } of sites.capabilities) count = Math.max(count, number + 1);
  for (const { cpucap } of sites.alternatives) count = Math.max(count, cpucap + 1);
  const bits = (...symbols: readonly string[]): readonly string[] | null => {
    for (const symbol of symbols) {
      const found = readBits(image, dump, symbol, count);
      if (found === null) continue;
      return found.flatMap((number) => {
        const name = names.name(number);
        if (name === null) notes.push(`cpucap ${number} is set in ${symbol} and has no name in this image`);
        return name ?? [];
      });
    }
    notes.push(`the dump does not have ${symbols.join(' or ')}`);
    return null;
  };
  const system = bits('system_cpucaps', 'cpu_hwcaps');
  const boot = bits('boot_cpucaps', 'boot_capabilities');
  const keys: Record<string, number> = {};
  let absent = 0;
  for (const address of sites.keys.keys()) {
    const count = dump.word(address);
    if (count === null) absent += 1;
    else keys[`0x${address.toString(16)}`] = count | 0;
  }
  if (absent > 0) notes.push(`the dump does not have ${absent} of ${sites.keys.size} static keys`);
  const runtime = readVariables(image, sites, dump);
  if (dump.slide !== null) runtime.kaslr_slide = `0x${dump.slide.toString(16)}`;
  const state = {
    name: `memory of ${dump.name}`,
    core: null,
    cpucaps: system ?? [],
    ...(boot ? { bootCpucaps: boot } : {}),
    keys,
    runtime,
  };
  return { state, notes };
}

/** Numbers of the set bits of a bitmap. */
function readBits(image: KernelImage, dump: MemoryDump, symbol: string, count: number): readonly number[] | null {
  const address = image.symbols.addressOf(symbol);
  const words = Math.min(Math.ceil(count / 64), maxCpucapWords);
  const bytes = address === null ? null : dump.bytes(address, words * 8);
  if (bytes === null) return null;
  const set: number[] = [];
  for (const [index, byte] of bytes.entries()) {
    for (let bit = 0; bit < 8; bit++) if ((byte >> bit) & 1) set.push(index * 8 + bit);
  }
  return set;
}

function readVariables(image: KernelImage, sites: ImageSites, dump: MemoryDump): Record<string, string> {
  const runtime: Record<string, string> = {};
  const read = (name: string, address: bigint | null, sizeBytes: number): void => {
    const bytes = address === null ? null : dump.bytes(address, sizeBytes);
    if (bytes === null) return;
    let value = 0n;
    for (const [index, byte] of bytes.entries()) value |= BigInt(byte) << BigInt(8 * index);
    runtime[name] = `0x${value.toString(16)}`;
  };
  for (const [name, sizeBytes] of variables) read(name, image.symbols.addressOf(name), sizeBytes);
  const ctr = image.symbols.addressOf('arm64_ftr_reg_ctrel0');
  read('arm64_ftr_reg_ctrel0.sys_val', ctr === null ? null : ctr + sysValOffset, 8);
  for (const { kind, symbol } of sites.runtimeConstants) {
    // A shift count is an unsigned int.
    read(symbol, image.symbols.addressOf(symbol), kind === 'ptr' ? 8 : 4);
  }
  return runtime;
}
