import type { Expr } from './operands.ts';

/** Register files as GNU as names them; `v` with an arrangement or element size, `z`/`p`/`za` for SVE and SME. */
export type RegBank = 'x' | 'w' | 'b' | 'h' | 's' | 'd' | 'q' | 'v' | 'z' | 'p' | 'za';

/**
 * One register operand as written. `num` is the 5-bit field; 31 is sp or the zero register, told apart by `isSp`
 * and `isZero`. `arrangement` is what follows the dot in lower case (`16b`, `s`, ...) or ''.
 */
export interface Reg {
  readonly bank: RegBank;
  readonly num: number;
  readonly isSp: boolean;
  readonly isZero: boolean;
  readonly arrangement: string;
  /** Element index, `v0.s[1]`. */
  readonly index: Expr | null;
  /** `/m`, `/z` of a governing predicate; '' without. */
  readonly predication: '' | 'm' | 'z';
}

const vectorArrangements = ['8b', '16b', '4h', '8h', '2s', '4s', '1d', '2d', '1q', 'b', 'h', 's', 'd', 'q', '4b', '2h'];
const scalableArrangements = ['b', 'h', 's', 'd', 'q'];

const registerNames: ReadonlyMap<string, Reg> = makeRegisterNames();

/** The register a name stands for, or undefined. Case is ignored; knows the aliases `fp`, `lr`, `ip0`, `ip1`. */
export function registerByName(name: string): Reg | undefined {
  return registerNames.get(name) ?? registerNames.get(name.toLowerCase());
}

function makeRegisterNames(): Map<string, Reg> {
  const names = new Map<string, Reg>();
  const add = (name: string, bank: RegBank, num: number, special: '' | 'sp' | 'zero' = '', arrangement = ''): void => {
    const isSp = special === 'sp';
    names.set(name, { bank, num, isSp, isZero: special === 'zero', arrangement, index: null, predication: '' });
  };
  for (let num = 0; num < 31; num++) {
    add(`x${num}`, 'x', num);
    add(`w${num}`, 'w', num);
  }
  add('sp', 'x', 31, 'sp');
  add('wsp', 'w', 31, 'sp');
  add('xzr', 'x', 31, 'zero');
  add('wzr', 'w', 31, 'zero');
  add('ip0', 'x', 16);
  add('ip1', 'x', 17);
  add('fp', 'x', 29);
  add('lr', 'x', 30);
  for (let num = 0; num < 32; num++) {
    for (const bank of ['b', 'h', 's', 'd', 'q', 'v', 'z'] as const) add(`${bank}${num}`, bank, num);
    for (const a of vectorArrangements) add(`v${num}.${a}`, 'v', num, '', a);
    for (const a of scalableArrangements) add(`z${num}.${a}`, 'z', num, '', a);
  }
  for (let num = 0; num < 16; num++) {
    add(`p${num}`, 'p', num);
    for (const a of scalableArrangements.slice(0, 4)) add(`p${num}.${a}`, 'p', num, '', a);
  }
  add('za', 'za', 0);
  return names;
}
