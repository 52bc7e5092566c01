/**
 * Text of words that Capstone 5.0 refuses and a kernel may have; null for any other word. Same spelling as Capstone.
 * Refused are: unprivileged loads into their own base register, tag pair stores, FEAT_CSSC, and the SME words of the
 * kernel's save and restore code.
 * Source of the encodings: Arm DDI 0487 K.a, C4.1 (index by encoding) and DDI 0616, SME2.
 */
export function decodeRefused(word: number): string | null {
  return unprivileged(word) ?? tagPair(word) ?? shortSequence(word) ?? matrix(word);
}

const sizeSuffixes = ['b', 'h', '', ''];

/** LDTR, STTR and their narrow forms: size 111000 opc 0 imm9 10 Rn Rt. */
function unprivileged(word: number): string | null {
  if ((word & 0x3f200c00) !== 0x38000800) return null;
  const size = word >>> 30;
  const opc = (word >>> 22) & 3;
  const imm = signed(word >>> 12, 9);
  const rt = word & 31;
  const base = address((word >>> 5) & 31, imm);
  if (opc < 2) return `${opc === 0 ? 'sttr' : 'ldtr'}${sizeSuffixes[size]} ${general(rt, size === 3)}, ${base}`;
  // Sign extension: to 64 bits with opc 2, to 32 bits with opc 3, which words and doublewords lack.
  if (size === 3 || (size === 2 && opc === 3)) return null;
  return `ldtrs${size === 2 ? 'w' : sizeSuffixes[size]} ${general(rt, opc === 2)}, ${base}`;
}

/** STGP: 0110100 mode 0 imm7 Rt2 Rn Rt; the offset counts granules of 16 bytes. */
function tagPair(word: number): string | null {
  if (word >>> 25 !== 0x34 || (word & 0x400000) !== 0) return null;
  const mode = (word >>> 23) & 3;
  if (mode === 0) return null;
  const imm = signed(word >>> 15, 7) * 16;
  const pair = `${general(word & 31, true)}, ${general((word >>> 10) & 31, true)}`;
  const base = generalOrStack((word >>> 5) & 31);
  if (mode === 1) return `stgp ${pair}, [${base}], #${hex(imm)}`;
  return `stgp ${pair}, ${mode === 3 ? `[${base}, #${hex(imm)}]!` : address((word >>> 5) & 31, imm)}`;
}

/** FEAT_CSSC: ABS, CNT, CTZ; SMAX, SMIN, UMAX, UMIN of registers and immediates. */
function shortSequence(word: number): string | null {
  const wide = word >>> 31 === 1;
  const rd = general(word & 31, wide);
  const rn = general((word >>> 5) & 31, wide);
  const one: Readonly<Record<number, string>> = { 6: 'ctz', 7: 'cnt', 8: 'abs' };
  if ((word & 0x7fffc000) === 0x5ac00000) {
    const name = one[(word >>> 10) & 63];
    return name === undefined ? null : `${name} ${rd}, ${rn}`;
  }
  const names = ['smax', 'umax', 'smin', 'umin'];
  if ((word & 0x7fe0f000) === 0x1ac06000) {
    return `${names[(word >>> 10) & 3]} ${rd}, ${rn}, ${general((word >>> 16) & 31, wide)}`;
  }
  if ((word & 0x7ff00000) === 0x11c00000) {
    const which = (word >>> 18) & 3;
    const imm = (word >>> 10) & 255;
    return `${names[which]} ${rd}, ${rn}, #${hex(which === 0 || which === 2 ? signed(imm, 8) : imm)}`;
  }
  return null;
}

/** RDSVL, and LDR and STR of ZT0. */
function matrix(word: number): string | null {
  if ((word & 0xfffff800) >>> 0 === 0x04bf5800)
    return `rdsvl ${general(word & 31, true)}, #${hex(signed(word >>> 5, 6))}`;
  const base = `[${generalOrStack((word >>> 5) & 31)}]`;
  if ((word & 0xfffffc1f) >>> 0 === 0xe11f8000) return `ldr zt0, ${base}`;
  if ((word & 0xfffffc1f) >>> 0 === 0xe13f8000) return `str zt0, ${base}`;
  return null;
}

function signed(field: number, bits: number): number {
  return (field << (32 - bits)) >> (32 - bits);
}

function general(num: number, wide: boolean): string {
  const bank = wide ? 'x' : 'w';
  return num === 31 ? `${bank}zr` : `${bank}${num}`;
}

function generalOrStack(num: number): string {
  return num === 31 ? 'sp' : `x${num}`;
}

function address(base: number, imm: number): string {
  return imm === 0 ? `[${generalOrStack(base)}]` : `[${generalOrStack(base)}, #${hex(imm)}]`;
}

/** As Capstone prints immediates: small ones in decimal. */
function hex(value: number): string {
  const size = Math.abs(value);
  return `${value < 0 ? '-' : ''}${size > 9 ? `0x${size.toString(16)}` : size}`;
}
