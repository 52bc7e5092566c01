import { predicateRegId, type RegId, stackPointerId, vectorRegId, zeroRegId } from './registerIds.ts';
import { registerByName } from './registers.ts';

/** A register's name, read. */
export interface RegisterToken {
  /** How the key shows it: `x`, `W`, `sp`, `v.16b`, `p/m`. */
  readonly shape: string;
  readonly id: RegId;
}

/** Mnemonics whose spelling differs between tools. */
export const spelling: ReadonlyMap<string, string> = new Map([['clearbhb', 'clrbhb']]);
/** What stands for a mnemonic in the key. */
export const mnemonics: ReadonlyMap<string, string> = new Map([
  ...spelling,
  ...'eq ne cs hs cc lo mi pl vs vc hi ls ge lt gt le al nv none any nlast last first nfrst pmore plast tcont tstop'
    .split(' ')
    .flatMap((condition): [string, string][] => [
      [`b.${condition}`, 'b.cc'],
      [`bc.${condition}`, 'bc.cc'],
    ]),
  ...'eq ne cs hs cc lo mi pl vs vc hi ls ge lt gt le al'.split(' ').map((c): [string, string] => [`b${c}`, 'b.cc']),
]);

/** Their last operand is a place, and an address such as `b30` looks like a register. */
export const targetMnemonics = wordSet('b bl b.cc bc.cc cbz cbnz tbz tbnz adr adrp');
/** Their last operand is a condition. */
export const conditionMnemonics = wordSet(
  'csel csinc csinv csneg cset csetm cinc cinv cneg ccmp ccmn fcsel fccmp fccmpe',
);
/** Their first operand is a name of the system, whatever it looks like. */
const operationMnemonics = wordSet(
  'tlbi tlbip dc ic at cfp dvp cpp cosp brb gcspushx gcspopx gcspopcx dmb dsb isb psb tsb bti sb csdb smstart smstop stshh gcsb chkfeat',
);
const prefetchMnemonics = wordSet('prfm prfum prfb prfh prfw prfd rprfm');
/** Their operands may be `c7`. */
export const sysMnemonics = wordSet('sys sysl sysp');
/** With anything but a memory operand in the second place they load a literal. */
export const literalMnemonics = wordSet('ldr ldrsw prfm');
/** Zero as an immediate makes another record than the rest. */
export const zeroMnemonics = wordSet('movi mvni movz movk movn fmov');
/** Access size in bytes of loads and stores with a scaled and an unscaled opcode; 0: that of the first register. */
export const scaledSizes: ReadonlyMap<string, number> = new Map([
  ['ldr', 0],
  ['str', 0],
  ['ldrb', 1],
  ['strb', 1],
  ['ldrsb', 1],
  ['ldrh', 2],
  ['strh', 2],
  ['ldrsh', 2],
  ['ldrsw', 4],
  ['prfm', 8],
]);
/** Access size by the first register's shape. */
export const shapeSizes: Readonly<Record<string, number>> = { x: 8, X: 8, w: 4, W: 4, b: 1, h: 2, s: 4, d: 8, q: 16 };
/** Shifts and extensions, and the multiplier of a vector length. */
export const shiftNames = wordSet('lsl lsr asr ror msl uxtb uxth uxtw uxtx sxtb sxth sxtw sxtx mul');

/** SME's tile, tile slices and table register. */
export const matrixName = /^(?:za(?:\d+[hv]?)?(?:\.[bhsdq])?|zt0)$/;

/** By name in lower case. */
export const registerTokens = makeRegisterTokens();

function wordSet(words: string): ReadonlySet<string> {
  return new Set(words.split(' '));
}

/** What the key shows for an operand that names something of the system, '' for any other operand. */
export function nameShape(mnemonic: string, index: number): string {
  if (index === 0) {
    if (operationMnemonics.has(mnemonic)) return 'op';
    if (prefetchMnemonics.has(mnemonic)) return 'prf';
    return mnemonic === 'msr' || mnemonic === 'msrr' ? 'sr' : '';
  }
  return (mnemonic === 'mrs' && index === 1) || (mnemonic === 'mrrs' && index === 2) ? 'sr' : '';
}

/** Value of an integer literal; NaN for any other expression. Exact below 2^53. */
export function integerOf(text: string): number {
  const body = text.trim();
  return body.startsWith('-') ? -Number(body.slice(1)) : Number(body);
}

/**
 * Which opcode `mov reg, #value` is, as assemblers choose: zero, MOVZ, MOVN, then the bitmask ORR.
 * Source: Arm DDI 0487, MOV (wide immediate), MOV (inverted wide immediate), MOV (bitmask immediate).
 */
export function moveClass(text: string, shape: string): string {
  const exact = integerOf(text);
  if (Number.isNaN(exact)) return '#';
  if (shape.startsWith('z.')) {
    const scaled = exact % 256 === 0 ? exact / 256 : exact;
    return shape === 'z.b' || (scaled >= -128 && scaled < 128) ? '#' : '#b';
  }
  if (shape !== 'x' && shape !== 'w' && shape !== 'sp' && shape !== 'wsp' && shape !== 'X' && shape !== 'W') return '#';
  if (exact === 0) return '#0';
  if (shape === 'sp' || shape === 'wsp') return '#b';
  const narrow = shape === 'w' || shape === 'W';
  if (Number.isSafeInteger(exact) && (narrow || exact >= -65536)) {
    const value = narrow && exact < 0 ? exact + 2 ** 32 : exact;
    if (value > 0 && isOneChunk(value)) return '#';
    const inverted = narrow ? 2 ** 32 - 1 - value : -1 - value;
    return inverted >= 0 && isOneChunk(inverted) ? '#n' : '#b';
  }
  if (!/^-?(?:0x[0-9a-f]+|\d+)$/i.test(text)) return '#';
  const size = BigInt(text.startsWith('-') ? text.slice(1) : text);
  // Capstone 5 puts a sign before the unsigned value of some bitmasks.
  const isNegative = text.startsWith('-') && size <= 1n << 63n;
  const width = narrow ? 32 : 64;
  const wide = BigInt.asUintN(width, isNegative ? -size : size);
  if (isOneWideChunk(wide)) return '#';
  return isOneWideChunk(BigInt.asUintN(width, ~wide)) ? '#n' : '#b';
}

/** At most one of the 16-bit parts differs from zero. */
function isOneChunk(value: number): boolean {
  let rest = value;
  while (rest >= 65536) {
    if (rest % 65536 !== 0) return false;
    rest /= 65536;
  }
  return true;
}

function isOneWideChunk(value: bigint): boolean {
  let parts = 0;
  for (let rest = value; rest > 0n; rest >>= 16n) if ((rest & 0xffffn) !== 0n) parts++;
  return parts <= 1;
}

function makeRegisterTokens(): ReadonlyMap<string, RegisterToken> {
  const tokens = new Map<string, RegisterToken>();
  const add = (name: string): void => {
    const reg = registerByName(name);
    if (reg === undefined) return;
    const suffix = reg.arrangement === '' ? '' : `.${reg.arrangement}`;
    if (reg.isSp) tokens.set(name, { shape: reg.bank === 'x' ? 'sp' : 'wsp', id: stackPointerId });
    else if (reg.isZero) tokens.set(name, { shape: reg.bank.toUpperCase(), id: zeroRegId });
    else if (reg.bank === 'x' || reg.bank === 'w') tokens.set(name, { shape: reg.bank, id: reg.num });
    else if (reg.bank === 'p') tokens.set(name, { shape: `p${suffix}`, id: predicateRegId(reg.num) });
    else if (reg.bank !== 'za') tokens.set(name, { shape: reg.bank + suffix, id: vectorRegId(reg.num) });
  };
  const suffixes = ['', ...'8b 16b 4h 8h 2s 4s 1d 2d 1q b h s d q 4b 2h'.split(' ').map((one) => `.${one}`)];
  for (const name of ['sp', 'wsp', 'xzr', 'wzr', 'ip0', 'ip1', 'fp', 'lr']) add(name);
  for (let num = 0; num < 32; num++) {
    for (const bank of 'xwbhsdq') add(`${bank}${num}`);
    for (const suffix of suffixes) {
      add(`v${num}${suffix}`);
      add(`z${num}${suffix}`);
      add(`p${num}${suffix}`);
    }
  }
  return tokens;
}
