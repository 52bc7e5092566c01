/**
 * One number per register that carries a value, whatever width it is named with: `w3` and `x3` are one, and so are
 * `b3`, `h3`, `s3`, `d3`, `q3`, `v3` and `z3`. Used where only dependencies matter.
 * 0..30: x0..x30, 31: sp, 32..63: v0..v31, 64..79: p0..p15, then the named ones.
 */
export type RegId = number;

/** `wzr`, `xzr`: reading or writing it is no dependency. */
export const zeroRegId: RegId = -1;
export const stackPointerId: RegId = 31;
/** All of N, Z, C and V are one register. */
export const flagsId: RegId = 80;

const vectorBase = 32;
const predicateBase = 64;
const namedBase = 80;
/** Registers that no operand of ours numbers, in LLVM's names in lower case; `other` is any further one. */
const named: readonly string[] = ['nzcv', 'ffr', 'fpcr', 'za', 'vg', 'other', 'fpsr', 'zt0', 'fpmr'];

/** Id of the vector register that all of `b`, `h`, `s`, `d`, `q`, `v`, `z` with this number name. */
export function vectorRegId(num: number): RegId {
  return vectorBase + num;
}

/** Id of a predicate register. */
export function predicateRegId(num: number): RegId {
  return predicateBase + num;
}

/** Id of a register outside the numbered files (`nzcv`, `fpcr`, `ffr` ...; lower case); `other` for all unknown ones. */
export function namedRegId(name: string): RegId {
  const at = named.indexOf(name);
  return namedBase + (at < 0 ? named.indexOf('other') : at);
}

/** The widest name of a register, for people: `x3`, `v3`, `p3`, `nzcv`. */
export function regIdName(id: RegId): string {
  if (id === zeroRegId) return 'xzr';
  if (id === stackPointerId) return 'sp';
  if (id < stackPointerId) return `x${id}`;
  if (id < predicateBase) return `v${id - vectorBase}`;
  if (id < namedBase) return `p${id - predicateBase}`;
  return named[id - namedBase] ?? 'other';
}
