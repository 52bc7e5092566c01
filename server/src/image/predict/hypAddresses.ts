import { type Known, known, type RuntimeValues, unknown } from './runtimeValues.ts';

const needed = ['kaslr_slide', 'kimage_voffset', 'memstart_addr', 'va_mask', 'tag_val', 'tag_lsb'] as const;

/**
 * The address under which the hypervisor (nVHE) sees what the kernel image has at the link address `address`, as an
 * unsigned 64-bit value; unknown with a reason where the state does not give one of the six values that make it.
 * Source: arch/arm64/kvm/va_layout.c:__early_kern_hyp_va over lm_alias(), v6.12. Bits above the mask do not matter, so
 * the start of the linear map does not either.
 */
export function hypAddress(address: bigint, values: RuntimeValues): Known<bigint> {
  const given: bigint[] = [];
  for (const name of needed) {
    const value = values.get(name);
    if (!value.known) return value;
    given.push(value.value);
  }
  const [slide = 0n, offset = 0n, memory = 0n, mask = 0n, tag = 0n, lsb = 0n] = given;
  if (lsb > 63n) return unknown('tag_lsb is no number of a bit');
  const linear = address + slide - offset - memory;
  return known(BigInt.asUintN(64, (linear & mask) | (tag << lsb)));
}
