import { hexWord } from '../hexWord.ts';

// Advanced SIMD, three operands and permutations; see integer.ts for the notation. Vector slots: `Vd:bhs` first
// vector with its element sizes (size to 23:22), `;` size nowhere, `%` sz to bit 22, `=` as the first, `>` wide
// (size of the narrow element to 23:22), `0`/`1` narrow lower/upper, `S` the same for scalars.
// Source: Arm DDI 0487, C4.1.96.

type Row = readonly [name: string, unsigned: 0 | 1, opcode: number, vectorSizes: string, scalarSizes: string];

/** Integer, three registers of the same shape: vector sizes, then scalar sizes. */
const threeSame: readonly Row[] = [
  ['shadd', 0, 0x00, 'bhs', ''],
  ['uhadd', 1, 0x00, 'bhs', ''],
  ['sqadd', 0, 0x01, 'bhsd', 'bhsd'],
  ['uqadd', 1, 0x01, 'bhsd', 'bhsd'],
  ['srhadd', 0, 0x02, 'bhs', ''],
  ['urhadd', 1, 0x02, 'bhs', ''],
  ['shsub', 0, 0x04, 'bhs', ''],
  ['uhsub', 1, 0x04, 'bhs', ''],
  ['sqsub', 0, 0x05, 'bhsd', 'bhsd'],
  ['uqsub', 1, 0x05, 'bhsd', 'bhsd'],
  ['cmgt', 0, 0x06, 'bhsd', 'd'],
  ['cmhi', 1, 0x06, 'bhsd', 'd'],
  ['cmge', 0, 0x07, 'bhsd', 'd'],
  ['cmhs', 1, 0x07, 'bhsd', 'd'],
  ['sshl', 0, 0x08, 'bhsd', 'd'],
  ['ushl', 1, 0x08, 'bhsd', 'd'],
  ['sqshl', 0, 0x09, 'bhsd', 'bhsd'],
  ['uqshl', 1, 0x09, 'bhsd', 'bhsd'],
  ['srshl', 0, 0x0a, 'bhsd', 'd'],
  ['urshl', 1, 0x0a, 'bhsd', 'd'],
  ['sqrshl', 0, 0x0b, 'bhsd', 'bhsd'],
  ['uqrshl', 1, 0x0b, 'bhsd', 'bhsd'],
  ['smax', 0, 0x0c, 'bhs', ''],
  ['umax', 1, 0x0c, 'bhs', ''],
  ['smin', 0, 0x0d, 'bhs', ''],
  ['umin', 1, 0x0d, 'bhs', ''],
  ['sabd', 0, 0x0e, 'bhs', ''],
  ['uabd', 1, 0x0e, 'bhs', ''],
  ['saba', 0, 0x0f, 'bhs', ''],
  ['uaba', 1, 0x0f, 'bhs', ''],
  ['add', 0, 0x10, 'bhsd', 'd'],
  ['sub', 1, 0x10, 'bhsd', 'd'],
  ['cmtst', 0, 0x11, 'bhsd', 'd'],
  ['cmeq', 1, 0x11, 'bhsd', 'd'],
  ['mla', 0, 0x12, 'bhs', ''],
  ['mls', 1, 0x12, 'bhs', ''],
  ['mul', 0, 0x13, 'bhs', ''],
  ['pmul', 1, 0x13, 'b', ''],
  ['smaxp', 0, 0x14, 'bhs', ''],
  ['umaxp', 1, 0x14, 'bhs', ''],
  ['sminp', 0, 0x15, 'bhs', ''],
  ['uminp', 1, 0x15, 'bhs', ''],
  ['sqdmulh', 0, 0x16, 'hs', 'hs'],
  ['sqrdmulh', 1, 0x16, 'hs', 'hs'],
  ['addp', 0, 0x17, 'bhsd', ''],
];

/** Floating point, three registers: the second bit of `unsigned` stands for bit 23. */
const floatThreeSame: readonly (readonly [
  name: string,
  unsigned: number,
  a: number,
  opcode: number,
  scalar: boolean,
])[] = [
  ['fmaxnm', 0, 0, 0x18, false],
  ['fmla', 0, 0, 0x19, false],
  ['fadd', 0, 0, 0x1a, false],
  ['fmulx', 0, 0, 0x1b, true],
  ['fcmeq', 0, 0, 0x1c, true],
  ['fmax', 0, 0, 0x1e, false],
  ['frecps', 0, 0, 0x1f, true],
  ['fminnm', 0, 1, 0x18, false],
  ['fmls', 0, 1, 0x19, false],
  ['fsub', 0, 1, 0x1a, false],
  ['fmin', 0, 1, 0x1e, false],
  ['frsqrts', 0, 1, 0x1f, true],
  ['fmaxnmp', 1, 0, 0x18, false],
  ['faddp', 1, 0, 0x1a, false],
  ['fmul', 1, 0, 0x1b, false],
  ['fcmge', 1, 0, 0x1c, true],
  ['facge', 1, 0, 0x1d, true],
  ['fmaxp', 1, 0, 0x1e, false],
  ['fdiv', 1, 0, 0x1f, false],
  ['fminnmp', 1, 1, 0x18, false],
  ['fabd', 1, 1, 0x1a, true],
  ['fcmgt', 1, 1, 0x1c, true],
  ['facgt', 1, 1, 0x1d, true],
  ['fminp', 1, 1, 0x1e, false],
];

const sameShape = (name: string, word: number, first: string): string =>
  `${name} ${hexWord(word)} ${first} ${first.charAt(0)}n= ${first.charAt(0)}m=\n`;

function threeSameForms(): string {
  let rows = '';
  for (const [name, unsigned, opcode, vectorSizes, scalarSizes] of threeSame) {
    const bits = (unsigned << 29) | (opcode << 11);
    rows += sameShape(name, 0x0e200400 | bits, `Vd:${vectorSizes}`);
    if (scalarSizes !== '') rows += sameShape(name, 0x5e200400 | bits, `Sd:${scalarSizes}`);
  }
  for (const [name, unsigned, a, opcode, scalar] of floatThreeSame) {
    const bits = (unsigned << 29) | (a << 23);
    const half = bits | ((opcode & 7) << 11);
    rows += sameShape(name, 0x0e200400 | bits | (opcode << 11), 'Vd%sd');
    rows += sameShape(name, 0x0e400400 | half, 'Vd;h');
    if (!scalar) continue;
    rows += sameShape(name, 0x5e200400 | bits | (opcode << 11), 'Sd%sd');
    rows += sameShape(name, 0x5e400400 | half, 'Sd;h');
  }
  return rows;
}

type DifferentRow = readonly [
  name: string,
  unsigned: 0 | 1,
  opcode: number,
  shape: 'long' | 'wide' | 'narrow',
  sizes: string,
];

const threeDifferent: readonly DifferentRow[] = [
  ['saddl', 0, 0x0, 'long', 'bhs'],
  ['uaddl', 1, 0x0, 'long', 'bhs'],
  ['saddw', 0, 0x1, 'wide', 'bhs'],
  ['uaddw', 1, 0x1, 'wide', 'bhs'],
  ['ssubl', 0, 0x2, 'long', 'bhs'],
  ['usubl', 1, 0x2, 'long', 'bhs'],
  ['ssubw', 0, 0x3, 'wide', 'bhs'],
  ['usubw', 1, 0x3, 'wide', 'bhs'],
  ['addhn', 0, 0x4, 'narrow', 'bhs'],
  ['raddhn', 1, 0x4, 'narrow', 'bhs'],
  ['sabal', 0, 0x5, 'long', 'bhs'],
  ['uabal', 1, 0x5, 'long', 'bhs'],
  ['subhn', 0, 0x6, 'narrow', 'bhs'],
  ['rsubhn', 1, 0x6, 'narrow', 'bhs'],
  ['sabdl', 0, 0x7, 'long', 'bhs'],
  ['uabdl', 1, 0x7, 'long', 'bhs'],
  ['smlal', 0, 0x8, 'long', 'bhs'],
  ['umlal', 1, 0x8, 'long', 'bhs'],
  ['sqdmlal', 0, 0x9, 'long', 'hs'],
  ['smlsl', 0, 0xa, 'long', 'bhs'],
  ['umlsl', 1, 0xa, 'long', 'bhs'],
  ['sqdmlsl', 0, 0xb, 'long', 'hs'],
  ['smull', 0, 0xc, 'long', 'bhs'],
  ['umull', 1, 0xc, 'long', 'bhs'],
  ['sqdmull', 0, 0xd, 'long', 'hs'],
];

function threeDifferentForms(): string {
  let rows = '';
  for (const [name, unsigned, opcode, shape, sizes] of threeDifferent) {
    for (const half of [0, 1]) {
      const word = hexWord(0x0e200000 | (unsigned << 29) | (opcode << 12) | (half << 30));
      const full = `${name}${half === 1 ? '2' : ''}`;
      if (shape === 'long') rows += `${full} ${word} Vd>${sizes} Vn${half} Vm${half}\n`;
      else if (shape === 'wide') rows += `${full} ${word} Vd>${sizes} Vn= Vm${half}\n`;
      else rows += `${full} ${word} Vd<${half}${sizes} Vn+ Vm+\n`;
    }
    // The scalar forms exist for the saturating doubling multiplies only; size counts the sources.
    if (!name.startsWith('sqd')) continue;
    for (const [wide, narrow, size] of ['sh1', 'ds2']) {
      rows += `${name} ${hexWord(0x5e200000 | (opcode << 12) | (Number(size) << 22))} F${wide}d F${narrow}n F${narrow}m\n`;
    }
  }
  return rows;
}

const table = `
and    0e201c00 Vd;b Vn= Vm=
bic    0e601c00 Vd;b Vn= Vm=
orr    0ea01c00 Vd;b Vn= Vm=
orn    0ee01c00 Vd;b Vn= Vm=
eor    2e201c00 Vd;b Vn= Vm=
bsl    2e601c00 Vd;b Vn= Vm=
bit    2ea01c00 Vd;b Vn= Vm=
bif    2ee01c00 Vd;b Vn= Vm=
mov    0ea01c00 Vd;b Vn= m=n
uzp1   0e001800 Vd:bhsd Vn= Vm=
trn1   0e002800 Vd:bhsd Vn= Vm=
zip1   0e003800 Vd:bhsd Vn= Vm=
uzp2   0e005800 Vd:bhsd Vn= Vm=
trn2   0e006800 Vd:bhsd Vn= Vm=
zip2   0e007800 Vd:bhsd Vn= Vm=
ext    2e000000 Vd;b Vn= Vm= extidx
tbl    0e000000 Vd;b table Vm=
tbx    0e001000 Vd;b table Vm=
sqrdmlah 2e008400 Vd:hs Vn= Vm=
sqrdmlsh 2e008c00 Vd:hs Vn= Vm=
sqrdmlah 7e008400 Sd:hs Sn= Sm=
sqrdmlsh 7e008c00 Sd:hs Sn= Sm=
sdot   0e809400 Vd.2s Vn.8b Vm.8b
sdot   4e809400 Vd.4s Vn.16b Vm.16b
udot   2e809400 Vd.2s Vn.8b Vm.8b
udot   6e809400 Vd.4s Vn.16b Vm.16b
usdot  0e809c00 Vd.2s Vn.8b Vm.8b
usdot  4e809c00 Vd.4s Vn.16b Vm.16b
smmla  4e80a400 Vd.4s Vn.16b Vm.16b
ummla  6e80a400 Vd.4s Vn.16b Vm.16b
usmmla 4e80ac00 Vd.4s Vn.16b Vm.16b
fcadd  2e00e400 Vd:hsd Vn= Vm= rot90
fcmla  2e00c400 Vd:hsd Vn= Vm= rot0
bfdot  2e40fc00 Vd.2s Vn.4h Vm.4h
bfdot  6e40fc00 Vd.4s Vn.8h Vm.8h
bfmmla 6e40ec00 Vd.4s Vn.8h Vm.8h
bfmlalb 2ec0fc00 Vd.4s Vn.8h Vm.8h
bfmlalt 6ec0fc00 Vd.4s Vn.8h Vm.8h
fmlal  0e20ec00 Vd.2s Vn.2h Vm.2h
fmlal  4e20ec00 Vd.4s Vn.4h Vm.4h
fmlal2 2e20cc00 Vd.2s Vn.2h Vm.2h
fmlal2 6e20cc00 Vd.4s Vn.4h Vm.4h
fmlsl  0ea0ec00 Vd.2s Vn.2h Vm.2h
fmlsl  4ea0ec00 Vd.4s Vn.4h Vm.4h
fmlsl2 2ea0cc00 Vd.2s Vn.2h Vm.2h
fmlsl2 6ea0cc00 Vd.4s Vn.4h Vm.4h
`;

export const simdForms = threeSameForms() + threeDifferentForms() + table;
