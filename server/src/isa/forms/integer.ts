// One form a line: mnemonic, word with all operand fields zero, slots in operand order. `R` slots set bit 31 for x.
// Order within a mnemonic is the order in which forms are tried. Source: Arm DDI 0487, chapter C4 and C6.

const conditionSelect = `
csel   1a800000 Rd Rn Rm cond
csinc  1a800400 Rd Rn Rm cond
csinv  5a800000 Rd Rn Rm cond
csneg  5a800400 Rd Rn Rm cond
cset   1a9f07e0 Rd !cond
csetm  5a9f03e0 Rd !cond
cinc   1a800400 Rd Rn m=n !cond
cinv   5a800000 Rd Rn m=n !cond
cneg   5a800400 Rd Rn m=n !cond
ccmp   7a400000 Rn Rm u4@0 cond
ccmp   7a400800 Rn u5@16 u4@0 cond
ccmn   3a400000 Rn Rm u4@0 cond
ccmn   3a400800 Rn u5@16 u4@0 cond
`;

const addSubtract = `
add    0b000000 Rd Rn Rm shift
add    0b200000 RSd RSn ext
add    11000000 RSd RSn addimm
adds   2b000000 Rd Rn Rm shift
adds   2b200000 Rd RSn ext
adds   31000000 Rd RSn addimm
sub    4b000000 Rd Rn Rm shift
sub    4b200000 RSd RSn ext
sub    51000000 RSd RSn addimm
subs   6b000000 Rd Rn Rm shift
subs   6b200000 Rd RSn ext
subs   71000000 Rd RSn addimm
cmn    2b00001f Rn Rm shift
cmn    2b20001f RSn ext
cmn    3100001f RSn addimm
cmp    6b00001f Rn Rm shift
cmp    6b20001f RSn ext
cmp    7100001f RSn addimm
neg    4b0003e0 Rd Rm shift
negs   6b0003e0 Rd Rm shift
adc    1a000000 Rd Rn Rm
adcs   3a000000 Rd Rn Rm
sbc    5a000000 Rd Rn Rm
sbcs   7a000000 Rd Rn Rm
ngc    5a0003e0 Rd Rm
ngcs   7a0003e0 Rd Rm
`;

const logical = `
and    0a000000 Rd Rn Rm shift+ror
and    12000000 RSd Rn limm
bic    0a200000 Rd Rn Rm shift+ror
bic    12000000 RSd Rn ~limm
orr    2a000000 Rd Rn Rm shift+ror
orr    32000000 RSd Rn limm
orn    2a200000 Rd Rn Rm shift+ror
eor    4a000000 Rd Rn Rm shift+ror
eor    52000000 RSd Rn limm
eon    4a200000 Rd Rn Rm shift+ror
ands   6a000000 Rd Rn Rm shift+ror
ands   72000000 Rd Rn limm
bics   6a200000 Rd Rn Rm shift+ror
tst    6a00001f Rn Rm shift+ror
tst    7200001f Rn limm
mvn    2a2003e0 Rd Rm shift+ror
uxtw   2a0003e0 Wd Wm
uxtw   2a0003e0 Xd Wm
mov    2a0003e0 Rd Rm
mov    11000000 RSd RSn hassp
mov    00000000 Rd movimm
mov    320003e0 RSd movlimm
movn   12800000 Rd movw
movz   52800000 Rd movw
movk   72800000 Rd movw
`;

const bitfield = `
sbfm   13000000 Rd Rn bfm
bfm    33000000 Rd Rn bfm
ubfm   53000000 Rd Rn bfm
sbfx   13000000 Rd Rn extract
bfxil  33000000 Rd Rn extract
ubfx   53000000 Rd Rn extract
sbfiz  13000000 Rd Rn insert
bfi    33000000 Rd Rn insert
bfc    330003e0 Rd insert
ubfiz  53000000 Rd Rn insert
sxtb   13000000 Rd Wn ext7
sxth   13000000 Rd Wn ext15
sxtw   93407c00 Xd Wn
uxtb   53001c00 Wd Wn
uxtb   53001c00 Xd Wn
uxth   53003c00 Wd Wn
uxth   53003c00 Xd Wn
extr   13800000 Rd Rn Rm extr
ror    13800000 Rd Rn m=n extr
ror    1ac02c00 Rd Rn Rm
lsl    53000000 Rd Rn lslimm
lsl    1ac02000 Rd Rn Rm
lsr    53000000 Rd Rn shrimm
lsr    1ac02400 Rd Rn Rm
asr    13000000 Rd Rn shrimm
asr    1ac02800 Rd Rn Rm
lslv   1ac02000 Rd Rn Rm
lsrv   1ac02400 Rd Rn Rm
asrv   1ac02800 Rd Rn Rm
rorv   1ac02c00 Rd Rn Rm
rbit   5ac00000 Rd Rn
rev16  5ac00400 Rd Rn
rev    5ac00800 Wd Wn
rev    dac00c00 Xd Xn
rev32  dac00800 Xd Xn
rev64  dac00c00 Xd Xn
clz    5ac01000 Rd Rn
cls    5ac01400 Rd Rn
ctz    5ac01800 Rd Rn
cnt    5ac01c00 Rd Rn
abs    5ac02000 Rd Rn
smax   1ac06000 Rd Rn Rm
smax   11c00000 Rd Rn s8@10
umax   1ac06400 Rd Rn Rm
umax   11c40000 Rd Rn u8@10
smin   1ac06800 Rd Rn Rm
smin   11c80000 Rd Rn s8@10
umin   1ac06c00 Rd Rn Rm
umin   11cc0000 Rd Rn u8@10
`;

const multiply = `
madd   1b000000 Rd Rn Rm Ra
msub   1b008000 Rd Rn Rm Ra
mul    1b007c00 Rd Rn Rm
mneg   1b00fc00 Rd Rn Rm
smaddl 9b200000 Xd Wn Wm Xa
smsubl 9b208000 Xd Wn Wm Xa
smull  9b207c00 Xd Wn Wm
smnegl 9b20fc00 Xd Wn Wm
smulh  9b407c00 Xd Xn Xm
umaddl 9ba00000 Xd Wn Wm Xa
umsubl 9ba08000 Xd Wn Wm Xa
umull  9ba07c00 Xd Wn Wm
umnegl 9ba0fc00 Xd Wn Wm
umulh  9bc07c00 Xd Xn Xm
udiv   1ac00800 Rd Rn Rm
sdiv   1ac00c00 Rd Rn Rm
crc32b  1ac04000 Wd Wn Wm
crc32h  1ac04400 Wd Wn Wm
crc32w  1ac04800 Wd Wn Wm
crc32x  9ac04c00 Wd Wn Xm
crc32cb 1ac05000 Wd Wn Wm
crc32ch 1ac05400 Wd Wn Wm
crc32cw 1ac05800 Wd Wn Wm
crc32cx 9ac05c00 Wd Wn Xm
setf8  3a00080d Wn
setf16 3a00480d Wn
rmif   ba000400 Xn u6@15 u4@0
`;

const pointerAuthentication = ['ia', 'ib', 'da', 'db']
  .map((key, i) => {
    const place = (base: number): string => (base + i * 0x400).toString(16);
    return `
pac${key}  ${place(0xdac10000)} Xd XSn
aut${key}  ${place(0xdac11000)} Xd XSn
pac${key.slice(0, 1)}z${key.slice(1)} ${place(0xdac123e0)} Xd
aut${key.slice(0, 1)}z${key.slice(1)} ${place(0xdac133e0)} Xd
`;
  })
  .join('');

const tags = `
xpaci  dac143e0 Xd
xpacd  dac147e0 Xd
pacga  9ac03000 Xd Xn XSm
irg    9ac01000 XSd XSn Xm
irg    9adf1000 XSd XSn
gmi    9ac01400 Xd XSn Xm
subp   9ac00000 Xd XSn XSm
subps  bac00000 Xd XSn XSm
cmpp   bac0001f XSn XSm
addg   91800000 XSd XSn tagoff u4@10
subg   d1800000 XSd XSn tagoff u4@10
`;

export const integerForms =
  conditionSelect + addSubtract + logical + bitfield + multiply + pointerAuthentication + tags;
