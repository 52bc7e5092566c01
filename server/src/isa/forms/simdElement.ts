import { hexWord } from '../hexWord.ts';

// Advanced SIMD by element, copies, immediates, structure loads and stores; see simd.ts for the notation.

/** name, U, opcode at 15:12, shape, scalar form. */
const byElement: readonly (readonly [string, 0 | 1, number, 'same' | 'long', boolean])[] = [
  ['mul', 0, 0x8, 'same', false],
  ['mla', 1, 0x0, 'same', false],
  ['mls', 1, 0x4, 'same', false],
  ['sqdmulh', 0, 0xc, 'same', true],
  ['sqrdmulh', 0, 0xd, 'same', true],
  ['sqrdmlah', 1, 0xd, 'same', true],
  ['sqrdmlsh', 1, 0xf, 'same', true],
  ['smlal', 0, 0x2, 'long', false],
  ['umlal', 1, 0x2, 'long', false],
  ['smlsl', 0, 0x6, 'long', false],
  ['umlsl', 1, 0x6, 'long', false],
  ['smull', 0, 0xa, 'long', false],
  ['umull', 1, 0xa, 'long', false],
  ['sqdmlal', 0, 0x3, 'long', true],
  ['sqdmlsl', 0, 0x7, 'long', true],
  ['sqdmull', 0, 0xb, 'long', true],
];

const floatByElement: readonly (readonly [string, 0 | 1, number])[] = [
  ['fmla', 0, 0x1],
  ['fmls', 0, 0x5],
  ['fmul', 0, 0x9],
  ['fmulx', 1, 0x9],
];

function byElementForms(): string {
  let rows = '';
  for (const [name, unsigned, opcode, shape, scalar] of byElement) {
    const bits = (unsigned << 29) | (opcode << 12);
    if (shape === 'same') rows += `${name} ${hexWord(0x0f000000 | bits)} Vd:hs Vn= Em\n`;
    else {
      rows += `${name} ${hexWord(0x0f000000 | bits)} Vd>hs Vn0 Em\n`;
      rows += `${name}2 ${hexWord(0x4f000000 | bits)} Vd>hs Vn1 Em\n`;
    }
    if (!scalar) continue;
    if (shape === 'same') rows += `${name} ${hexWord(0x5f000000 | bits)} Sd:hs Sn= Em\n`;
    else {
      rows += `${name} ${hexWord(0x5f400000 | bits)} Fsd Sn;h Em\n`;
      rows += `${name} ${hexWord(0x5f800000 | bits)} Fdd Sn;s Em\n`;
    }
  }
  for (const [name, unsigned, opcode] of floatByElement) {
    const bits = (unsigned << 29) | (opcode << 12);
    rows += `${name} ${hexWord(0x0f800000 | bits)} Vd%sd Vn= Em\n${name} ${hexWord(0x0f000000 | bits)} Vd;h Vn= Em\n`;
    rows += `${name} ${hexWord(0x5f800000 | bits)} Sd%sd Sn= Em\n${name} ${hexWord(0x5f000000 | bits)} Sd;h Sn= Em\n`;
  }
  return rows;
}

const table = `
sdot   0f80e000 Vd.2s Vn.8b E4b
sdot   4f80e000 Vd.4s Vn.16b E4b
udot   2f80e000 Vd.2s Vn.8b E4b
udot   6f80e000 Vd.4s Vn.16b E4b
usdot  0f80f000 Vd.2s Vn.8b E4b
usdot  4f80f000 Vd.4s Vn.16b E4b
sudot  0f00f000 Vd.2s Vn.8b E4b
sudot  4f00f000 Vd.4s Vn.16b E4b
bfdot  0f40f000 Vd.2s Vn.4h E2h
bfdot  4f40f000 Vd.4s Vn.8h E2h
fcmla  2f401000 Vd;h Vn= Emc rotel
fcmla  2f801000 Vd;s Vn= Emc rotel
fmlal  0f800000 Vd.2s Vn.2h Emh
fmlal  4f800000 Vd.4s Vn.4h Emh
fmlal2 2f808000 Vd.2s Vn.2h Emh
fmlal2 6f808000 Vd.4s Vn.4h Emh
fmlsl  0f804000 Vd.2s Vn.2h Emh
fmlsl  4f804000 Vd.4s Vn.4h Emh
fmlsl2 2f80c000 Vd.2s Vn.2h Emh
fmlsl2 6f80c000 Vd.4s Vn.4h Emh
bfmlalb 0fc0f000 Vd.4s Vn.8h Emh
bfmlalt 4fc0f000 Vd.4s Vn.8h Emh
dup    0e000400 Vd;bhsd En=
dup    0e000c00 Vd;bhs Wn sizemark
dup    4e080c00 Vd.2d Xn
dup    5e000400 Sd;bhsd En=
mov    5e000400 Sd;bhsd En=
smov   0e002c00 Wd En:bh
smov   4e002c00 Xd En:bhs
umov   0e003c00 Wd En:bhs
umov   4e003c00 Xd En:d
mov    0e003c00 Wd En:s
mov    4e003c00 Xd En:d
ins    4e001c00 Ed:bhs Wn
ins    4e001c00 Ed:d Xn
ins    6e000400 Ed:bhsd En2bhsd
mov    4e001c00 Ed:bhs Wn
mov    4e001c00 Ed:d Xn
mov    6e000400 Ed:bhsd En2bhsd
movi   0f00e400 Vd;b imm8
movi   0f008400 Vd;h imm8<<8
movi   0f000400 Vd;s imm8<<24
movi   0f00c400 Vd;s imm8msl
movi   2f00e400 Fdd bytemask
movi   6f00e400 Vd.2d bytemask
mvni   2f008400 Vd;h imm8<<8
mvni   2f000400 Vd;s imm8<<24
mvni   2f00c400 Vd;s imm8msl
orr    0f009400 Vd;h imm8<<8
orr    0f001400 Vd;s imm8<<24
bic    2f009400 Vd;h imm8<<8
bic    2f001400 Vd;s imm8<<24
fmov   0f00f400 Vd;s vfimm
fmov   0f00fc00 Vd;h vfimm
fmov   6f00f400 Vd.2d vfimm
`;

/** ld1 to ld4, their stores, and the replicating loads. */
function structureForms(): string {
  let rows = '';
  const wholeOpcodes = [7, 8, 4, 0];
  const ld1Opcodes = [7, 10, 6, 2];
  for (const [mnemonic, load] of [
    ['ld', 1],
    ['st', 0],
  ] as const) {
    for (let count = 1; count <= 4; count++) {
      const base = 0x0c000000 | (load << 22);
      rows += `${mnemonic}1 ${hexWord(base | ((ld1Opcodes[count - 1] ?? 0) << 12))} L${count}d memst\n`;
      if (count > 1)
        rows += `${mnemonic}${count} ${hexWord(base | ((wholeOpcodes[count - 1] ?? 0) << 12))} L${count}n memst\n`;
      const pairBit = ((count - 1) & 1) << 21;
      const highBit = ((count - 1) >> 1) << 13;
      rows += `${mnemonic}${count} ${hexWord(0x0d000000 | (load << 22) | pairBit | highBit)} L${count}x memst\n`;
      if (load === 1) rows += `ld${count}r ${hexWord(0x0d40c000 | pairBit | highBit)} L${count}r memst\n`;
    }
  }
  return rows;
}

export const simdElementForms = byElementForms() + table + structureForms();
