import { encodeBitmask } from '../../isa/bitmask.ts';

// Words that the kernel generates with arch/arm64/lib/insn.c (v6.1, v6.12), for the few instructions its patchers use.
// Registers are numbers 0 to 31; results are 32-bit words.

/** `nop`. */
export const nopWord = 0xd503201f;
/** `mov x9, x30`: saves the caller's return address at a site of ftrace. */
export const movX9LrWord = 0xaa1e03e9;
/** `hvc #0` and `smc #0`. */
export const hvcWord = 0xd4000002;
export const smcWord = 0xd4000003;
/** `br x0`. */
export const brX0Word = 0xd61f0000;

/** Destination register of a data-processing instruction. Source: aarch64_insn_decode_register, REGTYPE_RD. */
export function rdOf(word: number): number {
  return word & 0x1f;
}

/** First source register of a data-processing instruction. Source: aarch64_insn_decode_register, REGTYPE_RN. */
export function rnOf(word: number): number {
  return (word >>> 5) & 0x1f;
}

/** `movz Xd, #imm, lsl #shift`; `imm` is cut to 16 bits, `shift` is 0, 16, 32 or 48. */
export function movzWord(rd: number, imm: bigint, shift: number): number {
  return (0xd2800000 | ((shift >> 4) << 21) | (Number(imm & 0xffffn) << 5) | rd) >>> 0;
}

/** `movk Xd, #imm, lsl #shift`, as movzWord(). */
export function movkWord(rd: number, imm: bigint, shift: number): number {
  return (0xf2800000 | ((shift >> 4) << 21) | (Number(imm & 0xffffn) << 5) | rd) >>> 0;
}

/** The four words `movz; movk; movk; movk` that build `value` in Xd. Source: arch/arm64/kvm/va_layout.c:generate_mov_q. */
export function movQuadWords(rd: number, value: bigint): readonly number[] {
  return [
    movzWord(rd, value, 0),
    movkWord(rd, value >> 16n, 16),
    movkWord(rd, value >> 32n, 32),
    movkWord(rd, value >> 48n, 48),
  ];
}

/** `and Xd, Xn, #imm`, or null when `imm` is no bitmask immediate. */
export function andImmWord(rd: number, rn: number, imm: bigint): number | null {
  const field = encodeBitmask(imm, 64);
  return field < 0 ? null : (0x92000000 | (field << 10) | (rn << 5) | rd) >>> 0;
}

/** `orr Wd, wzr, #imm`, or null when `imm` is no bitmask immediate. */
export function movBitmaskW(rd: number, imm: bigint): number | null {
  const field = encodeBitmask(imm, 32);
  return field < 0 ? null : (0x32000000 | (field << 10) | (31 << 5) | rd) >>> 0;
}

/** `ror Xd, Xn, #lsb` (extr with equal sources), or null when `lsb` is above 63. */
export function rorWord(rd: number, rn: number, lsb: number): number | null {
  if (lsb < 0 || lsb > 63) return null;
  return (0x93c00000 | (rn << 16) | (lsb << 10) | (rn << 5) | rd) >>> 0;
}

/**
 * `add Xd, Xn, #imm`, with `lsl #12` only when `imm` has a bit above the low twelve; null when it has bits on both
 * sides. Source: arch/arm64/lib/insn.c:aarch64_insn_gen_add_sub_imm, v6.12: a shifted zero comes out unshifted.
 */
export function addImmWord(rd: number, rn: number, imm: number): number | null {
  if (imm < 0 || imm > 0xffffff) return null;
  const shifted = imm > 0xfff;
  if (shifted && (imm & 0xfff) !== 0) return null;
  const field = shifted ? imm >>> 12 : imm;
  return (0x91000000 | (shifted ? 1 << 22 : 0) | (field << 10) | (rn << 5) | rd) >>> 0;
}

/** The word with another 16-bit immediate of movz or movk. Source: asm/runtime-const.h:__runtime_fixup_16, v6.12. */
export function withMoveImmediate(word: number, value: bigint): number {
  return ((word & 0xffe0001f) | (Number(value & 0xffffn) << 5)) >>> 0;
}

/** The word with another shift count of `lsr`. Source: asm/runtime-const.h:__runtime_fixup_shift, v6.12. */
export function withShiftCount(word: number, value: bigint): number {
  return ((word & 0xffc0ffff) | (Number(value & 63n) << 16)) >>> 0;
}
