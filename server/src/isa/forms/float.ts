import { hexWord } from '../hexWord.ts';

// Scalar floating point; see integer.ts for the notation. `S` slots take scalar registers: `~hsd` puts the type to
// bits 23:22, `=` repeats the first one's bank. Source: Arm DDI 0487, C4.1.96.

const oneSource: readonly (readonly [string, number])[] = [
  ['fmov', 0x1e204000],
  ['fabs', 0x1e20c000],
  ['fneg', 0x1e214000],
  ['fsqrt', 0x1e21c000],
  ['frintn', 0x1e244000],
  ['frintp', 0x1e24c000],
  ['frintm', 0x1e254000],
  ['frintz', 0x1e25c000],
  ['frinta', 0x1e264000],
  ['frintx', 0x1e274000],
  ['frinti', 0x1e27c000],
];

const twoSource: readonly (readonly [string, number])[] = [
  ['fmul', 0x1e200800],
  ['fdiv', 0x1e201800],
  ['fadd', 0x1e202800],
  ['fsub', 0x1e203800],
  ['fmax', 0x1e204800],
  ['fmin', 0x1e205800],
  ['fmaxnm', 0x1e206800],
  ['fminnm', 0x1e207800],
  ['fnmul', 0x1e208800],
];

const toInteger: readonly (readonly [string, number])[] = [
  ['fcvtns', 0x1e200000],
  ['fcvtnu', 0x1e210000],
  ['fcvtas', 0x1e240000],
  ['fcvtau', 0x1e250000],
  ['fcvtps', 0x1e280000],
  ['fcvtpu', 0x1e290000],
  ['fcvtms', 0x1e300000],
  ['fcvtmu', 0x1e310000],
  ['fcvtzs', 0x1e380000],
  ['fcvtzu', 0x1e390000],
];

const table = `
fcvt   1e22c000 Fdd Fsn
fcvt   1e23c000 Fhd Fsn
fcvt   1e624000 Fsd Fdn
fcvt   1e63c000 Fhd Fdn
fcvt   1ee24000 Fsd Fhn
fcvt   1ee2c000 Fdd Fhn
bfcvt  1e634000 Fhd Fsn
frint32z 1e284000 Sd~sd Sn=
frint32x 1e28c000 Sd~sd Sn=
frint64z 1e294000 Sd~sd Sn=
frint64x 1e29c000 Sd~sd Sn=
fmadd  1f000000 Sd~hsd Sn= Sm= Sa=
fmsub  1f008000 Sd~hsd Sn= Sm= Sa=
fnmadd 1f200000 Sd~hsd Sn= Sm= Sa=
fnmsub 1f208000 Sd~hsd Sn= Sm= Sa=
fcmp   1e202000 Sn~hsd Sm=
fcmp   1e202008 Sn~hsd fzero
fcmpe  1e202010 Sn~hsd Sm=
fcmpe  1e202018 Sn~hsd fzero
fccmp  1e200400 Sn~hsd Sm= u4@0 cond
fccmpe 1e200410 Sn~hsd Sm= u4@0 cond
fcsel  1e200c00 Sd~hsd Sn= Sm= cond
fmov   1e201000 Sd~hsd fimm
fmov   1e260000 Wd Fsn
fmov   1e270000 Fsd Wn
fmov   9e660000 Xd Fdn
fmov   9e670000 Fdd Xn
fmov   1ee60000 Wd Fhn
fmov   1ee70000 Fhd Wn
fmov   9ee60000 Xd Fhn
fmov   9ee70000 Fhd Xn
fmov   9eae0000 Xd Hn
fmov   9eaf0000 Hd Xn
fjcvtzs 1e7e0000 Wd Fdn
scvtf  1e220000 Sd~hsd Rn
ucvtf  1e230000 Sd~hsd Rn
scvtf  1e020000 Sd~hsd Rn fbits
ucvtf  1e030000 Sd~hsd Rn fbits
fcvtzs 1e180000 Rd Sn~hsd fbits
fcvtzu 1e190000 Rd Sn~hsd fbits
`;

const generated =
  oneSource.map(([name, word]) => `${name} ${hexWord(word)} Sd~hsd Sn=\n`).join('') +
  twoSource.map(([name, word]) => `${name} ${hexWord(word)} Sd~hsd Sn= Sm=\n`).join('') +
  toInteger.map(([name, word]) => `${name} ${hexWord(word)} Rd Sn~hsd\n`).join('');

export const floatForms = generated + table;
