import { hexWord } from '../hexWord.ts';

// Advanced SIMD with one register source, shifts by immediate, reductions; see simd.ts for the notation.

/** name, U, opcode at 16:12, vector sizes, scalar sizes, trailing slots. */
const integer: readonly (readonly [string, 0 | 1, number, string, string, string])[] = [
  ['rev64', 0, 0x00, 'bhs', '', ''],
  ['rev32', 1, 0x00, 'bh', '', ''],
  ['rev16', 0, 0x01, 'b', '', ''],
  ['suqadd', 0, 0x03, 'bhsd', 'bhsd', ''],
  ['usqadd', 1, 0x03, 'bhsd', 'bhsd', ''],
  ['cls', 0, 0x04, 'bhs', '', ''],
  ['clz', 1, 0x04, 'bhs', '', ''],
  ['cnt', 0, 0x05, 'b', '', ''],
  ['not', 1, 0x05, 'b', '', ''],
  ['mvn', 1, 0x05, 'b', '', ''],
  ['sqabs', 0, 0x07, 'bhsd', 'bhsd', ''],
  ['sqneg', 1, 0x07, 'bhsd', 'bhsd', ''],
  ['cmgt', 0, 0x08, 'bhsd', 'd', 'zero'],
  ['cmge', 1, 0x08, 'bhsd', 'd', 'zero'],
  ['cmeq', 0, 0x09, 'bhsd', 'd', 'zero'],
  ['cmle', 1, 0x09, 'bhsd', 'd', 'zero'],
  ['cmlt', 0, 0x0a, 'bhsd', 'd', 'zero'],
  ['abs', 0, 0x0b, 'bhsd', 'd', ''],
  ['neg', 1, 0x0b, 'bhsd', 'd', ''],
];

/** name, U, bit 23, opcode, scalar form, fp16 form, trailing slots. */
const float: readonly (readonly [string, 0 | 1, 0 | 1, number, boolean, string])[] = [
  ['fcmgt', 0, 1, 0x0c, true, 'fzero'],
  ['fcmge', 1, 1, 0x0c, true, 'fzero'],
  ['fcmeq', 0, 1, 0x0d, true, 'fzero'],
  ['fcmle', 1, 1, 0x0d, true, 'fzero'],
  ['fcmlt', 0, 1, 0x0e, true, 'fzero'],
  ['fabs', 0, 1, 0x0f, false, ''],
  ['fneg', 1, 1, 0x0f, false, ''],
  ['frintn', 0, 0, 0x18, false, ''],
  ['frintm', 0, 0, 0x19, false, ''],
  ['frintp', 0, 1, 0x18, false, ''],
  ['frintz', 0, 1, 0x19, false, ''],
  ['frinta', 1, 0, 0x18, false, ''],
  ['frintx', 1, 0, 0x19, false, ''],
  ['frinti', 1, 1, 0x19, false, ''],
  ['fcvtns', 0, 0, 0x1a, true, ''],
  ['fcvtms', 0, 0, 0x1b, true, ''],
  ['fcvtas', 0, 0, 0x1c, true, ''],
  ['scvtf', 0, 0, 0x1d, true, ''],
  ['fcvtps', 0, 1, 0x1a, true, ''],
  ['fcvtzs', 0, 1, 0x1b, true, ''],
  ['frecpe', 0, 1, 0x1d, true, ''],
  ['fcvtnu', 1, 0, 0x1a, true, ''],
  ['fcvtmu', 1, 0, 0x1b, true, ''],
  ['fcvtau', 1, 0, 0x1c, true, ''],
  ['ucvtf', 1, 0, 0x1d, true, ''],
  ['fcvtpu', 1, 1, 0x1a, true, ''],
  ['fcvtzu', 1, 1, 0x1b, true, ''],
  ['frsqrte', 1, 1, 0x1d, true, ''],
  ['fsqrt', 1, 1, 0x1f, false, ''],
];

function unaryForms(): string {
  let rows = '';
  for (const [name, unsigned, opcode, vectorSizes, scalarSizes, tail] of integer) {
    const bits = (unsigned << 29) | (opcode << 12);
    rows += `${name} ${hexWord(0x0e200800 | bits)} Vd:${vectorSizes} Vn= ${tail}\n`;
    if (scalarSizes !== '') rows += `${name} ${hexWord(0x5e200800 | bits)} Sd:${scalarSizes} Sn= ${tail}\n`;
  }
  for (const [name, unsigned, a, opcode, scalar, tail] of float) {
    const bits = (unsigned << 29) | (a << 23) | (opcode << 12);
    rows += `${name} ${hexWord(0x0e200800 | bits)} Vd%sd Vn= ${tail}\n${name} ${hexWord(0x0e780800 | bits)} Vd;h Vn= ${tail}\n`;
    if (!scalar) continue;
    rows += `${name} ${hexWord(0x5e200800 | bits)} Sd%sd Sn= ${tail}\n${name} ${hexWord(0x5e780800 | bits)} Sd;h Sn= ${tail}\n`;
  }
  return rows;
}

/** name, U, opcode at 16:12 of the narrowing moves; scalar form. */
const narrowing: readonly (readonly [string, 0 | 1, number, boolean])[] = [
  ['xtn', 0, 0x12, false],
  ['sqxtn', 0, 0x14, true],
  ['sqxtun', 1, 0x12, true],
  ['uqxtn', 1, 0x14, true],
];

/** name, U, opcode at 15:11, direction, vector sizes, scalar sizes. */
const shifts: readonly (readonly [string, 0 | 1, number, 'shl' | 'shr', string])[] = [
  ['sshr', 0, 0x00, 'shr', 'd'],
  ['ushr', 1, 0x00, 'shr', 'd'],
  ['ssra', 0, 0x02, 'shr', 'd'],
  ['usra', 1, 0x02, 'shr', 'd'],
  ['srshr', 0, 0x04, 'shr', 'd'],
  ['urshr', 1, 0x04, 'shr', 'd'],
  ['srsra', 0, 0x06, 'shr', 'd'],
  ['ursra', 1, 0x06, 'shr', 'd'],
  ['sri', 1, 0x08, 'shr', 'd'],
  ['shl', 0, 0x0a, 'shl', 'd'],
  ['sli', 1, 0x0a, 'shl', 'd'],
  ['sqshlu', 1, 0x0c, 'shl', 'bhsd'],
  ['sqshl', 0, 0x0e, 'shl', 'bhsd'],
  ['uqshl', 1, 0x0e, 'shl', 'bhsd'],
];

const narrowShifts: readonly (readonly [string, 0 | 1, number, boolean])[] = [
  ['shrn', 0, 0x10, false],
  ['rshrn', 0, 0x11, false],
  ['sqshrn', 0, 0x12, true],
  ['sqrshrn', 0, 0x13, true],
  ['sqshrun', 1, 0x10, true],
  ['sqrshrun', 1, 0x11, true],
  ['uqshrn', 1, 0x12, true],
  ['uqrshrn', 1, 0x13, true],
];

function shiftForms(): string {
  let rows = '';
  for (const [name, unsigned, opcode, direction, scalarSizes] of shifts) {
    const bits = (unsigned << 29) | (opcode << 11);
    rows += `${name} ${hexWord(0x0f000400 | bits)} Vd;bhsd Vn= ${direction}\n`;
    rows += `${name} ${hexWord(0x5f000400 | bits)} Sd;${scalarSizes} Sn= ${direction}\n`;
  }
  for (const [name, unsigned, opcode, scalar] of narrowShifts) {
    const bits = (unsigned << 29) | (opcode << 11);
    rows += `${name} ${hexWord(0x0f000400 | bits)} Vd(0bhs Vn+ shr\n${name}2 ${hexWord(0x4f000400 | bits)} Vd(1bhs Vn+ shr\n`;
    if (scalar) rows += `${name} ${hexWord(0x5f000400 | bits)} Sd;bhs Sn+ shr\n`;
  }
  for (const [prefix, unsigned] of [
    ['s', 0],
    ['u', 1],
  ] as const) {
    const word = 0x0f00a400 | (unsigned << 29);
    rows += `${prefix}shll ${hexWord(word)} Vd)bhs Vn0 shl\n${prefix}shll2 ${hexWord(word | 0x40000000)} Vd)bhs Vn1 shl\n`;
    rows += `${prefix}xtl ${hexWord(word)} Vd)bhs Vn0 shl0\n${prefix}xtl2 ${hexWord(word | 0x40000000)} Vd)bhs Vn1 shl0\n`;
    rows += `${prefix}cvtf ${hexWord(0x0f00e400 | (unsigned << 29))} Vd;hsd Vn= shr\n`;
    rows += `${prefix}cvtf ${hexWord(0x5f00e400 | (unsigned << 29))} Sd;hsd Sn= shr\n`;
    rows += `fcvtz${prefix} ${hexWord(0x0f00fc00 | (unsigned << 29))} Vd;hsd Vn= shr\n`;
    rows += `fcvtz${prefix} ${hexWord(0x5f00fc00 | (unsigned << 29))} Sd;hsd Sn= shr\n`;
  }
  for (const [name, unsigned, opcode, scalar] of narrowing) {
    const bits = (unsigned << 29) | (opcode << 12);
    rows += `${name} ${hexWord(0x0e200800 | bits)} Vd<0bhs Vn+\n${name}2 ${hexWord(0x4e200800 | bits)} Vd<1bhs Vn+\n`;
    if (scalar) rows += `${name} ${hexWord(0x5e200800 | bits)} Sd:bhs Sn+\n`;
  }
  return rows;
}

const table = `
rbit   2e605800 Vd;b Vn=
saddlp 0e202800 Vd* Vn=
uaddlp 2e202800 Vd* Vn=
sadalp 0e206800 Vd* Vn=
uadalp 2e206800 Vd* Vn=
shll   2e213800 Vd>bhs Vn0 shlfull
shll2  6e213800 Vd>bhs Vn1 shlfull
urecpe 0ea1c800 Vd;s Vn=
ursqrte 2ea1c800 Vd;s Vn=
frecpx 5ea1f800 Sd%sd Sn=
frecpx 5ef9f800 Sd;h Sn=
frint32z 0e21e800 Vd%sd Vn=
frint64z 0e21f800 Vd%sd Vn=
frint32x 2e21e800 Vd%sd Vn=
frint64x 2e21f800 Vd%sd Vn=
fcvtn  0e216800 Vd.4h Vn.4s
fcvtn  0e616800 Vd.2s Vn.2d
fcvtn2 4e216800 Vd.8h Vn.4s
fcvtn2 4e616800 Vd.4s Vn.2d
fcvtl  0e217800 Vd.4s Vn.4h
fcvtl  0e617800 Vd.2d Vn.2s
fcvtl2 4e217800 Vd.4s Vn.8h
fcvtl2 4e617800 Vd.2d Vn.4s
fcvtxn 2e616800 Vd.2s Vn.2d
fcvtxn 7e616800 Fsd Fdn
fcvtxn2 6e616800 Vd.4s Vn.2d
bfcvtn 0ea16800 Vd.4h Vn.4s
bfcvtn2 4ea16800 Vd.8h Vn.4s
saddlv 0e303800 Sd;hsd VnA18b+16b+4h+8h+4s
uaddlv 2e303800 Sd;hsd VnA18b+16b+4h+8h+4s
smaxv  0e30a800 Sd;bhs VnA08b+16b+4h+8h+4s
umaxv  2e30a800 Sd;bhs VnA08b+16b+4h+8h+4s
sminv  0e31a800 Sd;bhs VnA08b+16b+4h+8h+4s
uminv  2e31a800 Sd;bhs VnA08b+16b+4h+8h+4s
addv   0e31b800 Sd;bhs VnA08b+16b+4h+8h+4s
fmaxnmv 6e30c800 Fsd Vn.4s
fminnmv 6eb0c800 Fsd Vn.4s
fmaxv  6e30f800 Fsd Vn.4s
fminv  6eb0f800 Fsd Vn.4s
fmaxnmv 0e30c800 Fhd Vn;h
fminnmv 0eb0c800 Fhd Vn;h
fmaxv  0e30f800 Fhd Vn;h
fminv  0eb0f800 Fhd Vn;h
addp   5ef1b800 Fdd Vn.2d
faddp  7e30d800 Fsd Vn.2s
faddp  7e70d800 Fdd Vn.2d
faddp  5e30d800 Fhd Vn.2h
fmaxp  7e30f800 Fsd Vn.2s
fmaxp  7e70f800 Fdd Vn.2d
fmaxp  5e30f800 Fhd Vn.2h
fminp  7eb0f800 Fsd Vn.2s
fminp  7ef0f800 Fdd Vn.2d
fminp  5eb0f800 Fhd Vn.2h
fmaxnmp 7e30c800 Fsd Vn.2s
fmaxnmp 7e70c800 Fdd Vn.2d
fmaxnmp 5e30c800 Fhd Vn.2h
fminnmp 7eb0c800 Fsd Vn.2s
fminnmp 7ef0c800 Fdd Vn.2d
fminnmp 5eb0c800 Fhd Vn.2h
`;

export const simdUnaryForms = unaryForms() + shiftForms() + table;
